#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What is behind ports, asked of servers that mean no good: silence, drips,
floods, tarpits, handshakes of garbage. The budget of a port is kept by the
wall clock, memory does not grow, nothing gets a name that is not its own; what
an honest TLS server shows is compared with openssl(1)."""
import os
import select
import selectors
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

import netlib

netlib.enter()
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../worker'))
import workerlib                                            # noqa: E402
from workerlib import Worker, expect, finish, status_of     # noqa: E402

# Sockdeck's own alone: nmap's file may be there or not.
PROBES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../../data/sockdeck-probes')

BUDGET = 6.0
SANITIZED = 'sanitizers' in workerlib.sandbox()


class Servers:
    """Many ports in one thread. A kind is what it does with a connection at
    first, with what it reads, and whenever it can write."""

    def __init__(self):
        self.sel = selectors.DefaultSelector()
        self.made = []
        self.lock = threading.Lock()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            for key, mask in self.sel.select(0.05):
                key.data(key.fileobj, mask)

    def add(self, first=None, read=None, write=None, family=socket.AF_INET):
        s = socket.socket(family, socket.SOCK_STREAM)
        s.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1', 0))
        s.listen(64)
        s.setblocking(False)

        def accept(s, _):
            try:
                c, _ = s.accept()
            except OSError:
                return
            c.setblocking(False)
            if first is not None and first(c) == 'close':
                c.close()
                return
            events = selectors.EVENT_READ
            if write is not None:
                events |= selectors.EVENT_WRITE
            self.sel.register(c, events, serve)

        def serve(c, mask):
            try:
                if mask & selectors.EVENT_READ:
                    data = c.recv(65536)
                    if data == b'' or (read is not None and
                                       read(c, data) == 'close'):
                        raise OSError
                if mask & selectors.EVENT_WRITE:
                    write(c)
            except BlockingIOError:
                pass
            except OSError:
                self.sel.unregister(c)
                c.close()

        self.sel.register(s, selectors.EVENT_READ, accept)
        self.made.append(s)
        return s.getsockname()[1]


S = Servers()
ENDLESS = b'A' * 65536


def drip(byte, every):
    """A connection gets a byte now and then, until it goes away."""
    def first(c):
        def go():
            wait = threading.Event()
            try:
                while not wait.wait(every):
                    c.send(byte)
            except OSError:
                pass
        threading.Thread(target=go, daemon=True).start()
    return first


def ask(port, proto='tcp', addr='127.0.0.1', **more):
    return dict({'op': 'ask', 'addr': addr, 'port': port, 'proto': proto},
                **more)


def probe(asks, keep=False, **spec):
    """({port: (service, facts, took_ms)}, seconds, worker)"""
    w = Worker(dict({'op': 'scan', 'tech': 'probe', 'probes': PROBES}, **spec))
    w.until('start')
    w.say(ask(1))
    w.until('service')  # all that is made once is made
    before = rss(w)
    began = time.monotonic()
    w.say(*asks)
    got, facts = {}, {}
    while len(got) < len(asks):
        ev = w.event()
        if ev is None:
            raise SystemExit('it ended: %r' % w.p.stderr.read())
        if ev['ev'] == 'fact':
            facts.setdefault(ev['port'], {})[ev['name']] = ev['value']
        elif ev['ev'] == 'service':
            expect('told once', ev['port'] not in got, ev)
            got[ev['port']] = (ev['service'], facts.get(ev['port'], {}),
                               ev['took_ms'])
    took = time.monotonic() - began
    grown = peak(w) - before
    w.say({'op': 'go'})
    last, status = w.end()
    expect('it ends well', status == 0 and last['error'] == 0, last)
    return got, took, grown


def rss(w):
    return int(status_of(w.p.pid)['VmRSS'].split()[0])


def peak(w):
    return int(status_of(w.p.pid)['VmHWM'].split()[0])


def names(got):
    return {p: s.get('name', '') for p, (s, _, _) in got.items()}


# -- what is known ------------------------------------------------------------

def honest():
    """Named on any port, over both families, in TCP and UDP."""
    def echo(c, data):
        c.send(data)

    def daytime(c):
        c.send(b'Fri Nov 27 03:54:49 2026\r\n')
        return 'close'
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.bind(('127.0.0.1', 0))
    u.setblocking(False)

    def udp_echo(s, _):
        data, who = s.recvfrom(4096)
        s.sendto(data, who)
    S.sel.register(u, selectors.EVENT_READ, udp_echo)
    e4 = S.add(read=echo)
    e6 = S.add(read=echo, family=socket.AF_INET6)
    day = S.add(first=daytime)
    up = u.getsockname()[1]
    got, _, _ = probe([ask(e4), ask(e6, addr='::1'), ask(day),
                       ask(up, 'udp')])
    expect('echo and daytime', names(got) == {
        e4: 'echo', e6: 'echo', day: 'daytime', up: 'echo'}, got)
    for service, _, _ in got.values():
        expect('how and evidence', service['how'] == service['name'] and
               service['evidence'] != '' and service['conf'] == 10, service)


def one_at_a_time():
    """A server that does not accept the next connection before this one is
    over."""
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(16)

    def loop():
        while True:
            c, _ = s.accept()
            while True:
                try:
                    data = c.recv(4096)
                    if data == b'':
                        break
                    c.sendall(data)
                except OSError:
                    break
            c.close()
    threading.Thread(target=loop, daemon=True).start()
    port = s.getsockname()[1]
    got, _, _ = probe([ask(port)])
    expect('it is named', names(got) == {port: 'echo'}, got)


def patient():
    """An SMTP server that greets who waits, and refuses who speaks first, as
    npm's smtp-server does: what it said to a TLS handshake is not its greeting."""
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(16)
    refused = threading.Event()

    def serve(c):
        while not select.select([c], [], [], 0.02)[0]:
            if refused.is_set():
                c.sendall(b'220 zoo.example ESMTP\r\n')
                if c.recv(4096).startswith(b'EHLO '):
                    c.sendall(b'250-zoo.example Nice to meet you\r\n'
                              b'250-PIPELINING\r\n250 STARTTLS\r\n')
                break
        else:
            hello = c.recv(4096).startswith(b'\x16')
            c.sendall(b'421 zoo.example You talk too soon\r\n')
            while hello and c.recv(4096) != b'':
                pass
            if hello:   # and it was seen that it is refused
                refused.set()
        c.close()

    def loop():
        while True:
            threading.Thread(target=carefully, args=(s.accept()[0],),
                             daemon=True).start()

    def carefully(c):
        try:
            serve(c)
        except OSError:
            pass
    threading.Thread(target=loop, daemon=True).start()
    port = s.getsockname()[1]
    got, _, _ = probe([ask(port)])
    expect('it is named', names(got) == {port: 'smtp'}, got)


