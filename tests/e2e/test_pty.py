#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The terminal is given back whatever happens (failures.md T1-T6, T8, T10),
and little is sent to it: the deck on a pty, python's standard library only.

    test_pty.py [NAME...]      only these tests
"""
import fcntl
import os
import pty
import random
import re
import select
import signal
import socket
import struct
import sys
import termios
import time

import ptylib
from ptylib import Deck, Failed, PATIENCE, RESTORED, SOCKDECK, check, \
    environment, gone, size_set

ptylib.enter()


def test_hangup():
    """T1: the terminal goes away, in three variants."""
    for name, how in (("SIGHUP", {}), ("SIGHUP ignored", {"ignore_hup": True}),
                      ("no controlling terminal", {"ctty": False})):
        with Deck(keep_slave=False, **how) as d:
            d.started()
            child = d.child()
            os.close(d.master)
            d.master = os.open("/dev/null", os.O_RDWR)
            took = d.wait_end(reading=False)
            gone(child)
            print("  %s: ended after %.2f s, %.2f s of CPU in all"
                  % (name, took, d.usage.ru_utime + d.usage.ru_stime))


def test_signals():
    """T2: each signal leaves the terminal as it was."""
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP,
                signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE,
                signal.SIGILL, signal.SIGKILL):
        for target in ("deck", "guard"):
            if target == "guard" and sig not in (
                    signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                continue
            with Deck() as d:
                d.started()
                check(termios.tcgetattr(d.slave) != d.before,
                      "the terminal was never raw")
                child = d.child()
                os.kill(child if target == "deck" else d.pid, sig)
                d.wait_end()
                gone(child)
                after = termios.tcgetattr(d.slave)
                check(after == d.before, "%s to the %s: modes %r, were %r"
                      % (sig.name, target, after, d.before))
                for seq in RESTORED:
                    check(seq in d.out, "%s to the %s: no %r at the end: %r"
                          % (sig.name, target, seq, d.out[-300:]))
                code = d.status
                if os.WIFEXITED(code):
                    check(os.WEXITSTATUS(code) == 128 + sig,
                          "%s: exit status %d"
                          % (sig.name, os.WEXITSTATUS(code)))
                else:
                    check(os.WTERMSIG(code) == sig, "%s: ended by %d"
                          % (sig.name, os.WTERMSIG(code)))


def test_guard_killed():
    """The guard itself is killed: the deck does not stay behind."""
    with Deck() as d:
        d.started()
        child = d.child()
        os.kill(d.pid, signal.SIGKILL)
        d.wait_end()
        gone(child)
        d.drain(0.1)
        check(termios.tcgetattr(d.slave) == d.before, "modes are not back")


def test_quit():
    """q and F10: status 0, modes and screen as before."""
    for key in (b"q", b"\x1b[21~"):
        with Deck() as d:
            d.started()
            d.keys(key)
            d.wait_end()
            check(d.status == 0, "status %r" % d.status)
            check(termios.tcgetattr(d.slave) == d.before, "modes differ")
            for seq in RESTORED:
                check(seq in d.out, "no %r at the end" % seq)


def test_stalled():
    """T4: a terminal that takes nothing stops neither TERM nor q."""
    for name, end in (("TERM", None), ("q", b"q")):
        with Deck("--interval", "0.2", size=(60, 200)) as d:
            d.started()
            # Fill what the pty holds: full redraws that nobody reads.
            for _ in range(200):
                if not select.select([], [d.master], [], 0.2)[1]:
                    break
                os.write(d.master, b"\x0c")
                select.select([], [], [], 0.002)
            if end is None:
                os.kill(d.child(), signal.SIGTERM)
            else:
                os.write(d.master, end)
            took = d.wait_end(reading=False)
            cpu = d.usage.ru_utime + d.usage.ru_stime
            print("  %s: ended after %.2f s, %.2f s of CPU" % (name, took, cpu))
            check(termios.tcgetattr(d.slave) == d.before, "modes differ")


def test_sizes():
    """T5: every size, then a thousand resizes."""
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
    print("  seed %d" % seed)
    rnd = random.Random(seed)
    for size in ((0, 0), (1, 1), (1, 500), (500, 1), (2, 2), (8, 40),
                 (7, 40), (8, 39), (1000, 1000)):
        with Deck(size=size) as d:
            d.wait_for(rb"\?1049h")
            size_set(d.master, 24, 80)
            d.wait_for(rb"PROTO")
            d.keys(b"q")
            d.wait_end()
            check(d.status == 0, "size %r: status %r" % (size, d.status))
    with Deck() as d:
        d.started()
        for i in range(1000):
            size_set(d.master, rnd.choice((0, 1, 5, 24, 60, 300, 1000)),
                     rnd.choice((0, 1, 20, 40, 80, 200, 1000)))
            if i % 7 == 0:
                d.keys(rnd.choice((b"j", b"v", b"G", b"\x1b[C", b"?", b"\x1b[6~")))
            d.read(0)
            check(d.poll() is None, "died at resize %d: %r" % (i, d.status))
        size_set(d.master, 24, 80)
        for _ in range(8):
            d.keys(b"\x1b")
            d.drain(0.05)
        since = len(d.out)
        deadline = time.monotonic() + PATIENCE
        while b"Help" not in d.out[since:]:
            check(time.monotonic() < deadline, "no redraw: %r"
                  % d.out[since:][-2000:])
            d.keys(b"\x0c")
            d.drain(0.1)
        d.keys(b"q")
        d.wait_end()
        check(d.status == 0, "status %r" % d.status)


def mini_shell(slave, report, orders):
    """A session leader that runs the deck as its job, as a shell does."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(slave, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        for fd in range(3):
            os.dup2(slave, fd)
        os.closerange(3, 64)
        os.execve(SOCKDECK, [SOCKDECK], environment())
    os.write(report, b"job %d\n" % job)
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        os.tcsetpgrp(slave, os.getpid())
        if not os.WIFSTOPPED(status):
            os.write(report, b"end %d\n" % status)
            os._exit(0)
        os.write(report, b"stopped\n")
        if os.read(orders, 1) == b"f":
            os.tcsetpgrp(slave, job)
            os.killpg(job, signal.SIGCONT)


