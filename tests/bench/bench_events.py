#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Sockets that close, beside ss -E in the same run: how many are listed, and
the CPU time it takes.

    bench_events.py [RATE [SECONDS]]

Connections (RATE a second, 5000) come and go on loopback, in a network
namespace of its own, while `list --events` (JSON Lines and text) and `ss -E`
write to files. Then nothing closes: what the deck's listening thread does
meanwhile is counted in wake-ups.
"""
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

RATE = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 6
DECK = os.path.abspath(os.environ.get("SOCKDECK", "./sockdeck"))
TICK = os.sysconf("SC_CLK_TCK")
PORT = 18000


def enter():
    if os.environ.get("SOCKDECK_BENCH_NETNS") == "1":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    for tool in ("unshare", "ip", "ss", "stdbuf"):
        if shutil.which(tool) is None:
            print("no", tool)
            sys.exit(77)
    how = "-n" if os.geteuid() == 0 else "-rn"
    if subprocess.run(["unshare", how, "true"],
                      stderr=subprocess.DEVNULL).returncode != 0:
        print("no namespaces here")
        sys.exit(77)
    os.environ["SOCKDECK_BENCH_NETNS"] = "1"
    os.execvp("unshare", ["unshare", how, sys.executable] + sys.argv)


def cpu_ms(pid):
    with open(f"/proc/{pid}/stat") as f:
        field = f.read().rsplit(")", 1)[1].split()
    return (int(field[11]) + int(field[12])) * 1000 / TICK


def storm(server):
    """Connects and closes; to several addresses, so that no port runs out."""
    begin = time.monotonic()
    n = 0
    while True:
        now = time.monotonic() - begin
        if now >= SECONDS:
            return n, n / now
        while n < now * RATE:
            c = socket.socket()
            c.connect((f"127.0.0.{n % 16 + 1}", PORT))
            a, _ = server.accept()
            c.close()
            a.close()
            n += 1
        pace(0.001)


def pace(seconds):
    select.select([], [], [], seconds)


def until(check):
    end = time.monotonic() + 20
    while not check() and time.monotonic() < end:
        pace(0.05)


def probe():
    """Something closes, for those who listen already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.bind(("127.0.0.1", 0))
        s.listen(1)


def lines(path, *words):
    with open(path) as f:
        return sum(all(w in line for w in words) for line in f)


def events():
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", PORT))
    server.listen(128)
    with tempfile.TemporaryDirectory() as tmp:
        what = (("list --events --jsonl",
                 [DECK, "list", "--events", "--jsonl"]),
                ("list --events", [DECK, "list", "--events"]),
                ("list --events, no reading",
                 [DECK, "list", "--events", "--interval", "1d"]),
                ("ss -Eant", ["stdbuf", "-oL", "ss", "-E", "-a", "-n", "-t", "-H", "-O"]),
                ("ss -Eantie", ["stdbuf", "-oL", "ss", "-E", "-a", "-n", "-t", "-i", "-e",
                                "-H", "-O"]))
        running = []
        for i, (name, argv) in enumerate(what):
            path = os.path.join(tmp, str(i))
            with open(path, "w") as f:
                running.append((name, path, subprocess.Popen(
                    argv, stdout=f, stderr=subprocess.DEVNULL)))
        until(lambda: probe() is None and
              all(lines(path, "127.0.0.1") > 3 for _, path, _ in running))
        before = [cpu_ms(p.pid) for _, _, p in running]
        n, rate = storm(server)
        sizes = [0]

        def still():
            sizes.append(sum(os.path.getsize(p) for _, p, _ in running))
            return len(sizes) > 12 and sizes[-1] == sizes[-12]
        until(still)
        spent = [cpu_ms(p.pid) - b for (_, _, p), b in zip(running, before)]
        for _, _, p in running:
            p.send_signal(signal.SIGINT)
        for _, _, p in running:
            p.wait()
        print(f"{2 * n} ends, {rate:.0f} connections a second")
        for (name, path, _), ms in zip(running, spent):
            got = lines(path, str(PORT),
                        "closed" if name.startswith("list") else "")
            print(f"{name:<26} {got:>8} listed ({100 * got / (2 * n):5.1f} %)"
                  f" {ms:>7.0f} ms CPU  {1000 * ms / max(got, 1):6.2f} us each",
                  flush=True)
    server.close()


def wakeups(pid):
    """Of the thread that listens."""
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status") as f:
            text = f.read()
        if text.startswith("Name:\tevents\n"):
            return sum(int(line.split()[1]) for line in text.splitlines()
                       if "ctxt_switches" in line)
    return None


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(x) for x in f.read().split()]


def idle():
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(DECK, [DECK])
    end = time.monotonic() + 3
    while time.monotonic() < end:
        os.read(fd, 65536)
    deck = next(p for p in [pid] + children(pid) if wakeups(p) is not None)
    before, ms = wakeups(deck), cpu_ms(deck)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        os.read(fd, 65536)
    print(f"deck, nothing closes, 10 s: {wakeups(deck) - before} wake-ups of "
          f"the listening thread, {cpu_ms(deck) - ms:.0f} ms CPU in all")
    os.kill(deck, signal.SIGTERM)
    os.close(fd)
    os.waitpid(pid, 0)


enter()
events()
idle()
