#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`knock` against knockd(1), over a veth pair between two network namespaces:
the right sequence opens the port, a wrong one does not; Debian's own knock(1)
is answered the same. Every packet that leaves is counted."""
import ctypes
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile

import netlib
from netlib import fail, run, skip

for tool in ('knockd', 'knock', 'nft', 'nsenter'):
    if shutil.which(tool) is None:
        skip('no %s here' % tool)
netlib.enter()

SERVER = {4: '10.9.0.2', 6: 'fd00:9::2'}
RULES = '''
table inet gate {
    chain in {
        type filter hook input priority 0
        tcp dport 2222 counter drop
    }
}
'''
KNOCKD = '''
[options]
    logfile = %(dir)s/log
[open]
    sequence = 7000:tcp,8000:udp,9000:tcp,7100:udp
    seq_timeout = 20
    tcpflags = syn
    start_command = %(nft)s flush chain inet gate in && touch %(dir)s/open
    start_command_6 = %(nft)s flush chain inet gate in && touch %(dir)s/open
[fixed]
    sequence = 5000:udp,5001:udp
    seq_timeout = 20
    start_command = touch %(dir)s/udp
    start_command_6 = touch %(dir)s/udp
'''
RIGHT = ['7000', '8000/udp', '9000/tcp', '7100/udp']


def wait_for(what, check):
    """knockd takes its time: the kernel hands it packets in batches."""
    for _ in range(600):
        if check():
            return
        select.select([], [], [], 0.05)
    fail('waited for', what)


def dies_with_us():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


class Server:
    """The other namespace: held by a process, entered by its number."""

    def __init__(self, where):
        self.dir = where
        self.holder = subprocess.Popen(
            ['unshare', '-n', 'cat'], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, preexec_fn=dies_with_us)
        self.pid = self.holder.pid
        mine = os.readlink('/proc/self/ns/net')
        wait_for('the other namespace', lambda: os.readlink(
            '/proc/%d/ns/net' % self.pid) != mine)
        for cmd in ('link add v0 type veth peer name v1',
                    'link set v1 netns %d' % self.pid,
                    'addr add 10.9.0.1/24 dev v0',
                    'addr add fd00:9::1/64 dev v0 nodad',
                    'link set v0 up'):
            subprocess.run(['ip'] + cmd.split(), check=True)
        for cmd in ('link set lo up', 'addr add 10.9.0.2/24 dev v1',
                    'addr add fd00:9::2/64 dev v1 nodad',
                    'link set v1 up'):
            self.do(['ip'] + cmd.split())
        self.knockd = None

    def do(self, cmd, **kw):
        return subprocess.run(['nsenter', '-n', '-t', str(self.pid)] + cmd,
                              check=True, **kw)

    def spawn(self, cmd, **kw):
        return subprocess.Popen(['nsenter', '-n', '-t', str(self.pid)] + cmd,
                                preexec_fn=dies_with_us, **kw)

    def path(self, name):
        return os.path.join(self.dir, name)

    def close_gate(self):
        """As at first: nothing opened, knockd has seen nothing."""
        if self.knockd is not None:
            self.knockd.kill()
            self.knockd.wait()
        for name in ('open', 'udp', 'log'):
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))
        subprocess.run(['nsenter', '-n', '-t', str(self.pid), 'nft',
                        'flush', 'ruleset'], check=True)
        self.do(['nft', '-f', '-'], input=RULES.encode())
        with open(self.path('conf'), 'w') as f:
            f.write(KNOCKD % {'dir': self.dir, 'nft': shutil.which('nft')})
        self.knockd = self.spawn(
            ['knockd', '-v', '-i', 'v1', '-c', self.path('conf')],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for('knockd listens', self.sniffs)

    def sniffs(self):
        """Its filter is in place: what comes now it will see."""
        if self.knockd.poll() is not None:
            skip('knockd does not run here')
        return self.stages('starting up') == 1

    def opened(self):
        return os.path.exists(self.path('open'))

    def stages(self, what):
        """Lines of knockd's log."""
        try:
            with open(self.path('log')) as f:
                return len(re.findall(what, f.read()))
        except OSError:
            return 0


