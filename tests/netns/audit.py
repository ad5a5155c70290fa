#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`audit` in a namespace of our own: servers that are too open, and others
that are not; what it says of each, its statuses, what it leaves alone."""
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

import netlib
from netlib import fail, keep, skip, wait_for

netlib.enter()
INFO = (b'# Server\r\nredis_version:7.0.15\r\nos:Linux 6 x86_64\r\n'
        b'redis_mode:standalone\r\n')
ASKED = []      # ports that somebody connected to


def redis(s):
    while True:
        data = s.recv(4096)
        if not data:
            return
        s.sendall(b'$%d\r\n%s\r\n' % (len(INFO), INFO) if b'INFO' in data
                  else b'-ERR unknown command\r\n')


def refusing(s):
    while s.recv(4096):
        s.sendall(b'-NOAUTH Authentication required.\r\n')


def web(s):
    data = b''
    while b'\r\n\r\n' not in data:
        more = s.recv(4096)
        if not more:
            return
        data += more
    body = b'<html><title>hello</title></html>'
    s.sendall(b'HTTP/1.1 200 OK\r\nServer: nginx/1.29.0\r\nConnection: close'
              b'\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body))


def silent(s):
    while s.recv(4096):
        pass


def serve(addr, port, talk, family=socket.AF_INET):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, port))
    s.listen(64)
    keep(s)

    def one(c):
        try:
            talk(c)
        except OSError:
            pass
        c.close()

    def accept():
        while True:
            c, _ = s.accept()
            ASKED.append(port)
            threading.Thread(target=one, args=(c,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()


def audit(*args, status=None):
    p = subprocess.run([netlib.SOCKDECK, 'audit', *args],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       text=True)
    if status is not None and p.returncode != status:
        fail(args, 'has status', p.returncode, 'not', status, p.stdout,
             p.stderr)
    return p


def document(*args, status=None):
    return json.loads(audit('--json', *args, status=status).stdout)


def found(doc, port, proto='tcp'):
    for l in doc['listeners']:
        if l['port'] == port and l['proto'] == proto:
            return l, {f['id']: f['severity'] for f in l['findings']}
    fail('no listener', port, doc)


def check(ok, *what):
    if not ok:
        fail(*what)


serve('0.0.0.0', 6379, redis)
serve('127.0.0.1', 6380, redis)
serve('10.0.0.1', 6381, refusing)
serve('127.0.0.1', 8080, web)
serve('10.0.0.1', 23, silent)
udp = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
udp.bind(('127.0.0.1', 5353))

# -- all of it -----------------------------------------------------------------
doc = document(status=1)
check(doc['probed'] and not doc['partial'], doc)
line, ids = found(doc, 6379)
check(ids.get('redis-no-auth') == 'critical', ids)
check(ids.get('internal-exposed') == 'medium', ids)
check(line['reach'] == 'world' and line['service']['version'] == '7.0.15', line)
check(line['asked'].startswith('10.0.0.'), 'asked as others meet it:', line)
check(line['pid'] == os.getpid() and line['uid'] == 0, line)
check('cap_eff' in line and 'seccomp' in line, line)
line, ids = found(doc, 6380)
check(line['reach'] == 'loopback' and ids.get('redis-no-auth') == 'low', ids)
line, ids = found(doc, 6381)
check('redis-no-auth' not in ids, ids)
check(line['service']['facts']['auth'] == 'required', line)
line, ids = found(doc, 8080)
check(ids.get('http-cleartext') == 'info', ids)
line, ids = found(doc, 23)
check(ids.get('cleartext-port') == 'low', line)
check(found(doc, 5353, 'udp')[0]['reach'] == 'loopback', doc)
check(sum(doc['counts'].values()) ==
      sum(len(l['findings']) for l in doc['listeners']), doc['counts'])
for l in doc['listeners']:
    for f in l['findings']:
        check(f['remedy'] and f['evidence'] and f['source'], f)

# -- statuses, filters -----------------------------------------------------------
audit('--severity', 'critical', status=1)
audit('sport', '=', ':8080', status=0)
audit('--severity', 'info', 'sport', '=', ':8080', status=1)
audit('--severity', 'grave', status=2)
check(len(document('-u')['listeners']) == 1, 'UDP alone')
check(document('sport', '=', ':9')['listeners'] == [], 'none fits')

# -- nobody is asked ---------------------------------------------------------------
ASKED.clear()
doc = document('--no-probe', status=1)
check(not ASKED and not doc['probed'], 'was asked:', ASKED)
line, ids = found(doc, 6379)
check(ids.get('internal-exposed') == 'medium' and 'service' not in line, line)
with tempfile.NamedTemporaryFile(mode='w') as f:
    subprocess.run([netlib.SOCKDECK, 'list', '--record', f.name],
                   stdout=subprocess.DEVNULL, check=False)
    doc = document('--from', f.name)
    check(not doc['probed'] and not ASKED, 'a recording was asked')
    check(found(doc, 6379)[1].get('internal-exposed') == 'medium', doc)

# -- text: 80 columns, each with its remedy --------------------------------------
text = audit(status=1).stdout
check('Redis answers without a password' in text and 'requirepass' in text,
      text)
check('firewalls are not judged' in ' '.join(text.split()), text)
after = text.split('\n\n', 1)[1]
for row in after.split('\n'):
    check(len(row) <= 79 or 'https://' in row, 'too wide:', row)
check('\033' not in text, 'colour without a terminal')
print('audit: all as it should be')
