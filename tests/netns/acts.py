#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""kill and close as they are typed: on a terminal, in scripts, by mistake.

Processes and sockets are real ones, in a network namespace of our own."""
import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys

import netlib
from netlib import SOCKDECK, enter, fail, skip

PORT = 8080
ENV = {k: v for k, v in os.environ.items()
       if k not in ('SSH_CONNECTION', 'TMUX', 'STY')}
VICTIM = """
import os, signal, socket, sys
n, port, ignore = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if ignore:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
s = [socket.socket() for _ in range(n)]
for x in s:
    x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    x.bind(('127.0.0.1', port))
    x.listen()
print('ready', flush=True)
sys.stdin.read()        # ends with the test
"""
# What tools have been seen to take for a process, and did with it.
BAD = ['0', '1', '-1', '-0', '-2', '-12345', '+5', '812', '4194305',
       '2147483648', '4294967295', '4294967296', '18446744073709551615',
       '99999999999999999999', '-KILL -1', '-9 -1', '-s KILL -1',
       '-s 0 port:8080', '-s -1 port:8080', '-s 999 port:8080',
       '-s KILLL port:8080', '-s  port:8080', 'pid=0', 'pid=1', 'pid=-1',
       'pid=+1', 'pid=', 'pid=4194305', 'pid=99999999999', 'pid=0x10',
       'pid=1e3', 'pid=0 or port:8080', 'not (pid=0)', 'pid=8080,0',
       '812 or port:8080', '(-1)', '', ' ', '--', '%d', 'pid=1.5',
       '--signal=KILL', 'port:99999']


def run(*args, env=None, wrap=(), **kw):
    kw.setdefault('stdin', subprocess.DEVNULL)
    return subprocess.run([*wrap, SOCKDECK, *args], capture_output=True,
                          text=True, env=dict(ENV, **(env or {})), **kw)


def victim(n=1, port=PORT, ignore='', wrap=()):
    p = subprocess.Popen([*wrap, sys.executable, '-c', VICTIM, str(n),
                          str(port), ignore], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
    if p.stdout.readline() != b'ready\n':
        fail('no victim')
    return p


def keeper_of(s):
    return subprocess.Popen([sys.executable, '-c',
                             'import sys; sys.stdin.read()'],
                            stdin=subprocess.PIPE, pass_fds=[s.fileno()])


def end(*procs):
    for p in procs:
        p.kill()
        p.wait()


def expect(what, ok, *seen):
    if not ok:
        fail(what, *seen)


def lives(p):
    return p.poll() is None


def on_terminal(args, *answers):
    """Types each answer when a question stands: what was shown, the status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(SOCKDECK, [SOCKDECK, *args], ENV)
    seen = b''
    asked = 0
    while True:
        select.select([fd], [], [])
        try:
            got = os.read(fd, 65536)
        except OSError:
            break
        if not got:
            break
        seen += got
        if asked < len(answers) and (seen.count(b'[y/N] ') +
                                     seen.count(b'to do it: ')) > asked:
            os.write(fd, answers[asked].encode() + b'\n')
            asked += 1
    os.close(fd)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), seen.decode()


def bad_inputs():
    """P2: no mistake sends anything."""
    if shutil.which('strace') is None:
        skip('no strace')
    v = victim()
    log = '/run/strace-acts.%d' % os.getpid()
    calls = 0
    for text in BAD:
        args = text.split(' ') if text.strip() else [text]
        out = run('kill', '-y', *args, wrap=(
            'strace', '-f', '-qq', '-o', log, '-e', 'signal=none', '-e',
            'trace=kill,tkill,tgkill,pidfd_send_signal,pidfd_open'))
        with open(log) as f:
            traced = f.read()
        calls += len(traced.splitlines())
        expect('kill %r' % text, out.returncode in (1, 2) and not traced and
               out.stderr.startswith('sockdeck: ') and not out.stdout,
               out, traced)
        expect('victim of %r' % text, lives(v))
    os.unlink(log)
    end(v)
    print('P2: %d bad inputs refused, %d calls of kill or pidfd_send_signal'
          % (len(BAD), calls))
    if len(BAD) < 40:
        fail('only %d inputs' % len(BAD))