def knock(args, status=0):
    out = run(['knock'] + args)
    if out.returncode != status:
        fail('knock', args, 'status', out.returncode, 'wanted', status,
             out.stdout, out.stderr)
    return out


def says(out, *parts):
    for part in parts:
        if part not in out.stdout + out.stderr:
            fail('not said:', repr(part), 'in', out.stdout, out.stderr)


def test_right(server):
    for family in (4, 6):
        server.close_gate()
        out = knock(['-c', '2222', '--timeout', '1.5', '-d', '20',
                     SERVER[family]] + RIGHT)
        says(out, '4 knocks, 20 ms apart; port 2222 is filtered',
             '7000/tcp  sent', '8000/udp  sent', '9000/tcp  sent',
             '7100/udp  sent', 'port 2222 was filtered, is open now')
        if not server.opened():
            fail('open, but not by knockd')
        out = knock(['-c', '2222', SERVER[family]] + RIGHT)
        says(out, 'was open before')


def test_debians_knock(server):
    server.close_gate()
    subprocess.run(['knock', '-d', '20', SERVER[4]] +
                   [p.replace('/', ':') for p in RIGHT], check=True)
    wait_for('the gate opens for knock(1)', server.opened)
    # Its spelling is ours, too.
    server.close_gate()
    knock(['-d', '20', SERVER[4]] + [p.replace('/', ':') for p in RIGHT])
    wait_for('the gate opens', server.opened)


def test_wrong(server):
    for wrong in (['8000/udp', '7000', '9000', '7100/udp'],
                  ['7000', '8000/udp', '9000'],
                  ['7000', '8000', '9000', '7100'],
                  ['7000', '8000/udp', '7000', '9000', '7100/udp']):
        server.close_gate()
        out = knock(['-c', '2222', '--timeout', '0.5', '-d', '20',
                     SERVER[4]] + wrong, status=1)
        says(out, 'port 2222 is still filtered')
        if server.opened():
            fail('opened by', wrong)


def test_udp(server):
    server.close_gate()
    knock(['-u', '-d', '20', SERVER[4], '5000', '5001'])
    wait_for('the gate for UDP',
             lambda: os.path.exists(server.path('udp')))


def test_each_knock_is_one_packet(server):
    """Counted where they arrive: one SYN each, never repeated."""
    server.close_gate()
    server.do(['nft', '-f', '-'], input=b'''
table inet count {
    chain in {
        type filter hook prerouting priority -300
        tcp flags & (syn | ack) == syn tcp dport 7000 counter
        udp dport 8000 counter
        tcp flags & (fin | ack) != 0 tcp dport 7000 counter
    }
}''')
    # 1.5 s: longer than the first repeat of a SYN.
    server.do(['nft', 'add', 'rule', 'inet', 'gate', 'in', 'tcp', 'dport',
               '7000', 'drop'])
    knock(['-d', '1500', SERVER[4], '7000', '8000/udp'])
    got = []

    def counted():
        out = server.do(['nft', 'list', 'table', 'inet', 'count'],
                        capture_output=True, text=True).stdout
        got[:] = [int(n) for n in re.findall(r'packets (\d+)', out)]
        return got[:2] == [1, 1]

    wait_for('one packet for each knock', counted)
    if got != [1, 1, 0]:
        fail('packets', got)


def test_refused_and_dry(server):
    server.close_gate()
    out = knock(['--readonly', SERVER[4]] + RIGHT, status=3)
    says(out, '--readonly')
    out = knock(['--dry-run', '-c', '2222', SERVER[4]] + RIGHT)
    says(out, '4 knocks would be sent', '7000/tcp  a SYN',
         '8000/udp  a datagram of one byte',
         'port 2222 looked at before and after')
    # knockd has seen none of it: the sequence now is its first knock.
    knock(['-d', '20', SERVER[4]] + RIGHT)
    wait_for('the gate opens', server.opened)
    if server.stages('open: Stage 1') != 1:
        fail('knockd saw more than one first knock')


