#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""10,000 generated process names (failures.md E12, E13): each socket has its
row, each row its process with the right parent, whatever the name is.

NAMES=N tries that many."""
import json
import os
import random
import signal
import socket
import subprocess
import sys

import netlib

PER_ROUND = 250
PIECES = [b'(', b')', b' ', b'\n', b'\t', b'\x1b', b'\\', b'%s', b'%n', b'"',
          b"'", b',', b'=', b'S', b'Z', b'1', b'99', b') S 1 ', b' (', b'\xff',
          b'\xc2\x9b', b'\xe2\x80\xae', b'\xe6\x97\xa5', b'a', b'x', b'-',
          b'\x7f', b'\x01', b'\xf0\x9f', b'/', b':', b'[', b']', b'{', b'}']


def worker(port, down, up):
    """Takes the names it is told, one after the other."""
    s = socket.socket()
    s.bind(('127.0.0.1', port))
    s.listen()
    os.write(up, b'.')
    while True:
        name = os.read(down, 16)
        if not name:
            os._exit(0)
        with open('/proc/self/comm', 'wb') as f:
            f.write(name)
        os.write(up, b'.')


def told(up):
    """One byte from each."""
    left = PER_ROUND
    while left > 0:
        left -= len(os.read(up, left))


def main():
    if os.getpid() != 1 and not os.environ.get('SOCKDECK_TEST_PIDNS'):
        netlib.enter()
        os.environ['SOCKDECK_TEST_PIDNS'] = '1'
        flags = ['-pf', '--mount-proc']
        if subprocess.run(['unshare', *flags, 'true'],
                          stderr=subprocess.DEVNULL).returncode:
            netlib.skip('no namespace for processes')
        os.execvp('unshare', ['unshare', *flags, sys.executable] + sys.argv)
    seed = int(os.environ.get('SEED', random.randrange(1 << 31)))
    rnd = random.Random(seed)
    print('SEED=%d' % seed)
    wanted = int(os.environ.get('NAMES', '10000'))
    up_r, up_w = os.pipe()
    workers = []
    for i in range(PER_ROUND):
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(w)
            for _, _, other in workers:
                os.close(other)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            worker(10000 + i, r, up_w)
        os.close(r)
        workers.append((10000 + i, pid, w))
    told(up_r)
    me = os.getpid()
    done = 0
    while done < wanted:
        for _, _, w in workers:
            name = b''.join(rnd.choice(PIECES)
                            for _ in range(rnd.randrange(1, 9)))[:15]
            os.write(w, name.ljust(1, b'x'))
        told(up_r)
        out = subprocess.run([netlib.SOCKDECK, 'list', '--json', '-tl'],
                             stdin=subprocess.DEVNULL, capture_output=True)
        if out.returncode != 0 or out.stderr:
            netlib.fail('status', out.returncode, out.stderr)
        rows = {s['local']['port']: [(o['pid'], o['ppid'])
                                     for o in s.get('owners', [])]
                for s in json.loads(out.stdout)['sockets']}
        for port, pid, _ in workers:
            if rows.get(port) != [(pid, me)]:
                netlib.fail('port', port, 'of process', pid, 'child of', me,
                            'is', rows.get(port))
        done += PER_ROUND
    for _, pid, w in workers:
        os.close(w)
    for _, pid, _ in workers:
        os.waitpid(pid, 0)
    print('%d of %d names listed, each with its parent' % (done, done))


main()
