#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A host to be scanned, and the way to it. What a scanner finds there is
known beforehand.

    scanlab.py PROFILE [COMMAND..]    a shell, or COMMAND, where the client is

The client is the network namespace of whoever calls enter(); the target has
one of its own, the wire (delay and loss) a third. None of them has a name:
they are gone with the processes that live in them, and those end with us.

    10.66.0.1/16   fd66::1/64          the client, v-cli
    10.66.0.2 .. 9 fd66::2 .. fd66::9  the target, v-tgt
    10.67.0.0/22   fd67::/120          routed behind 10.66.0.2 (fd66::2):
                                       of the /22, .1.x and .3.x are silent
    10.66.4.0/22                       on the link: of it 10.66.4.x and
                                       10.66.6.x answer ARP

    none    a veth pair
    rtt20   10 ms each way
    lossy   50 ms and 1 % loss each way
    slow    10 ms each way, 5 Mbit/s, a queue of 32 KiB
    fw      a veth pair, and FIREWALL: most is dropped
    fw20    fw with the wire of rtt20

The kernel's limits for ICMP are what they are by default."""
import errno
import fcntl
import json
import os
import random
import shutil
import socket
import subprocess
import sys

BUILD = os.environ.get('BUILDDIR') or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), '..', '..', 'b')

TCP = [21, 22, 23, 25, 53, 80, 88, 110, 111, 135, 139, 143, 389, 443, 445,
       465, 587, 631, 993, 995, 1433, 1521, 1723, 2049, 3306, 3389, 5060,
       5432, 5900, 5985, 6379, 8080, 8443, 9200, 11211, 25565, 27017, 31337,
       49152, 65535]
UDP = [53, 67, 123, 137, 161, 500, 514, 520, 1900, 5353]
HOST = {4: '10.66.0.2', 6: 'fd66::2'}

WIRE = {'none': None, 'fw': None,
        'rtt20': ['-d', '10000'], 'fw20': ['-d', '10000'],
        'lossy': ['-d', '50000', '-l', '1'],
        'slow': ['-d', '10000', '-r', '5', '-q', '32768']}

FIREWALL = '''
table inet lab {
    chain in {
        type filter hook input priority 0; policy drop;
        iif lo accept
        meta l4proto { icmp, icmpv6 } accept
        ct state established,related accept
        tcp dport { 22, 80, 443, 8080, 25565, 31337, 49152 } accept
        tcp dport { 81-90, 9000-9009 } accept
        tcp dport 10000-10999 reject with tcp reset
        tcp dport 11000-11999 reject with icmpx admin-prohibited
        udp dport { 53, 123, 161 } accept
        udp dport 20000-20999 accept
        udp dport 21000-21999 reject
    }
}
'''
FW_OPEN = {22, 80, 88, 443, 8080, 25565, 31337, 49152}
FW_CLOSED = (set(range(81, 91)) | set(range(9000, 9010)) |
             set(range(10000, 11000))) - FW_OPEN
TOOLS = ('unshare', 'nsenter', 'ip', 'ethtool')


def truth_tcp(profile, listening=TCP):
    """What the target's TCP ports are: a function of the port."""
    listening = set(listening)

    def state(port):
        if not profile.startswith('fw'):
            return 'open' if port in listening else 'closed'
        if port in FW_OPEN:
            return 'open' if port in listening else 'closed'
        return 'closed' if port in FW_CLOSED else 'filtered'
    return state


def skip(why):
    print('skipped:', why)
    sys.exit(77)


def broken(*what):
    print('the lab is broken:', *what)
    sys.exit(99)


def enter(*tools):
    """In fresh namespaces from here on: as root in a network namespace, else
    in a user namespace, too (SOCKDECK_TEST_USERNS=1: always)."""
    if os.environ.get('SOCKDECK_TEST_SCANLAB') != '1':
        for tool in TOOLS + tools:
            if shutil.which(tool) is None:
                skip('no %s here' % tool)
        ways = ['-rnm']
        if os.geteuid() == 0 and not os.environ.get('SOCKDECK_TEST_USERNS'):
            ways.insert(0, '-nm')
        for way in ways:
            if subprocess.run(['unshare', way, 'true'],
                              stderr=subprocess.DEVNULL).returncode == 0:
                os.environ['SOCKDECK_TEST_SCANLAB'] = '1'
                os.execvp('unshare', ['unshare', way, sys.executable] +
                          sys.argv)
        skip('namespaces are not permitted')
    must(['ip', 'link', 'set', 'lo', 'up'])
    sysctl('net.ipv6.conf.all.accept_dad', 0)
    sysctl('net.ipv6.conf.default.accept_dad', 0)