def printers():
    """Where printers listen only PJL is spoken, which they answer; who answers
    it in HTTP is asked in HTTP."""
    def listen(port, answer):
        heard = []
        s = netlib.keep(socket.socket())
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(('127.0.0.1', port))
        s.listen(16)

        def one(c):
            try:
                data = c.recv(4096)
                heard.append(data)
                c.sendall(answer(data))
                c.recv(4096)
            except OSError:
                pass
            c.close()

        def loop():
            while True:
                c, _ = s.accept()
                threading.Thread(target=one, args=(c,), daemon=True).start()
        threading.Thread(target=loop, daemon=True).start()
        return heard

    def go(data):
        return b'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n' \
            if not data.startswith(b'GET ') else \
            b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
    silent = listen(9100, lambda data: b'')
    exporter = listen(9104, go)
    got, _, _ = probe([ask(9100), ask(9104)])
    expect('nothing but PJL is printed', all(
        d == b'' or b'@PJL' in d for d in silent) and
        any(b'@PJL' in d for d in silent), silent)
    expect('an exporter is known', names(got) == {9100: '', 9104: 'http'},
           got, exporter)


def ended():
    """Closed at once, reset, refused."""
    def reset(c):
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack('ii', 1, 0))
        return 'close'
    a, b = S.add(first=lambda c: 'close'), S.add(first=reset)
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    r = s.getsockname()[1]
    got, took, _ = probe([ask(a), ask(b), ask(r), ask(r, 'udp')][:3])
    expect('no names', set(names(got).values()) == {''}, got)
    expect('how they ended', got[a][1].get('tcp.ended') in
           ('closed', 'reset') and got[b][1].get('tcp.ended') == 'reset' and
           got[r][1].get('tcp.ended') == 'refused', got)
    expect('at once', took < 2, took)
    got, took, _ = probe([ask(r, 'udp')])
    expect('nothing listens', got[r][1].get('udp.refused') == 'yes' and
           took < 2, got, took)
    s.close()


