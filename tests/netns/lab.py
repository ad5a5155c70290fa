#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every lesson, step by step: the kernel's sockets in the lab's namespaces,
as ss tells them, are in the states that the step promises; every state there
is occurs; nothing is left afterwards, however the lab ends."""
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

SOCKDECK = os.environ.get('SOCKDECK', 'sockdeck')
NOBODY = 65534
STATES = {'ESTAB': 'ESTABLISHED', 'SYN-RECV': 'SYN-RECEIVED',
          'UNCONN': 'UNCONNECTED'}
EVERY_STATE = {'LISTEN', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED',
               'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING',
               'LAST-ACK', 'TIME-WAIT', 'BOUND', 'UNCONNECTED', 'CONNECTED'}
seen = set()


def skip(why):
    print('skipped:', why)
    sys.exit(77)


def fail(*what):
    print('FAILED:', *what)
    sys.exit(1)


def wait_for(what, check):
    """Asks again until it is so: the answer, never the clock, decides."""
    for _ in range(20000):
        got = check()
        if got:
            return got
        os.sched_yield()
    return fail('waited for', what)


def become(uid):
    def change():
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    return change if uid is not None else None


def namespaces(pid):
    """nsenter's options into those of a process."""
    args = ['nsenter', '-t', str(pid), '-n']
    if os.geteuid() == 0:       # master of what is beneath
        return args
    return args + ['-U', '--preserve-credentials']


def ss(pid):
    """Counter of states; BOUND is none that this ss need know."""
    out = subprocess.run(namespaces(pid) + ['ss', '-Htuan'],
                         capture_output=True, text=True)
    if out.returncode != 0:
        fail('ss in the namespace of', pid, out.stderr)
    states = collections.Counter()
    for line in out.stdout.splitlines():
        proto, state = line.split()[:2]
        state = STATES.get(state, state)
        if proto == 'udp' and state == 'ESTABLISHED':
            state = 'CONNECTED'
        states[state] += 1
    return states


def port_is_taken(pid):
    """That a socket is BOUND: nobody else can have its port. Who is not
    root may not even try, below 1024."""
    allowed = ['EADDRINUSE'] + (['EACCES'] if os.geteuid() != 0 else [])
    code = ('import socket, errno\n'
            's = socket.socket()\n'
            'try:\n'
            '    s.bind(("192.0.2.2", 80))\n'
            'except OSError as e:\n'
            '    print(errno.errorcode[e.errno])\n')
    out = subprocess.run(namespaces(pid) + [sys.executable, '-c', code],
                         capture_output=True, text=True)
    return out.stdout.strip() in allowed


def as_promised(step, host, states):
    """Exactly those, but of what fades there may be fewer."""
    names = set()
    for want in step['expect']:
        if want['host'] != host or want['state'] == 'BOUND':
            continue
        names.add(want['state'])
        n = states[want['state']]
        if n > want['n'] or (n < want['n'] and not want.get('fades')):
            return False
    return set(states) <= names


def check_step(lesson, n, step, got, pids):
    where = '%s, step %d (%s)' % (lesson['name'], n + 1, step['title'])
    if not got['ok']:
        fail(where, got)
    if (got['held'] < step['held']) or (got['held'] > 0) != (step['held'] > 0):
        fail(where, 'held', got['held'], 'promised', step['held'])
    for entry in got['log']:
        if entry.get('unexpected'):
            fail(where, entry)
    for host in ('client', 'server'):
        states = wait_for('%s: %s as promised, but ss says %s' %
                          (where, host, dict(ss(pids[host]))),
                          lambda: as_promised(step, host, ss(pids[host])) and
                          (ss(pids[host]),))
        seen.update(states[0])
        told = collections.Counter(s['state'] for s in got['sockets']
                                   if s['host'] == host)
        if told['BOUND']:
            if not port_is_taken(pids[host]):
                fail(where, 'BOUND, but the port can be bound')
            seen.add('BOUND')
            del told['BOUND']
        if not as_promised(step, host, told):
            fail(where, host, 'is told as', dict(told))


class Run:
    """sockdeck lab --run --pause --json, line by line."""

    def __init__(self, program, names, uid=None):
        self.proc = subprocess.Popen(
            [program, 'lab', '--run', '--pause', '--json'] + names,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.PIPE, preexec_fn=become(uid), cwd='/')
        self.lines = []

    def line(self):
        text = self.proc.stdout.readline()
        if not text:
            fail('ended early:', self.proc.stderr.read())
        self.lines.append(text)
        return text

    def begin(self):
        while True:
            text = self.line()
            if text.startswith('{"lesson"'):
                got = json.loads(text.rstrip() + ']}')
                return got['pid'], got['lesson']

    def step(self):
        self.proc.stdin.write('\n')
        self.proc.stdin.flush()
        return json.loads(self.line().lstrip(','))

    def leave(self):
        self.proc.stdin.write('\n')
        self.proc.stdin.flush()

    def end(self):
        rest = self.proc.stdout.read()
        if self.proc.wait() != 0:
            fail('status', self.proc.returncode, self.proc.stderr.read())
        json.loads(''.join(self.lines) + rest)


def alive(pid):
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rpartition(')')[2].split()[0] not in 'ZX'
    except OSError:
        return False


