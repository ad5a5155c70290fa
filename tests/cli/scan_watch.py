#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`scan` with a worker that tells what the test says: progress and keys on a
terminal, Ctrl-C, outputs that fail, what is asked of the worker. The worker is
the one beside the program, so a copy of the program has another beside it."""
import errno
import json
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ.get('SRCDIR', '.'), 'tests/e2e'))
import ptylib                                           # noqa: E402
from ptylib import Deck, check, run                     # noqa: E402
from screen import Screen                               # noqa: E402

DIR = tempfile.mkdtemp(prefix='sockdeck-test.')
PROGRAM = os.path.join(DIR, 'sockdeck')
ADDR = '192.0.2.4'
ENV = {k: v for k, v in os.environ.items()
       if k not in ('NO_COLOR', 'XDG_CONFIG_HOME', 'HOME')}

# Plays the file "play": lines are told as they are; "@wait" opens the pipe
# "go", which somebody must write to; "@read" waits for a line on standard
# input.
WORKER = '''#!%s
import os
import signal
import sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
here = os.path.dirname(os.path.abspath(__file__))
with open(here + '/request', 'w') as f:
    for line in sys.stdin:
        f.write(line)
        f.flush()
        if '"more":true' not in line and '"op":"more"' not in line:
            break
for line in open(here + '/play'):
    if line == '@wait\\n':
        open(here + '/go').read()
    elif line == '@read\\n':
        with open(here + '/read', 'a') as f:
            f.write(sys.stdin.readline())
    else:
        sys.stdout.write(line)
        sys.stdout.flush()
''' % sys.executable


def setup():
    shutil.copy(ptylib.SOCKDECK, PROGRAM)
    with open(os.path.join(DIR, 'sockdeck-scan'), 'w') as f:
        f.write(WORKER)
    os.chmod(f.name, 0o755)
    os.mkfifo(os.path.join(DIR, 'go'))


def go():
    """Lets a worker that waits go on; it may not wait yet."""
    deadline = time.monotonic() + ptylib.PATIENCE
    while True:
        try:
            fd = os.open(os.path.join(DIR, 'go'), os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError as e:
            if e.errno != errno.ENXIO or time.monotonic() > deadline:
                raise
            select.select([], [], [], 0.01)
    os.write(fd, b'go\n')
    os.close(fd)


class Play:
    """Events with their numbers."""

    def __init__(self, hosts=1, ports=1000, tech='connect', probes=None):
        self.lines, self.seq = [], 0
        self.add('hello', v=1, program='0.1.0', sandbox='full',
                 tech='connect,syn,udp,ping,list')
        self.add('start', hosts=hosts, ports=ports, tech=tech, seed=7,
                 probes=hosts * ports if probes is None else probes,
                 plan='0123456789abcdef')

    def add(self, ev, **fields):
        self.lines.append(json.dumps(dict(
            ev=ev, seq=self.seq, t_us=self.seq * 1000, **fields)))
        self.seq += 1
        return self

    def wait(self):
        self.lines.append('@wait')
        return self

    def read(self):
        self.lines.append('@read')
        return self

    def host(self, addr=ADDR, pos=0):
        return self.add('host', addr=addr, pos=pos, up=True,
                        reason='syn-ack', rtt_us=3400)

    def port(self, port, state='open', addr=ADDR, **more):
        return self.add('port', addr=addr, port=port, proto='tcp',
                        state=state, reason='syn-ack', **more)

    def progress(self, done, probes=1000, opened=0, hosts=1):
        return self.add('progress', done=done, probes=probes, sent=done,
                        answers=done, lost=0, open=opened, hosts_done=0,
                        hosts_up=1, hosts=hosts, hosts_upto=0, rate=4210.5,
                        left_ms=12000, phase='ports')

    def host_end(self, addr=ADDR, pos=0, tcp=1000):
        return self.add('host_end', addr=addr, pos=pos, probes=tcp, tcp=tcp)

    def end(self, error=0, cause=''):
        more = dict(cause=cause) if cause else {}
        self.add('end', error=error, sent=1, received=1, hosts_up=1, hosts=1,
                 **more)
        return self

    def begin(self):
        with open(os.path.join(DIR, 'play'), 'w') as f:
            f.write('\n'.join(self.lines) + '\n')
        for name in ('request', 'read'):
            if os.path.exists(os.path.join(DIR, name)):
                os.unlink(os.path.join(DIR, name))


def scan(*args, **kw):
    kw.setdefault('stdin', subprocess.DEVNULL)
    kw.setdefault('stdout', subprocess.PIPE)
    return subprocess.run([PROGRAM, 'scan', *args], stderr=subprocess.PIPE,
                          env=dict(ENV, LC_ALL='C.UTF-8'), **kw)


def asked():
    """The request, its parts put together."""
    all_of = {}
    with open(os.path.join(DIR, 'request')) as f:
        for line in f:
            for key, value in json.loads(line).items():
                if key in ('targets', 'exclude', 'ports') and key in all_of:
                    value = all_of[key] + ',' * (key == 'ports') + value
                all_of[key] = value.strip() if key == 'targets' else value
    return all_of


def screen(deck):
    s = Screen(24, 80)
    s.feed(deck.out)
    foreign = [x for x in s.foreign if x != b'\t']      # -oG has them
    check(not foreign, 'foreign bytes: %r' % foreign)
    return s.text()


def test_progress():
    """Ports and progress are drawn as they come, and taken away at the end."""
    Play().host().port(22, service={'name': 'ssh'}).progress(123, opened=1) \
        .wait().port(443).progress(600, opened=2).wait().host_end().end() \
        .begin()
    with Deck('scan', ADDR, program=PROGRAM) as d:
        d.wait_for(rb'12\.3% done .*1 open, 4\.2K packets/s, 12s left')
        seen = screen(d)
        check('22/tcp open  ssh' in seen, seen)
        go()
        d.wait_for(rb'60\.0% done')
        check('443/tcp open' in screen(d), screen(d))
        go()
        d.wait_end()
        seen = screen(d)
        check(os.WEXITSTATUS(d.status) == 0, d.status)
        check('% done' not in seen, seen)
        check(seen.count('443/tcp') == 1 and 'Not shown: 998 closed' in seen,
              seen)


def test_many():
    """Of several hosts it is said whose a port is, and how far they are."""
    Play(hosts=256).host().port(22).progress(100, 256000, 1, hosts=256) \
        .wait().end().begin()
    with Deck('scan', '192.0.2.0/24', program=PROGRAM) as d:
        d.wait_for(rb'0 of 256 hosts, 1 up')
        check('22/tcp open  unknown  on 192.0.2.4' in screen(d), screen(d))
        go()
        d.wait_end()


def test_keys():
    """v tells more, p pauses, ? lists the keys; none of them is echoed."""
    Play().host().progress(10).read().wait().port(22).wait().read() \
        .host_end().end().begin()
    with Deck('scan', ADDR, program=PROGRAM) as d:
        at = d.wait_for(rb'1\.0% done')
        d.keys(b'p')
        at = d.wait_for(rb'1 open|0 open', at)
        d.keys(b'v')
        at = d.wait_for(rb'verbosity is 1', at)
        d.keys(b'?')
        at = d.wait_for(rb'Ctrl-C: end', at)
        d.keys(b'q')
        at = d.wait_for(rb'sockdeck: 1\.0% done', at)
        go()
        d.wait_for(rb'Discovered open port 22/tcp on 192\.0\.2\.4', at)
        go()
        d.keys(b'p')
        d.wait_end()
        with open(os.path.join(DIR, 'read')) as f:
            ops = [json.loads(x)['op'] for x in f]
        check(ops == ['pause', 'resume'], ops)


def test_interrupt():
    """Ctrl-C ends it with what there is, and says that it is a part."""
    Play().host().port(22).progress(10, opened=1).read() \
        .end(3, 'stopped').begin()
    with Deck('scan', ADDR, program=PROGRAM) as d:
        d.wait_for(rb'1\.0% done')
        d.keys(b'\x03')
        d.wait_end()
        seen = screen(d)
        check(os.WEXITSTATUS(d.status) == 130, d.status)
        for words in ('22/tcp open', 'Not finished', 'Interrupted'):
            check(words in seen, seen)
        with open(os.path.join(DIR, 'read')) as f:
            check(json.loads(f.readline())['op'] == 'stop', 'no stop')
        after = ptylib.termios.tcgetattr(d.slave)
        check(after == d.before, 'the terminal is as it was')


def test_interrupt_of_both():
    """Ctrl-C goes to the worker, too, which may be the first to say so."""
    Play().host().port(22).end(3, 'stopped').begin()
    out = scan(ADDR)
    check(out.returncode == 130 and b'Interrupted' in out.stdout and
          not out.stderr, out)
    for sandbox, lines in (('full', 0), ('none', 1)):
        p = Play().host().read().end(3, 'stopped')
        p.lines[0] = p.lines[0].replace('"full"', '"%s"' % sandbox)
        if sandbox == 'full':
            p.lines.remove('@read')
        p.begin()
        out = scan('--sandbox', 'require', ADDR)
        check(out.stderr.count(b'\n') == lines, out)
        check(out.returncode == (3 if lines else 130), out)


def test_interrupt_twice():
    """The second Ctrl-C does not wait for a worker that hangs."""
    Play().host().port(22).progress(10, opened=1).read().wait().begin()
    with Deck('scan', ADDR, program=PROGRAM) as d:
        d.wait_for(rb'1\.0% done')
        d.keys(b'\x03')
        read = os.path.join(DIR, 'read')
        while not (os.path.exists(read) and os.path.getsize(read)):
            d.read(0.01)
        d.keys(b'\x03')
        d.wait_end()
        check(os.WEXITSTATUS(d.status) == 130, d.status)
        check(ptylib.termios.tcgetattr(d.slave) == d.before,
              'the terminal is as it was')


def test_stopped():
    """Ctrl-Z gives the terminal back, fg takes it again."""
    Play().host().port(22).progress(10, opened=1).wait().host_end().end() \
        .begin()
    with Deck('scan', ADDR, program=PROGRAM) as d:
        d.wait_for(rb'1\.0% done')
        while ptylib.termios.tcgetattr(d.slave) == d.before:
            d.read(0.01)
        # Nobody continues an orphan: the signal alone is sent.
        os.kill(d.pid, signal.SIGTSTP)
        pid, status = os.waitpid(d.pid, os.WUNTRACED)
        check(os.WIFSTOPPED(status), status)
        check(ptylib.termios.tcgetattr(d.slave) == d.before, 'given back')
        d.drain(0)
        check('% done' not in screen(d), screen(d))
        at = len(d.out)
        os.kill(d.pid, signal.SIGCONT)
        d.wait_for(rb'1\.0% done', at)
        check(ptylib.termios.tcgetattr(d.slave) != d.before, 'taken again')
        go()
        d.wait_end()
        check(d.status == 0, d.status)


def test_quiet():
    """No terminal: no progress, unless it is asked for by --stats-every."""
    Play().host().port(22).progress(10).host_end().end().begin()
    out = scan(ADDR)
    check(out.returncode == 0 and not out.stderr, out)
    check(b'\x1b' not in out.stdout and b'22/tcp open' in out.stdout, out)
    Play().host().progress(10).wait().host_end().end().begin()
    p = subprocess.Popen([PROGRAM, 'scan', ADDR, '--stats-every', '0.1'],
                         env=ENV, stderr=subprocess.PIPE,
                         stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    line = b''
    while b'1.0% done' not in line:
        line = p.stderr.readline()
        check(line, 'no line')
    go()
    p.communicate()
    check(p.returncode == 0, p.returncode)


def test_dumb():
    """A terminal that cannot be drawn on gets no drawings."""
    Play().host().port(22).progress(10).host_end().end().begin()
    with Deck('scan', ADDR, program=PROGRAM, term='dumb') as d:
        d.wait_end()
        check(b'\x1b' not in d.out and b'22/tcp open' in d.out, d.out)


def test_colour():
    """Colours where they belong, and nowhere else."""
    Play().host().port(22).host_end().end().begin()
    for args, want in ((['--colour', 'always'], True), ([], False)):
        out = scan(ADDR, *args)
        check((b'\x1b[32mopen' in out.stdout) == want, out)


def test_streamed():
    """What is found is there at once, in lines and, of hosts, as text."""
    Play(hosts=2).host().port(22).host_end().wait().host('192.0.2.5', 1) \
        .host_end('192.0.2.5', 1).end().begin()
    p = subprocess.Popen([PROGRAM, 'scan', '192.0.2.4-5'], env=ENV,
                         stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    text = b''
    while b'22/tcp open' not in text:
        line = p.stdout.readline()
        check(line, text)
        text += line
    go()
    p.communicate()
    Play().host().port(22).wait().host_end().end().begin()
    p = subprocess.Popen([PROGRAM, 'scan', ADDR, '--jsonl'], env=ENV,
                         stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    lines = []
    while not lines or json.loads(lines[-1])['ev'] != 'port':
        lines.append(p.stdout.readline())
        check(lines[-1], lines)
    go()
    rest, _ = p.communicate()
    with open(os.path.join(DIR, 'play')) as f:
        want = [json.loads(x) for x in f if x[0] != '@']
    got = [json.loads(x) for x in lines + rest.splitlines()]
    check([e['seq'] for e in got] == list(range(len(got))), got)
    # Behind the first, what was asked, so that the file can be resumed.
    said = [e for e in got if e['ev'] == 'request']
    check(got[1:1 + len(said)] == said and
          said[0]['command'].endswith('--jsonl') and
          ''.join(e.get('targets', '') for e in said).split() == [ADDR], said)
    got = [e for e in got if e['ev'] != 'request']
    for seq, e in enumerate(got):
        e['seq'] = seq
    check(got == want, 'every event once')


def test_failing():
    """A worker that ends badly, a name that is none, a file that is full."""
    Play().host().port(22).begin()
    out = scan(ADDR)
    check(out.returncode == 4 and b'22/tcp open' in out.stdout and
          b'Failed, partial' in out.stdout and
          out.stderr.count(b'\n') == 1, out)
    out = scan(ADDR, '--json')
    check(json.loads(out.stdout)['end']['status'] == 'failed', out)
    Play().add('target', name='nosuch.example', error='no such name') \
        .host().host_end().end().begin()
    out = scan(ADDR, 'nosuch.example')
    check(out.returncode == 4 and out.stderr ==
          b'sockdeck: nosuch.example: no such name\n', out)
    Play().end(4, 'raw sockets are not permitted here').begin()
    out = scan('-sS', ADDR)
    check(out.returncode == 3 and b'raw sockets' in out.stderr, out)
    Play().host().port(22).host_end().end().begin()
    with open('/dev/full', 'wb') as full:
        out = scan(ADDR, stdout=full)
    check(out.returncode == 4 and b'No space' in out.stderr, out)
    out = scan(ADDR, '-oX', '/dev/full')
    check(out.returncode == 4 and b'/dev/full: No space' in out.stderr and
          out.stderr.count(b'\n') == 1, out)
    out = scan(ADDR, '-oX', '/no/such/file')
    check(out.returncode == 4 and b'/no/such/file' in out.stderr, out)


def test_reader_gone():
    """Whoever stops reading ends it quietly."""
    Play().host().wait().port(23).host_end().end().begin()
    p = subprocess.Popen([PROGRAM, 'scan', '--jsonl', ADDR], env=ENV,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         stdin=subprocess.DEVNULL)
    while json.loads(p.stdout.readline())['ev'] != 'host':
        pass
    p.stdout.close()
    go()
    err = p.stderr.read()
    p.wait()
    check(p.returncode == -signal.SIGPIPE and not err, (p.returncode, err))


def test_hostile():
    """No byte of the worker's reaches a terminal as it is."""
    bad = '\x1b]0;x\x07\u202e\x9b31m'
    Play().add('note', warning=True, text='note ' + bad) \
        .add('target', name='n' + bad, addr=ADDR, others=0) \
        .host().port(22, service={'name': 's' + bad}).progress(10) \
        .wait().host_end().end().begin()
    for args in ([], ['--json'], ['--jsonl'], ['-oX', '-'], ['-oG', '-']):
        with Deck('scan', ADDR, *args, program=PROGRAM) as d:
            d.wait_for(rb'1\.0% done')
            go()
            d.wait_end()
            screen(d)