def must(argv, **how):
    out = subprocess.run(argv, capture_output=True, text=True, **how)
    if out.returncode != 0:
        broken(*argv, out.stdout, out.stderr)
    return out.stdout


def sysctl(name, value, inside=()):
    must(list(inside) + ['sh', '-c', 'printf %s "$2" > "$1"', 'sh',
                         '/proc/sys/' + name.replace('.', '/'), str(value)])


def ports_text(ports):
    """[1, 2, 3, 9] -> "1-3,9"."""
    runs = []
    for p in sorted(set(ports)):
        if runs and runs[-1][1] == p - 1:
            runs[-1][1] = p
        else:
            runs.append([p, p])
    return ','.join('%d' % a if a == b else '%d-%d' % (a, b)
                    for a, b in runs)


def worker_of(pid):
    """The pid of the sockdeck-scan below, or None."""
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
            below = [int(x) for x in f.read().split()]
        for child in below:
            with open('/proc/%d/comm' % child) as f:
                if f.read() == 'sockdeck-scan\n':
                    return child
            found = worker_of(child)
            if found:
                return found
    except OSError:
        pass
    return None


def is_running(pid):
    """Not gone, and no zombie either."""
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rpartition(')')[2].split()[0] not in 'ZX'
    except OSError:
        return False


def peak_kb(pid):
    """The most memory it ever had; 0: not known (any more)."""
    try:
        with open('/proc/%d/status' % pid) as f:
            for line in f:
                if line.startswith('VmHWM:'):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


