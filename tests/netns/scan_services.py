#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`scan -sV` of small servers in a namespace of its own: every form names them,
they are asked while other ports are looked for, and whatever cuts a scan off, its
journal goes on with what was not answered."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ET

from netlib import SOCKDECK, enter, skip

if shutil.which('xmllint') is None:
    skip('no xmllint here')
enter()

DTD = '/usr/share/nmap/nmap.dtd'
TMP = tempfile.mkdtemp(prefix='sockdeck-test.')
HOST = '10.0.0.1'
BAD = []
SAID = {}       # port: what was said to it
LOCK = threading.Lock()
HTTP = (b'HTTP/1.0 200 OK\r\nServer: nginx/1.22.1\r\n'
        b'Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi')
SERVERS = {     # port: greeting, what is answered to what begins so
    2222: (b'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n', ()),
    8088: (b'', ((b'GET ', HTTP),)),
    2525: (b'220 mail.example ESMTP Postfix\r\n',
           ((b'EHLO', b'250 mail.example\r\n'), (b'QUIT', b'221 Bye\r\n'))),
    9999: (b'\x01\x02\x03 nobody knows this\r\n', ()),
}
NAMES = {2222: ('ssh', 'OpenSSH', '9.2p1'), 8088: ('http', 'nginx', '1.22.1'),
         2525: ('smtp', 'Postfix smtpd', None)}
ALL = ','.join(str(p) for p in sorted(SERVERS))


def expect(what, ok, *seen):
    if not ok:
        BAD.append(what)
        print('FAILED:', what, *[repr(x)[:2000] for x in seen], flush=True)


def talk(conn, port):
    greeting, answers = SERVERS[port]
    try:
        conn.sendall(greeting)
        while True:
            data = conn.recv(4096)
            if not data:
                break
            with LOCK:
                SAID[port] = SAID.get(port, b'') + data
            for begin, answer in answers:
                if data.startswith(begin):
                    conn.sendall(answer)
                    break
            else:
                return
            if port == 8088:
                return
    except OSError:
        pass
    finally:
        conn.close()