def test_errors(server):
    # No way there: nothing goes out, the rest is left.
    out = knock(['198.51.100.1', '7000', '8000/udp'], status=4)
    says(out, '7000/tcp  not sent: Network is unreachable',
         '8000/udp  not sent: one before it failed')
    subprocess.run('ip route add unreachable 203.0.113.0/24'.split(),
                   check=True)
    out = knock(['203.0.113.9', '8000/udp'], status=4)
    says(out, '8000/udp  not sent: No route to host')
    out = knock(['-c', '22', '203.0.113.9', '8000/udp'], status=4)
    says(out, 'cannot look at port 22 of 203.0.113.9: No route to host')
    subprocess.run('ip route add prohibit 203.0.113.9'.split(), check=True)
    out = knock(['203.0.113.9', '7000'], status=3)
    says(out, 'Permission denied')
    knock(['no-such-host.invalid', '7000'], status=4)
    out = knock(['-6', '10.9.0.2', '7000'], status=4)
    says(out, '10.9.0.2', '(as IPv6)')
    for args in ([], [SERVER[4]], [SERVER[4], 'x'], [SERVER[4], '0'],
                 [SERVER[4], '7000', '65536/udp'],
                 ['-d', '60001', SERVER[4], '1'], ['-d', '-1', SERVER[4], '1'],
                 ['-c', '0', SERVER[4], '1'],
                 ['--timeout', '0', SERVER[4], '1']):
        knock(args, status=2)


def test_meets_itself(_):
    """With one port to come from, a connection to it meets itself: that is
    nobody's open port."""
    with open('/proc/sys/net/ipv4/ip_local_port_range') as f:
        before = f.read()
    with open('/proc/sys/net/ipv4/ip_local_port_range', 'w') as f:
        f.write('40001 40001')
    s = socket.socket()
    s.connect(('10.9.0.1', 40001))
    if s.getsockname() != s.getpeername():
        fail('this kernel does not connect a port to itself')
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
    s.close()
    out = knock(['-c', '40001', '--timeout', '0.2', '10.9.0.1', '9/udp'],
                status=1)
    says(out, 'port 40001 is still closed')
    with open('/proc/sys/net/ipv4/ip_local_port_range', 'w') as f:
        f.write(before)


def test_closed_and_json(server):
    server.close_gate()
    server.do(['nft', 'flush', 'ruleset'])
    out = knock(['--json', '-c', '2223', '--timeout', '0.3', '-d', '0',
                 '[%s]' % SERVER[6], '7000', '8000/udp'], status=1)
    want = {'schema': 1, 'host': SERVER[6], 'addr': SERVER[6],
            'dry_run': False, 'delay_ms': 0,
            'knocks': [{'port': 7000, 'proto': 'tcp', 'state': 'sent'},
                       {'port': 8000, 'proto': 'udp', 'state': 'sent'}],
            'check': {'port': 2223, 'before': 'closed', 'after': 'closed'}}
    if json.loads(out.stdout) != want:
        fail('JSON', out.stdout)
    out = knock(['--json', '198.51.100.1', '7000', '8000'], status=4)
    got = json.loads(out.stdout)['knocks']
    if [k['state'] for k in got] != ['failed', 'left'] or \
            got[0]['error'] != 'Network is unreachable':
        fail('JSON', out.stdout)


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as where:
    gate = Server(where)
    door = gate.spawn(
        [shutil.which('python3'), '-c',
         'import socket, signal\n'
         's = socket.socket(socket.AF_INET6)\n'
         's.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)\n'
         's.bind(("::", 2222))\n'
         's.listen(64)\n'
         'print("ready", flush=True)\n'
         'signal.pause()'], stdout=subprocess.PIPE)
    door.stdout.readline()
    # The link and its addresses are of use.
    probe = socket.create_connection((SERVER[4], 2222))
    probe.close()
    wait_for('IPv6 over the link', lambda: subprocess.run(
        ['ip', '-6', 'addr', 'show', 'dev', 'v0', 'tentative'],
        capture_output=True).stdout == b'')
    for name, test in sorted(globals().items()):
        if name.startswith('test_'):
            print(name, flush=True)
            test(gate)
