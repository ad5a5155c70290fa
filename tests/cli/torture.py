#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The k-th call of one kind fails, for many k: `list` ends with a status and
a sentence, or with the full answer; it never crashes and never says "done"
with rows missing and no word about it."""
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile

BUILD = os.environ.get('BUILDDIR', '.')
SOCKDECK = os.environ.get('SOCKDECK', 'sockdeck')
PRELOAD = os.path.join(BUILD, 'tests/cli/failcall.so')
# call, error, how many of them are tried, whether all from that one on fail.
CALLS = [('malloc', 12, 60, False), ('malloc', 12, 10, True),
         ('open', 24, 30, False), ('open', 24, 12, True),
         ('open', 13, 20, False), ('read', 5, 30, False),
         ('read', 5, 8, True), ('socket', 24, 10, False),
         ('socket', 1, 4, True), ('recv', 105, 10, False),
         ('recv', 105, 4, True), ('recv', 4, 10, False),
         ('send', 105, 10, False), ('send', 105, 4, True),
         ('readlink', 13, 20, False), ('thread', 11, 4, True)]
COMMANDS = [['-tuna'], ['--json', '-tunaeoim'], ['--csv', 'port:22']]
# TORTURE=all: every call, one after the other.
ALL = os.environ.get('TORTURE') == 'all'
PATIENCE = 60
# Under a sanitizer nothing can be preloaded: strace makes them fail.
TRACED = [('openat', 'EMFILE'), ('openat', 'EACCES'), ('read', 'EIO'),
          ('recvmsg', 'ENOBUFS'), ('recvmsg', 'EINTR'), ('socket', 'EPERM'),
          ('sendmsg', 'ENOBUFS'), ('readlinkat', 'EACCES')]


def run(args, **env):
    full = dict(os.environ, LC_ALL='C.UTF-8', **env)
    try:
        return subprocess.run([SOCKDECK, 'list'] + args, capture_output=True,
                              env=full, stdin=subprocess.DEVNULL,
                              timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(args, -99, b'', b'it hangs')


def enter():
    """Alone: how many calls there are is the same each time."""
    flags = ['-rnpf', '--mount-proc']
    if os.environ.get('SOCKDECK_TORTURE_NS') or not shutil.which('unshare') \
            or subprocess.run(['unshare', *flags, 'true'],
                              stderr=subprocess.DEVNULL).returncode:
        return
    os.environ['SOCKDECK_TORTURE_NS'] = '1'
    os.execvp('unshare', ['unshare', *flags, sys.executable] + sys.argv)


def traced():
    """The same by strace, the sanitizer watching."""
    env = dict(os.environ, LC_ALL='C.UTF-8', ASAN_OPTIONS='detect_leaks=0:' +
               os.environ.get('ASAN_OPTIONS', ''))
    strace = ['strace', '-f', '-qq', '-o', '/dev/null']
    if not shutil.which('strace') or subprocess.run(
            strace + ['true'], stderr=subprocess.DEVNULL).returncode:
        print('skipped: nothing can be traced here')
        return 77
    bad = done = 0
    for call, error in TRACED:
        for when in ['1+'] + [str(random.randint(1, 60)) for _ in range(3)]:
            if when == '1+' and error == 'EINTR':
                when = '2..40'      # for ever is no signal's doing
            elif when == '1+' and call in ('openat', 'read', 'recvmsg'):
                when = '30+' if call != 'recvmsg' else '2+'
            try:
                out = subprocess.run(
                    strace + ['-e', 'trace=' + call, '-e',
                              'inject=%s:error=%s:when=%s' % (call, error, when),
                              SOCKDECK, 'list', '-tunaeoim'], env=env,
                    stdin=subprocess.DEVNULL, capture_output=True,
                    timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                print(call, error, when, 'it hangs')
                bad += 1
                continue
            done += 1
            # What ld.so and the sanitizer's own start need is not ours.
            if any(words in out.stderr for words in (
                    b'error while loading', b'LeakSanitizer does not work',
                    b'AddressSanitizer: CHECK failed')):
                continue
            if not 0 <= out.returncode <= 4 or \
                    b'Sanitizer' in out.stderr or \
                    b'runtime error' in out.stderr:
                print(call, error, when, 'status', out.returncode,
                      out.stderr.decode())
                bad += 1
    print(done, 'traced runs,', bad, 'not survived')
    return 1 if bad or not done else 0


def main():
    enter()
    with open(SOCKDECK, 'rb') as f:
        asan = b'__asan_init' in f.read()
    if not asan and not os.path.exists(PRELOAD):
        print('skipped: no', PRELOAD)
        sys.exit(77)
    seed = int(os.environ.get('SEED', random.randrange(1 << 31)))
    random.seed(seed)
    print('SEED=%d' % seed)
    held = [socket.socket() for _ in range(3)]
    for s in held:
        s.bind(('0.0.0.0', 0))
        s.listen()
    if asan:
        sys.exit(traced())
    count = tempfile.NamedTemporaryFile()
    bad = done = 0
    for args in COMMANDS:
        plain = run(args)
        for call, errno, rounds, on in CALLS:
            run(args, LD_PRELOAD=PRELOAD, FAIL_CALL=call,
                FAIL_COUNT=count.name)
            count.seek(0)
            total = int(count.read() or 0)
            picks = set(range(1, min(total, rounds // 2) + 1))
            picks |= {random.randint(1, total) for _ in range(rounds // 2)
                      if total > 0}
            if ALL:
                picks = range(1, total + 1)
            for k in sorted(picks):
                out = run(args, LD_PRELOAD=PRELOAD, FAIL_CALL=call,
                          FAIL_AT=str(k), FAIL_ERRNO=str(errno),
                          FAIL_ON='1' if on else '')
                done += 1
                lost = len(out.stdout.splitlines()) < \
                    len(plain.stdout.splitlines())
                silent = not out.stderr and args[0] != '--json'
                if out.returncode < 0 or out.returncode > 4 or \
                        (out.returncode == 0 and lost and silent and
                         call == 'malloc'):
                    print(args, call, k, 'of', total, 'status',
                          out.returncode, out.stderr.decode())
                    bad += 1
    print(done, 'failed calls,', bad, 'not survived')
    sys.exit(1 if bad or not done else 0)


main()
