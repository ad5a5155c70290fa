#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a script relies on: statuses, streams, signals, settings."""
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

SOCKDECK = os.environ.get('SOCKDECK', 'sockdeck')
SRC = os.environ.get('SRCDIR', '.')
DUMP = os.path.join(SRC, 'tests/golden/ss-tan.dump')
ENV = {k: v for k, v in os.environ.items()
       if k not in ('TCPDIAG_FILE', 'NO_COLOR', 'XDG_CONFIG_HOME', 'HOME')}
BAD = []


def run(*args, env=None, **kw):
    kw.setdefault('stdin', subprocess.DEVNULL)
    kw.setdefault('stdout', subprocess.PIPE)
    return subprocess.run([SOCKDECK, *args], stderr=subprocess.PIPE,
                          env=dict(ENV, **(env or {})), **kw)


def expect(what, ok, *seen):
    if not ok:
        BAD.append(what)
        print('FAILED:', what, *seen)


def streams():
    with open('/dev/full', 'wb') as full:
        out = run('list', '--from', DUMP, stdout=full)
    expect('/dev/full', out.returncode == 4 and b'No space' in out.stderr,
           out)
    with open('/dev/full', 'wb') as full:
        for args in (['--help'], ['--version'], ['--list-columns']):
            out = run(*args, stdout=full)
            expect('/dev/full %s' % args, out.returncode == 4, out)
    p = subprocess.Popen([SOCKDECK, 'list', '--json', '--watch=0.1'],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=ENV, stdin=subprocess.DEVNULL)
    p.stdout.read(1)
    p.stdout.close()        # as head does
    err = p.stderr.read()
    p.wait()
    expect('reader gone', p.returncode in (-signal.SIGPIPE, 0) and
           err == b'', p.returncode, err)
    for fds in ((0,), (1,), (2,), (0, 1, 2)):
        p = subprocess.Popen(
            [SOCKDECK, 'list', '-t'], env=ENV, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: [os.close(fd) for fd in fds])
        p.wait()
        want = (4,) if 1 in fds else (0, 1)
        expect('closed %s' % (fds,), p.returncode in want, p.returncode)
    a, b = run('--from', DUMP), run('list', '--from', DUMP)
    expect('no terminal: list', a.stdout == b.stdout and a.stdout and
           a.returncode == 0, a, b)
    expect('no colour in a pipe', b'\033' not in a.stdout)
    out = run('list', '--from', DUMP, '--colour', 'always')
    expect('--colour always', b'\033[' in out.stdout)
    expect('deck needs a terminal', run('deck').returncode == 2)


def statuses():
    for args, status, word in (
            (['list', '--from', DUMP], 0, b''),
            (['list', '--from', DUMP, 'sport = :1'], 1, b''),
            (['list', '--from', '/no/such'], 4, b'/no/such'),
            (['list', '--nosuch'], 2, b'--nosuch'),
            (['list', 'state nosuch'], 2, b'^'),
            (['list', 'pidd=1'], 2, b'pid'),
            (['list', '--columns', 'prot'], 2, b'proto'),
            (['--config', '/no/such', 'list'], 2, b'/no/such'),
            (['scan', '-sC', 'localhost'], 2, b'not in this version'),
            (['scan', '--readonly', 'localhost'], 3, b'--readonly'),
            (['help', 'nosuch'], 2, b'nosuch'),
            (['help'], 0, b''), (['help', 'ls'], 0, b''),
            (['list', '--help'], 0, b''), (['--version'], 0, b''),
            (['list', '--list-columns'], 0, b'')):
        out = run(*args)
        expect('status of %s' % args, out.returncode == status and
               word in out.stderr and (status != 2 or not out.stdout), out)
        expect('one name in front of %s' % args, status not in (2, 4) or
               out.stderr.startswith(b'sockdeck: '), out.stderr)
    out = run('list', env={'TCPDIAG_FILE': DUMP})
    expect('TCPDIAG_FILE', out.stdout ==
           run('list', '--from', DUMP).stdout, out)
    # Help names the statuses a command has, in lines a terminal holds.
    for name, one in (('list', b' 1 nothing matched,'), ('lab', None)):
        text = run('help', name).stdout
        last = text[text.index(b'Exit status'):]
        expect('exit status in help %s' % name,
               (one in last if one else b' 1 ' not in last) and
               max(map(len, last.split(b'\n'))) < 80, text)