def serve(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((HOST, port))
    s.listen(64)

    def run():
        while True:
            conn, _ = s.accept()
            threading.Thread(target=talk, args=(conn, port),
                             daemon=True).start()
    threading.Thread(target=run, daemon=True).start()


def scan(*args, **kw):
    return subprocess.run([SOCKDECK, 'scan', '-n', *args], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, **kw)


def events(text):
    return [json.loads(line) for line in text.splitlines()]


def services(doc):
    return {p['port']: p.get('service', {})
            for h in doc['hosts'] for p in h['ports'] if p['state'] == 'open'}


def right(what, got):
    expect(what + ': all ports', set(got) == set(SERVERS), got)
    for port, (name, product, version) in NAMES.items():
        s = got.get(port, {})
        expect('%s: %d' % (what, port),
               s.get('name') == name and s.get('product') == product and
               (version is None or s.get('version') == version) and
               s.get('method') == 'probed' and s.get('evidence'), s)
    expect(what + ': a name for nobody',
           got.get(9999, {}).get('method') != 'probed' and
           'nobody knows this' in got.get(9999, {}).get('evidence', ''),
           got.get(9999))


def forms():
    doc = json.loads(scan('-sV', '-p', ALL, '--json', HOST).stdout)
    right('json', services(doc))
    expect('json: what was done', 'services' in doc['scan']['how'], doc)
    xml, gnmap = os.path.join(TMP, 'x.xml'), os.path.join(TMP, 'x.gnmap')
    text = scan('-sV', '-p', ALL, '-oX', xml, '-oG', gnmap, HOST)
    expect('text', text.returncode == 0 and
           '2222/tcp open  ssh' in text.stdout and
           'OpenSSH 9.2p1 (' in text.stdout and
           'it says: \\x01\\x02\\x03 nobody knows this' in text.stdout and
           'STATE SERVICE' in text.stdout and 'VERSION' in text.stdout, text)
    if os.path.exists(DTD):
        r = subprocess.run(['xmllint', '--noout', '--dtdvalid', DTD, xml],
                           capture_output=True)
        expect('xml is valid', r.returncode == 0, r.stderr)
    s = ET.parse(xml).find(".//port[@portid='8088']/service")
    expect('xml', s is not None and s.get('product') == 'nginx' and
           s.get('version') == '1.22.1' and s.get('method') == 'probed' and
           s.get('conf') == '10', s is not None and s.attrib)
    expect('grepable', '8088/open/tcp//http//nginx 1.22.1/' in
           open(gnmap).read(), open(gnmap).read())


def plain():
    """A scan of ports says nothing to anybody."""
    with LOCK:
        SAID.clear()
    r = scan('-sT', '-p', ALL, HOST)
    with LOCK:
        expect('nothing is said', not SAID and 'VERSION' not in r.stdout, SAID)


def at_once():
    """Its first service is told while other ports are looked for."""
    ports = '2222,3000-3100'
    r = scan('-sTV', '-p', ports, '-r', '--max-rate', '100', '--jsonl', HOST)
    seen = events(r.stdout)
    first = [e['seq'] for e in seen if e['ev'] == 'service']
    last = [e['seq'] for e in seen if e['ev'] == 'port']
    expect('asked at once', len(first) == 1 and first[0] < last[-1], r.stdout)
    expect('one stream', [e['seq'] for e in seen] == list(range(len(seen))))
    expect('a host ends last', [e['ev'] for e in seen].index('host_end') >
           first[0] and seen[-1]['ev'] == 'end', r.stdout)


def checks():
    doc = json.loads(scan('--script', 'safe', '-p', ALL, '--json',
                          HOST).stdout)
    found = {f['id']: f for h in doc['hosts'] for p in h['ports']
             for f in p.get('findings', ())}
    expect('a finding', 'http-cleartext' in found and
           all(f['severity'] and f['evidence'] and f['remedy']
               for f in found.values()), found)
    text = scan('-A', '-p', ALL, HOST).stdout
    expect('findings are counted', '[http-cleartext]' in text and
           '\nFindings: ' in text and '|  http.server: nginx/1.22.1' in text,
           text)
    expect('no findings unless asked', '[http-cleartext]' not in
           scan('-sV', '-p', ALL, HOST).stdout)
    xml = os.path.join(TMP, 'checks.xml')
    scan('--script', 'safe', '-p', ALL, '-oX', xml, HOST)
    said = [[s.get('output') for s in port.iter('script')]
            for port in ET.parse(xml).iter('port')]
    expect('xml: one script for each port', len(said) == len(SERVERS) and
           all(len(s) == 1 for s in said) and
           any(s[0].startswith('http nginx 1.22.1') and
               'low: HTTP without TLS [http-cleartext]' in
               s[0].splitlines() for s in said), said)
    if shutil.which('ndiff') is not None:
        r = subprocess.run(['ndiff', xml, xml], capture_output=True, text=True)
        expect('ndiff reads findings', r.returncode == 0, r)


def probe_file():
    """What is wrong in one's own file is told before anything is sent."""
    bad = os.path.join(TMP, 'bad.probes')
    with open(bad, 'w') as f:
        f.write('# ours\nProbe bad\n')
    with LOCK:
        SAID.clear()
    r = scan('-sV', '--probes', bad, '-p', ALL, HOST)
    with LOCK:
        expect('a bad file', r.returncode == 2 and not r.stdout and
               bad + ':2: ' in r.stderr and not SAID, r, SAID)


def child_of(pid, probe):
    """The worker of a kind: that of services is the younger one."""
    kids = []
    for line in open('/proc/%d/task/%d/children' % (pid, pid)).read().split():
        try:
            name = open('/proc/%s/comm' % line).read().strip()
        except OSError:
            continue
        if name == 'sockdeck-scan':
            kids.append(int(line))
    kids.sort()
    return kids[-1] if len(kids) > (1 if probe else 0) else None


def cut(what, how):
    """Cut off when the first service was told, it goes on with the rest."""
    journal = os.path.join(TMP, what + '.journal')
    p = subprocess.Popen([SOCKDECK, 'scan', '-n', '-sTV', '-p', ALL + ',4000-4400',
                          '-r', '--max-rate', '300', '--resume', journal, HOST],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    while p.poll() is None:
        try:
            if '"ev":"service"' in open(journal).read():
                break
        except OSError:
            pass
        os.sched_yield()
    expect(what + ': it was running', p.poll() is None, p.returncode)
    if p.poll() is None:
        how(p)
    out = p.communicate()
    told = events(open(journal).read().rpartition('\n')[0])
    expect(what + ': not over',
           not [e for e in told if e.get('ev') == 'end' and not e['error']],
           out)
    r = scan('--resume', journal, '--json')
    expect(what + ': goes on', r.returncode == 0, r)
    if r.returncode == 0:
        doc = json.loads(r.stdout)
        right(what, services(doc))
        expect(what + ': whole', doc['hosts'][0]['finished'] and
               sum(doc['hosts'][0]['counts'].values()) == len(SERVERS) + 401,
               doc['hosts'][0]['counts'])
    again = scan('--resume', journal, '--json')
    expect(what + ': over', again.returncode == 0 and
           services(json.loads(again.stdout)).keys() == SERVERS.keys(), again)


def kill_worker(p):
    pid = child_of(p.pid, True)
    expect('there is a worker', pid is not None)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def shards():
    files = []
    for i in range(3):
        files.append(os.path.join(TMP, 'shard%d' % i))
        with open(files[-1], 'w') as f:
            subprocess.run([SOCKDECK, 'scan', '-n', '-sTV', '-p', ALL, '--seed',
                            '5', '--shard', '%d/3' % i, '--jsonl', HOST],
                           stdin=subprocess.DEVNULL, stdout=f, check=True)
    r = scan('--merge', *files, '--json')
    expect('merged', r.returncode == 0, r)
    right('merged', services(json.loads(r.stdout)))


for number in SERVERS:
    serve(number)
forms()
plain()
at_once()
checks()
probe_file()
cut('killed', lambda p: p.kill())
cut('interrupted', lambda p: p.send_signal(signal.SIGINT))
cut('worker', kill_worker)
shards()
shutil.rmtree(TMP)
sys.exit(1 if BAD else 0)
