#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`scan --engine nmap`, `--engine both` and nmap's scripts, with the real nmap in a
namespace of its own: its answers in every form, beside ours, and its end with us."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from netlib import SOCKDECK, enter, skip, wait_for

if shutil.which('nmap') is None:
    skip('no nmap here')
enter()

HOST = '10.0.0.1'
TMP = tempfile.mkdtemp(prefix='sockdeck-test.')
BAD = []


def expect(what, ok, *seen):
    if not ok:
        BAD.append(what)
        print('FAILED:', what, *[repr(x)[:2000] for x in seen], flush=True)


class Handler(BaseHTTPRequestHandler):
    """Whatever is asked, a page with a title."""
    def version_string(self):
        return 'nginx/1.22.1'

    def do_GET(self):
        body = b'<html><title>A page of ours</title></html>'
        self.send_response(200)
        self.send_header('Content-Type', 'text/html')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_POST = do_GET

    def log_message(self, *_):
        pass


def scan(*args, status=0, **more):
    p = subprocess.run([SOCKDECK, 'scan', '-n', *args], text=True,
                       capture_output=True, stdin=subprocess.DEVNULL, **more)
    expect(f'status of {args}', p.returncode == status, p.returncode,
           p.stdout, p.stderr)
    return p


def ports(doc):
    return {p['port']: p for h in doc['hosts'] for p in h['ports']}


def states(*args):
    """All that is told of ports but who told it."""
    host = json.loads(scan('--json', *args).stdout)['hosts'][0]
    return [(p['port'], p['proto'], p['state']) for p in host['ports']]


def alone():
    doc = json.loads(scan('--json', '--engine', 'nmap', '-sV',
                          '-p', '8080,8081', HOST).stdout)
    s = ports(doc)[8080]['service']
    expect('nmap names it', (s['name'], s['product'], s['version'],
                             s['method']) == ('http', 'nginx', '1.22.1',
                                              'nmap'), s)
    expect('closed is closed', ports(doc)[8081]['state'] == 'closed', doc)
    p = scan('--engine', 'nmap', '-sT', '-p', '8080', HOST, 'nowhere.invalid',
             status=4)
    expect('a name that is none', 'nowhere.invalid: not found' in p.stderr,
           p.stderr)
    expect('the others are scanned', '8080/tcp open' in p.stdout, p.stdout)
    scan('--engine', 'nmap', '-p', '8080', '--', '--help', status=2)
    for how in ('-sT', '-sS'):
        both = [states(how, '-p', '8000-8100', HOST, *engine)
                for engine in ((), ('--engine', 'nmap'))]
        expect('both engines see the same', both[0] == both[1], both)
    p = scan('--engine', 'nmap', '-sn', '10.0.0.1-2')
    expect('hosts', p.stdout.count('Host is up') == 2, p.stdout)


def both_engines():
    xml = os.path.join(TMP, 'both.xml')
    p = scan('--engine', 'both', '-p', '8080,8081', HOST, '-oX', xml)
    expect('both are told', 'nmap says: http nginx 1.22.1' in p.stdout,
           p.stdout)
    root = ET.parse(xml).getroot()
    keys = {(s.get('id'), t.get('key')) for s in root.iter('script')
            for t in s.iter('table')}
    expect('both are in the XML', ('sockdeck', 'nmap') in keys, keys)
    doc = json.loads(scan('--engine', 'both', '--json', '-p', '8080',
                          HOST).stdout)
    p8080 = ports(doc)[8080]
    sources = {p8080[k]['method'] for k in ('service', 'other')}
    expect('each with its method', sources == {'probed', 'nmap'}, p8080)


def scripts():
    p = scan('--script', 'http-title', '-p', '8080', HOST)
    expect('a script runs', 'nse.http-title: A page of ours' in p.stdout,
           p.stdout)
    p = scan('--script', 'no-such-script', '-p', '8080', HOST, status=4)
    expect('a script that is none', "'no-such-script' did not match" in
           p.stderr and 'traceback' not in p.stderr, p.stderr)
    expect('what was found is told', '8080/tcp open' in p.stdout, p.stdout)
    jsonl = scan('--script', 'http-title', '--jsonl', '-p', '8080',
                 HOST).stdout.splitlines()
    events = [json.loads(line) for line in jsonl]
    numbers = [e['seq'] for e in events if 'seq' in e]
    expect('one stream', numbers == list(range(len(numbers))), numbers)
    names = [e['ev'] for e in events]
    expect('one hello, one end', names.count('hello') == 1 and
           names.count('end') == 1 and names[-1] == 'end', names)
    expect('two answers of one port', names.count('service') == 2, names)


def children(pid):
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as f:
        return [int(p) for p in f.read().split()]


def name(pid):
    try:
        with open(f'/proc/{pid}/comm', encoding='utf-8') as f:
            return f.read().strip()
    except OSError:
        return ''


def nmap_of(pid):
    return next((c for c in children(pid) if name(c) == 'nmap'), None)


def gone(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as f:
            return f.read().rsplit(')', 1)[1].split()[0] == 'Z'
    except OSError:
        return True


def started():
    """A polite scan takes its time."""
    p = subprocess.Popen([SOCKDECK, 'scan', '-n', '--engine', 'nmap', '-T2',
                          '-p', '1-1000', HOST], text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    wait_for('nmap to be there', lambda: nmap_of(p.pid))
    return p, nmap_of(p.pid)


def ends():
    p, pid = started()
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=60)
    expect('Ctrl-C', p.returncode == 130, p.returncode, out, err)
    expect('nmap ended', gone(pid))
    p, pid = started()
    p.kill()
    p.communicate()
    wait_for('nmap to end with its parent', lambda: gone(pid))


def absent():
    p = scan('--engine', 'nmap', HOST, status=4,
             env={**os.environ, 'PATH': '/nonexistent'})
    expect('not installed', 'nmap is not installed' in p.stderr and
           p.stderr.count('\n') == 1, p.stderr)
    os.chmod(TMP, 0o777)
    with open(os.path.join(TMP, 'nmap'), 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\n')
    os.chmod(os.path.join(TMP, 'nmap'), 0o755)
    p = scan('--script', 'vuln', HOST, status=4,
             env={**os.environ, 'PATH': TMP + ':/usr/bin'})
    expect('not trusted', 'is not run' in p.stderr, p.stderr)
    os.chmod(TMP, 0o700)


SERVER = ThreadingHTTPServer((HOST, 8080), Handler)
SERVER.handle_error = lambda *_: None   # probes hang up as they like
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
for part in (absent, alone, both_engines, scripts, ends):
    part()
shutil.rmtree(TMP)
sys.exit(1 if BAD else 0)
