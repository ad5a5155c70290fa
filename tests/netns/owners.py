#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Who holds a socket, asked of the program: workers that share one, few
descriptors to look with, processes that come and go, processes hidden."""
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys

import netlib
from netlib import fail, keep, skip

FAILED = 0


def check(ok, *what):
    global FAILED
    if not ok:
        FAILED += 1
        print('FAILED:', *what)


def rows(limit=None, user=None, args=()):
    """The JSON document and standard error; limit: descriptors at most."""
    def prepare():
        if limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        if user:
            os.setgid(user)
            os.setuid(user)
    out = subprocess.run(
        [netlib.SOCKDECK, 'list', '--json'] + list(args), preexec_fn=prepare,
        capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=dict(os.environ, HOME='/nonexistent'))
    if not out.stdout:
        return out, None
    return out, json.loads(out.stdout)


def row_of(doc, port, state='LISTEN'):
    found = [s for s in doc['sockets']
             if s['local'].get('port') == port and s['state'] == state]
    if len(found) != 1:
        fail('port', port, 'has', len(found), 'rows')
    return found[0]


def held_by(row):
    return [(o['pid'], o['fd']) for o in row.get('owners', [])]


class Worker:
    """A child that waits to be told what to close."""

    def __init__(self, *close):
        down, self.down = os.pipe()
        self.up, up = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            for fd in close:
                os.close(fd)
            os.close(self.down)
            os.write(up, b'r')
            os.read(down, 1)
            os._exit(0)
        os.close(down)
        os.close(up)
        if os.read(self.up, 1) != b'r':
            fail('a worker did not start')

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def prefork():
    s = netlib.listener('127.0.0.1', 7001)
    me = os.getpid()
    workers = [Worker() for _ in range(5)]
    workers.append(Worker(s.fileno()))      # it closed its copy
    _, doc = rows()
    got = held_by(row_of(doc, 7001))
    want = sorted((pid, s.fileno())
                  for pid in [me] + [w.pid for w in workers[:5]])
    check(got == want, 'pre-fork: holders', got, 'not', want)
    for w in workers:
        w.end()
    _, doc = rows()
    got = held_by(row_of(doc, 7001))
    check(got == [(me, s.fileno())], 'pre-fork, workers gone:', got)
    # The same descriptor twice.
    d = os.dup(s.fileno())
    _, doc = rows()
    got = held_by(row_of(doc, 7001))
    check(got == [(me, s.fileno()), (me, d)], 'dup:', got)
    os.close(d)


def few_descriptors():
    """The same rows, or none and it is said; never rows without a word."""
    s = netlib.listener('127.0.0.1', 7002)
    _, doc = rows()
    keys = sorted(r['cookie'] for r in doc['sockets'])
    for limit in (8, 16, 32):
        out, doc = rows(limit)
        if doc is None:
            check(out.returncode not in (0, 1) and out.stderr,
                  'nofile', limit, 'status', out.returncode, out.stderr)
            continue
        check(sorted(r['cookie'] for r in doc['sockets']) == keys,
              'nofile', limit, 'other rows')
        held = held_by(row_of(doc, 7002))
        check(held == [(os.getpid(), s.fileno())] or doc['warnings'],
              'nofile', limit, 'holders', held, 'and not a word')
    # So few that nothing works: an error, not an empty table.
    out, doc = rows(4)
    check(doc is None or doc['sockets'] or out.returncode != 0,
          'nofile 4: an empty table and status 0')


def storm():
    """Processes that come and go all the time do no harm."""
    s = netlib.listener('127.0.0.1', 7003)
    noise = os.fork()
    if noise == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        while True:
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
    try:
        for _ in range(10):
            out, doc = rows()
            check(out.returncode == 0, 'storm: status', out.returncode,
                  out.stderr)
            held = held_by(row_of(doc, 7003))
            check((os.getpid(), s.fileno()) in held, 'storm: holders', held)
    finally:
        os.kill(noise, signal.SIGKILL)
        os.waitpid(noise, 0)


def odd_names():
    """A name cannot hide a socket or forge another process."""
    names = [b'(((', b')) (', b'a b) S 99 (', b'x) Z 1 1 1 (y', b'\n1 (a',
             b'\x1b[2J', b'%s%n', b'\xff\xfe', b'\xe2\x80\xae']
    pids = {}
    workers = []
    for i, name in enumerate(names):
        s = keep(socket.socket())
        s.bind(('127.0.0.1', 7100 + i))
        s.listen()
        up, down = os.pipe()
        pid = os.fork()
        if pid == 0:
            with open('/proc/self/comm', 'wb') as f:
                f.write(name)
            os.write(down, b'r')
            signal.pause()
        os.close(down)
        os.read(up, 1)
        os.close(up)
        s.close()
        pids[7100 + i] = pid
        workers.append(pid)
    out, doc = rows()
    check(out.returncode == 0, 'odd names: status', out.returncode)
    for port, pid in pids.items():
        row = row_of(doc, port)
        owners = [(o['pid'], o.get('ppid')) for o in row.get('owners', [])]
        check((pid, os.getpid()) in owners, 'odd name', names[port - 7100],
              owners)
        for o in row.get('owners', []):
            bad = [c for c in o['process'] if ord(c) < 32 or ord(c) == 127]
            check(not bad, 'raw bytes of', names[port - 7100])
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def links_are_read_only():
    """Never a stat(2) through a descriptor's link, cwd, root or exe: behind
    it may lie a file server that is gone."""
    if shutil.which('strace') is None:
        return
    out = subprocess.run(
        ['strace', '-f', '-y', '-qq', '-e',
         'trace=%stat,%lstat,%fstat,statx,readlinkat', netlib.SOCKDECK,
         'list', '--json'], capture_output=True, text=True,
        stdin=subprocess.DEVNULL)
    if 'readlinkat(' not in out.stderr:
        return          # tracing is not permitted here
    through = re.compile(r'stat(?:64|x)?\(\d+<[^>]*/\d+/fd>, "\d|'
                         r'stat[^"]*"[^"]*\b\d+/(fd/\d|cwd|root|exe)')
    bad = [x for x in out.stderr.splitlines()
           if through.search(x) and 'AT_SYMLINK_NOFOLLOW' not in x]
    check(not bad, 'stat through a link:', bad[:3])


def hidden():
    """hidepid=2, as nobody: how many are hidden is exact, and said."""
    subprocess.run(['mount', '--make-rprivate', '/'], check=True)
    subprocess.run(['mount', '-t', 'proc', '-o', 'hidepid=2', 'proc', '/proc'],
                   check=True)
    for port in range(7200, 7205):
        netlib.listener('127.0.0.1', port)
    out, doc = rows(user=65534)
    if doc is None:
        # The program itself may lie where nobody can reach it.
        if out.returncode != 0 and 'ermission' in out.stderr:
            skip('nobody cannot run the program: ' + out.stderr)
        fail('hidden:', out.returncode, out.stderr)
    check(len(doc['sockets']) == 5, 'hidden:', len(doc['sockets']), 'rows')
    check(doc['hidden_owners'] == 5, 'hidden:', doc['hidden_owners'])
    check(doc['privileged'] is False, 'hidden: privileged', doc['privileged'])
    check(not any(s.get('owners') for s in doc['sockets']),
          'hidden: owners are shown')
    text = subprocess.run(
        [netlib.SOCKDECK, 'list'], capture_output=True, text=True,
        stdin=subprocess.DEVNULL, user=65534, group=65534,
        env=dict(os.environ, HOME='/nonexistent'))
    check('CAP_SYS_PTRACE' in text.stderr and '5 ' in text.stderr,
          'hidden: no word of it:', text.stderr)
    check(rows()[1]['hidden_owners'] == 0, 'hidden, but from root')


def main():
    if sys.argv[1:] == ['hidden']:
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        hidden()
        sys.exit(1 if FAILED else 0)
    netlib.enter()
    prefork()
    few_descriptors()
    storm()
    odd_names()
    links_are_read_only()
    sys.exit(1 if FAILED else 0)


def start():
    """What needs another user's rights needs a real root, first."""
    if os.environ.get('SOCKDECK_TEST_NETNS') != '1' and os.geteuid() == 0 \
            and len(sys.argv) == 1:
        unshare = ['unshare', '-mpfn', '--mount-proc']
        if subprocess.run(unshare + ['true'], stderr=subprocess.DEVNULL
                          ).returncode == 0:
            out = subprocess.run(unshare + [sys.executable, sys.argv[0],
                                            'hidden'])
            if out.returncode not in (0, 77):
                fail('as nobody: status', out.returncode)
    main()


start()
