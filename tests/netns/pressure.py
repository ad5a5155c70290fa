#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Limits met for real: `list -s` says how full, what was dropped and who
leaks, and agrees with the failing calls, /proc, ss and nstat."""
import errno
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

import netlib
from netlib import fail, keep, listener, run, wait_for

SYS = '/proc/sys/net/ipv4/'
LEAKER = r'''
import select, socket, sys
server = socket.socket(); server.bind(("127.0.0.1", 18080)); server.listen(64)
busy = socket.socket(); busy.bind(("127.0.0.1", 18081)); busy.listen(64)
held, n = [], 0
print("ready", flush=True)
for line in sys.stdin:      # a step for each
    c = socket.create_connection(("127.0.0.1", 18080))
    held.append(server.accept()[0])     # never closed
    c.close()
    n += 1
    print("ok", flush=True)
'''


def sysctl(name, value):
    with open(SYS + name, 'w') as f:
        f.write(str(value))


def document(args=(), status=0):
    out = run(['list', '-s', '--json', *args])
    if out.returncode not in (0, status):
        fail('list -s --json', args, out.returncode, out.stdout, out.stderr)
    return json.loads(out.stdout)


def items(d, kind, **want):
    return [i for i in d['pressure'] if i['kind'] == kind and
            all(i.get(k) == v for k, v in want.items())]


def event(d, name):
    for e in d['events']:
        if e['name'] == name:
            return e['total']
    return None


def nstat(name):
    with tempfile.TemporaryDirectory() as tmp:
        out = subprocess.run(['nstat', '-asz', name], capture_output=True,
                             text=True,
                             env=dict(os.environ, NSTAT_HISTORY=tmp + '/h'))
    for line in out.stdout.splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    fail('nstat', name, out.stdout, out.stderr)


def sockstat(group, name):
    with open('/proc/net/sockstat') as f:
        for line in f:
            w = line.split()
            if w[0] == group + ':':
                return int(w[w.index(name) + 1])


def ephemeral():
    """Until connect(2) fails: all ports that are to be had, and no more."""
    sysctl('ip_local_port_range', '40000 40039')
    sysctl('ip_local_reserved_ports', '40007,40020-40022')
    listener('127.0.0.1', 40010)        # takes one more
    server = listener('127.0.0.1', 9000, backlog=100)
    n = 0
    while True:
        c = keep(socket.socket())
        try:
            c.connect(('127.0.0.1', 9000))
        except OSError as e:
            if e.errno != errno.EADDRNOTAVAIL:
                raise
            break
        keep(server.accept()[0])
        n += 1
        d = items(document(), 'ephemeral_ports',
                  peer={'addr': '127.0.0.1', 'port': 9000})
        if len(d) != 1 or d[0]['value'] != n or d[0]['limit'] != 35:
            fail('ephemeral ports after', n, d)
        want = 'full' if n == 35 else 'high' if n >= 28 else 'ok'
        if d[0]['verdict'] != want:
            fail('ephemeral ports: verdict', n, d)
    if n != 35:
        fail('the kernel gave', n)
    # Another destination has them all again.
    other = listener('127.0.0.1', 9001)
    c = keep(socket.create_connection(('127.0.0.1', 9001)))
    keep(other.accept()[0])
    d = document()
    if items(d, 'ephemeral_ports',
             peer={'addr': '127.0.0.1', 'port': 9001})[0]['value'] != 1:
        fail('another destination')
    if d['pressure'][0]['kind'] != 'ephemeral_ports':
        fail('what is full is not first', d['pressure'][0])
    text = run(['list', '-s']).stdout
    if not re.search(r'^full +ephemeral ports 127\.0\.0\.1 to '
                     r'127\.0\.0\.1:9000 +35 of 35 +100% \[#{10}\]$', text,
                     re.M) or 'net.ipv4.ip_local_port_range' not in text:
        fail('text', text)
    # UDP takes from the same range.
    for _ in range(3):
        keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(('', 0))
    u = items(document(), 'udp_ports')[0]
    if u['value'] != 3 or u['limit'] != 36:
        fail('UDP ports', u)
    sysctl('ip_local_reserved_ports', '')
    sysctl('ip_local_port_range', '32768 60999')


def accept_queue():
    listener('127.0.0.1', 9100, backlog=3)
    for _ in range(8):
        s = keep(socket.socket())
        s.setblocking(False)
        s.connect_ex(('127.0.0.1', 9100))
    where = {'addr': '127.0.0.1', 'port': 9100}
    wait_for('an overflow', lambda: nstat('TcpExtListenOverflows') > 0)
    for ours, theirs in (('ListenOverflows', 'TcpExtListenOverflows'),
                         ('ListenDrops', 'TcpExtListenDrops')):
        low = nstat(theirs)
        got = event(document(), ours)
        if not low <= got <= nstat(theirs):
            fail(ours, got, 'nstat', low)
    q = items(document(), 'accept_queue', local=where)
    if len(q) != 1 or q[0]['limit'] != 3 or q[0]['value'] != 4 or \
            q[0]['verdict'] != 'full' or 'pid' in q[0]:
        fail('accept queue', q)
    # Owners are looked for with --watch, where they have another use too.
    with subprocess.Popen([netlib.SOCKDECK, 'list', '-s', '--json',
                           '--watch'], stdout=subprocess.PIPE) as watch:
        d = json.loads(watch.stdout.readline())
        watch.kill()
    q = items(d, 'accept_queue', local=where)
    if q[0]['pid'] != os.getpid():
        fail('accept queue: owner', q)
    out = run(['list', '-s']).stdout
    if not re.search(r'^ListenOverflows \d+: handshakes', out, re.M):
        fail('text', out)
    # At its limit one more fits: not full yet.
    s = listener('127.0.0.1', 9101, backlog=3)
    for n in range(1, 5):
        keep(socket.create_connection(('127.0.0.1', 9101)))
        q = items(document(), 'accept_queue',
                  local={'addr': '127.0.0.1', 'port': 9101})[0]
        if q['value'] != n or (q['verdict'] == 'full') != (n > 3):
            fail('accept queue at', n, q)
    del s


def syn_queue():
    """Handshakes whose last packet never arrives."""
    rules = ('add table inet t; add chain inet t out '
             '{ type filter hook output priority 0; }; add rule inet t out '
             'tcp dport 9300 tcp flags & (syn | ack) == ack drop')
    try:
        if subprocess.run(['nft', rules], stderr=subprocess.DEVNULL
                          ).returncode != 0:
            raise OSError
    except OSError:
        print('no packet filter here: the SYN queue is not tested')
        return
    listener('127.0.0.1', 9300, backlog=10)
    for n in range(1, 10):
        s = keep(socket.socket())
        s.connect(('127.0.0.1', 9300))
        q = items(document(), 'syn_queue',
                  local={'addr': '127.0.0.1', 'port': 9300})
        if len(q) != 1 or q[0]['value'] != n or q[0]['limit'] != 10 or \
                q[0]['verdict'] != ('high' if n >= 8 else 'ok'):
            fail('SYN queue', n, q)
    subprocess.run(['nft', 'delete table inet t'], check=True)


def time_wait():
    before = sockstat('TCP', 'tw')
    sysctl('tcp_max_tw_buckets', before + 5)
    server = listener('127.0.0.1', 9200)
    for _ in range(12):
        c = socket.create_connection(('127.0.0.1', 9200))
        a, _ = server.accept()
        c.close()
        a.close()
    wait_for('TIME-WAIT overflow',
             lambda: nstat('TcpExtTCPTimeWaitOverflow') > 0)
    d = document()
    tw = items(d, 'time_wait')[0]
    if tw['value'] != sockstat('TCP', 'tw') or tw['limit'] != before + 5 or \
            tw['verdict'] != 'full':
        fail('TIME-WAIT', tw)
    if event(d, 'TCPTimeWaitOverflow') != nstat('TcpExtTCPTimeWaitOverflow'):
        fail('TCPTimeWaitOverflow', event(d, 'TCPTimeWaitOverflow'))
    if d['summary']['states'].get('TIME-WAIT') != tw['value']:
        fail('TIME-WAIT sockets', d['summary'])


def descriptors():
    child = subprocess.Popen(
        [sys.executable, '-c', 'import os, resource, sys\n'
         'resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))\n'
         'try:\n'
         '    while True: os.dup(0)\n'
         'except OSError: pass\n'
         'print("ready", flush=True); sys.stdin.read()'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
    fds = items(document(), 'descriptors')
    if fds[0]['pid'] != child.pid or fds[0]['value'] != 30 or \
            fds[0]['limit'] != 30 or fds[0]['verdict'] != 'full' or \
            not fds[0]['process'].startswith('python'):
        fail('descriptors', fds)
    shares = [f['value'] / f['limit'] for f in fds]
    if shares != sorted(shares, reverse=True):
        fail('descriptors: order', fds)
    for f in fds[1:]:
        if not os.path.exists('/proc/%d' % f['pid']):
            continue
        with open('/proc/%d/limits' % f['pid']) as text:
            limit = re.search(r'Max open files +(\S+)', text.read()).group(1)
        if str(f['limit']) != limit:
            fail('limit of', f, limit)
    child.communicate(b'')


def as_others_say():
    """Beside ss -s and /proc."""
    d = document()
    m = re.search(r'^TCP:\s+(\d+) \(estab (\d+), closed (\d+), orphaned (\d+),'
                  r' timewait (\d+)\)', subprocess.run(
                      ['ss', '-s'], capture_output=True, text=True).stdout,
                  re.M)
    tcp = d['summary']['tcp']
    if tcp['timewait'] != int(m.group(5)):
        fail('timewait', tcp, m.group(0))
    table = run(['list', '--jsonl']).stdout.splitlines()
    # ss takes the kernel's CurrEstab, which is CLOSE-WAIT, too (RFC 4022):
    # ours are the rows.
    waiting = sum('"CLOSE-WAIT"' in line for line in table)
    if not tcp['estab'] <= int(m.group(2)) <= tcp['estab'] + waiting:
        fail('estab', tcp, m.group(0))
    if d['summary']['total'] != len(table):
        fail('total', d['summary'], len(table))
    # The machine's: its limits are not to be seen from here, not even as 0.
    for kind, path in (('orphans', 'tcp_max_orphans'), ('tcp_mem', 'tcp_mem')):
        it = items(d, kind)[0]
        if os.path.exists(SYS + path) or 'value' not in it:
            continue
        if 'limit' in it or 'percent' in it or 'verdict' in it:
            fail('a limit nobody can read', it)
    for it in items(d, 'conntrack'):
        with open('/proc/sys/net/netfilter/nf_conntrack_max') as f:
            if it['limit'] != int(f.read()):
                fail('conntrack', it)
    # With a filter there is no whole to judge by.
    if 'pressure' in document(['port:9000']) or 'pressure' in document(['-t']):
        fail('a part was judged')


def namespaces():
    """Another namespace's range and counters."""
    holder = subprocess.Popen(
        ['unshare', '-n', sys.executable, '-c',
         'import socket, subprocess, sys\n'
         'subprocess.run(["ip", "link", "set", "lo", "up"], check=True)\n'
         'open("%sip_local_port_range", "w").write("50000 50009")\n'
         's = socket.socket(); s.bind(("127.0.0.1", 1000)); s.listen(9)\n'
         'c = [socket.create_connection(("127.0.0.1", 1000))'
         ' for i in range(9)]\n'
         'print("ready", flush=True); sys.stdin.read()' % SYS],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    e = items(document(['-N', str(holder.pid)]), 'ephemeral_ports')
    if len(e) != 1 or e[0]['value'] != 9 or e[0]['limit'] != 10 or \
            e[0]['verdict'] != 'high':
        fail('-N', e)
    # Others' namespaces may be hidden from us: that is told by 4.
    d = document(['-N', 'all'], status=4)
    names = {i['netns'] for i in items(d, 'time_wait')}
    if len(names) < 2 or not items(d, 'ephemeral_ports', limit=10):
        fail('-N all', d['pressure'])
    holder.communicate(b'')


def leak():
    """A process that never closes, fed until it is found."""
    child = subprocess.Popen([sys.executable, '-c', LEAKER],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
    watch = subprocess.Popen(
        [netlib.SOCKDECK, 'list', '-s', '--json', '--watch=0.5'],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for reading, line in enumerate(watch.stdout):
        found = json.loads(line)['leaks']
        child.stdin.write(b'\n')
        child.stdin.flush()
        child.stdout.readline()
        if found:
            break
        if reading > 400:
            fail('the leak is not found')
    watch.kill()
    watch.wait()
    if len(found) != 1 or found[0]['pid'] != child.pid or \
            found[0]['what'] != 'CLOSE-WAIT' or \
            not found[0]['never_fell'] or \
            not 6 <= found[0]['to'] - found[0]['from'] or \
            found[0]['span_ms'] < 20000:
        fail('leak', found)
    child.communicate(b'')


def main():
    netlib.enter()
    only = sys.argv[1:]
    for test in (ephemeral, accept_queue, syn_queue, time_wait, descriptors,
                 as_others_say, namespaces, leak):
        if not only or test.__name__ in only:
            test()
            print('ok', test.__name__, flush=True)


main()
