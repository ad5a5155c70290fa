#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every reason for which a port cannot be bound, made for real in a namespace
of our own: `why` must give the right verdict and the right reason.

A case makes its situation on a port of its own and says what is to be in the
answer. WHY_COMPARE=1 prints what ss, lsof and fuser say of the same ports;
WHY_ONLY=NAME runs one case."""
import ctypes
import json
import os
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

import netlib
from netlib import fail, skip, wait_for

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24
CAP_NET_BIND_SERVICE = 10
ROOT = False            # real root: other users' numbers exist
CASES = []
PORT = 20000            # the case's own
WORK = None
CHILDREN = []


class Skip(Exception):
    pass


def case(fn):
    CASES.append(fn)
    return fn


def check(ok, *what):
    if not ok:
        raise AssertionError(' '.join(str(w) for w in what))


# -- situations ---------------------------------------------------------------

def sock(kind=socket.SOCK_STREAM, family=socket.AF_INET, **opt):
    s = socket.socket(family, kind)
    if opt.get('reuseaddr'):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if opt.get('reuseport'):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if 'v6only' in opt:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, opt['v6only'])
    if 'device' in opt:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                     opt['device'].encode())
    return s


def listener(addr, port=None, **opt):
    family = socket.AF_INET6 if ':' in addr else socket.AF_INET
    s = sock(family=family, **opt)
    s.bind((addr, port or PORT))
    s.listen(16)
    return s


def child(fn):
    """fn in a process of its own, which stays until it is told to end; the
    answer is its pid once it says it is ready."""
    r, w = os.pipe()
    stay_r, stay_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(r)
        os.close(stay_w)
        for _, other in CHILDREN:
            os.close(other)
        try:
            keep = fn()
            os.write(w, b'.')
            os.read(stay_r, 1)
            del keep
        finally:
            os._exit(0)
    os.close(w)
    os.close(stay_r)
    if os.read(r, 1) != b'.':
        fail('a helper did not start')
    os.close(r)
    CHILDREN.append((pid, stay_w))
    return pid


def end_children():
    while CHILDREN:
        pid, stay = CHILDREN.pop()
        os.close(stay)
        os.waitpid(pid, 0)


def sysctl(name, value):
    path = '/proc/sys/net/ipv4/' + name
    try:
        with open(path, 'r+') as f:
            old = f.read()
            f.seek(0)
            f.write(value + '\n')
            f.flush()
    except OSError as e:
        raise Skip('%s: %s' % (path, e))
    return old.strip()


def state(port, want, peer=False):
    side = 'dport' if peer else 'sport'

    def there():
        out = subprocess.run(['ss', '-tanH', '%s = :%d' % (side, port)],
                             capture_output=True, text=True).stdout
        return any(line.split()[0] == want for line in out.splitlines())
    wait_for('%s on %d' % (want, port), there)


# -- the answer ---------------------------------------------------------------

class Answer:
    def __init__(self, args, prepare=None, **how):
        if os.environ.get('WHY_COMPARE'):
            compare(args)
        out = subprocess.run(
            [netlib.SOCKDECK, 'why', '--json'] + args, capture_output=True,
            text=True, stdin=subprocess.DEVNULL, preexec_fn=prepare, **how)
        self.rc = out.returncode
        self.err = out.stderr
        if not out.stdout:
            raise AssertionError('no answer: status %d, %s' %
                                 (out.returncode, out.stderr))
        self.doc = json.loads(out.stdout)
        self.reasons = self.doc['reasons']

    def verdict(self, verdict, rc):
        check(self.doc['verdict'] == verdict and self.rc == rc,
              'verdict', self.doc['verdict'], 'status', self.rc, 'instead of',
              verdict, rc, '\n', json.dumps(self.doc, indent=1))
        check(not self.doc['disagrees'], 'disagrees with itself',
              json.dumps(self.doc, indent=1))
        return self

    def reason(self, kind, role, *words):
        found = [r for r in self.reasons
                 if r['kind'] == kind and r['role'] == role]
        check(found, 'no', role, kind, 'in', [(r['kind'], r['role'], r['text'])
                                              for r in self.reasons])
        for r in found:
            if all(w in json.dumps(r) for w in words):
                check(r['rule'] and r['source'], 'no rule for', kind)
                return r
        check(False, words, 'not in', found)

    def no(self, *kinds):
        for r in self.reasons:
            check(r['kind'] not in kinds, r['kind'], 'is not true:', r)
        return self

    def holders(self):
        return [r for r in self.reasons if r['role'] == 'holder']

    def tried(self, addr, v6only=None):
        for t in self.doc['namespaces'][0]['tries']:
            if t['addr'] == addr and v6only in (None, t.get('v6only')):
                return t['plain']['ok']
        check(False, addr, 'was not tried')


def why(what=None, *args, **how):
    return Answer([str(PORT if what is None else what)] + list(args), **how)


def me(r):
    return [o['pid'] for o in r['owners']]


# -- cases: holders -----------------------------------------------------------

@case
def free_port():
    a = why().verdict('can-be-bound', 0)
    check(not a.holders(), a.reasons)
    check(a.tried('0.0.0.0') and a.tried('::', True) and a.tried('::', False))


@case
def exact_holder():
    with listener('127.0.0.1') as s:
        a = why('127.0.0.1:%d' % PORT).verdict('held', 1)
        r = a.reason('listener', 'holder', '127.0.0.1:%d' % PORT,
                     'SO_REUSEADDR off')
        check(me(r) == [os.getpid()], r)
        check('127.0.0.1' in a.doc['summary'], a.doc['summary'])
        command = r['commands'][0]['command']
        check(command.startswith('sockdeck kill ') and
              'pid=%d' % os.getpid() in command, command)
        s.close()
    why('127.0.0.1:%d' % PORT).verdict('can-be-bound', 0)


@case
def wildcard_against_address():
    with listener('0.0.0.0'):
        a = why('10.0.0.1:%d' % PORT).verdict('held', 1)
        a.reason('listener-wildcard', 'holder', '0.0.0.0:%d' % PORT)


@case
def address_against_wildcard():
    with listener('127.0.0.1'):
        a = why().verdict('partly', 1)
        a.reason('listener-address', 'holder', '127.0.0.1:%d' % PORT)
        check('can be bound for IPv6 alone: ' in a.doc['summary'],
              a.doc['summary'])
        check(not a.tried('0.0.0.0') and a.tried('::', True), a.doc)
        check(a.tried('10.0.0.1') and not a.tried('127.0.0.1'), a.doc)
        a = why('10.0.0.1:%d' % PORT).verdict('can-be-bound', 0)
        a.reason('other-address', 'note', '127.0.0.1:%d' % PORT)


@case
def dual_stack():
    with listener('::', v6only=0):
        a = why('127.0.0.1:%d' % PORT).verdict('held', 1)
        a.reason('dual-stack', 'holder', '[::]:%d' % PORT, 'IPV6_V6ONLY off')
        why().verdict('held', 1).reason('dual-stack', 'holder')


@case
def v6only():
    with listener('::', v6only=1):
        a = why('0.0.0.0:%d' % PORT).verdict('can-be-bound', 0)
        a.reason('v6only', 'note', '[::]:%d' % PORT)
        a = why().verdict('partly', 1)
        check('can be bound for IPv4 alone: ' in a.doc['summary'],
              a.doc['summary'])
        check(a.tried('0.0.0.0') and not a.tried('::', True), a.doc)
        r = a.reason('listener', 'holder', 'IPv6 alone', 'IPV6_V6ONLY on')
        check(len(a.holders()) == 1 and me(r) == [os.getpid()], a.reasons)


@case
def mapped_address():
    with listener('::ffff:127.0.0.1', v6only=0):
        a = why('127.0.0.1:%d' % PORT).verdict('held', 1)
        a.reason('listener', 'holder')
        why('10.0.0.1:%d' % PORT).verdict('can-be-bound', 0).reason(
            'other-address', 'note')
        a = why('[::1]:%d' % PORT).verdict('can-be-bound', 0)


@case
def reuseaddr_does_not_share_a_listener():
    with listener('0.0.0.0', reuseaddr=True):
        a = why('0.0.0.0:%d' % PORT).verdict('held', 1)
        a.reason('listener', 'holder', 'SO_REUSEADDR on')
        t = a.doc['namespaces'][0]['tries'][0]
        check(not t['reuseaddr']['ok'], t)
        a.no('reuseaddr-helps')


@case
def all_holders():
    s = listener('0.0.0.0')
    pids = [child(lambda: None) for _ in range(3)]
    a = why().verdict('partly', 1)
    r = a.holders()[0]
    check(sorted(me(r)) == sorted(pids + [os.getpid()]), r, pids)
    check('3 more processes' in r['text'], r['text'])
    s.close()
    end_children()


@case
def reuseport_same_user():
    with listener('0.0.0.0', reuseport=True):
        a = why('0.0.0.0:%d' % PORT).verdict('held', 1)
        a.reason('listener', 'holder', 'SO_REUSEPORT on')
        a.reason('reuseport', 'note')
        a.no('reuseport-user')


@case
def reuseport_other_user():
    if not ROOT:
        raise Skip('no other user here')

    def other():
        os.setgid(65534)
        os.setuid(65534)
        return listener('0.0.0.0', reuseport=True)
    pid = child(other)
    a = why('0.0.0.0:%d' % PORT).verdict('held', 1)
    r = a.reason('listener', 'holder', 'SO_REUSEPORT on')
    check(me(r) == [pid], r)
    a.reason('reuseport-user', 'note', 'you are user 0')
    a.no('reuseport')
    end_children()


@case
def bound():
    with sock() as s:
        s.bind(('127.0.0.1', PORT))
        a = why('127.0.0.1:%d' % PORT).verdict('held', 1)
        r = a.reason('bound', 'holder', 'without listening')
        check(me(r) == [os.getpid()], r)
        a.reason('reuseaddr-no-help', 'note')
    with sock(reuseaddr=True) as s:
        s.bind(('127.0.0.1', PORT))
        a = why('127.0.0.1:%d' % PORT).verdict('with-reuseaddr-only', 1)
        a.reason('bound', 'holder', 'SO_REUSEADDR on')
        a.reason('reuseaddr-helps', 'note')


def talk(reuse, port):
    """A listener, both ends of a connection."""
    s = listener('127.0.0.1', port, reuseaddr=reuse)
    c = sock()
    c.connect(('127.0.0.1', port))
    a, _ = s.accept()
    return s, c, a


@case
def time_wait():
    s, c, a = talk(True, PORT)
    a.close()               # the server's end first: it keeps the port
    c.close()
    s.close()
    state(PORT, 'TIME-WAIT')
    ans = why().verdict('with-reuseaddr-only', 1)
    r = ans.reason('time-wait', 'holder', 'TIME-WAIT', 'over in')
    check(0 < r['over_in_ms'] <= 60000 and r['owners'] == [], r)
    seconds = -(-r['over_in_ms'] // 1000)
    check(r['commands'][0]['command'].split()[1:] == [str(seconds)], r)
    ans.reason('reuseaddr-helps', 'note')
    with listener('127.0.0.1', reuseaddr=True):
        pass                # and so it does


@case
def time_wait_without_reuse():
    s, c, a = talk(False, PORT)
    a.close()
    c.close()
    s.close()
    state(PORT, 'TIME-WAIT')
    ans = why('127.0.0.1:%d' % PORT).verdict('held', 1)
    ans.reason('time-wait', 'holder', 'over in')
    ans.reason('reuseaddr-no-help', 'note')
    try:
        listener('127.0.0.1', reuseaddr=True).close()
        check(False, 'SO_REUSEADDR did help')
    except OSError:
        pass


@case
def fin_wait_orphan():
    s, c, a = talk(True, PORT)
    a.close()               # the client does not close: FIN-WAIT-2, nobody's
    s.close()
    state(PORT, 'FIN-WAIT-2')
    ans = why().verdict('with-reuseaddr-only', 1)
    r = ans.reason('closing', 'holder', 'FIN-WAIT-2', 'no process any more')
    check(r['owners'] == [], r)
    c.close()


@case
def left_over_connection():
    s, c, a = talk(False, PORT)
    s.close()
    ans = why('127.0.0.1:%d' % PORT).verdict('held', 1)
    r = ans.reason('connection', 'holder', 'ESTABLISHED')
    check(me(r) == [os.getpid()], r)
    ans.reason('reuseaddr-no-help', 'note')
    a.close()
    c.close()


@case
def clients_are_apart():
    s, c, a = talk(True, PORT)

    def client():
        for x in (s, c, a):
            x.close()
        return socket.create_connection(('127.0.0.1', PORT))
    pid = child(client)
    b, _ = s.accept()
    ans = why('127.0.0.1:%d' % PORT).verdict('held', 1)
    check(ans.reasons[0]['kind'] == 'listener' and
          me(ans.reasons[0]) == [os.getpid()], ans.reasons)
    ans.reason('accepted', 'holder', '2 connections')
    clients = [r for r in ans.reasons if r['role'] == 'client']
    check([pid] in [me(r) for r in clients], clients)
    check(ans.reasons[-1]['role'] == 'client', ans.reasons[-1])
    check(all(r['commands'] == [] for r in clients), clients)
    for x in (a, b, c, s):
        x.close()
    end_children()


@case
def ephemeral_client():
    old = sysctl('ip_local_port_range', '%d %d' % (PORT, PORT + 1))
    try:
        with listener('127.0.0.1', 443):
            c = sock()
            c.connect(('127.0.0.1', 443))
            port = c.getsockname()[1]
            check(port in (PORT, PORT + 1), port)
            a = why('127.0.0.1:%d' % port).verdict('held', 1)
            r = a.reason('ephemeral-client', 'holder', 'by chance',
                         '127.0.0.1:443')
            check(me(r) == [os.getpid()], r)
            check('ip_local_reserved_ports=%d' % port in json.dumps(r), r)
            c.close()
    finally:
        sysctl('ip_local_port_range', old)


@case
def ephemeral_range():
    a = why(40404).verdict('can-be-bound', 0)
    a.reason('ephemeral-range', 'note', 'ip_local_port_range')


@case
def reserved():
    old = sysctl('ip_local_reserved_ports', '%d-%d' % (PORT, PORT + 2))
    try:
        why().verdict('can-be-bound', 0).reason('reserved', 'note')
        a = why(40404)
        r = a.reason('ephemeral-range', 'note')
        check('=%d-%d,40404' % (PORT, PORT + 2) in json.dumps(r), r)
    finally:
        sysctl('ip_local_reserved_ports', old or '')


# -- cases: rights and addresses ----------------------------------------------

def without_capability():
    if LIBC.prctl(PR_CAPBSET_DROP, CAP_NET_BIND_SERVICE, 0, 0, 0) != 0:
        os._exit(99)


@case
def privileged():
    a = why(880, prepare=without_capability).verdict('not-permitted', 3)
    a.reason('privileged', 'obstacle', 'ip_unprivileged_port_start = 1024')
    with listener('0.0.0.0', 880):
        a = why(880, prepare=without_capability).verdict('held', 1)
        a.reason('privileged', 'obstacle')
        a.reason('listener', 'holder')
    a = why(880).verdict('can-be-bound', 0)
    a.reason('privileged', 'note')
    old = sysctl('ip_unprivileged_port_start', '880')
    try:
        why(880, prepare=without_capability).verdict('can-be-bound', 0) \
            .no('privileged')
    finally:
        sysctl('ip_unprivileged_port_start', old)


@case
def not_local():
    a = why('192.0.2.7:%d' % PORT).verdict('cannot-be-bound', 1)
    a.reason('not-local', 'obstacle', '192.0.2.7', '10.0.0.1', 'lo')
    a = why('[2001:db8:7::7]:%d' % PORT).verdict('cannot-be-bound', 1)
    a.reason('not-local', 'obstacle', '2001:db8::1')


@case
def nonlocal_bind():
    old = sysctl('ip_nonlocal_bind', '1')
    try:
        a = why('192.0.2.7:%d' % PORT).verdict('can-be-bound', 0)
        a.reason('not-local', 'note', 'ip_nonlocal_bind')
    finally:
        sysctl('ip_nonlocal_bind', old)


@case
def link_local_without_interface():
    a = why('[fe80::1]:%d' % PORT)
    a.verdict('cannot-be-bound', 1).reason('no-device', 'obstacle')


@case
def policy():
    """Landlock forbids to bind TCP ports."""
    def forbid():
        attr = struct.pack('QQ', 0, 1)      # LANDLOCK_ACCESS_NET_BIND_TCP
        fd = LIBC.syscall(444, attr, len(attr), 0)
        if fd < 0 or LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or \
                LIBC.syscall(446, fd, 0) != 0:
            os._exit(99)
    if LIBC.syscall(444, None, 0, 1) < 4:
        raise Skip('no Landlock for the network')
    a = why(prepare=forbid).verdict('not-permitted', 3)
    a.reason('policy', 'obstacle', 'refused')
    a.no('privileged')


@case
def other_device():
    if subprocess.run('ip link add name w0 type veth peer name w1'.split(),
                      stderr=subprocess.DEVNULL).returncode:
        raise Skip('no veth')
    try:
        with listener('0.0.0.0', device='w0'):
            a = why('*%%w1:%d' % PORT).verdict('can-be-bound', 0)
            a.reason('other-device', 'note', 'w0')
            why('*%%w0:%d' % PORT).verdict('partly', 1).reason(
                'listener', 'holder')
            why('0.0.0.0:%d' % PORT).verdict('held', 1)
        a = why('*%%nosuch:%d' % PORT).verdict('cannot-be-bound', 1)
        a.reason('no-device', 'obstacle')
    finally:
        subprocess.run('ip link del w0'.split())


# -- cases: UDP ---------------------------------------------------------------

@case
def udp_holder():
    with sock(socket.SOCK_DGRAM) as s:
        s.bind(('0.0.0.0', PORT))
        a = why('0.0.0.0:%d/udp' % PORT).verdict('held', 1)
        r = a.reason('udp', 'holder', 'UDP')
        check(me(r) == [os.getpid()], r)
        check('state=UNCONNECTED' in r['commands'][0]['command'], r)
        a = why().verdict('can-be-bound', 0)
        a.reason('other-protocol', 'note', 'udp')


@case
def udp_multicast_shares():
    with sock(socket.SOCK_DGRAM, reuseaddr=True) as s:
        s.bind(('0.0.0.0', PORT))
        a = why('0.0.0.0:%d/udp' % PORT).verdict('held', 1)
        a.reason('reuseaddr-shares', 'note')
        with sock(socket.SOCK_DGRAM, reuseaddr=True) as t:
            t.bind(('0.0.0.0', PORT))       # and so it does
            a = why('224.0.0.251:%d/udp' % PORT)
            a.verdict('held', 1)
            check(a.holders()[0]['sockets'] == 2, a.holders())


@case
def udp_connected():
    with sock(socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', PORT))
        s.connect(('127.0.0.1', 9))
        a = why('127.0.0.1:%d/udp' % PORT).verdict('held', 1)
        a.reason('udp-connected', 'holder', '127.0.0.1:9')


# -- cases: others ------------------------------------------------------------

@case
def other_namespace():
    def there():
        if LIBC.unshare(0x40000000) != 0:
            raise Skip('no second namespace')
        subprocess.run('ip link set lo up'.split(), check=True)
        return listener('0.0.0.0')
    pid = child(there)
    a = why().verdict('can-be-bound', 0)
    r = a.reason('other-namespace', 'note', 'namespace')
    check(me(r) == [pid], r)
    a = why(None, '-N', 'all').verdict('partly', 1)
    check(sorted(n['verdict'] for n in a.doc['namespaces']) ==
          ['can-be-bound', 'partly'], a.doc['namespaces'])
    a = why(None, '-N', str(pid)).verdict('partly', 1)
    command = first_command(a, 'listener', 'sockdeck kill')
    check('-N %d ' % pid in command, command)
    check(' in pid %d (' % pid in a.doc['summary'], a.doc['summary'])
    a = why('192.0.2.7:%d' % (PORT + 1), '-N', str(pid))
    r = a.reason('not-local', 'obstacle')
    run_command(r['commands'][0]['command'])
    why('192.0.2.7:%d' % (PORT + 1), '-N', str(pid)).verdict('can-be-bound', 0)
    why('192.0.2.7:%d' % (PORT + 1)).verdict('cannot-be-bound', 1)
    netns = os.readlink('/proc/%d/ns/net' % pid)
    why(None, '-N', netns).verdict('partly', 1)
    run_command(command)
    why(None, '-N', 'all').verdict('can-be-bound', 0)
    end_children()


def named_process(name, args, code):
    """A python3 that the kernel and ps call by another name."""
    path = os.path.join(WORK, name)
    if not os.path.exists(path):
        shutil.copy(sys.executable, path)
    script = os.path.join(WORK, 'script.py')
    with open(script, 'w') as f:
        f.write(code)
    p = subprocess.Popen([path, script] + args, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE,
                         env=dict(os.environ, PYTHONHOME=sys.base_prefix))
    if p.stdout.readline().strip() != b'ready':
        fail(name, 'did not start')
    return p


@case
def docker_proxy():
    """Its name and arguments as Docker starts it, and behind its address a
    namespace whose process is in a container's cgroup."""
    proxy = named_process(
        'docker-proxy', ['-proto', 'tcp', '-host-ip', '0.0.0.0', '-host-port',
                         str(PORT), '-container-ip', '172.31.7.2',
                         '-container-port', '80'],
        'import socket, sys\n'
        's = socket.socket()\ns.bind(("0.0.0.0", %d))\ns.listen()\n'
        'print("ready", flush=True)\nsys.stdin.read()\n' % PORT)
    cid = '0123456789ab' + 'c' * 52
    cgroup = os.path.join(WORK, 'cgroup')
    os.makedirs(cgroup, exist_ok=True)
    inside = None
    if subprocess.run(['mount', '-t', 'cgroup2', 'none', cgroup],
                      stderr=subprocess.DEVNULL).returncode == 0:
        inside = os.path.join(cgroup, 'docker-%s.scope' % cid)
        try:
            os.mkdir(inside)
        except OSError:
            inside = None

    def container():
        if inside:
            with open(inside + '/cgroup.procs', 'w') as f:
                f.write('0\n')
        if LIBC.unshare(0x40000000) != 0:
            raise Skip('no second namespace')
        subprocess.run('ip link set lo up'.split(), check=True)
        subprocess.run('ip addr add 172.31.7.2/32 dev lo'.split(), check=True)
    child(container)
    try:
        a = why().verdict('partly', 1)
        r = a.reason('docker-proxy', 'holder', '172.31.7.2:80')
        check(me(r) == [proxy.pid], r)
        command = r['commands'][0]['command']
        check(command == ('docker stop 0123456789ab' if inside else
                          'docker ps --filter publish=%d/tcp' % PORT), r)
        check('sockdeck kill' not in json.dumps(r), r)
    finally:
        end_children()      # which has proxy's pipe, too
        proxy.stdin.close()
        proxy.wait()
        if inside:
            os.rmdir(inside)
        subprocess.run(['umount', cgroup], stderr=subprocess.DEVNULL)