def test_asked():
    """What the worker is asked is what was typed."""
    listed = os.path.join(DIR, 'list')
    with open(listed, 'w') as f:
        f.write('192.0.2.7  # a comment\n192.0.2.8/31\n')
    out = os.path.join(DIR, 'out')
    t = (
        (['-p', '22,80-81', ADDR], dict(ports='T:22,80-81', targets=ADDR)),
        (['-p', '443', '--exclude-ports', '443,1', '--top-ports', '2', ADDR],
         None),
        (['-sSU', '-p', 'T:1,U:53', ADDR], dict(ports='T:1,U:53',
                                               tech='syn,udp')),
        (['-sn', '-Pn', ADDR], dict(tech='ping', no_ping=True)),
        (['-p', 'ssh,http', ADDR], dict(ports='T:22,80')),
        (['-p-', ADDR], dict(ports='T:1-65535')),
        (['-T5', '--min-rate', '10', '--max-rate', '20', ADDR],
         dict(timing=5, min_rate=10, max_rate=20)),
        (['--max-retries', '2', '--host-timeout', '90', '-r', ADDR],
         dict(max_retries=2, host_timeout_ms=90000, in_order=True)),
        (['--seed', '9', '--shard', '1/3', ADDR],
         dict(seed=9, shard=1, shards=3)),
        (['-iL', listed, ADDR], None),
        (['--exclude', '192.0.2.1,5,192.0.2.9', '192.0.2.0/28'], None),
        (['-6', 'fe80::1%3'], dict(family=6)),
        (['--force', ADDR], dict(force=True)),
    )
    Play().host().host_end().end().begin()
    for args, want in t:
        r = scan('-oN', out, *args)
        if want is None:
            continue
        check(r.returncode == 0, r)
        got = asked()
        for key, value in want.items():
            check(got.get(key) == value, (args, key, got))
    scan('-iL', listed, ADDR)
    check(asked()['targets'].split() == [ADDR, '192.0.2.7', '#', 'a',
                                         'comment', '192.0.2.8/31'], asked())
    scan('--exclude', '192.0.2.1,5,192.0.2.9', '192.0.2.0/28')
    check(asked()['exclude'].split() == ['192.0.2.1,5', '192.0.2.9'],
          asked())
    r = scan('-iL', '-', stdin=open(listed))
    check(r.returncode == 0 and '192.0.2.7' in asked()['targets'], r)
    # Closed ports are told one by one only where they are needed.
    for args, tell in (([], False), (['--json'], True), (['--jsonl'], True),
                       (['-p', '1'], True), (['-vv'], True)):
        scan(ADDR, *args)
        check((asked().get('tell') == 'all') == tell, (args, asked()))


