# SPDX-License-Identifier: ISC
"""Sockets in many states, and ss's and sockdeck's answers in one form.

Only in a network namespace of its own: enter() starts the script anew under
unshare(1) and skips (77) where that is not permitted."""
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile

SOCKDECK = os.environ.get('SOCKDECK', 'sockdeck')
HELD = []       # sockets stay open by being here


def skip(why):
    print('skipped:', why)
    sys.exit(77)


def fail(*what):
    print('FAILED:', *what)
    sys.exit(1)


def enter():
    """In a fresh user and network namespace from here on."""
    if os.environ.get('SOCKDECK_TEST_NETNS') != '1':
        for tool in ('unshare', 'ip', 'ss'):
            if shutil.which(tool) is None:
                skip(tool + ' is not there')
        probe = subprocess.run(['unshare', '-rnm', 'true'],
                               stderr=subprocess.DEVNULL)
        if probe.returncode != 0:
            skip('namespaces are not permitted')
        os.environ['SOCKDECK_TEST_NETNS'] = '1'
        os.execvp('unshare', ['unshare', '-rnm', sys.executable] + sys.argv)
    for cmd in ('ip link set lo up',
                'ip addr add 10.0.0.1/24 dev lo',
                'ip addr add 10.0.0.2/24 dev lo',
                'ip addr add 2001:db8::1/64 dev lo nodad'):
        subprocess.run(cmd.split(), check=True)
    wait_for('a route to 2001:db8::1', reachable)


def hosts(text):
    """What /etc/hosts says, for us alone."""
    with tempfile.NamedTemporaryFile(mode='w') as f:
        f.write(text)
        f.flush()
        return subprocess.run(['mount', '--bind', f.name, '/etc/hosts'],
                              stderr=subprocess.DEVNULL).returncode == 0