def helps():
    """What a command's own help says of its statuses and its width."""
    for command, one in (('list', b'1 nothing matched,'),
                         ('why', b'1 it is held, or cannot be bound'),
                         ('free', b'1 fewer than wanted'),
                         ('kill', b'1 nobody was there, or no was'),
                         ('close', b'1 nothing was there, or no was'),
                         ('knock', b'1 the port is not open'),
                         ('explain', b'1 a word is not known'),
                         ('diff', b'1 they differ'),
                         ('scan', b'2 wrong usage')):
        out = run('help', command).stdout
        expect('statuses in help %s' % command, one in out, out)
        expect('width of help %s' % command,
               max(map(len, out.split(b'\n'))) < 80, out)


def few_files():
    """Which limit it is, and how it is raised."""
    for args in (['list'], ['why', '9'], ['kill', '-y', 'port:9']):
        out = run(*args, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (5, 5)))
        expect('ulimit -n 5: %s' % args, out.returncode == 4 and
               b'Too many open files (raise ulimit -n)' in out.stderr, out)


def interrupts():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        s.listen()
        for form in ([], ['--jsonl']):
            p = subprocess.Popen(
                [SOCKDECK, 'list', '--watch', '60', '-tl', *form],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV,
                stdin=subprocess.DEVNULL)
            line = p.stdout.readline()
            p.send_signal(signal.SIGINT)
            p.wait()
            expect('SIGINT %s' % form, p.returncode == 130 and line,
                   p.returncode, line)


def settings(tmp):
    home = os.path.join(tmp, 'home')
    os.makedirs(os.path.join(home, '.config/sockdeck'))
    path = os.path.join(home, '.config/sockdeck/config')
    with open(path, 'w') as f:
        f.write('numeric = maybe\ncolour = always\n')
    out = run('list', '--from', DUMP, env={'HOME': home})
    expect('own config', b'\033[' in out.stdout and
           b'config: line 1: ' in out.stderr, out)
    out = run('list', '--from', DUMP, env={'HOME': '/nowhere',
              'XDG_CONFIG_HOME': os.path.join(home, '.config')})
    expect('XDG_CONFIG_HOME', b'\033[' in out.stdout, out)
    for env in ({}, {'HOME': ''}, {'HOME': 'home'},
                {'XDG_CONFIG_HOME': 'home/.config'}):
        out = run('list', '--from', DUMP, env=env, cwd=tmp)
        expect('never from here: %s' % env, b'\033' not in out.stdout and
               not out.stderr, out)
    out = run('list', '--from', DUMP, '--config', path)
    expect('--config with a wrong line', out.returncode == 2, out)
    with open(path, 'wb') as f:
        f.write(b'colour = always\0')
    out = run('list', '--from', DUMP, '--config', path)
    expect('binary config', out.returncode == 2 and
           out.stderr.count(b'\n') == 1, out)
    os.mkfifo(os.path.join(tmp, 'fifo'))
    out = run('list', '--config', os.path.join(tmp, 'fifo'))
    expect('config that is no file', out.returncode == 2, out)
    with open(path, 'w') as f:
        f.write('filter ssh = sport = :22 or dport = :22\n')
    args = ('list', '--from', DUMP, '--config', path)
    expect('@NAME', run(*args, '@ssh').stdout == run(
        *args, 'sport = :22 or dport = :22').stdout)
    out = run(*args, '@web')
    expect('unknown @NAME', out.returncode == 2 and b'@web' in out.stderr,
           out)
    if os.geteuid() == 0:
        with open(path, 'w') as f:
            f.write('colour = always\n')
        os.chown(path, 12345, 12345)
        out = run('list', '--from', DUMP, env={'HOME': home})
        expect('root reads nobody else\'s', b'\033' not in out.stdout and
               b'somebody else' in out.stderr, out)


