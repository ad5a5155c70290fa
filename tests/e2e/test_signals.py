#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Signals at any time (failures.md T1, T3, T4, F1, P8): within an allocation,
while a file is written, while the terminal takes nothing, while a command line
cannot be read. What it cost is printed; what is compared is never the clock.

    test_signals.py [NAME...]      only these tests
    ROUNDS=N                       so many signals at random times, and half
                                   as many calls without memory (H1)
"""
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import time

import ptylib
from ptylib import Deck, HOME, PATIENCE, SOCKDECK, check, gone

ptylib.enter()
ROUNDS = int(os.environ.get("ROUNDS", "40"))
PRELOAD = os.path.join(os.environ.get("BUILDDIR", "."),
                       "tests/e2e/slowalloc.so")


def sanitized():
    with open(SOCKDECK, "rb") as f:
        return b"__asan_init" in f.read()


def preloaded(**more):
    """What makes the deck slow; a sanitizer lets nothing in before it."""
    if sanitized() or not os.path.exists(PRELOAD):
        return more
    return dict(more, LD_PRELOAD=PRELOAD)


def dice():
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
    print("  seed %d" % seed)
    return random.Random(seed)


def cpu_of(pid):
    """Seconds that a process has computed."""
    with open("/proc/%d/stat" % pid) as f:
        w = f.read().rsplit(")", 1)[1].split()
    return (int(w[11]) + int(w[12])) / os.sysconf("SC_CLK_TCK")


def test_any_time():
    """T3: a signal at a random time, mostly within an allocation."""
    rnd = dice()
    env = preloaded(SLOW_ROUNDS="20000")
    took, ended = [], {}
    for i in range(ROUNDS):
        sig = rnd.choice((signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                          signal.SIGQUIT, signal.SIGSEGV, signal.SIGABRT))
        with Deck("--interval", "0.1", env=env) as d:
            # Before, while and after it draws for the first time.
            until = time.monotonic() + rnd.random() * 0.25
            d.wait_for(rb"\?1049h")
            while time.monotonic() < until:
                d.read(max(0, until - time.monotonic()))
                d.keys(rnd.choice((b"v", b"?", b"\x1b", b"G", b"e", b"\x0c")))
            child = d.child()
            try:
                os.kill(child, sig)
                # A second one while the first is attended to.
                if rnd.random() < .5:
                    os.kill(child, signal.SIGTERM)
            except ProcessLookupError:
                pass
            took.append(d.wait_end())
            gone(child)
            check(termios.tcgetattr(d.slave) == d.before,
                  "round %d, %s: modes are not back" % (i, sig.name))
            check(b"\x1b[?1049l" in d.out, "round %d, %s: screen not given "
                  "back: %r" % (i, sig.name, d.out[-200:]))
            ended[sig.name] = ended.get(sig.name, 0) + 1
    print("  %d signals, the slowest end after %.2f s; %s" % (
        ROUNDS, max(took), " ".join("%s %d" % x for x in ended.items())))


def readings(log):
    with open(log, "rb") as f:
        return f.read().count(b"deck: reading ")


def test_stall_costs_nothing():
    """T4: a terminal that takes nothing is no reason to compute."""
    log = os.path.join(HOME, "stall.log")
    with Deck("--interval", "0.1", "--debug", log, size=(60, 200)) as d:
        d.started()

        def cost(n, reading):
            child = d.child()
            start, cpu, at = readings(log), cpu_of(child), time.monotonic()
            deadline = at + PATIENCE
            while readings(log) < start + n:
                check(time.monotonic() < deadline, "no reading comes")
                if reading:
                    d.read(0.02)
                else:
                    select.select([], [], [], 0.02)
            return cpu_of(child) - cpu, time.monotonic() - at
        usual, t0 = cost(20, True)
        for _ in range(200):
            if not select.select([], [d.master], [], 0.2)[1]:
                break
            os.write(d.master, b"\x0c")
            select.select([], [], [], 0.002)
        stalled, t1 = cost(20, False)
        print("  20 readings: %.2f s of CPU in %.1f s; stalled %.2f s in "
              "%.1f s" % (usual, t0, stalled, t1))
        # Waiting in a loop would be all of the time that it took.
        check(stalled <= 2 * usual + t1 / 4, "it spins")
        # It comes back with a whole screen.
        d.drain(0.2)
        since = len(d.out)
        d.keys(b"\x0c")
        d.wait_for(rb"PROTO", since)
        d.keys(b"q")
        d.wait_end()
        check(d.status == 0, "status %r" % d.status)


def test_hangup_costs_nothing():
    """T1: after a hangup nothing is computed, in three variants."""
    for name, how in (("SIGHUP", {}), ("SIGHUP ignored", {"ignore_hup": True}),
                      ("no controlling terminal", {"ctty": False})):
        with Deck(keep_slave=False, **how) as d:
            d.started()
            child = d.child()
            before = cpu_of(child)
            os.close(d.master)
            d.master = os.open("/dev/null", os.O_RDWR)
            took = d.wait_end(reading=False)
            gone(child)
            left = d.usage.ru_utime + d.usage.ru_stime - before
            print("  %s: %.2f s, %.2f s of CPU after it" % (name, took, left))
            check(left < 1 or left < took / 4, "%s: it spins" % name)


def test_kill_while_saving():
    """F1: killed while it writes the settings: old or new, never torn."""
    rnd = dice()
    path = os.path.join(HOME, "saved.conf")
    with open(path, "w") as f:
        f.write("# before\n")
    whole = None
    seen = {"old": 0, "new": 0}
    for i in range(20):
        with open(path, "w") as f:
            f.write("# before\n")
        with Deck("--config", path) as d:
            d.started()
            child = d.child()
            d.keys(b":save\r")
            if whole is None:       # the first is left alone
                d.wait_for(rb"Saved")
                with open(path) as f:
                    whole = f.read()
                check("theme" in whole, "nothing was saved: %r" % whole)
            else:
                until = time.monotonic() + rnd.random() * 0.004
                while time.monotonic() < until:
                    pass
            os.kill(child, signal.SIGKILL)
            d.wait_end()
            check(termios.tcgetattr(d.slave) == d.before, "modes")
        with open(path) as f:
            now = f.read()
        check(now in ("# before\n", whole), "round %d: torn: %r" % (i, now))
        seen["new" if now == whole else "old"] += 1
    print("  20 killed: %(old)d the old file, %(new)d the new, 0 torn" % seen)


def test_unreadable_command_line():
    """P8: a command line that cannot be read holds nobody up."""
    env = preloaded()
    if "LD_PRELOAD" not in env:
        print("  skipped: nothing can be preloaded")
        return
    code = ("import socket\ns = socket.socket()\ns.bind(('0.0.0.0', 4567))\n"
            "s.listen()\nopen('/proc/self/comm', 'w').write('stuck')\n"
            "import sys; print('x', flush=True)\nsys.stdin.read()")
    child = subprocess.Popen([sys.executable, "-c", code, "secret-argument"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        env["SLOW_PID"] = str(child.pid)
        with Deck("--interval", "0.2", "--columns", "lport,process,cmdline",
                  env=env) as d:
            d.wait_for(rb"\[stuck\]")
            since = len(d.out)
            d.keys(b"?")
            d.wait_for(rb"Help", since)
            d.keys(b"\x1b")
            d.drain(0.3)
            d.keys(b"q")
            print("  quit after %.2f s" % d.wait_end())
            check(d.status == 0, "status %r" % d.status)
            check(b"secret-argument" not in d.out, "it was not held up")
        out = subprocess.run(
            [SOCKDECK, "list", "--columns", "lport,process,cmdline"],
            env=dict(os.environ, **env), capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=PATIENCE)
        check("[stuck]" in out.stdout, "list: %r" % out.stdout)
    finally:
        child.stdin.close()
        child.wait()


def test_storm():
    """P7: processes that come and go: nothing breaks, nothing is left open."""
    log = os.path.join(HOME, "storm.log")
    noise = []
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            held = socket.socket()
            while True:         # each child has a socket for a moment
                pid = os.fork()
                if pid == 0:
                    held.bind(("0.0.0.0", 0))
                    held.listen()
                    os._exit(0)
                os.waitpid(pid, 0)
                held = socket.socket()
        noise.append(pid)
    try:
        with Deck("--interval", "0.1", "--debug", log) as d:
            d.started()
            child = d.child()

            def after(n):
                until = readings(log) + n
                deadline = time.monotonic() + PATIENCE
                while readings(log) < until:
                    check(time.monotonic() < deadline, "no reading comes")
                    check(d.poll() is None, "died: %r" % d.out[-500:])
                    d.read(0.05)
                # Between two readings nothing is open for long.
                return min(len(os.listdir("/proc/%d/fd" % child))
                           for _ in range(200))
            first, last = after(10), after(30)
            d.keys(b"q")
            d.wait_end()
            check(d.status == 0, "status %r" % d.status)
            print("  40 readings, descriptors %d and %d" % (first, last))
            check(last <= first, "descriptors are left open")
    finally:
        for pid in noise:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def test_no_memory():
    """H1: an allocation fails: the terminal is given back, and it is said."""
    preload = os.path.join(os.environ.get("BUILDDIR", "."),
                           "tests/cli/failcall.so")
    if sanitized() or not os.path.exists(preload):
        print("  skipped: nothing can be preloaded")
        return
    rnd = dice()
    count, who = os.path.join(HOME, "count"), os.path.join(HOME, "who")
    env = {"LD_PRELOAD": preload, "FAIL_CALL": "malloc", "FAIL_ERRNO": "12"}
    with Deck(env=dict(env, FAIL_COUNT=count)) as d:
        d.started()
        d.keys(b"q")
        d.wait_end()
    with open(count) as f:
        total = int(f.read())
    told = curses = 0
    calls = rnd.sample(range(1, total + 1), min(total, (ROUNDS + 1) // 2))
    for k in calls:
        with open(who, "w"):
            pass                # emptied
        with Deck(env=dict(env, FAIL_AT=str(k), FAIL_WHO=who)) as d:
            while d.poll() is None and b"F10" not in d.out:
                d.read(0.1)
            if d.poll() is None:
                d.keys(b"q")
            d.wait_end()
            check(termios.tcgetattr(d.slave) == d.before,
                  "call %d of %d: modes are not back" % (k, total))
            check(b"\x1b[?1049h" not in d.out or b"\x1b[?1049l" in d.out,
                  "call %d of %d: %r" % (k, total, d.out[-300:]))
            # Curses uses what it got of its own allocations without a look
            # (here and there: ncurses 6.4). Nobody else may.
            with open(who) as f:
                whose = os.path.basename(f.read())
            if os.WIFSIGNALED(d.status) and re.match(
                    "lib(ncurses|tinfo)", whose):
                curses += 1
                continue
            check(not os.WIFSIGNALED(d.status),
                  "call %d of %d, of %s: signal %r: %r"
                  % (k, total, whose, d.status, d.out[-300:]))
            if d.status != 0:
                check(b"sockdeck: " in d.out or b"memory" in d.out,
                      "call %d of %d: not a word: %r" % (k, total, d.out[-300:]))
                told += 1
    print("  %d of %d allocations failed: %d said so and ended, %d ended "
          "within curses, which asked for them, the others went on; the "
          "terminal was given back" % (len(calls), total, told, curses))
    check(curses <= max(3, len(calls) // 50),
          "%d ended within curses" % curses)


def test_huge_command_lines():
    """P10: sixty command lines of 120 kB are not kept."""
    if sanitized():
        print("  skipped: the sanitizer's memory is not the program's")
        return

    def peak():
        """Of a list that has printed: the kernel's VmHWM, kB."""
        p = subprocess.Popen(
            [SOCKDECK, "list", "--json", "--watch", "60"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        text = p.stdout.readline()
        with open("/proc/%d/status" % p.pid) as f:
            kb = [int(x.split()[1]) for x in f if x.startswith("VmHWM")][0]
        p.terminate()
        p.stdout.close()
        p.wait()
        return kb, text
    code = ("import socket,sys\ns = socket.socket()\ns.bind(('0.0.0.0', int("
            "sys.argv[1])))\ns.listen()\nprint('x', flush=True)\nsys.stdin.read()")

    def children(arg):
        return [subprocess.Popen(
            [sys.executable, "-c", code, str(5000 + i), arg],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE) for i in range(60)]
    sizes = []
    for arg in ("x", "x" * 120000):
        started = children(arg)
        for c in started:
            check(c.stdout.readline() == b"x\n", "no child")
        rss, text = peak()
        sizes.append((rss, len(text)))
        for c in started:
            c.stdin.close()
            c.wait()
    grown = sizes[1][0] - sizes[0][0]
    print("  60 of 120 kB (7200 kB): %d kB more (%d to %d), %d kB of JSON"
          % (grown, sizes[0][0], sizes[1][0], sizes[1][1] // 1024))
    check(grown <= 1024, "%d kB more memory" % grown)


sys.exit(ptylib.run(globals()))