@case
def podman():
    """conmon holds a container's port."""
    cid = 'fedcba987654' + '0' * 52
    p = named_process(
        'conmon', ['-c', cid],
        'import socket, sys\n'
        's = socket.socket()\ns.bind(("127.0.0.1", %d))\ns.listen()\n'
        'print("ready", flush=True)\nsys.stdin.read()\n' % PORT)
    a = why('127.0.0.1:%d' % PORT).verdict('held', 1)
    r = a.reason('docker-proxy', 'holder', 'container podman:fedcba987654')
    check(r['commands'][0]['command'] == 'podman stop fedcba987654', r)
    p.stdin.close()
    p.wait()


@case
def supervised():
    """A child of runit's: killed, it would be started again."""
    parent = named_process(
        'runsv', ['shop'],
        'import os, socket, sys\n'
        'if os.fork() == 0:\n'
        '    s = socket.socket()\n    s.bind(("127.0.0.1", %d))\n'
        '    s.listen()\n    print("ready", flush=True)\n'
        '    sys.stdin.read()\n'
        '    os._exit(0)\n'
        'os.wait()\n' % PORT)
    a = why('127.0.0.1:%d' % PORT).verdict('held', 1)
    r = a.reason('listener', 'holder')
    check(r['commands'][0]['command'] == 'sv down shop', r)
    parent.stdin.close()
    parent.wait()


