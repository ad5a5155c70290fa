# SPDX-License-Identifier: ISC
"""A conversation with sockdeck-scan(8): lines in, events out."""
import json
import os
import select
import socket
import subprocess
import sys
import time

BUILD = os.environ.get('BUILDDIR', '.')
WORKER = os.path.join(BUILD, 'sockdeck-scan')
SOCKDECK = os.environ.get('SOCKDECK', os.path.join(BUILD, 'sockdeck'))
PATIENCE = 60   # seconds; only a broken worker takes so long
BAD = []


def expect(what, ok, *seen):
    if not ok:
        BAD.append(what)
        print('FAILED:', what, *seen)
        sys.stdout.flush()


def finish(*tests):
    """Runs those that are named as arguments, or all."""
    names = sys.argv[1:]
    for test in tests:
        if names and test.__name__ not in names:
            continue
        began = time.monotonic()
        before = len(BAD)
        test()
        print('%s: %s (%.1f s)' % (test.__name__, 'ok' if len(BAD) == before
                                   else 'FAILED', time.monotonic() - began))
    sys.exit(1 if BAD else 0)


class Worker:
    """A worker; its request may be given at once."""

    def __init__(self, request=None, stdin=None, stdout=None, **kw):
        self.p = subprocess.Popen(
            [WORKER], stdin=subprocess.PIPE if stdin is None else stdin,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE, **kw)
        self.buf = b''
        self.seen = []
        if request is not None:
            self.say(request)

    def say(self, *lines):
        for line in lines:
            if isinstance(line, dict):
                line = json.dumps(line).encode() + b'\n'
            self.p.stdin.write(line)
        self.p.stdin.flush()

    def event(self):
        """The next event, or None at the end."""
        fd = self.p.stdout.fileno()
        while b'\n' not in self.buf:
            ready, _, _ = select.select([fd], [], [], PATIENCE)
            if not ready:
                self.p.kill()
                raise SystemExit('the worker says nothing; so far: %r' %
                                 self.seen[-3:])
            got = os.read(fd, 65536)
            if got == b'':
                return None
            self.buf += got
        line, self.buf = self.buf.split(b'\n', 1)
        expect('a line is at most 4096 bytes', len(line) < 4096, line)
        ev = json.loads(line)
        expect('seq has no gaps', ev['seq'] == len(self.seen), ev)
        self.seen.append(ev)
        return ev

    def until(self, kind, **fields):
        """The next event of this kind, with these fields."""
        while True:
            ev = self.event()
            if ev is None:
                raise SystemExit('no %s %r; stderr: %r, events: %r' % (
                    kind, fields, self.p.stderr.read(), self.seen[-5:]))
            if ev['ev'] == kind and all(ev.get(k) == v
                                        for k, v in fields.items()):
                return ev

    def end(self):
        """All of it: the end event and the exit status."""
        while self.event() is not None:
            pass
        if self.p.stdin is not None and not self.p.stdin.closed:
            try:
                self.p.stdin.close()
            except BrokenPipeError:
                pass
        status = self.p.wait(PATIENCE)
        errors = self.p.stderr.read()
        expect('nothing on standard error', errors == b'', errors)
        self.p.stderr.close()
        self.p.stdout.close()
        last = self.seen[-1] if self.seen else {'ev': None}
        expect('the end is last', last['ev'] == 'end', last)
        expect('hello is first', self.seen and self.seen[0]['ev'] == 'hello',
               self.seen[:1])
        return last, status

    def of(self, kind):
        return [ev for ev in self.seen if ev['ev'] == kind]


def scan(**fields):
    """Asks, waits for the end: the worker, its end event, its status."""
    w = Worker(dict({'op': 'scan', 'v': 1}, **fields))
    last, status = w.end()
    return w, last, status


def slow(**fields):
    """A request that takes far longer than any test."""
    return dict({'op': 'scan', 'targets': '127.0.0.1', 'ports': 'T:1-60000',
                 'tech': 'connect', 'max_rate': 50, 'no_ping': True},
                **fields)


def listener(family=socket.AF_INET, addr='127.0.0.1'):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind((addr, 0))
    s.listen(16)
    return s, s.getsockname()[1]


def gone(pid, patience=PATIENCE):
    """Waits until a process is over: seconds it took."""
    began = time.monotonic()
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return 0.0
    try:
        ready, _, _ = select.select([fd], [], [], patience)
        if not ready:
            return None
        return time.monotonic() - began
    finally:
        os.close(fd)


def status_of(pid):
    """/proc/PID/status as a dictionary."""
    with open('/proc/%d/status' % pid) as f:
        return dict(line.rstrip('\n').split(':\t', 1) for line in f
                    if ':\t' in line)


def sandbox():
    """What the worker says of its sandbox."""
    w = Worker()
    said = w.until('hello')['sandbox']
    w.p.kill()
    w.p.wait()
    for pipe in (w.p.stdin, w.p.stdout, w.p.stderr):
        pipe.close()
    return said