# -- the budget ----------------------------------------------------------------

def silent():
    """A hundred silent ports at once take as long as one."""
    ports = [S.add() for _ in range(100)]
    got, took, grown = probe([ask(p) for p in ports])
    print('   100 silent ports: %.1f s, +%d KB' % (took, grown))
    expect('no names', set(names(got).values()) == {''}, names(got))
    expect('within the budget', took <= BUDGET + 1.5, took)
    for _, _, ms in got.values():
        expect('each, too', ms <= BUDGET * 1000 + 500, ms)


def tarpits():
    """What drips, what greets without an end, what never accepts, what begins
    an answer and does not go on."""
    full = socket.socket()
    full.bind(('127.0.0.1', 0))
    full.listen(0)
    held = [socket.socket() for _ in range(4)]
    for c in held:
        c.setblocking(False)
        c.connect_ex(full.getsockname())
    kinds = {
        'a byte': S.add(first=drip(b'x', 0.1)),
        'nonsense': S.add(first=drip(b'\x00', 0.05)),
        'a greeting': S.add(first=lambda c: (c.send(b'220-'), drip(
            b'220-a\r\n', 0.1)(c))[1]),
        'digits': S.add(first=drip(b'2', 0.2)),
        'a line': S.add(read=lambda c, d: (c.send(b'HTTP/1.0 200 OK\r\n'),
                                           drip(b'X: y\r\n', 0.3)(c))[1]),
        'a record': S.add(read=lambda c, d: (
            c.send(b'\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb'),
            drip(b'\x03', 0.3)(c))[1]),
        'no accept': full.getsockname()[1],
    }
    got, took, _ = probe([ask(p) for p in kinds.values()])
    expect('within the budget', took <= BUDGET + 1, took)
    for kind, port in kinds.items():
        service, _, ms = got[port]
        expect('%s: no name' % kind,
               service.get('name', '') in ('', 'http' if kind == 'a line'
                                           else ''), service)
        expect('%s: each within it' % kind, ms <= BUDGET * 1000 + 500, ms)
    full.close()


def small_budget():
    """What is asked for is heeded."""
    ports = [S.add(first=drip(b'x', 0.1)) for _ in range(3)]
    got, took, _ = probe([ask(p) for p in ports], budget_ms=1000)
    expect('within a second', took < 1.6, took)


def floods():
    """64 servers that never stop: so much is kept, then it closes."""
    ports = [S.add(write=lambda c: c.send(ENDLESS)) for _ in range(64)]
    got, took, grown = probe([ask(p) for p in ports])
    print('   64 floods: %.1f s, +%d KB' % (took, grown))
    expect('no names', set(names(got).values()) == {''}, names(got))
    expect('within the budget', took <= BUDGET + 1, took)
    if not SANITIZED:
        # Each a few answers of 16 KiB, and what its questions need.
        expect('at most 40 KB a flood', grown <= 64 * 40, grown)


def talk_over():
    """Floods of lines that look like something."""
    lines = [b'220-hello\r\n', b'* OK\r\n', b'HTTP/1.1 200 OK\r\n',
             b'SSH-2.0-', b'\x00\x00\x00\x00', b'+OK ' * 100, b'{"a":' * 100]
    ports = [S.add(write=lambda c, l=l: c.send(l * 4000)) for l in lines]
    _, took, grown = probe([ask(p) for p in ports])
    expect('within the budget', took <= BUDGET + 1, took)
    if not SANITIZED:
        expect('little memory', grown <= 2048, grown)