def gone(pids):
    wait_for('the end of %s' % pids,
             lambda: not any(alive(p) for p in pids.values()))


def lessons_of(program):
    out = subprocess.run([program, 'lab', '--list', '--json'], check=True,
                         capture_output=True, text=True)
    return json.loads(out.stdout)['lessons']


def every_lesson(program, uid):
    lessons = lessons_of(program)
    if len(lessons) < 13:
        fail('only', len(lessons), 'lessons')
    run = Run(program, [], uid)
    last = None
    left_out = 0
    pids, name = run.begin()
    for i, lesson in enumerate(lessons):
        if name != lesson['name'] and lesson['ipv6']:
            left_out += 1       # no IPv6 here
            continue
        for n, step in enumerate(lesson['steps']):
            check_step(lesson, n, step, run.step(), pids)
        run.leave()
        print('ok', lesson['name'], len(lesson['steps']), 'steps')
        last = pids
        if i + 1 < len(lessons):
            pids, name = run.begin()
            gone(last)
    run.end()
    gone(last)
    return left_out


def kernel():
    return tuple(int(n) for n in
                 re.findall(r'\d+', os.uname().release)[:2])


def usage(program):
    """What cannot be meant is refused, and the right word named."""
    for args, said in ((['nosuch-at-all'], 'lab --list'),
                       (['handshak'], 'did you mean handshake?'),
                       (['99'], '99: no such lesson; sockdeck lab --list'),
                       (['udb'], 'did you mean udp?'),
                       (['0', '--run'], 'no such lesson'),
                       (['close', 'udp', '--run'], 'one LESSON'),
                       (['--pause'], '--pause is for --run'),
                       (['--json'], '--json is for --run'),
                       (['close'], 'needs a terminal'),
                       (['clo\x1b[31mse'], 'no such lesson')):
        out = subprocess.run([program, 'lab'] + args, capture_output=True,
                             text=True, stdin=subprocess.DEVNULL)
        if out.returncode != 2 or out.stdout or said not in out.stderr or \
                '\x1b' in out.stderr or out.stderr.count('\n') != 1:
            fail('usage', args, out)
    text = subprocess.run([program, 'lab', '--list'], capture_output=True,
                          text=True, check=True).stdout
    for lesson in lessons_of(program):
        if lesson['name'] not in text or lesson['title'] not in text:
            fail('not listed:', lesson['name'])
    if any(len(line) > 79 for line in text.splitlines()):
        fail('a line wider than a terminal:', text)


def killed(program):
    """The one that was started dies without a word."""
    run = Run(program, ['handshake'])
    pids, _ = run.begin()
    run.step()
    if not all(alive(p) for p in pids.values()):
        fail('no hosts', pids)
    run.proc.send_signal(signal.SIGKILL)
    run.proc.wait()
    gone(pids)


def nothing_outside(program):
    """The sockets of a lesson are in none of the namespaces that were there
    before."""
    run = Run(program, ['handshake'])
    pids, _ = run.begin()
    run.step()
    mine = os.readlink('/proc/self/ns/net')
    for pid in pids.values():
        if os.readlink('/proc/%d/ns/net' % pid) == mine:
            fail('a host in the namespace of the test')
    run.proc.stdin.close()
    if run.proc.wait() != 130:
        fail('end of input: status', run.proc.returncode)
    gone(pids)


def refused(program):
    """Where namespaces are forbidden: one sentence with the remedy."""
    out = subprocess.run(
        ['unshare', '-Ur', 'sh', '-c',
         'echo 0 >/proc/sys/user/max_user_namespaces && '
         'echo 0 >/proc/sys/user/max_net_namespaces && '
         'exec "$0" lab --run handshake', program],
        capture_output=True, text=True)
    if out.returncode != 3 or out.stdout or out.stderr.count('\n') != 1 or \
            'sysctl user.max_user_namespaces=' not in out.stderr:
        fail('refusal', out)


def nobody_may():
    try:
        return subprocess.run(['unshare', '-Urn', 'true'],
                              preexec_fn=become(NOBODY), cwd='/',
                              stderr=subprocess.DEVNULL).returncode == 0
    except subprocess.SubprocessError:
        return False            # root of a namespace without such a user


def main():
    for tool in ('unshare', 'nsenter', 'ss'):
        if shutil.which(tool) is None:
            skip(tool + ' is not there')
    if subprocess.run(['unshare', '-rn', 'true'],
                      stderr=subprocess.DEVNULL).returncode != 0:
        skip('namespaces are not permitted')
    left_out = every_lesson(SOCKDECK, None)
    missing = EVERY_STATE - seen
    if left_out or kernel() < (6, 8):
        missing.discard('BOUND')
    if missing:
        fail('states that no lesson shows:', sorted(missing))
    usage(SOCKDECK)
    killed(SOCKDECK)
    nothing_outside(SOCKDECK)
    refused(SOCKDECK)
    if os.geteuid() != 0:
        return
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        copy = os.path.join(d, 'sockdeck')
        shutil.copy(SOCKDECK, copy)
        os.chmod(copy, 0o755)
        if nobody_may():
            print('as nobody:')
            every_lesson(copy, NOBODY)


main()
