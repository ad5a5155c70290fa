#!/usr/bin/env python3
"""Sockets in every state: the list against ss, by the kernel's cookie."""
import json
import os
import re
import shutil
import subprocess
import sys

SKIP = 77
STATES = {'ESTAB': 'ESTABLISHED', 'UNCONN': 'UNCONNECTED',
          'SYN-RECV': 'SYN-RECEIVED'}
FIELDS = ('proto', 'state', 'local', 'peer', 'recvq', 'sendq', 'inode')


def in_a_namespace():
    """Again, in a network namespace of our own."""
    if os.environ.get('SOCKDECK_TEST_NETNS'):
        return
    if not shutil.which('ss') or not shutil.which('unshare'):
        print('no ss or no unshare here')
        sys.exit(SKIP)
    os.environ['SOCKDECK_TEST_NETNS'] = '1'
    how = ['unshare', '-n'] if os.geteuid() == 0 else ['unshare', '-rn']
    if subprocess.run(how + ['true'], stderr=subprocess.DEVNULL).returncode:
        print('no network namespace of our own')
        sys.exit(SKIP)
    os.execvp('unshare', how + [sys.executable, os.path.abspath(__file__)])


def end(text):
    """'[::1]:22', '127.0.0.1%lo:*', '*:53' -> address, port."""
    addr, port = text.rsplit(':', 1)
    addr = addr.strip('[]').split('%')[0]
    return addr, 0 if port == '*' else int(port)


def by_ss():
    rows = {}
    out = subprocess.run(['ss', '-HOtuane'], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    for line in out.splitlines():
        word = line.split()
        state = STATES.get(word[1], word[1])
        if word[0] == 'udp' and state == 'ESTABLISHED':
            state = 'CONNECTED'
        cookie = int(re.search(r' sk:([0-9a-f]+)', line).group(1), 16)
        inode = re.search(r' ino:(\d+)', line)
        rows[cookie] = dict(
            proto=word[0], state=state, recvq=int(word[2]),
            sendq=int(word[3]), local=end(word[4]), peer=end(word[5]),
            inode=int(inode.group(1)) if inode else 0)
    return rows


def ours():
    rows = {}
    out = subprocess.run([os.environ['SOCKDECK'], 'list', '--json'],
                         check=True, stdout=subprocess.PIPE).stdout
    doc = json.loads(out)
    for s in doc['sockets']:
        if s['state'] == 'BOUND':
            continue  # ss does not show them
        peer = s.get('peer', {})
        rows[s['cookie']] = dict(
            proto=s['proto'], state=s['state'], recvq=s['recvq'],
            sendq=s['sendq'], inode=s.get('inode', 0),
            local=(s['local']['addr'], s['local']['port']),
            peer=(peer.get('addr', '*'), peer.get('port', 0)))
    return rows


def wild(addr):
    return '*' if addr in ('0.0.0.0', '::', '*') else addr


def difference(a, b):
    wrong = []
    for cookie in sorted(set(a) | set(b)):
        x, y = a.get(cookie), b.get(cookie)
        if x is None or y is None:
            wrong.append('%x: only %s has it: %s' % (
                cookie, 'ours' if x is None else 'ss', x or y))
            continue
        for field in FIELDS:
            u, v = x[field], y[field]
            if field in ('local', 'peer'):
                u, v = (wild(u[0]), u[1]), (wild(v[0]), v[1])
            if u != v:
                wrong.append('%x %s %s: ss %s, ours %s' % (
                    cookie, x['state'], field, u, v))
    return wrong


def main():
    in_a_namespace()
    here = os.path.dirname(os.path.abspath(__file__))
    helper = subprocess.Popen(
        [sys.executable, os.path.join(here, 'states.py')],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if helper.stdout.readline() != 'ready\n':
        sys.exit('states.py did not get ready')
    # Timers run between the two: a difference must be there each time.
    for _ in range(10):
        a, b = by_ss(), ours()
        wrong = difference(a, b)
        if not wrong:
            break
    helper.stdin.close()
    helper.wait()
    states = {row['state'] for row in a.values()}
    if len(a) < 40 or len(states) != 12:
        sys.exit('%d sockets in %s' % (len(a), sorted(states)))
    if wrong:
        sys.exit('\n'.join(wrong))
    print('%d sockets in %d states' % (len(a), len(states)))


main()