@case
def systemd_socket():
    """Process 1 is called systemd and listens; the unit file says for whom."""
    if os.getpid() != 1:
        raise Skip('no namespace for processes')
    if subprocess.run('mount -t tmpfs none /run'.split(),
                      stderr=subprocess.DEVNULL).returncode:
        raise Skip('/run cannot be mounted over')
    units = '/run/systemd/system'
    os.makedirs(units)
    with open(units + '/other.socket', 'w') as f:
        f.write('[Socket]\nListenStream=%d\n' % (PORT + 1))
    with open(units + '/shop.socket', 'w') as f:
        f.write('[Socket]\nListenStream=127.0.0.1:%d\n' % PORT)
    with open('/proc/self/comm', 'w') as f:
        f.write('systemd')
    try:
        with listener('127.0.0.1'):
            a = why('127.0.0.1:%d' % PORT).verdict('held', 1)
            r = a.reason('systemd-socket', 'holder', 'shop.socket')
            check(r['commands'][0]['command'] == 'systemctl stop shop.socket',
                  r)
    finally:
        with open('/proc/self/comm', 'w') as f:
            f.write('python3')
        subprocess.run('umount /run'.split())


def nft(*rules):
    if shutil.which('nft') is None:
        raise Skip('no nft')
    text = 'table ip t {\n%s\n}\n' % '\n'.join(rules)
    if subprocess.run(['nft', '-f', '-'], input=text, text=True,
                      stderr=subprocess.DEVNULL).returncode:
        raise Skip('no NAT here')