def recording(tmp):
    path = os.path.join(tmp, 'rec.jsonl')
    run('list', '--from', DUMP, '--record', path)
    def rows(source):
        out = run('list', '--jsonl', '--from', source).stdout
        return sorted((s['proto'], s['state'], json.dumps(s['local']),
                       json.dumps(s.get('peer')))
                      for s in map(json.loads, out.splitlines()))
    expect('a recording has the same rows', rows(path) == rows(DUMP) and
           rows(path), rows(path)[:3])
    out = run('list', '--from', DUMP, '--record', '/dev/full')
    expect('--record /dev/full', out.returncode == 4, out)
    path = os.path.join(tmp, 'doc.json')
    with open(path, 'wb') as f:
        f.write(run('list', '--json', '--from', DUMP).stdout)
    expect('a --json document is read back', rows(path) == rows(DUMP))


def locales():
    rec = os.path.join(SRC, 'tests/golden/web1.jsonl')
    for form in ([], ['--csv'], ['--json'], ['--jsonl']):
        utf8 = run('list', '--from', rec, *form, '--columns',
                   '+cmdline').stdout
        expect('UTF-8 in UTF-8 %s' % form, not utf8.isascii())
        for loc in ('C', 'POSIX', 'en_US.ISO-8859-1', 'nosuch'):
            out = run('list', '--from', rec, *form, '--columns',
                      '+cmdline', env={'LC_ALL': loc})
            expect('%s in %s' % (form, loc), out.stdout.isascii() and
                   out.stderr.isascii() and out.stdout.count(b'\n') ==
                   utf8.count(b'\n'), out)
            if form == ['--json']:
                expect('the same JSON', json.loads(out.stdout) ==
                       json.loads(utf8))
        out = run('list', '日本 = =', env={'LC_ALL': 'C'})
        expect('messages in C', out.stderr.isascii(), out.stderr)
    # Lines stay lines where no UTF-8 may be written.
    for words in (['why', '1'], ['explain', 'port'], ['lab', '--list'],
                  ['list', '-s'], ['knock', '--dry-run', '127.0.0.1', '7'],
                  ['list', '--from', rec, '--expect', '/dev/null']):
        out = run(*words, env={'LC_ALL': 'C'}).stdout
        expect('lines of %s in C' % words, out.isascii() and
               b'\\x0a' not in out and out.count(b'\n') > 1, out)


def syscalls():
    if shutil.which('strace') is None:
        return
    tmp = tempfile.NamedTemporaryFile(mode='r')
    out = subprocess.run(
        ['strace', '-f', '-o', tmp.name, '-e', 'trace=execve,connect,socket',
         SOCKDECK, 'list', '-tuna'], capture_output=True,
        env=dict(ENV, ASAN_OPTIONS='detect_leaks=0'), close_fds=True,
        preexec_fn=lambda: [os.close(fd) for fd in (0, 2)])
    if out.returncode not in (0, 1, 3):
        return          # no ptrace here
    lines = tmp.read().splitlines()
    expect('no exec but itself', sum('execve(' in x and ' = 0' in x
           for x in lines) <= 1, lines)
    # AF_UNIX: glibc asks the name service cache for users.
    expect('no connect', not [x for x in lines if 'connect(' in x and
           'AF_UNIX' not in x], lines)
    expect('no socket on 0, 1, 2', not [x for x in lines if 'socket(' in x
           and x.rsplit('= ', 1)[1] in ('0', '1', '2')], lines)


def setuid(tmp):
    if os.geteuid() != 0:
        return
    copy = os.path.join(tmp, 'sockdeck')
    shutil.copy(SOCKDECK, copy)
    os.chown(copy, 65534, 65534)
    os.chmod(copy, 0o4755)
    out = subprocess.run([copy, 'list'], capture_output=True, env=ENV)
    # A file system mounted nosuid runs it as ourselves.
    nosuid = os.statvfs(tmp).f_flag & os.ST_NOSUID
    expect('set-user-ID', nosuid or ((out.returncode == 3 or
           b'LeakSanitizer' in out.stderr) and b'set-user-ID' in out.stderr and not out.stdout), out)


def main():
    tmp = tempfile.mkdtemp(prefix='sockdeck-test.')
    os.chmod(tmp, 0o755)
    try:
        streams()
        statuses()
        few_files()
        helps()
        interrupts()
        settings(tmp)
        recording(tmp)
        locales()
        syscalls()
        setuid(tmp)
    finally:
        shutil.rmtree(tmp)
    sys.exit(1 if BAD else 0)


main()