def reachable():
    """The kernel takes its time to use a new IPv6 address."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        try:
            s.connect(('2001:db8::1', 9))
        except OSError:
            return False
        return s.getsockname()[0] == '2001:db8::1'


def wait_for(what, check):
    """Asks again until it is so: the answer, never the clock, decides."""
    for _ in range(20000):
        if check():
            return
        os.sched_yield()
    fail('waited for', what)


def keep(s):
    HELD.append(s)
    return s


def listener(addr, port, family=socket.AF_INET, backlog=16, **opt):
    s = keep(socket.socket(family, socket.SOCK_STREAM))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if 'v6only' in opt:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, opt['v6only'])
    s.bind((addr, port))
    s.listen(backlog)
    return s


def connection(server, to, src=None):
    """Both ends of an established connection."""
    c = keep(socket.socket(server.family, socket.SOCK_STREAM))
    c.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if src:
        c.bind(src)
    # A route to an address that is new may go away once more.
    wait_for('a way to %s' % (to,), lambda: c.connect_ex(to) == 0)
    a, _ = server.accept()
    return c, keep(a)


def states_of(port):
    out = subprocess.run(['ss', '-tanH', 'sport = :%d or dport = :%d' %
                          (port, port)], capture_output=True, text=True)
    return [line.split()[0] for line in out.stdout.splitlines()]


def zoo():
    """A socket in every state that can be made without raw packets."""
    ssh = listener('0.0.0.0', 22)
    web = listener('10.0.0.1', 80)
    dual = listener('::', 443, socket.AF_INET6, v6only=0)
    six = listener('2001:db8::1', 8080, socket.AF_INET6, v6only=1)
    listener('127.0.0.1', 631, backlog=5)
    connection(ssh, ('10.0.0.1', 22), ('10.0.0.2', 50312))
    connection(ssh, ('10.0.0.1', 22), ('10.0.0.1', 36266))
    connection(web, ('10.0.0.1', 80))
    c4 = keep(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    c4.connect(('127.0.0.1', 443))          # IPv4-mapped at the other end
    keep(dual.accept()[0])
    connection(six, ('2001:db8::1', 8080))
    connection(dual, ('::1', 443))
    # Waiting to be accepted, with bytes in the queues.
    waiting = keep(socket.socket())
    waiting.connect(('127.0.0.1', 631))
    waiting.send(b'x' * 100)
    # FIN-WAIT-2 and CLOSE-WAIT; TIME-WAIT.
    c, a = connection(web, ('10.0.0.1', 80), ('10.0.0.2', 40001))
    c.shutdown(socket.SHUT_WR)
    c, a = connection(web, ('10.0.0.1', 80), ('10.0.0.2', 40002))
    c.close()
    a.close()
    # SYN-SENT: a listener whose queue is full lets a SYN go unanswered.
    full = listener('10.0.0.2', 9999, backlog=0)
    del full
    for _ in range(6):
        s = keep(socket.socket())
        s.setblocking(False)
        s.connect_ex(('10.0.0.2', 9999))
    # UDP
    for family, addr in ((socket.AF_INET, '127.0.0.1'),
                         (socket.AF_INET, '0.0.0.0'),
                         (socket.AF_INET6, '::1'), (socket.AF_INET6, '::')):
        s = keep(socket.socket(family, socket.SOCK_DGRAM))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((addr, 5353))
    s = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    s.connect(('10.0.0.1', 53))
    s = keep(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
    s.connect(('2001:db8::1', 53))
    wait_for('CLOSE-WAIT', lambda: 'CLOSE-WAIT' in states_of(40001))
    wait_for('TIME-WAIT', lambda: 'TIME-WAIT' in states_of(40002))
    wait_for('SYN-SENT', lambda: 'SYN-SENT' in states_of(9999))
    select.select([], [], [], 0)


STATES = {'ESTAB': 'ESTABLISHED', 'SYN-RECV': 'SYN-RECEIVED',
          'UNCONN': 'UNCONNECTED'}


def ss_end(text):
    addr, _, port = text.rpartition(':')
    addr = addr.strip('[]').split('%')[0]
    if addr in ('*', '', '0.0.0.0', '::'):
        addr = 'any'
    return addr, 0 if port == '*' else int(port)


def ss_rows(args, **env):
    """[(proto, state, local, peer)] of an ss command, sorted."""
    out = subprocess.run(['ss', '-nH'] + args, capture_output=True,
                         text=True, env=dict(os.environ, **env))
    if out.returncode != 0:
        fail('ss', args, out.stderr[:200])
    rows = []
    for line in out.stdout.splitlines():
        w = line.split()
        if w[0] in ('tcp', 'udp'):
            proto = w.pop(0)
        else:
            proto = 'udp' if args[0].startswith('-u') and \
                't' not in args[0] else 'tcp'
        if w[0].isdigit():      # one state was asked for: it has no column
            w.insert(0, '?')
        state = STATES.get(w[0], w[0])
        if proto == 'udp' and state == 'ESTABLISHED':
            state = 'CONNECTED'
        rows.append((proto, state, ss_end(w[3]), ss_end(w[4])))
    return sorted(rows)


def our_end(e):
    # Both JSON ways of saying "any": absent, or the wildcard address.
    addr = e.get('addr', 'any').split('%')[0]
    return ('any' if addr in ('0.0.0.0', '::', '*') else addr,
            e.get('port', 0))


def run(args, **env):
    return subprocess.run([SOCKDECK] + args, capture_output=True, text=True,
                          env=dict(os.environ, **env),
                          stdin=subprocess.DEVNULL)


def our_rows(args, status=(0, 1), **env):
    out = run(['list', '--jsonl'] + args, **env)
    if out.returncode not in status:
        fail('sockdeck list', args, 'status', out.returncode, out.stderr)
    rows = []
    for line in out.stdout.splitlines():
        s = json.loads(line)
        if s['state'] != 'BOUND':       # ss does not know it
            rows.append((s['proto'], s['state'], our_end(s['local']),
                         our_end(s.get('peer', {}))))
    return sorted(rows)


def same(what, ours, theirs):
    """0 when the rows are the same, else says what differs."""
    if theirs and all(r[1] == '?' for r in theirs):
        ours = sorted((r[0], '?', r[2], r[3]) for r in ours)
    if ours == theirs:
        return 0
    print('NOT THE SAME:', what)
    for row in sorted(set(ours) - set(theirs)):
        print('   only ours: ', row)
    for row in sorted(set(theirs) - set(ours)):
        print('   only ss\'s: ', row)
    if set(ours) == set(theirs):
        print('   the same rows, but', len(ours), 'and', len(theirs))
    return 1
