#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The running deck on a terminal of 50x200, beside its peers in one run.

    bench_deck.py [idle|start|pressure|big ...]

Sockets are made by tests/bench/load in a network namespace of its own; no
other address than loopback's is touched. One line a figure: what, ours, the
peer's or the floor, the ratio, the target. A figure that misses its target
says so and fails nothing.

BENCH_SMALL, BENCH_MIDDLE, BENCH_BIG: sockets (1000, 10000, 100000); BENCH_SECONDS: how long an idle
deck is watched (20).
"""

import array
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

SMALL = int(os.environ.get("BENCH_SMALL", "1000"))
MIDDLE = int(os.environ.get("BENCH_MIDDLE", "10000"))
BIG = int(os.environ.get("BENCH_BIG", "100000"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "20"))
DECK = os.path.abspath(os.environ.get("SOCKDECK", "./sockdeck"))
LOAD = os.path.abspath(
    os.path.join(os.environ.get("BUILDDIR", "."), "tests/bench/load"))
ROWS, COLS = 50, 200
LIMIT = 85  # seconds for one part, whatever happens


def figure(what, ours, other, ratio, target, ok):
    verdict = "" if ok is None else "ok" if ok else "MISSED"
    print(f"{what:<50} {ours:>16}  {other:<42} {ratio:>6}  {target:<9} "
          f"{verdict}".rstrip(), flush=True)


def times(x):
    return f"{x:.2f}x" if x < 10 else f"{x:.0f}x"


# -- processes ----------------------------------------------------------------


def family(pid):
    """The process and all that descend from it."""
    parent = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as f:
                    parent[int(name)] = int(f.read().rsplit(b")", 1)[1]
                                            .split()[1])
            except OSError:
                pass
    pids = [pid]
    for p in pids:
        pids += [c for c, pp in parent.items() if pp == p]
    return pids


def cpu_seconds(pid):
    """CPU time of a process, its threads and descendants, to the ns."""
    ns = 0
    for p in family(pid):
        try:
            for tid in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{tid}/schedstat") as f:
                    ns += int(f.read().split()[0])
        except OSError:
            pass
    return ns / 1e9


def deck_pid(pid):
    """The deck itself: the one of the family with the most memory."""
    return max(family(pid), key=rss)


def rss(pid):
    try:
        with open(f"/proc/{pid}/status") as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Term:
    """A program on a terminal of its own."""

    def __init__(self, argv, home):
        self.t0 = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", ROWS, COLS, 0, 0))
            env = {"PATH": os.environ["PATH"], "HOME": home,
                   "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
            os.execvpe(argv[0], argv, env)
        self.out = b""
        self.sent = 0

    def read(self, timeout):
        """What comes within the time; b'' if nothing does."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            raise SystemExit("the program ended: " +
                             repr(self.out[-300:].decode(errors="replace")))
        self.sent += len(data)
        self.out = (self.out + data)[-200000:]
        return data

    def until(self, word, limit):
        """Seconds from the start until the bytes held the word."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.read(0.02)
            if re.search(word, self.out):
                return time.monotonic() - self.t0
        raise SystemExit(f"{word!r} did not appear in {limit} s; saw " +
                         repr(self.out[-600:].decode(errors="replace")))

    def quiet(self, seconds, limit=5):
        end = time.monotonic() + limit
        while time.monotonic() < end and self.read(seconds):
            pass

    def keys(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        for p in reversed(family(self.pid)):
            try:
                os.kill(p, signal.SIGTERM if p == self.pid else 0)
            except OSError:
                pass
        end = time.monotonic() + 3
        while time.monotonic() < end:
            try:
                self.read(0.02)
            except SystemExit:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass


def watch(terms, seconds, each=None, every=0.1):
    """Reads all of them for a while; each() is called in between."""
    end = time.monotonic() + seconds
    due = 0
    while (now := time.monotonic()) < end:
        if each and now >= due:
            each()
            due = now + every
        ready = select.select([t.fd for t in terms], [], [], 0.05)[0]
        for t in terms:
            if t.fd in ready:
                t.read(0)


# -- an idle deck, and one in which five rows change ---------------------------


class Traffic:
    """Forty connections to one port of which five carry something."""

    def __init__(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.pairs = []
        for _ in range(40):
            a = socket.create_connection(("127.0.0.1", self.port))
            self.pairs.append((a, listener.accept()[0]))
        self.listener = listener
        self.n = 0

    def step(self):
        self.n += 1
        for i, (a, b) in enumerate(self.pairs[:5]):
            data = b"x" * (1000 * (i + 1) + 377 * (self.n % 10))
            a.sendall(data)
            left = len(data)
            while left > 0:
                left -= len(b.recv(left))


def peers(home):
    found = {}
    for name, argv in (("htop", ["htop", "-d", "10"]),
                       ("top", ["top", "-d", "1"])):
        if shutil.which(name):
            found[name] = Term(argv, home)
    return found


def part_idle():
    with tempfile.TemporaryDirectory() as home:
        deck = Term([DECK, "--interval", "1"], home)
        deck.until(rb"127\.1\.0\.", 10)
        others = peers(home)
        all_of = [deck] + list(others.values())
        watch(all_of, 3)
        before = [cpu_seconds(t.pid) for t in all_of]
        sent = [t.sent for t in all_of]
        start = time.monotonic()
        watch(all_of, SECONDS)
        took = time.monotonic() - start
        cpu = [100 * (cpu_seconds(t.pid) - b) / took
               for t, b in zip(all_of, before)]
        quiet = [(t.sent - s) / took for t, s in zip(all_of, sent)]
        deck.close()
        what = f"idle deck, {SMALL} sockets, 1 s, 50x200"
        for i, name in enumerate(others):
            figure(what, f"{cpu[0]:.2f} % of a core",
                   f"{name} {cpu[i + 1]:.2f} %",
                   times(cpu[0] / max(cpu[i + 1], 1e-9)),
                   "<= 2 %", cpu[0] <= 2)
        figure("  bytes a second to the terminal", f"{quiet[0]:.0f}",
               ", ".join(f"{n} {b:.0f}" for n, b in zip(others, quiet[1:])),
               "", "", None)
        traffic = Traffic()
        deck = Term([DECK, "--interval", "1",
                     f"sport = :{traffic.port} and state established"], home)
        deck.until(rb"40 of ", 10)
        all_of[0] = deck
        watch(all_of, 3, traffic.step)
        sent = [t.sent for t in all_of]
        watch(all_of, 10, traffic.step)
        per = [(t.sent - s) / 10 for t, s in zip(all_of, sent)]
        for i, name in enumerate(others):
            figure("bytes a refresh, 5 rows change", f"{per[0]:.0f}",
                   f"{name} {per[i + 1]:.0f}",
                   times(per[0] / max(per[i + 1], 1e-9)), "<= 400",
                   per[0] <= 400)
        for t in all_of:
            t.close()


# -- start --------------------------------------------------------------------


def part_start():
    first, rows, owners, ss = [], [], [], []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(9):
            start = time.monotonic()
            subprocess.run(["ss", "-tunap"], stdout=subprocess.DEVNULL,
                           check=False)
            ss.append(time.monotonic() - start)
            deck = Term([DECK], home)
            first.append(deck.until(rb"Help", 10))
            rows.append(deck.until(rb"127\.1\.0\.", 10))
            owners.append(deck.until(rb"load", 10))
            deck.close()
    s = statistics.median(ss)
    for what, v, ok in (("to the first paint", first, None),
                        ("to the first rows", rows, True),
                        ("to their owners", owners, None)):
        m = statistics.median(v)
        figure(f"from exec {what}, {SMALL} sockets", f"{m * 1e3:.1f} ms",
               f"ss -tunap {s * 1e3:.1f} ms", times(m / s),
               "<= 100 ms" if ok else "", m <= 0.1 if ok else None)


# -- many sockets --------------------------------------------------------------


def bare_dump():
    """CPU seconds of receiving what the deck asks for, and nothing else."""
    buf = array.array("B", bytes(32768))
    start = time.process_time()
    tcp = struct.pack("BBBB48xII", 0, 0, 0, 2, 0x3f7e | 0x80, 0)
    for req, kind in ((tcp, 18),
                      (struct.pack("BBBBI48x", 2, 17, 0, 0, 0x82), 20),
                      (struct.pack("BBBBI48x", 10, 17, 0, 0, 0x82), 20)):
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as s:
            s.send(struct.pack("IHHII", 16 + len(req), kind, 0x301, 1, 0) +
                   req)
            while True:
                s.recv_into(buf)
                what = struct.unpack_from("H", buf, 4)[0]
                if what == 2:
                    raise SystemExit("the bare dump is refused")
                if what == 3:
                    break
    return time.process_time() - start


class Log:
    """What the deck writes down of itself."""

    def __init__(self, path):
        self.path = path
        self.seen = 0

    def new(self):
        with open(self.path, encoding="utf-8") as f:
            f.seek(self.seen)
            text = f.read()
            self.seen = f.tell()
        return text

    def readings(self):
        return re.findall(r"reading \d+: .* (\d+) new or changed", self.new())

    def computing(self):
        """The most that it computed in one go since last time, ms."""
        return max((int(us) / 1e3 for us in
                    re.findall(r"computing (\d+) us", self.new())), default=0)


def latency(deck, keys):
    """Longest time from a key to a changed screen, ms."""
    worst = 0
    for key in keys:
        deck.quiet(0.05)
        start = time.monotonic()
        deck.keys(key)
        if not deck.read(3):
            raise SystemExit(f"no answer to {key!r}")
        worst = max(worst, (time.monotonic() - start) * 1e3)
    return worst


def probe(deck, seconds):
    """The same, asking all the time while readings go on; ms."""
    worst, end, i = 0, time.monotonic() + seconds, 0
    while time.monotonic() < end:
        while deck.read(0):
            pass
        start = time.monotonic()
        deck.keys("jk"[i % 2])
        i += 1
        if not deck.read(3):
            raise SystemExit("no answer")
        worst = max(worst, (time.monotonic() - start) * 1e3)
        deck.read(0.01)
    return worst


ACTS = (("sort", [">", ">", ">", ">", "I", "I", "<", "<", "<", "<"]),
        ("scroll", ["G", "g", "\x06", "\x02", "j", "k"]),
        ("filter keystroke", ["/", "l", "o", "a", "d", "\x7f", "\x7f",
                              "\x15", "\r"]),
        ("grouping", ["v"] * 6))


def acts(deck, log):
    """What, the longest time to the screen, the most computed in one go."""
    out = []
    deck.keys("Z")
    deck.quiet(0.3)
    for what, keys in ACTS:
        log.new()
        # Others use this machine as well: the median of three rounds.
        worst = statistics.median(latency(deck, keys) for _ in range(3))
        deck.quiet(0.2)
        out.append((what, worst, log.computing()))
    deck.keys("Z")
    deck.quiet(0.3)
    for what, keys in (("nothing new", ""), ("every row changed", "e")):
        log.new()
        deck.keys(keys)
        worst = probe(deck, 4)
        out.append((f"keys while read, {what}", worst, log.computing()))
    return out


def part_empty():
    """Prints the memory of a deck with hardly a socket."""
    with tempfile.TemporaryDirectory() as home:
        deck = Term([DECK, "--interval", "1"], home)
        deck.until(rb"Help", 10)
        watch([deck], 4)
        print(rss(deck_pid(deck.pid)))
        deck.close()


def part_big():
    base = int(subprocess.run([LOAD, "-n", "20", sys.executable, __file__,
                               "inside", "empty"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout)
    with tempfile.TemporaryDirectory() as home:
        deck = Term([DECK, "--interval", "1", "--debug", home + "/log"], home)
        deck.until(rb"127\.1\.0\.", 20)
        log = Log(home + "/log")
        watch([deck], 8)
        start, cpu = time.monotonic(), cpu_seconds(deck.pid)
        log.new()
        # In turn with it: neither finds the sockets in the cache.
        floors = []
        watch([deck], 12, lambda: floors.append(bare_dump()), 1)
        cpu = cpu_seconds(deck.pid) - cpu
        took = time.monotonic() - start
        n = len(log.readings())
        if n == 0:
            raise SystemExit("no readings in the log")
        floor = statistics.mean(floors)
        figure(f"CPU a steady refresh, {BIG} sockets",
               f"{cpu / n * 1e3:.1f} ms",
               f"bare dump {floor * 1e3:.1f} ms ({n} readings in "
               f"{took:.0f} s)", times(cpu / n / floor), "<= 1.3x",
               cpu / n <= 1.3 * floor)
        per = (rss(deck_pid(deck.pid)) - base) / BIG
        figure(f"memory a socket, {BIG} sockets", f"{per:.0f} bytes",
               f"base {base / 1e6:.1f} MB", "", "<= 300", per <= 300)
        for what, worst, own in acts(deck, log):
            figure(f"longest pause, {BIG}: {what}", f"{worst:.1f} ms",
                   f"computing without a break {own:.1f} ms", "",
                   "<= 50 ms", worst <= 50)
        deck.close()


# -- the pressure pane ---------------------------------------------------------


def part_pressure():
    """Two decks side by side, one of them with the pane open."""
    with tempfile.TemporaryDirectory() as home:
        plain = Term([DECK, "--interval", "1"], home)
        opened = Term([DECK, "--interval", "1"], home)
        for deck in (plain, opened):
            deck.until(rb"127\.1\.0\.", 20)
        opened.keys("p")
        opened.until(rb"Pressure:.*full", 10)
        decks = [plain, opened]
        watch(decks, 5)
        before = [cpu_seconds(d.pid) for d in decks]
        watch(decks, SECONDS)
        a, b = (cpu_seconds(d.pid) - c for d, c in zip(decks, before))
        figure(f"pressure pane, {MIDDLE} sockets, 1 s",
               f"{b / SECONDS * 100:.2f} % of a core",
               f"table alone {a / SECONDS * 100:.2f} %", times(b / a),
               "<= 1.3x", b <= 1.3 * a)
        for deck in decks:
            deck.close()


# -- main ---------------------------------------------------------------------

PARTS = {"idle": (SMALL, part_idle), "start": (SMALL, part_start),
         "pressure": (MIDDLE, part_pressure), "big": (BIG, part_big), "empty": (20, part_empty)}


def alone():
    """What to put before a command so that it sees no processes but its own:
    others that open and close thousands of files would be measured, too."""
    argv = ["unshare", "-pf", "--mount-proc"]
    if os.geteuid() == 0 and subprocess.run(
            argv + ["true"], stderr=subprocess.DEVNULL,
            check=False).returncode == 0:
        return argv
    return []


def main():
    if sys.argv[1:2] == ["inside"]:
        signal.alarm(LIMIT)
        PARTS[sys.argv[2]][1]()
        return 0
    if not os.access(LOAD, os.X_OK):
        print(f"{LOAD} is not built")
        return 77
    status = 0
    for part in sys.argv[1:] or ["idle", "start", "pressure", "big"]:
        argv = [LOAD, "-n", str(PARTS[part][0]), sys.executable,
                os.path.abspath(__file__), "inside", part]
        if part == "big":
            argv = alone() + argv
        r = subprocess.run(argv, check=False).returncode
        status = status or r
    return status


if __name__ == "__main__":
    sys.exit(main())
