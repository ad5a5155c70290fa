#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Host names: each is looked up once, and what is checked against the excludes
is what is scanned. With a name server of our own, in a namespace of our own."""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../netns'))
import netlib                                               # noqa: E402
from workerlib import expect, finish, scan                  # noqa: E402

A, AAAA = 1, 28
ASKED = []
FLIPS = [0]


def answers(name, kind):
    """Addresses; None: no such name."""
    if name == 'flip.test':
        if kind != A:
            return []
        FLIPS[0] += 1
        return ['10.0.0.%d' % (2 if FLIPS[0] % 2 else 1)]
    zone = {('two.test', A): ['10.0.0.1', '10.0.0.2'],
            ('both.test', A): ['10.0.0.1'],
            ('both.test', AAAA): ['2001:db8::1'],
            ('six.test', AAAA): ['2001:db8::1']}
    if not any(n == name for n, _ in zone):
        return None
    return zone.get((name, kind), [])


def serve(sock):
    while True:
        query, peer = sock.recvfrom(4096)
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += query[at] + 1
        kind = struct.unpack('>H', query[at + 1:at + 3])[0]
        name = '.'.join(labels)
        ASKED.append((name, kind))
        found = answers(name, kind)
        body = b''
        for addr in found or []:
            data = socket.inet_pton(
                socket.AF_INET6 if kind == AAAA else socket.AF_INET, addr)
            body += struct.pack('>HHHIH', 0xc00c, kind, 1, 0,
                                len(data)) + data
        sock.sendto(query[:2] + struct.pack(
            '>HHHHH', 0x8580 | (3 if found is None else 0), 1,
            len(found or []), 0, 0) + query[12:at + 5] + body, peer)


def begin():
    netlib.enter()
    with tempfile.NamedTemporaryFile(mode='w') as f:
        f.write('nameserver 127.0.0.1\noptions attempts:1 timeout:20\n')
        f.flush()
        os.chmod(f.name, 0o644)
        if subprocess.run(['mount', '--bind', f.name,
                           os.path.realpath('/etc/resolv.conf')],
                          stderr=subprocess.DEVNULL).returncode != 0:
            netlib.skip('/etc/resolv.conf cannot be replaced')
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(('127.0.0.1', 53))
    threading.Thread(target=serve, args=(sock,), daemon=True).start()


def addrs(w):
    return sorted(ev['addr'] for ev in w.of('host'))


def flipping():
    """Two answers in turn: the one that was checked is the one that is used."""
    for _ in range(4):
        before = len([q for q in ASKED if q == ('flip.test', A)])
        w, last, status = scan(targets='flip.test', exclude='10.0.0.1',
                               ports='T:1', tech='connect', tell='all')
        after = len([q for q in ASKED if q == ('flip.test', A)])
        expect('one lookup', after == before + 1, before, after)
        told = w.of('target')[0]['addr']
        if told == '10.0.0.1':
            expect('excluded', status == 1 and not w.of('host'), last)
        else:
            expect('scanned', addrs(w) == [told] == ['10.0.0.2'] and
                   status == 0, w.seen)
    # Named twice, also with a prefix and among the excludes: still once.
    before = len(ASKED)
    w, last, status = scan(targets='flip.test flip.test flip.test/30',
                           exclude='flip.test', tech='list')
    expect('one lookup of a name that is there four times',
           len([q for q in ASKED[before:] if q == ('flip.test', A)]) == 1,
           ASKED[before:])
    told = w.of('target')[0]['addr']
    expect('less itself', told not in addrs(w) and len(addrs(w)) in (2, 3),
           addrs(w))


def excluded_by_name():
    """All addresses of a name are excluded."""
    w, last, _ = scan(targets='10.0.0.0/30', exclude='two.test', tech='list')
    expect('both left out', addrs(w) == ['10.0.0.0', '10.0.0.3'], addrs(w))
    expect('it is told', w.of('target')[0]['others'] == 1, w.of('target'))
    w, last, status = scan(targets='10.0.0.1', exclude='nosuch.test',
                           tech='list')
    expect('an exclude that is not known ends it', status == 1 and
           'nosuch.test' in last['cause'] and not w.of('host'), last)


def not_known():
    w, last, status = scan(targets='nosuch.test 10.0.0.1', ports='T:1',
                           tech='connect')
    told = w.of('target')[0]
    expect('told', told['name'] == 'nosuch.test' and told['error'] and
           'addr' not in told, told)
    expect('the rest is scanned', status == 0 and addrs(w) == ['10.0.0.1'],
           w.seen)
    w, last, status = scan(targets='nosuch.test', ports='T:1')
    expect('nothing left', status == 1 and last['cause'], last)


def families():
    for want, kw in (('10.0.0.1', {}), ('10.0.0.1', {'family': 4}),
                     ('2001:db8::1', {'family': 6})):
        w, _, _ = scan(targets='both.test', tech='list', **kw)
        expect('both.test %r' % kw, addrs(w) == [want], w.of('target'))
    w, _, _ = scan(targets='six.test', tech='list')
    expect('IPv6 if there is no other', addrs(w) == ['2001:db8::1'], w.seen)
    w, last, status = scan(targets='six.test', tech='list', family=4)
    expect('not of that family', status == 1, last)


def interfaces():
    """A scope by name is looked up, too: it is a number afterwards."""
    w, _, _ = scan(targets='fe80::1%lo', tech='list')
    expect('fe80::1%lo', addrs(w) ==
           ['fe80::1%%%d' % socket.if_nametoindex('lo')], w.seen)


def broadcast():
    """That of a local network is excluded; not if the scan is shared, where
    all must have the same plan."""
    subprocess.run('ip link add dm0 type veth peer name dm1'.split(), check=True)
    subprocess.run('ip addr add 10.9.0.1/24 brd + dev dm0'.split(),
                   check=True)
    subprocess.run('ip link set dm0 up'.split(), check=True)
    w, _, _ = scan(targets='10.9.0.252-255', tech='list')
    expect('10.9.0.255 is left out', addrs(w) == [
        '10.9.0.252', '10.9.0.253', '10.9.0.254'], addrs(w))
    w, _, _ = scan(targets='10.9.0.252-255', tech='list', force=True)
    expect('forced', len(addrs(w)) == 4, addrs(w))
    w, _, _ = scan(targets='10.9.0.252-255', tech='list', shard=0, shards=1)
    expect('shared', len(addrs(w)) == 4, addrs(w))
    # And then the kernel refuses.
    w, last, status = scan(targets='10.9.0.255', ports='T:1-3', no_ping=True,
                           shard=0, shards=1, tell='all')
    expect('no verdict on a broadcast address', not w.of('port') and
           last['sent'] == 0, w.seen)


begin()
finish(flipping, excluded_by_name, not_known, families, interfaces,
       broadcast)