def asks():
    v = victim()
    out = run('kill', 'port:8080')
    expect('no terminal', out.returncode == 3 and lives(v) and
           'no terminal' in out.stderr and '-y' in out.stderr, out)
    expect('it is shown', 'listens on 127.0.0.1:8080' in out.stderr, out)
    status, seen = on_terminal(['kill', 'port:8080'], 'n')
    expect('no', status == 1 and lives(v) and 'nothing was done' in seen, seen)
    status, seen = on_terminal(['kill', 'port:8080'], '')
    expect('return alone', status == 1 and lives(v), seen)
    out = run('kill', '--dry-run', 'port:8080')
    expect('--dry-run', out.returncode == 0 and lives(v) and
           'TERM ends the process' in out.stdout, out)
    with open('/dev/full', 'w') as full:
        for args in (['kill', '--dry-run'], ['kill', '--dry-run', '--json'],
                     ['close', '--dry-run']):
            p = subprocess.run([SOCKDECK, *args, 'port:8080'], env=ENV,
                               stdout=full, stderr=subprocess.PIPE, text=True)
            expect('full', p.returncode == 4 and 'No space' in p.stderr, p)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
        u.bind(('127.0.0.1', 8099))
        out = run('close', '--fin', '--dry-run', 'port:8099')
        expect('--dry-run, UDP', out.returncode == 3 and
               '  refused  UDP has no connection' in out.stdout, out)
    status, seen = on_terminal(['kill', 'port:8080'], 'y')
    expect('yes', status == 0 and 'ended after' in seen, seen)
    expect('by TERM', v.wait() == -signal.SIGTERM)
    out = run('kill', '-y', 'port:8080')
    expect('none left', out.returncode == 1, out)


def counts():
    """P6: from five on, their number is typed."""
    many = [victim(port=9000 + i) for i in range(5)]
    which = 'sport >= :9000 and sport <= :9004 and state listen'
    for wrong in ('y', 'yes', '4', '6', '5 ', ''):
        status, seen = on_terminal(['kill', which], wrong)
        expect('typed %r' % wrong, status == 1 and all(map(lives, many)),
               seen)
        expect('it says so', 'Type 5 to do it' in seen, seen)
    status, seen = on_terminal(['kill', '-s', 'KILL', which], '5')
    expect('5', status == 0 and
           [p.wait() for p in many] == [-signal.SIGKILL] * 5, seen)
    one = victim(6, 9100)
    status, seen = on_terminal(['close', 'port:9100'], 'y')
    expect('close without the count', status == 1 and
           'Type 6 to do it' in seen, seen)
    out = run('close', 'port:9100')
    expect('close without a terminal', out.returncode == 3, out)
    expect('nothing was closed', len(netlib.states_of(9100)) == 6)
    status, seen = on_terminal(['close', 'port:9100'], '6')
    expect('6', status == 0 and seen.count('no longer listens') == 6, seen)
    expect('all are closed', netlib.states_of(9100) == [] and lives(one))
    end(one)
    for args in ([], ['']):
        for command in ('kill', 'close'):
            out = run(command, '-y', *args)
            expect('%s without a filter' % command, out.returncode == 2, out)
    print('P6: 11 sockets and processes at once: 0 without their number')


def stubborn():
    v = victim(ignore='yes')
    out = run('kill', '-y', 'port:8080')
    expect('still alive', out.returncode == 4 and lives(v) and
           'still alive after 5 s: KILL forces it' in out.stdout, out)
    out = run('kill', '-y', '-s', 'WINCH', 'port:8080')
    expect('WINCH', out.returncode == 0 and lives(v) and
           out.stdout.endswith('WINCH sent\n'), out)
    out = run('kill', '-y', '--json', '-s', '9', 'port:8080')
    doc = json.loads(out.stdout)
    expect('KILL', out.returncode == 0 and v.wait() == -signal.SIGKILL, out)
    t = doc['targets'][0]
    expect('JSON', doc['act'] == 'kill' and doc['signal'] == 'KILL' and
           t['pid'] == v.pid and t['state'] == 'done' and 'took_ms' not in t
           or t['took_ms'] >= 0, doc)


