#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Foreign text on the screen (failures.md E1, E3-E8, E12-E15): the deck on a
pty shows names, paths, units, namespaces, users and recordings that would
steer a terminal; not a byte of them reaches it, and no column moves.

    test_hostile.py [NAME...]      only these tests
"""
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile

import ptylib
import screen
from ptylib import Deck, HOME, check

ptylib.enter("-muC")

# Sequences that the deck itself never sends: a match is never ours.
STRINGS = [
    b"\x1b[5mX", b"\x1b]0;T\x07", b"\x1bc", b"\x1b(1", b"\x1bP0q\x1b\\",
    b"A\nroot 1", b"A\rroot", b"A\x08\x08B", b"\x7fdel", b"\tTab", b"\x0e\x0f",
    b"\x07bell", b"\xc2\x9b5mX", b"\xc2\x85nel", b"\x9b5mX", b"\x90dcs",
    b"\xe2\x80\xaertl", b"\xe2\x81\xa6iso", b"\xe2\x80\x8bzw",
    b"\xe2\x80\x8dzwj", b"\xef\xbb\xbfbom", b"\xe2\x80\xa8ls", b"\xd8\x9calm",
    b"\xef\xbf\xb9an", b"\xf3\xa0\x81\x81tag", b"\xee\x80\x80pua",
    b"\xef\xbf\xbfnon", b"\xff\xfe\xfd", b"\xc3(", b"\xed\xa0\x80sur",
    b"\xf4\x90\x80\x80", b"(((", b")) (", b"x) Z 1 1 (y", b"%s%n%s", b"  lead",
    b"\xe6\x97\xa5\xe6\x9c\xac", b"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81x",
    b"\xcc\x81mark", b"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7",
]
# Every screen, by the keys that lead from the one before to it.
SCREENS = [
    b"", b"\x1b[C" * 4, b"\x1b[D" * 4,
    b"j\r", b"\x1b[6~", b"\x1b[6~", b"\x1b\x1b",
    b"v", b"+", b"v", b"+", b"v",
    b"+", b"v", b"+", b"v", b"+", b"v",
    b"eo", b"G", b"g", b"j \x20 y", b"b",
    b"D", b"\x1b", b"H", b"\x1b", b"@",
    b"\x1b", b"V", b"\x1b", b"C", b"\x1b[6~",
    b"\x1b", b"?", b"\x1b[6~", b"\x1b",
    b"/process~'a'\r", b"\x1b", b"/(((\r", b"\x1b\x1b",
    # Pasted text is foreign too; Esc gets out of what it opened.
    b"/\x1b[200~\xc2\x9b5m\xe2\x80\xae\x07\x7fx\x1b[201~", b"\r",
    b"\x1b\x1b", b":\x1b[200~\xc2\x9b5m\x1bc\x1b[201~\r",
    b"\x1b\x1b", b"\x13\xc2\x9b\r", b"\x1b\x1b",
]
COLUMNS = "proto,state,local,peer,pid,user,process,cmdline,exe,cwd,unit," \
    "container,iface,cc,cgroup,skcgroup,netns,note"
CHILD = r"""
import ctypes, os, socket, sys
name = bytes.fromhex(sys.argv[1])
os.chdir(bytes.fromhex(sys.argv[3]))
s = socket.socket()
if sys.argv[4]:
    s.setsockopt(socket.SOL_SOCKET, 25, bytes.fromhex(sys.argv[4]))
s.bind(("127.0.0.1", int(sys.argv[2])))
s.listen()
c = socket.create_connection(s.getsockname())
with open("/proc/self/comm", "wb") as f:
    f.write(name)