def flush():
    subprocess.run('nft flush ruleset'.split())


@case
def nft_redirect():
    nft('chain pre {', 'type nat hook prerouting priority -100;',
        'tcp dport %d redirect to :9090 comment "\u202e\x1b[31m"' % PORT,
        '}')
    try:
        a = why().verdict('can-be-bound', 0)
        r = a.reason('redirect', 'obstacle', 'port 9090',
                     'what comes from other machines')
        check('redirect' in a.doc['summary'] or '9090' in a.doc['summary'],
              a.doc['summary'])
        check('\x1b' not in r['evidence'] and '\u202e' not in r['evidence'],
              r['evidence'])
        command = r['commands'][0]['command']
        why(PORT + 1).verdict('can-be-bound', 0).no('redirect')
        why('127.0.0.1:%d' % PORT).verdict('can-be-bound', 0).no('redirect')
        why('%d/udp' % PORT).verdict('can-be-bound', 0).no('redirect')
        # The command it names removes it.
        subprocess.run(command.split(), check=True)
        why().verdict('can-be-bound', 0).no('redirect')
    finally:
        flush()


@case
def nft_dnat_by_ways():
    nft('chain web {',
        'ip protocol tcp ip saddr 10.0.0.0/8 dnat to 10.9.9.9:8000', '}',
        'chain pre {', 'type nat hook prerouting priority -100;',
        'ip daddr 10.0.0.1 tcp dport vmap { %d : jump web, 7 : accept }'
        % PORT,
        'tcp dport { %d, %d-%d } dnat to 10.9.9.8' % (
            PORT + 1, PORT + 4, PORT + 6), '}',
        'chain out {', 'type nat hook output priority -100;',
        'ip daddr 203.0.113.5 tcp dport %d dnat to 10.9.9.7' % (PORT + 2),
        '}')
    try:
        a = why('10.0.0.1:%d' % PORT).verdict('can-be-bound', 0)
        a.reason('redirect', 'obstacle', '10.9.9.9:8000', 'conditions')
        why('127.0.0.1:%d' % PORT).no('redirect')
        for port in (PORT + 1, PORT + 5):
            why(port).verdict('can-be-bound', 0).reason(
                'redirect', 'obstacle', 'sends', '10.9.9.8')
        # To another machine's port: none of ours.
        why(PORT + 2).verdict('can-be-bound', 0).no('redirect')
        why(PORT + 3).verdict('can-be-bound', 0).no('redirect')
    finally:
        flush()