def test_many_asked():
    """More addresses than anybody means are asked about."""
    Play().end().begin()
    r = scan('10.0.0.0/8')
    check(r.returncode == 3 and b'-y' in r.stderr and not r.stdout, r)
    check(scan('-y', '10.0.0.0/8').returncode == 0, 'with -y')
    check(scan('10.0.0.0/16').returncode == 0, '65536 are not many')
    for answer, status in ((b'n\n', 3), (b'y\n', 0)):
        with Deck('scan', '10.0.0.0/8', program=PROGRAM) as d:
            d.wait_for(rb'16777216 addresses .*\n?.*\n?Go on\?')
            d.keys(answer)
            d.wait_end()
            check(os.WEXITSTATUS(d.status) == status, (answer, d.out))


def test_files():
    """-oA writes three files, and standard output has the text."""
    base = os.path.join(DIR, 'base')
    Play().host().port(22).host_end().end().begin()
    out = scan('-oA', base, ADDR)
    check(out.returncode == 0 and b'22/tcp' in out.stdout, out)
    with open(base + '.nmap', 'rb') as f:
        check(f.read() == out.stdout, 'the text')
    for ending, word in (('.xml', '<nmaprun'), ('.gnmap', 'Ports: 22/open')):
        with open(base + ending) as f:
            check(word in f.read(), ending)
        check(not os.stat(base + ending).st_mode & stat.S_IXUSR, 'mode')


def main():
    setup()
    try:
        return run(globals())
    finally:
        shutil.rmtree(DIR)


sys.exit(main())