print("ready", flush=True)
sys.stdin.read()
"""
IFNAME = b"\x1b[5m\xc2\x9bx"


class Hostile(Deck):
    """A deck whose every byte is judged."""

    def __init__(self, *args, size=(40, 160), **how):
        self.screen = screen.Screen(*size)
        super().__init__(*args, size=size, **how)

    def read(self, timeout):
        data = super().read(timeout)
        if data:
            self.screen.feed(data)
        return data

    def end(self):
        for _ in range(6):
            self.keys(b"\x1b")
            self.drain(0.05)
        self.keys(b"q")
        self.wait_end()
        self.drain(0.1)
        self.screen.finish()
        check(self.status == 0, "status %r" % self.status)
        check(not self.screen.foreign, "foreign bytes on the screen: %r"
              % self.screen.foreign[:8])

    def walk(self):
        """Through every screen; how many there were."""
        for keys in SCREENS:
            self.keys(keys)
            self.drain(0.06)
            check(not self.screen.foreign, "after %r: %r\n%s" % (
                keys, self.screen.foreign[:8], self.screen.text()))
        return len(SCREENS)


def recording(path, rows):
    """rows: dictionaries that go over the usual one; a list: one owner."""
    with open(path, "w") as f:
        f.write(json.dumps({
            "schema": 1, "reading": 1, "host": rows[0].get("_host", "h"),
            "time": "2026-11-21T02:50:55.000Z", "source": "netlink",
            "privileged": True, "hidden_owners": 0, "warnings": []}) + "\n")
        for i, r in enumerate(rows):
            row = {"netns": 1, "netns_name": "default", "proto": "tcp",
                   "family": 4, "state": "LISTEN",
                   "local": {"addr": "127.0.0.1", "port": 10000 + i},
                   "peer": {"addr": "0.0.0.0", "port": 0}, "recvq": 0,
                   "sendq": 5, "uid": 0, "user": "root",
                   "inode": 1000 + i, "cookie": 1 + i}
            row.update((k, v) for k, v in r.items() if k[0] != "_")
            f.write(json.dumps(row) + "\n")


def test_judge():
    """What is judged below is seen when it is there."""
    for s in STRINGS:
        plain = s.decode("utf-8", "replace").isprintable() and \
            b"\xff" not in s
        if plain or s in (b"A\nroot 1", b"A\rroot", b"A\x08\x08B",
                          b"\x07bell", b"\x0e\x0f") or b"\xcc" in s:
            continue
        judge = screen.Screen(5, 80)
        judge.feed(s)
        judge.finish()
        check(judge.foreign, "%r is not seen" % s)


def test_recording():
    """A recording with hostile text wherever there can be text."""
    text = [b.decode("utf-8", "surrogateescape").encode(
        "utf-8", "replace").decode() for b in STRINGS]
    rows = []
    for i, t in enumerate(text):
        owner = {"pid": 100 + i, "fd": 3, "start": 5, "ppid": 1}
        for k in ("process", "cmdline", "user", "unit", "cgroup", "exe",
                  "cwd", "container", "container_runtime", "slice"):
            owner[k] = t
        owner["exe"] = owner["cwd"] = owner["cgroup"] = "/" + t
        rows.append({"_host": t, "netns_name": t, "user": t, "unit": t,
                     "cgroup": "/" + t, "cc": t,
                     "container": t, "owners": [owner],
                     "local": {"addr": "127.0.0.1", "port": 10000 + i,
                               "iface": t}})
    path = os.path.join(HOME, "hostile.jsonl")
    shown = 0
    # The host's name is the first row's.
    for first in (0, 12):
        recording(path, rows[first:] + rows[:first])
        with Hostile("--from", path, "--columns", COLUMNS,
                     size=(50, 200)) as d:
            d.wait_for(rb"LISTEN")
            d.wait_for(rb"\\x1b\[5mX")
            shown += d.walk()
            d.end()
    print("  %d strings x %d screens, 0 foreign bytes"
          % (len(STRINGS), shown))


def cgroup_dir(name):
    """A cgroup of our own with that name, or None."""
    with open("/proc/self/cgroup") as f:
        mine = [x.split(":", 2)[2].strip() for x in f if x.startswith("0::")]
    where = os.path.join(HOME, "cg")
    os.makedirs(where, exist_ok=True)
    if not mine or subprocess.run(
            ["mount", "-t", "cgroup2", "none", where],
            stderr=subprocess.DEVNULL).returncode:
        return None
    path = os.path.join(os.fsencode(where), name)
    try:
        os.mkdir(path)
    except OSError:
        return None
    return path


def test_live():
    """Processes, paths, cgroups, interfaces, hosts, users made hostile."""
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for cmd in (["ip", "link", "set", "lo", "name", IFNAME],
                ["ip", "link", "set", IFNAME, "up"]):
        subprocess.run(cmd, check=True)
    # A host and a user in files and names of this namespace only.
    socket.sethostname(b"h\x1b[5m\xc2\x9b")
    for name, line in (("passwd", b"ro\x1b[5mot\xc2\x9b:x:0:0::/:/bin/sh\n"),
                       ("hosts", b"127.0.0.1 evil\x1b[5m\xc2\x9b\n")):
        path = os.path.join(HOME, name)
        with open(path, "wb") as f:
            f.write(line)
        subprocess.run(["mount", "--bind", path, "/etc/" + name], check=True)
    cgroup = cgroup_dir(b"c\x1b[5m\xc2\x9b\xe2\x80\xae.service")
    cwd = os.path.join(os.fsencode(HOME), b"d\x1b[5m\xc2\x9b\n")
    os.mkdir(cwd)
    exe = os.path.join(cwd, b"py\x1bc\xe2\x80\xae")
    shutil.copy(os.path.realpath(sys.executable), exe)
    env = dict(os.environ, PYTHONHOME=sys.base_prefix)
    children = []
    try:
        for i, s in enumerate(STRINGS):
            children.append(subprocess.Popen(
                [s.replace(b"\0", b"") + b" argv0", "-c", CHILD, s.hex(),
                 str(2000 + i), cwd.hex(), IFNAME.hex() if i % 2 else "",
                 b"arg " + s], executable=exe, env=env,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            if cgroup is not None:
                with open(cgroup + b"/cgroup.procs", "w") as f:
                    f.write(str(children[-1].pid))
        for c, s in zip(children, STRINGS):
            check(c.stdout.readline() == b"ready\n", "no child for %r" % s)
        with Hostile("--interval", "0.3", "--columns", COLUMNS, "-r",
                     size=(50, 200)) as d:
            d.wait_for(rb"LISTEN")
            d.wait_for(rb"argv0")
            d.wait_for(rb"\\x1b\[5mX")
            check("h\\x1b[5m" in d.screen.line(0), "no host in %r"
                  % d.screen.line(0))
            n = d.walk()
            # What was closed keeps its name, and is no better for it.
            for c in children[:10]:
                c.stdin.close()
                c.wait()
            d.keys(b"H")
            d.drain(0.5)
            d.keys(b"\x1b")
            d.end()
        check(len(STRINGS) == len(children), "children")
        print("  %d processes x %d screens%s, 0 foreign bytes"
              % (len(children), n, "" if cgroup else
                 " (no cgroup could be made)"))
    finally:
        for c in children:
            if not c.stdin.closed:
                c.stdin.close()
            c.wait()
        if cgroup is not None:
            os.rmdir(cgroup)


def test_messages():
    """What is said before and after the screen, and of what was typed."""
    evil = "\x1b[5m\x9b5m\u202e\x07"
    bad = os.path.join(HOME, "bad.conf")
    with open(bad, "w") as f:
        f.write("theme = %s\nfilter %s = port:%s\n%s\n"
                % (evil, evil, evil, evil))
    for args in (["--from", "/no/" + evil], ["--config", bad],
                 ["--columns", evil], ["--sort", evil], [evil], ["-N", evil],
                 ["--nosuch" + evil], ["--record", "/no/" + evil],
                 ["--debug", "/no/" + evil]):
        with Hostile(*args) as d:
            d.keys(b"q")
            d.drain(0.3)
            if d.poll() is None:
                d.keys(b"\x1b\x1b")
                d.drain(0.1)
                d.keys(b"q")
            d.wait_end()
            d.screen.finish()
            check(not d.screen.foreign, "%r: %r" % (args, d.screen.foreign))
    # A filter with a name, from the settings.
    with open(bad, "w") as f:
        f.write("filter evil = process~'%s'\n" % evil)
    with Hostile("--config", bad, "@evil") as d:
        d.wait_for(rb"F10|sockdeck: ")
        if b"sockdeck: " in d.out:      # the line was refused
            d.wait_end()
        else:
            d.keys(b"@")
            d.drain(0.1)
            d.keys(b"\r")
            d.drain(0.1)
            d.end()
        check(not d.screen.foreign, "settings: %r" % d.screen.foreign)
    with Hostile(term=evil) as d:
        d.wait_for(rb"PROTO|sockdeck list")
        if d.poll() is None:
            d.keys(b"q")
        d.wait_end()
        check(not d.screen.foreign, "TERM: %r" % d.screen.foreign)


def drift_strings(rnd):
    """Wide, narrow, marked and joined characters, mixed."""
    pieces = [chr(0x4e00 + i) for i in range(0, 4000, 97)] + \
        [chr(0xac00 + i) for i in range(0, 4000, 331)] + \
        list("\u1100\u1161\u11a8\u3042\uff21\uff71\u20ac\u00e9\u0416") + \
        ["e\u0301", "\u0e01\u0e34", "\u0915\u094d\u0937", "\u200d",
         "\u200b", "\ufe0f", "\u2764", "\u263a", "\u00ad", "\u0600",
         "\u061c", "\u1160", "\u115f", "\u3164", "\uffa0", "\u2028",
         "\u0301", "a\u0301\u0302\u0303\u0304\u0305\u0306", "\u20dd",
         "\U0001f469", "\U0001f3fd", "\U0001f1e9\U0001f1ea", "\U0001f600",
         "\U00020000", "\u2e80", "\u303f", "\u4dc0", "\u17b4", "\u034f",
         "\u180e", "\u1f468", "\x1b", "\x9b", "\t", "ab", "z", " "]
    return ["".join(rnd.choice(pieces) for _ in range(rnd.randrange(1, 9)))
            for _ in range(200)]


def test_drift():
    """200 strings of all widths move no column by a cell."""
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
    print("  seed %d" % seed)
    texts = drift_strings(random.Random(seed))
    path = os.path.join(HOME, "drift.jsonl")
    recording(path, [{"owners": [{"pid": 5, "fd": 3, "start": 5,
                                  "process": t, "cmdline": t, "user": t}]}
                     for t in texts])
    drift = rows = 0
    for cols in (60, 61, 100):
        with Hostile("--from", path, "--columns",
                     "user,process,cmdline,lport", "--numeric",
                     size=(230, cols)) as d:
            d.wait_for(rb"LPORT")
            d.wait_for(rb"10199")
            d.drain(0.2)
            # Scrolled and back, so that parts are painted over parts.
            for keys in (b"G", b"g", b"\x1b[C", b"\x1b[D", b"jjjkk", b"I",
                         b"I", b"e", b"e"):
                d.keys(keys)
                d.drain(0.05)
            s = d.screen
            head = [y for y in range(s.rows) if "LPORT" in s.line(y)]
            check(head, "no header:\n" + s.text())
            y = head[0]
            end = s.column(y, s.line(y).index("LPORT")) + 5
            for i, t in enumerate(texts):
                port = str(10000 + i)
                at = [y for y in range(s.rows) if port in s.line(y)]
                check(len(at) == 1, "port %s is on %d lines" % (port, len(at)))
                x = s.column(at[0], s.line(at[0]).index(port))
                rows += 1
                if x + 5 != end:
                    drift += 1
                    print("  %r: port ends in cell %d, not %d: %r"
                          % (t, x + 5, end, s.line(at[0])))
            d.end()
    print("  %d rows, %d cells of drift" % (rows, drift))
    check(drift == 0, "columns have moved")


def test_locales():
    """E15: in C and in ISO-8859-1 there is nothing but ASCII."""
    where = tempfile.mkdtemp(dir=HOME)
    latin = os.path.join(where, "latin")
    if shutil.which("localedef"):
        subprocess.run(["localedef", "-i", "en_US", "-f", "ISO-8859-1",
                        latin], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    names = ["C"]
    if os.path.isdir(latin):
        names.append("latin")
    path = os.path.join(HOME, "locale.jsonl")
    recording(path, [{"unit": b.decode("utf-8", "replace"), "owners": [
        {"pid": 5, "fd": 3, "start": 5, "process": b.decode(
            "utf-8", "replace"), "cmdline": "\u65e5\u672c \u00e9"}]}
        for b in STRINGS])
    for name in names:
        with Hostile("--from", path, "--columns", COLUMNS, size=(50, 150),
                     env={"LC_ALL": name, "LOCPATH": where}) as d:
            d.wait_for(rb"LISTEN")
            n = d.walk()
            d.end()
            check(d.out.isascii(), "%s: not ASCII: %r" % (name, [
                x for x in d.out if x >= 128][:8]))
    print("  %s: %d screens each, ASCII only" % (", ".join(names), n))


sys.exit(ptylib.run(globals()))