@case
def iptables_redirect():
    if shutil.which('iptables') is None or shutil.which('iptables-save') \
            is None:
        raise Skip('no iptables')
    rule = ['-p', 'tcp', '-m', 'tcp', '--dport', str(PORT), '-j', 'REDIRECT',
            '--to-ports', '9090']
    if subprocess.run(['iptables', '-w', '-t', 'nat', '-A', 'PREROUTING'] +
                      rule, stderr=subprocess.DEVNULL).returncode:
        raise Skip('no NAT here')
    try:
        a = why().verdict('can-be-bound', 0)
        r = a.reason('redirect', 'obstacle', 'port 9090', 'iptables')
        why(PORT + 1).verdict('can-be-bound', 0).no('redirect')
        subprocess.run(r['commands'][0]['command'].split(), check=True)
        why().verdict('can-be-bound', 0).no('redirect')
    finally:
        subprocess.run('iptables -t nat -F'.split())
        if shutil.which('nft'):
            flush()


@case
def kernel_holder():
    """A tunnel of the kernel's has a UDP port that no process holds."""
    if subprocess.run(
            ('ip link add vx9 type vxlan id 9 local 127.0.0.1 dev lo dstport '
             '%d' % PORT).split(), stderr=subprocess.DEVNULL).returncode:
        raise Skip('no VXLAN')
    try:
        subprocess.run('ip link set vx9 up'.split(), check=True)
        a = why('127.0.0.1:%d/udp' % PORT).verdict('held', 1)
        r = a.holders()[0]
        check(r['owners'] == [], r)
        check('kernel itself' in r['text'] or not ROOT, r)
    finally:
        subprocess.run('ip link del vx9'.split())


