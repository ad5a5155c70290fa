# SPDX-License-Identifier: ISC
"""`sockdeck scan --jsonl`, run in a lab (scanlab.py), and what it told."""
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import xml.etree.ElementTree as xml

import scanlab

SOCKDECK = os.environ.get('SOCKDECK', scanlab.BUILD + '/sockdeck')
FULL = os.environ.get('SCAN_FULL') == '1'


def fail(*what):
    print('FAILED:', *what)
    sys.exit(1)


def wait_for(what, check):
    """Asks again until it is so: the answer, never the clock, decides."""
    for _ in range(200000):
        if check():
            return
        os.sched_yield()
    fail('waited for', what)


class Told:
    """The events of a scan, checked: none is missing, no port told twice."""

    def __init__(self, what, text, err='', status=0, resumed=False):
        self.what, self.err, self.status = what, err, status
        self.events, self.port = [], {}
        lines = text.split('\n')
        self.torn = lines.pop()
        for line in lines:
            try:
                ev = json.loads(line)
            except ValueError:
                fail(what, 'no JSON:', line[:200])
            self.events.append(ev)
            if ev['ev'] == 'port':
                key = ev['addr'], ev['proto'], ev['port']
                if key in self.port and not resumed:
                    fail(what, 'told twice:', self.port[key], ev)
                self.port[key] = ev
        if not resumed and [e['seq'] for e in self.events] != \
                list(range(len(self.events))):
            fail(what, 'seq has gaps')

    def of(self, ev):
        return [e for e in self.events if e['ev'] == ev]

    def states(self, proto='tcp', addr=None):
        """{port: state} (of an address)"""
        return {k[2]: e['state'] for k, e in self.port.items()
                if k[1] == proto and addr in (None, k[0])}

    def whole(self):
        """It went to its end."""
        if self.status != 0 or not self.of('end') or \
                self.of('end')[0].get('error'):
            fail(self.what, 'status', self.status, self.of('end'), self.err)
        return self

    def must_be(self, want, proto='tcp', addr=None):
        """want: {port: state, or states that are right}."""
        got = self.states(proto, addr)
        wrong = {p: (got.get(p), want.get(p)) for p in set(got) | set(want)
                 if got.get(p) not in (want.get(p) if
                                       isinstance(want.get(p), tuple)
                                       else (want.get(p),))}
        if wrong:
            fail(self.what, '%d ports are wrong (told, right):' % len(wrong),
                 dict(sorted(wrong.items())[:20]), self.err[-500:])


class Scan:
    """One that is under way."""

    def __init__(self, args, nofile=None, jsonl=True):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile))
        self.what = 'scan ' + ' '.join(args)
        self.p = subprocess.Popen(
            [SOCKDECK, 'scan'] + (['--jsonl'] if jsonl else []) + ['-n'] +
            args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            preexec_fn=limit if nofile else None)
        self.text, self.err = [], []
        self.reader = threading.Thread(
            target=lambda: self.err.append(self.p.stderr.read()))
        self.reader.start()

    def until(self, enough):
        """Reads events until enough(event); false: it ended before."""
        for line in self.p.stdout:
            self.text.append(line)
            if line.endswith('\n') and enough(json.loads(line)):
                return True
        return False

    def worker(self):
        """Its pid; the scan must have told something."""
        pid = scanlab.worker_of(self.p.pid)
        if pid is None:
            fail(self.what, 'has no worker')
        return pid

    def gone(self):
        """It was killed: what it told does not matter any more."""
        self.p.stdout.read()
        self.reader.join()
        self.p.wait()

    def end(self, resumed=False):
        self.text.append(self.p.stdout.read())
        self.reader.join()
        self.p.wait()
        return Told(self.what, ''.join(self.text), ''.join(self.err),
                    self.p.returncode, resumed)


def scan(args, nofile=None):
    return Scan(args, nofile).end()


def events_of(*args, before=(), status=(0, 1)):
    """What a scan told, read when it was over; before: what runs it."""
    out = subprocess.run(list(before) + [SOCKDECK, 'scan', '-n', '--jsonl'] +
                         list(args), capture_output=True, text=True,
                         stdin=subprocess.DEVNULL)
    if out.returncode not in status:
        fail('scan', *args, 'status', out.returncode, out.stderr)
    return [json.loads(line) for line in out.stdout.splitlines()]


def nmap(how, addr, ports):
    """{port: (state, reason)} as nmap says; None: there is none."""
    if shutil.which('nmap') is None:
        return None
    family = ['-6'] if ':' in addr else []
    out = scanlab.must(['nmap', '-n', how, '-T4', '--reason', '-dd', '-oX',
                        '-'] + family + ['-p', ports, addr],
                       stdin=subprocess.DEVNULL)
    out = out[out.index('<?xml'):]
    out = out[:out.rindex('</nmaprun>') + len('</nmaprun>')]
    return {int(p.get('portid')): (p.find('state').get('state'),
                                   p.find('state').get('reason'))
            for p in xml.fromstring(out).iter('port')}


def same(what, ours, theirs):
    """{port: anything}, twice."""
    if ours == theirs:
        return
    for port in sorted(set(ours) | set(theirs)):
        if ours.get(port) != theirs.get(port):
            print('   port', port, 'ours', ours.get(port), 'theirs',
                  theirs.get(port))
    fail(what, 'is not the same')


def run_tests(tests):
    """tests: (profile of the lab, functions that take one) of each; those
    that are named on the command line, or all."""
    names = sys.argv[1:]
    for profile, funcs in tests:
        funcs = [f for f in funcs if not names or f.__name__ in names]
        if funcs:
            with scanlab.Lab(profile) as lab:
                for func in funcs:
                    func(lab)
                    print('ok:', func.__name__)


def can_syn():
    """Root of a user namespace or of the machine: -sS works, or it is a
    failure; there is nobody else here."""
    return os.geteuid() == 0