def job_states(shell):
    """The processes beneath the shell, for a message."""
    said, pid = [], shell.pid
    while True:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            words = f.read().split()
        if not words:
            return ", ".join(said)
        pid = int(words[0])
        with open("/proc/%d/status" % pid) as f:
            said.append(" ".join(x.strip().replace("\t", " ") for x in f
                                 if x.startswith(("Name", "State"))))


def test_stop():
    """T6: Ctrl-Z gives the terminal back, fg takes it again, at any time."""
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
    print("  seed %d" % seed)
    rnd = random.Random(seed)
    d = Deck.__new__(Deck)
    d.master, d.slave = pty.openpty()
    size_set(d.master, 24, 80)
    d.before = termios.tcgetattr(d.slave)
    d.out, d.status, d.usage = b"", None, None
    report_r, report_w = os.pipe()
    orders_r, orders_w = os.pipe()
    d.pid = os.fork()
    if d.pid == 0:
        try:
            mini_shell(d.slave, report_w, orders_r)
        finally:
            os._exit(99)
    reports = b""

    def report(pattern):
        nonlocal reports
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, reports):
            if time.monotonic() > deadline:
                raise Failed("the shell saw %r, not %r; %s; the last that "
                             "came: %r" % (reports, pattern, job_states(d),
                                           d.out[-200:]))
            if select.select([report_r], [], [], 0.05)[0]:
                reports += os.read(report_r, 4096)
            d.read(0)
        m, reports = re.search(pattern, reports), b""
        return m

    with d:
        report(rb"job (\d+)")
        d.started()
        raw = termios.tcgetattr(d.slave)
        for _ in range(2):
            d.keys(b"\x1a")
            report(rb"stopped")
            d.drain(0.1)
            check(termios.tcgetattr(d.slave) == d.before,
                  "stopped, and the modes are not back")
            check(b"\x1b[?1049l" in d.out, "stopped on the alternate screen")
            since = len(d.out)
            os.write(orders_w, b"f")
            d.wait_for(rb"\x1b\[\?1049h", since)
            d.wait_for(rb"PROTO", since)
            check(termios.tcgetattr(d.slave) == raw, "not raw again")
        # Large, so that drawing takes a while.
        size_set(d.master, 200, 500)
        for _ in range(40):
            d.keys(b"\x0c")
            until = time.monotonic() + rnd.random() * 0.02
            while time.monotonic() < until:
                d.read(0)
            d.keys(b"\x1a")
            report(rb"stopped")
            d.drain(0)
            since = len(d.out)
            os.write(orders_w, b"f")
            d.wait_for(rb"\x1b\[\?1049h", since)
        d.drain(0.2)
        d.keys(b"q")
        m = report(rb"end (\d+)")
        check(m.group(1) == b"0", "status %s" % m.group(1))
        d.wait_end()
        check(termios.tcgetattr(d.slave) == d.before, "modes differ")


def test_terms():
    """T8: any TERM is usable, or one line says what to do."""
    for term in ("xterm-256color", "xterm", "screen", "tmux-256color",
                 "linux", "vt100", "dumb", "xterm-kitty", "nosuch", "", None):
        with Deck(term=term) as d:
            deadline = time.monotonic() + PATIENCE
            while d.poll() is None and b"PROTO" not in d.out:
                check(time.monotonic() < deadline, "TERM=%s: nothing" % term)
                d.read(0.1)
            if d.status is not None:
                d.drain(0.1)
                check(d.status != 0 and b"sockdeck list" in d.out and
                      d.out.count(b"\n") == 1,
                      "TERM=%s: %r" % (term, d.out))
                continue
            d.wait_for(rb"Quit")
            d.keys(b"q")
            d.wait_end()
            check(d.status == 0, "TERM=%s: status %r" % (term, d.status))
            check(termios.tcgetattr(d.slave) == d.before,
                  "TERM=%s: modes differ" % term)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        flags = struct.unpack("16sh14x", fcntl.ioctl(
            s, 0x8913, struct.pack("16sh14x", b"lo", 0)))[1]
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))