def later():
    """Questions while it runs, and the end of standard input."""
    port = S.add(read=lambda c, d: c.send(d) and None)
    w = Worker({'op': 'scan', 'tech': 'probe'})
    w.until('start')
    for _ in range(3):
        w.say(ask(port))
        w.until('service', port=port)
    w.say(ask(port))
    w.p.stdin.close()
    w.until('service', port=port)
    last, status = w.end()
    expect('the end of input is "go"', status == 0, last)
    w = Worker({'op': 'scan', 'tech': 'probe'})
    w.until('start')
    w.say(ask(S.add()), {'op': 'stop'})
    last, status = w.end()
    expect('stopped', status == 3, last)
    for bad in ({'op': 'ask', 'addr': 'localhost', 'port': 1,
                 'proto': 'tcp'}, {'op': 'more', 'targets': '127.0.0.1'},
                {'op': 'scan', 'tech': 'probe'}):
        w = Worker({'op': 'scan', 'tech': 'probe'})
        w.until('start')
        w.say(bad)
        last, status = w.end()
        expect('refused', status == 2, last)


# -- TLS -----------------------------------------------------------------------

def need_openssl():
    return shutil.which('openssl') is not None


def certificate(where, *more):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                    '-keyout', where + '/key', '-out', where + '/cert',
                    '-days', '30', '-subj', '/CN=zoo.example/O=The Zoo',
                    '-addext',
                    'subjectAltName=DNS:zoo.example,IP:192.0.2.7'] +
                   list(more), check=True, stderr=subprocess.DEVNULL)