# -- cases: what is advised frees the port -------------------------------------

def run_command(command):
    """As the user would, but yes is said beforehand."""
    words = shlex.split(command)
    if words[0] == 'sockdeck':
        words = [netlib.SOCKDECK, words[1], '-y'] + words[2:]
    out = subprocess.run(words, capture_output=True, text=True,
                         stdin=subprocess.DEVNULL)
    check(out.returncode == 0, command, out.returncode, out.stdout, out.stderr)


def first_command(a, kind, verb):
    r = a.reason(kind, 'holder')
    for c in r['commands']:
        if c['command'].startswith(verb):
            return c['command']
    check(False, 'no', verb, 'in', r)


@case
def kill_frees_it():
    for opt, ask, kind in (({}, '127.0.0.1:%d', 'listener'),
                           ({'udp': 1}, '127.0.0.1:%d/udp', 'udp'),
                           ({'bound': 1}, '127.0.0.1:%d', 'bound')):
        def holder():
            s = sock(socket.SOCK_DGRAM if 'udp' in opt else
                     socket.SOCK_STREAM)
            s.bind(('127.0.0.1', PORT))
            if not opt:
                s.listen()
            return s
        child(holder)
        a = why(ask % PORT).verdict('held', 1)
        run_command(first_command(a, kind, 'sockdeck kill'))
        why(ask % PORT).verdict('can-be-bound', 0)
        end_children()