def test_bytes():
    """A refresh in which five rows change sends at most 400 bytes."""
    loopback_up()
    server = socket.socket()
    server.bind(("127.0.0.1", 7777))
    server.listen()
    pairs = []
    for _ in range(5):
        c = socket.create_connection(("127.0.0.1", 7777))
        pairs.append((c, server.accept()[0]))
    rnd = random.Random(7)
    with Deck("--interval", "1", "dport = :7777") as d:
        d.wait_for(rb"PROTO")
        d.wait_for(rb"5 of 1[0-9]|5 of \d+")
        sizes = []
        for i in range(12):
            for c, a in pairs:
                n = rnd.randrange(1000, 60000)
                c.sendall(b"x" * n)
                while n > 0:
                    n -= len(a.recv(n))
            # One burst: what comes until it is quiet again.
            deadline = time.monotonic() + PATIENCE
            start = len(d.out)
            while not d.read(0.1):
                check(time.monotonic() < deadline, "no refresh")
            d.drain(0.3)
            sizes.append(len(d.out) - start)
        sizes = sorted(sizes[4:])
        print("  bytes a refresh: %r" % sizes)
        check(sizes[len(sizes) // 2] <= 400, "bytes a refresh: %r" % sizes)


def test_question_open():
    """A signal to the deck while it asks about one, and while it waits for a
    process to end, leaves the terminal as it was and nobody hit."""
    loopback_up()
    ready = os.pipe()
    victim = os.fork()
    if victim == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _ = socket.create_server(("127.0.0.1", 7778))
        os.write(ready[1], b"x")
        while True:
            signal.pause()
    os.read(ready[0], 1)
    for how in ("menu", "question", "waiting"):
        for sig in (signal.SIGTERM, signal.SIGHUP):
            with Deck("sport = :7778") as d:
                d.started()
                since = d.wait_for(rb"7778.*python3")
                d.keys(b"K" if how == "menu" else b":kill TERM\r")
                d.wait_for(b"Signal to" if how == "menu"
                           else b"Send TERM to", since)
                if how == "waiting":
                    d.wait_for(b"One moment", since)
                    since = len(d.out)
                    while b"still there" not in d.out[since:]:
                        d.keys(b"y")
                        d.drain(0.2)
                child = d.child()
                os.kill(child, sig)
                d.wait_end()
                gone(child)
                check(os.WIFEXITED(d.status) and
                      os.WEXITSTATUS(d.status) == 128 + sig,
                      "%s, %s: status %r" % (how, sig.name, d.status))
                check(termios.tcgetattr(d.slave) == d.before,
                      "%s, %s: modes differ" % (how, sig.name))
            check(os.waitpid(victim, os.WNOHANG)[0] == 0,
                  "%s, %s: the process was hit" % (how, sig.name))
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)


def test_random_keys():
    """T10: random bytes for keys; pasted text is never keys, and no act."""
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
    print("  seed %d" % seed)
    rnd = random.Random(seed)
    # Not those that are meant to end or stop it.
    usual = [bytes([c]) for c in range(256)
             if c not in (ord("q"), 3, 26, 28, 0x1b)]
    special = [b"\x1b[A", b"\x1b[6~", b"\x1bOP", b"\x1b[15~", b"\x1b[<0;5;5M",
               b"\x1b[<64;3;9M", b"\x1b[200~q:quit\r\x1b[201~", b"\x1b\x1b",
               b"\x1b[Z", b"\x1b", b"/", b":", b"\r", b"v", b"\t",
               b"K", b"X", b"\x1b[19~", b"\x1b[20~", b":kill KILL\r",
               b":close rst\r", b"y", b"r"]
    # Somebody to be hit, who must live on with his connection.
    loopback_up()
    listener = socket.create_server(("127.0.0.1", 0))
    victim = os.fork()
    if victim == 0:
        while True:
            signal.pause()
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    with Deck("--readonly") as d:
        d.started()
        for i in range(300):
            d.keys(b"".join(rnd.choice(special if rnd.random() < .4 else usual)
                            for _ in range(60)))
            # Taken before more comes: an Esc that is cut from what belongs
            # to it for 25 ms is a key.
            d.drain(0.03)
            check(d.poll() is None, "died after %d keys: %r"
                  % (i * 60, d.out[-400:]))
        d.keys(b"\x1b[201~")
        for _ in range(12):
            d.keys(b"\x1b")
            d.drain(0.05)
        d.keys(b"q")
        d.wait_end()
        check(d.status == 0, "status %r" % d.status)
    check(os.waitpid(victim, os.WNOHANG)[0] == 0, "a process was signalled")
    client.sendall(b"x")
    check(server.recv(1) == b"x", "a connection was closed")
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
    for s in (client, server, listener):
        s.close()


sys.exit(ptylib.run(globals()))