def readonly():
    v = victim()
    for args in (['kill', '-y', '--readonly', 'port:8080'],
                 ['close', '-y', '--readonly', 'port:8080'],
                 ['close', '-y', '--fin', '--readonly', 'port:8080']):
        out = run(*args)
        expect('--readonly', out.returncode == 3 and
               '--readonly' in out.stderr, args, out)
    expect('nothing', lives(v) and netlib.states_of(PORT) == ['LISTEN'])
    end(v)


def this_session():
    """P4: what this program hangs on is only hit by its typed number."""
    s = netlib.listener('127.0.0.1', 9200)      # held by us, its ancestor
    out = run('kill', '-y', 'port:9200')
    expect('ancestor', out.returncode == 3 and
           'runs beneath it' in out.stdout, out)
    status, seen = on_terminal(['kill', 'port:9200'], 'y')
    expect('ancestor, y', status == 1 and
           'Type %d to do it' % os.getpid() in seen, seen)
    s.close()
    # The ssh connection: another process holds it.
    v = victim()
    c = socket.create_connection(('127.0.0.1', PORT))
    child = keeper_of(c)
    name = c.getsockname()
    env = {'SSH_CONNECTION': '127.0.0.1 %d 127.0.0.1 %d' % (PORT, name[1])}
    c.close()
    out = run('kill', '-y', 'pid=%d' % child.pid, env=env)
    expect('session', out.returncode == 3 and lives(child) and
           'session you are working in' in out.stdout, out)
    out = run('close', '-y', 'sport = :%d' % name[1], env=env)
    expect('session, close', out.returncode == 3 and
           'session you are working in' in out.stdout, out)
    out = run('kill', '-y', 'pid=%d' % child.pid)
    expect('no session', out.returncode == 0, out)
    child.wait()
    end(v)
    print('P4: ancestors and the session: 0 hit without their number')


def closing():
    v = victim()
    c = [socket.create_connection(('127.0.0.1', PORT)) for _ in range(2)]
    for i, (how, word) in enumerate((('--rst', 'closed'),
                                     ('--fin', 'a FIN is on its way'))):
        # Ours: the end whose port is the ephemeral one.
        port = c[i].getsockname()[1]
        keeper = keeper_of(c[i])
        out = run('close', '-y', how, 'sport = :%d' % port)
        expect('close ' + how, out.returncode == 0 and word in out.stdout,
               out)
        c[i].setblocking(False)
        for call, seen in ((lambda: c[i].recv(1), {
                '--rst': ConnectionAbortedError, '--fin': BlockingIOError}),
                           (lambda: c[i].send(b'x'), {
                '--rst': BrokenPipeError, '--fin': BrokenPipeError})):
            try:
                call()
                fail('no error after', how)
            except OSError as e:
                expect(how, type(e) is seen[how], type(e))
        end(keeper)
        c[i].close()
    end(v)


def without_rights():
    """Each right that is missing is named."""
    if shutil.which('setpriv') is None:
        skip('no setpriv')
    bare = ('setpriv', '--bounding-set=-all', '--inh-caps=-all')
    v = victim()
    out = run('close', '-y', 'port:8080', wrap=bare)
    expect('CAP_NET_ADMIN', out.returncode == 3 and
           'CAP_NET_ADMIN' in out.stdout, out)
    out = run('close', '--dry-run', 'port:8080', wrap=bare)
    expect('--dry-run says so', '  note     you can close' in out.stdout and
           'CAP_NET_ADMIN' in out.stdout, out)
    expect('--dry-run with it', 'CAP_NET_ADMIN' not in
           run('close', '--dry-run', 'port:8080').stdout)
    out = run('close', '-y', '--fin', 'port:8080', wrap=bare)
    expect('CAP_SYS_PTRACE', out.returncode == 3 and
           'CAP_SYS_PTRACE' in out.stdout and 'yama' in out.stdout or
           'no process is visible' in out.stdout, out)
    end(v)
    # One's own needs none.
    v = victim(wrap=bare)
    out = run('close', '-y', '--fin', 'port:8080', wrap=bare)
    expect('own, FIN', out.returncode == 0, out)
    out = run('kill', '-y', 'pid=%d' % v.pid, wrap=bare)
    expect('own, BOUND', out.returncode == 0, out)
    expect('by TERM', v.wait() == -signal.SIGTERM)


def main():
    enter()
    for test in (bad_inputs, asks, counts, readonly, this_session, closing,
                 without_rights, stubborn):
        test()


main()