@case
def close_frees_it():
    def ask(kind):
        a = why('127.0.0.1:%d' % PORT)
        run_command(first_command(a, kind, 'sockdeck close'))
        why('127.0.0.1:%d' % PORT).verdict('can-be-bound', 0)
    s, c, a = talk(True, PORT)
    a.close()
    s.close()
    state(PORT, 'FIN-WAIT-2')
    ask('closing')
    c.close()
    s, c, a = talk(False, PORT)
    s.close()
    ask('connection')
    a.close()
    c.close()
    s, c, a = talk(False, PORT)
    a.close()
    c.close()
    s.close()
    state(PORT, 'TIME-WAIT')
    ask('time-wait')


@case
def settings_free_it():
    if shutil.which('sysctl') is None:
        raise Skip('no sysctl')
    with listener('127.0.0.1', 443):
        a = why(881, prepare=without_capability)
        r = a.reason('privileged', 'obstacle')
        old = sysctl('ip_unprivileged_port_start', '1024')
        run_command([c['command'] for c in r['commands']
                     if c['command'].startswith('sysctl')][0])
        why(881, prepare=without_capability).verdict('can-be-bound', 0)
        sysctl('ip_unprivileged_port_start', old)
        a = why('192.0.2.7:%d' % PORT)
        r = a.reason('not-local', 'obstacle')
        run_command(r['commands'][0]['command'])
        why('192.0.2.7:%d' % PORT).verdict('can-be-bound', 0)
        sysctl('ip_nonlocal_bind', '0')


# -- cases: words -------------------------------------------------------------