class SServer:
    """openssl s_server on a port of its own."""

    def __init__(self, where, *args):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            self.port = s.getsockname()[1]
        self.p = subprocess.Popen(
            ['openssl', 's_server', '-accept', '127.0.0.1:%d' % self.port,
             '-cert', where + '/cert', '-key', where + '/key', '-quiet'] +
            list(args), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

        def up():
            with socket.socket() as s:
                return s.connect_ex(('127.0.0.1', self.port)) == 0
        netlib.wait_for('s_server', up)

    def end(self):
        self.p.kill()
        self.p.wait()
        self.p.stdin.close()


def said(where, *what):
    out = subprocess.run(['openssl', 'x509', '-in', where + '/cert', '-noout']
                         + list(what), check=True, capture_output=True,
                         text=True).stdout
    return out.strip()


def tls_facts():
    """What openssl(1) says of the same server."""
    if not need_openssl():
        print('   no openssl here')
        return
    with tempfile.TemporaryDirectory() as where:
        certificate(where)
        new = SServer(where, '-alpn', 'h2,http/1.1')
        old = SServer(where, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0')
        got, took, _ = probe([ask(new.port, host='zoo.example'),
                              ask(old.port)], checks=True)
        service, facts, _ = got[new.port]
        expect('inside TLS', service.get('tls') is True, service)
        stamp = said(where, '-dateopt', 'iso_8601', '-enddate')
        want = {'tls.version': 'TLSv1.3', 'tls.subject': 'zoo.example',
                'tls.issuer': 'zoo.example', 'tls.self_signed': 'yes',
                'tls.names': 'zoo.example 192.0.2.7', 'tls.key': 'RSA 2048',
                'tls.alpn': 'h2', 'tls.cipher': 'TLS_AES_256_GCM_SHA384',
                'tls.signature': 'sha256WithRSAEncryption',
                'tls.versions': 'TLSv1.2 TLSv1.3',
                'tls.not_after': stamp.split('=')[1].replace(' ', 'T')}
        for name, value in want.items():
            expect(name, facts.get(name) == value, facts.get(name), value)
        _, facts, _ = got[old.port]
        expect('old versions are spoken', facts.get('tls.version') ==
               'TLSv1.1' and facts.get('tls.versions') == 'TLSv1.1', facts)
        new.end()
        old.end()


def tls_inside():
    """A conversation inside TLS, on any port."""
    if not need_openssl():
        return
    with tempfile.TemporaryDirectory() as where:
        certificate(where)
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(where + '/cert', where + '/key')
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(16)

    def serve(c):
        try:
            with ctx.wrap_socket(c, server_side=True) as t:
                request = t.recv(4096)
                if b'HTTP/1' in request:
                    t.sendall(b'HTTP/1.0 404 Not Found\r\nServer: zoo/1.5\r\n'
                              b'Content-Length: 0\r\n\r\n')
                else:
                    t.sendall(b'what?\r\n')
        except OSError:
            pass

    def loop():
        while True:
            c, _ = s.accept()
            threading.Thread(target=serve, args=(c,), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()
    port = s.getsockname()[1]
    got, took, _ = probe([ask(port)])
    service, facts, _ = got[port]
    expect('TLS is seen', service.get('tls') is True and
           facts.get('tls.subject') == 'zoo.example', got)
    expect('and what is inside', service.get('name') == 'http', service)


def record(kind, data):
    out = b''
    while data:
        out += struct.pack('>BHH', kind, 0x303, len(data[:16384]))
        out += data[:16384]
        data = data[16384:]
    return out


def handshake(kind, data):
    return bytes([kind]) + len(data).to_bytes(3, 'big') + data


def server_hello():
    return handshake(2, struct.pack('>H', 0x303) + b'\x11' * 32 + b'\0' +
                     b'\xc0\x2f' + b'\0')


def hostile_tls():
    """Handshakes that are none, have no end, or bring too much."""
    cert = b'\x30\x82\x3f\x00' + b'\x41' * 0x3f00
    chain = b''.join(len(c).to_bytes(3, 'big') + c for c in [cert] * 200)
    hello = record(22, server_hello())
    kinds = {
        'garbage': lambda c, d: c.send(os.urandom(20000)) and None,
        'an alert': lambda c, d: c.send(b'\x15\x03\x03\0\2\2\x28') and None,
        'half a record': lambda c, d: c.send(b'\x16\x03\x03\x40\x00' +
                                             b'\x02' * 9) and None,
        'a flood': lambda c, d: c.send(hello + record(
            22, handshake(11, b'\xff\xff\xfc' + b'\x41' * 60000))) and None,
        'a long chain': lambda c, d: c.send(hello + record(22, handshake(
            11, len(chain).to_bytes(3, 'big') + chain))) and None,
        'hellos': lambda c, d: c.send(hello * 500) and None,
    }
    ports = {kind: S.add(read=read) for kind, read in kinds.items()}
    got, took, grown = probe([ask(p) for p in ports.values()],
                             checks=True)
    print('   hostile TLS: %.1f s, +%d KB' % (took, grown))
    expect('within the budget', took <= BUDGET + 1, took)
    for kind, port in ports.items():
        expect('%s: no name' % kind, got[port][0].get('name', '') == '',
               got[port])
    expect('an alert is TLS, too', got[ports['an alert']][0].get('tls') and
           got[ports['an alert']][1].get('tls.alert') == 'handshake failure',
           got[ports['an alert']])
    if not SANITIZED:
        expect('at most 4 MB more', grown <= 4096, grown)


def long_chain():
    """A real handshake with more certificates than anybody needs."""
    if not need_openssl():
        return
    with tempfile.TemporaryDirectory() as where:
        certificate(where)
        with open(where + '/cert') as f:
            one = f.read()
        with open(where + '/chain', 'w') as f:
            f.write(one * 30)
        server = SServer(where, '-cert_chain', where + '/chain')
        got, took, _ = probe([ask(server.port)])
        server.end()
    service, facts, _ = got[server.port]
    expect('TLS', service.get('tls') is True and
           facts.get('tls.version') == 'TLSv1.3', got)
    expect('but its chain is not looked at', 'tls.subject' not in facts,
           facts)


finish(honest, one_at_a_time, patient, printers, ended, silent, tarpits,
       small_budget, floods, talk_over, later, tls_facts, tls_inside, hostile_tls, long_chain)