class Process:
    """One that says "ready", answers a line with a line, and ends with us."""

    def __init__(self, argv, inside=()):
        self.name = argv[0]
        self.p = subprocess.Popen(list(inside) + argv, text=True,
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        if self.p.stdout.readline() != 'ready\n':
            broken(*argv, 'did not start')

    def counters(self):
        self.p.stdin.write('?\n')
        self.p.stdin.flush()
        line = self.p.stdout.readline()
        if not line:
            broken(self.name, 'died')
        return json.loads(line)

    def end(self):
        self.p.stdin.close()
        self.p.stdout.close()
        self.p.wait()


class Namespace:
    """A network namespace that lives as long as a process in it."""

    def __init__(self):
        self.process = Process(['sh', '-c', 'echo ready; exec cat'],
                               ['unshare', '-n'])
        self.pid = self.process.p.pid
        self.inside = ['nsenter', '--net=/proc/%d/ns/net' % self.pid]

    def run(self, *argv, **how):
        return must(self.inside + list(argv), **how)

    def ip(self, text):
        self.run('ip', '-batch', '-', input=text)

    def nft(self, rules):
        self.run('nft', '-f', '-', input=rules)

    def sysctl(self, name, value):
        sysctl(name, value, self.inside)

    def end(self):
        self.process.end()


class Here(Namespace):
    """The one we are in."""

    def __init__(self):
        self.inside = []

    def end(self):
        pass


HELD = []       # files that are locked until the end


def neighbours_alone():
    """One table of neighbours serves all namespaces: who sweeps more of them
    than it holds, and who counts on every one, are not at work together."""
    where = os.path.join(os.environ.get('BUILDDIR', '.'), 'tests/netns')
    os.makedirs(where, exist_ok=True)
    HELD.append(open(where + '/neighbours.lock', 'w'))
    fcntl.flock(HELD[-1], fcntl.LOCK_EX)


class Lab:
    """with Lab('lossy') as lab: ..

    tcp, udp: the ports that listen; kinds: more arguments of the target
    program. wire: other arguments of the wire than the profile's."""

    def __init__(self, profile='none', tcp=None, udp=None, kinds=(),
                 wire=None):
        if profile not in WIRE:
            broken(profile, 'is not one of', *WIRE)
        self.profile = profile
        self.tcp = TCP if tcp is None else tcp
        self.udp = UDP if udp is None else udp
        self.link = None
        self.seed = random.SystemRandom().getrandbits(32)
        self.client = Here()
        self.target = Namespace()
        self.middle = None
        wire = WIRE[profile] if wire is None else wire
        try:
            self.connect(wire)
            self.host = self.start(kinds)
            if profile.startswith('fw'):
                self.target.nft(FIREWALL)
            self.wait_until_there()
        except BaseException:
            self.end()
            raise

    def connect(self, wire):
        t = self.target.pid
        self.target.sysctl('net.ipv6.conf.all.accept_dad', 0)
        self.target.sysctl('net.ipv6.conf.default.accept_dad', 0)
        if wire is None:
            self.client.ip('link add v-cli type veth peer name v-tgt '
                           'netns %d\n' % t)
        else:
            self.middle = Namespace()
            m = self.middle.pid
            self.middle.sysctl('net.ipv6.conf.default.disable_ipv6', 1)
            self.client.ip('link add v-cli type veth peer name v-a netns %d\n'
                           % m)
            self.target.ip('link add v-tgt type veth peer name v-b netns %d\n'
                           % m)
            self.middle.ip('link set v-a up\nlink set v-b up\n')
        # A frame is a packet, with its checksum.
        for ns, name in (self.client, 'v-cli'), (self.target, 'v-tgt'):
            ns.run('ethtool', '-K', name, 'tx', 'off', 'sg', 'off', 'tso',
                   'off', 'gso', 'off', 'gro', 'off')
        self.target.ip(
            'link set lo up\nlink set v-tgt up\n' +
            ''.join('addr add 10.66.0.%d/16 dev v-tgt\n'
                    'addr add fd66::%d/64 dev v-tgt nodad\n' % (n, n)
                    for n in range(2, 10)) +
            'route add default via 10.66.0.1\n'
            'route add ::/0 via fd66::1\n'
            'route add local 10.67.0.0/24 dev lo\n'
            'route add local 10.67.2.0/24 dev lo\n'
            'route add blackhole 10.67.1.0/24\n'
            'route add blackhole 10.67.3.0/24\n'
            'route add local 10.66.4.0/24 dev lo\n'
            'route add local 10.66.6.0/24 dev lo\n'
            'route add local fd67::/120 dev lo\n')
        self.client.ip(
            'link set v-cli up\n'
            'addr add 10.66.0.1/16 dev v-cli\n'
            'addr add fd66::1/64 dev v-cli nodad\n'
            'route add default via 10.66.0.2\n'
            'route add fd67::/64 via fd66::2\n')
        if self.middle is not None:
            self.link = Process([BUILD + '/tests/scanlab/wire', '-s',
                                 str(self.seed)] + wire + ['v-a', 'v-b'],
                                self.middle.inside)

    def start(self, kinds=(), here=False):
        """A target program, at the target or where we are."""
        argv = [BUILD + '/tests/scanlab/target'] + list(kinds)
        for letter, ports in ('-t', self.tcp), ('-u', self.udp):
            if ports:
                argv += [letter, ports_text(ports)]
        return Process(argv, [] if here else self.target.inside)

    def wait_until_there(self):
        """A link comes up in its own time, a new address even later."""
        for family, addr in ((socket.AF_INET, HOST[4]),
                             (socket.AF_INET6, HOST[6])):
            for _ in range(300):
                with socket.socket(family, socket.SOCK_STREAM) as s:
                    s.settimeout(0.25)
                    if s.connect_ex((addr, 81)) in (0, errno.ECONNREFUSED):
                        break
            else:
                broken('no way to', addr, self.wire_counters())

    def round_trip(self):
        """One question to the target and its answer, over the same link."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            while True:
                s.sendto(b'are you there?', (HOST[4], self.udp[0]))
                try:
                    s.recv(64)
                    return
                except socket.timeout:
                    continue

    def traffic(self, name='v-cli'):
        """(packets sent, packets received) by the client."""
        with open('/proc/self/net/dev') as f:
            for line in f:
                dev, _, rest = line.partition(':')
                if dev.strip() == name:
                    field = rest.split()
                    return int(field[9]), int(field[1])
        broken('no interface', name)

    def wire_counters(self):
        """Of the wire: {"v-a": {"rx", "tx", "lost", "full", "overrun"}, ..},
        None without one."""
        return self.link.counters() if self.link else None

    def end(self):
        for what in (getattr(self, 'host', None), self.link):
            if what is not None:
                what.end()
        # The rest of a namespace goes in its own time, this at once.
        subprocess.run(['ip', 'link', 'del', 'v-cli'],
                       stderr=subprocess.DEVNULL)
        for ns in self.target, self.middle:
            if ns is not None:
                ns.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in WIRE:
        print('usage: scanlab.py PROFILE [COMMAND..]\nprofiles:', *WIRE)
        sys.exit(2)
    enter()
    with Lab(sys.argv[1]) as lab:
        argv = sys.argv[2:] or [os.environ.get('SHELL', '/bin/sh')]
        try:
            status = subprocess.run(argv).returncode
        except OSError as e:
            broken(argv[0], e.strerror)
        if lab.link:
            print(json.dumps(lab.wire_counters()), file=sys.stderr)
    sys.exit(status)


if __name__ == '__main__':
    main()