@case
def ways_to_ask():
    with listener('127.0.0.1', 22):
        for what in ('127.0.0.1:22', '127.0.0.1:ssh', '127.0.0.1:22/tcp',
                     '127.0.0.1:SSH/TCP'):
            a = why(what)
            check(a.doc['port'] == 22 and a.doc['verdict'] == 'held', what,
                  a.doc)
        for what in ('ssh', ':ssh', ':22', '*:22', '22/tcp'):
            a = why(what)
            check(a.doc['port'] == 22 and a.doc['verdict'] == 'partly', what)
        check(why('localhost:22').doc['verdict'] in ('partly', 'held'))
        check(why('[::1]:22').doc['verdict'] == 'can-be-bound')
        check(why('53', '-u').doc['proto'] == 'udp')
    for wrong in ('', '0', '65536', '-1', '8080x', '::1:80', '[::1]', '[::1:8',
                  '80/sctp', 'nosuchservice', 'no.such.host.:80',
                  '127.0.0.1%:80', 'x' * 400, '80 81'):
        out = netlib.run(['why', '--', wrong])
        check(out.returncode == 2 and out.stderr.startswith('sockdeck: ') and
              out.stdout == '', wrong, out.returncode, out.stderr)
    for args in ([], ['80', '81'], ['-tu', '80'], ['--from', 'x', '80']):
        out = netlib.run(['why'] + args)
        check(out.returncode == 2, args, out.stderr)
    out = netlib.run(['why', '-N', 'nosuch', '80'])
    check(out.returncode == 4 and 'nosuch' in out.stderr, out)


@case
def plain_words():
    """The first line is the verdict; nothing is wider than it must be."""
    with listener('127.0.0.1'):
        out = netlib.run(['why', '127.0.0.1:%d' % PORT])
        first = out.stdout.splitlines()[0]
        check(first.startswith('127.0.0.1:%d/tcp cannot be bound: ' % PORT),
              first)
        for line in out.stdout.splitlines():
            check(len(line) < 80 or 'Command' in line, line)
        check('\n\nWhat holds it\n' in out.stdout, out.stdout)
    out = netlib.run(['why', str(PORT)])
    check(out.stdout.startswith('%d/tcp can be bound.\n' % PORT), out.stdout)


@case
def nothing_is_taken():
    """Who asks all the time costs a server that starts nothing: what we hold
    for a moment is let go."""
    asking = subprocess.Popen(
        ['sh', '-c', 'while :; do "$0" why %d >/dev/null; done' % PORT,
         netlib.SOCKDECK])
    try:
        with sock(reuseaddr=True) as s:
            def bound_now():
                try:
                    s.bind(('127.0.0.1', PORT))
                    return True
                except OSError:
                    return False
            wait_for('a moment to bind in', bound_now)
            s.listen()
            for _ in range(50):
                with socket.create_connection(('127.0.0.1', PORT)) as c:
                    a, _ = s.accept()
                    a.sendall(b'x')
                    check(c.recv(1) == b'x')
                    c.close()
                    a.close()
    finally:
        asking.kill()
        asking.wait()


# -- running them -------------------------------------------------------------

def compare(args):
    """What the other tools have to say of the port."""
    print('-- why', *args)
    for cmd in ('ss -Htulnp sport = :%d' % PORT, 'ss -Htuanp sport = :%d' % PORT,
                'lsof -nP -i :%d' % PORT, 'lsof -ti :%d' % PORT,
                'fuser %d/tcp' % PORT):
        out = subprocess.run(cmd.split(), capture_output=True, text=True)
        print('   %-12s %r' % (cmd.split()[0] + ' ' + cmd.split()[1],
                               out.stdout.strip()[:200]))


def enter():
    """Namespaces for the network, mounts and processes; as real root without
    one for users, so that there are others."""
    global ROOT
    if os.environ.get('SOCKDECK_TEST_NETNS') != '1':
        for flags, root in (('-nmpf', '1'), ('-rnmpf', '0')):
            flags = [flags, '--mount-proc']
            if root == '1' and os.geteuid() != 0:
                continue
            if subprocess.run(['unshare', *flags, 'true'],
                              stderr=subprocess.DEVNULL).returncode == 0:
                os.environ['SOCKDECK_TEST_NETNS'] = '1'
                os.environ['SOCKDECK_TEST_ROOT'] = root
                os.execvp('unshare', ['unshare', *flags, sys.executable] +
                          sys.argv)
        skip('namespaces are not permitted')
    ROOT = os.environ['SOCKDECK_TEST_ROOT'] == '1'
    netlib.enter()


def main():
    global PORT, WORK
    for tool in ('ss', 'ip', 'unshare'):
        if shutil.which(tool) is None:
            skip(tool + ' is not there')
    enter()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    WORK = tempfile.mkdtemp()
    os.chmod(WORK, 0o755)
    only = os.environ.get('WHY_ONLY')
    right = skipped = 0
    wrong = []
    try:
        for fn in CASES:
            PORT += 20
            if only and fn.__name__ != only:
                continue
            try:
                fn()
                right += 1
            except Skip as e:
                skipped += 1
                print('%s: not tried: %s' % (fn.__name__, e))
            except (AssertionError, OSError) as e:
                wrong.append(fn.__name__)
                print('WRONG: %s: %s' % (fn.__name__, e))
            end_children()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    print('%d of %d cases right%s' % (
        right, right + len(wrong),
        ', %d not tried' % skipped if skipped else ''))
    sys.exit(1 if wrong else 0)


main()
