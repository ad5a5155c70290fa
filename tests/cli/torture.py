#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The k-th call of one kind fails, for many k: `list` ends with a status and
a sentence, or with the full answer; it never crashes and never says "done"
with rows missing and no word about it."""
import os
import random
import subprocess
import sys
import tempfile

BUILD = os.environ.get('BUILDDIR', '.')
SOCKDECK = os.environ.get('SOCKDECK', 'sockdeck')
PRELOAD = os.path.join(BUILD, 'tests/cli/failcall.so')
CALLS = [('malloc', 12, 60), ('open', 24, 30), ('open', 13, 20),
         ('read', 5, 30), ('socket', 24, 10), ('recv', 105, 10),
         ('send', 105, 10), ('readlink', 13, 20)]
COMMANDS = [['-tuna'], ['--json', '-tunaeoim'], ['--csv', 'port:22']]


def run(args, **env):
    full = dict(os.environ, LC_ALL='C.UTF-8', **env)
    return subprocess.run([SOCKDECK, 'list'] + args, capture_output=True,
                          env=full, stdin=subprocess.DEVNULL)


def main():
    with open(SOCKDECK, 'rb') as f:
        if b'__asan_init' in f.read():
            print('skipped: a sanitizer has malloc already')
            sys.exit(77)
    if not os.path.exists(PRELOAD):
        print('skipped: no', PRELOAD)
        sys.exit(77)
    seed = int(os.environ.get('SEED', random.randrange(1 << 31)))
    random.seed(seed)
    print('SEED=%d' % seed)
    count = tempfile.NamedTemporaryFile()
    bad = done = 0
    for args in COMMANDS:
        plain = run(args)
        for call, errno, rounds in CALLS:
            run(args, LD_PRELOAD=PRELOAD, FAIL_CALL=call,
                FAIL_COUNT=count.name)
            count.seek(0)
            total = int(count.read() or 0)
            if total == 0:
                continue
            picks = set(range(1, min(total, rounds // 2) + 1))
            picks |= {random.randint(1, total) for _ in range(rounds // 2)}
            for k in sorted(picks):
                out = run(args, LD_PRELOAD=PRELOAD, FAIL_CALL=call,
                          FAIL_AT=str(k), FAIL_ERRNO=str(errno))
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
