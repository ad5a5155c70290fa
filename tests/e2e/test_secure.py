#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a deck that has more rights than its caller must not do (failures.md
S1, S3, S7, P9): obey the caller's terminal description, run something, connect
somewhere, look through another process's descriptors.

    test_secure.py [NAME...]      only these tests
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import ptylib
from ptylib import Deck, HOME, SOCKDECK, check

MARKER = b"MARKER"


def marked_terminfo(where):
    """A description of xterm-256color that says MARKER when it clears."""
    text = subprocess.run(["infocmp", "-1", "xterm-256color"], check=True,
                          capture_output=True, text=True).stdout
    for cap in ("clear", "sgr0", "smcup"):
        text = re.sub(r"\t%s=" % cap, "\t%s=MARKER" % cap, text)
    source = os.path.join(where, "source")
    with open(source, "w") as f:
        f.write(text)
    subprocess.run(["tic", "-o", where, source], check=True,
                   stderr=subprocess.DEVNULL)
    for d, _, files in os.walk(where):
        os.chmod(d, 0o755)
        for name in files:
            os.chmod(os.path.join(d, name), 0o644)


def nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def test_terminfo():
    """S1: TERMINFO is not obeyed with file capabilities, nor under sudo."""
    for tool in ("infocmp", "tic", "setcap"):
        if not shutil.which(tool):
            print("  skipped: no " + tool)
            return
    if os.geteuid() != 0:
        print("  skipped: not root")
        return
    tmp = tempfile.mkdtemp(dir=HOME)
    for d in (HOME, tmp):
        os.chmod(d, 0o755)
    marked_terminfo(tmp)
    env = {"TERMINFO": tmp, "TERMINFO_DIRS": tmp}
    plain, raised = os.path.join(tmp, "plain"), os.path.join(tmp, "raised")
    shutil.copy(SOCKDECK, plain)
    shutil.copy(SOCKDECK, raised)
    for path in (plain, raised):
        os.chmod(path, 0o755)
    if subprocess.run(["setcap", "cap_sys_ptrace,cap_dac_read_search+ep",
                       raised], stderr=subprocess.DEVNULL).returncode or \
            os.statvfs(tmp).f_flag & os.ST_NOSUID:
        print("  skipped: no file capabilities here")
        return
    seen = []
    for path, who, more in ((plain, nobody, {}), (raised, nobody, {}),
                            (plain, None, {"SUDO_UID": "65534"})):
        with Deck(env=dict(env, **more), program=path, become=who) as d:
            d.started()
            d.keys(b"q")
            d.wait_end()
            seen.append(d.out.count(MARKER))
    print("  marker seen: plain %d, with capabilities %d, under sudo %d"
          % tuple(seen))
    check(seen[0] > 0, "the marker is none: the test proves nothing")
    check(seen[1:] == [0, 0], "the caller's terminfo was obeyed")


def test_syscalls():
    """S3, S7, P9: no exec, no connect, no stat through a link."""
    if not shutil.which("strace") or subprocess.run(
            ["strace", "-qq", "-o", "/dev/null", "true"],
            stderr=subprocess.DEVNULL).returncode:
        print("  skipped: nothing can be traced here")
        return
    log = os.path.join(HOME, "strace")
    with Deck("-f", "-qq", "-o", log, "-e",
              "trace=execve,execveat,connect,%%stat,fork,vfork",
              SOCKDECK, "--interval", "0.2", program=shutil.which("strace"),
              env={"ASAN_OPTIONS": "detect_leaks=0"}) as d:
        d.started()
        # Every screen, and a few readings with owners and paths.
        for keys in (b"\r", b"\x1b", b"vvvvvv", b"?", b"\x1b", b"e", b"C",
                     b"\x1b", b"D", b"\x1b", b"H", b"\x1b", b"b", b"y"):
            d.keys(keys)
            d.drain(0.1)
        for _ in range(4):
            d.keys(b"\x1b")
            d.drain(0.05)
        d.keys(b"q")
        d.wait_end()
        check(d.status == 0, "status %r" % d.status)
    with open(log) as f:
        lines = f.read().splitlines()
    execs = [x for x in lines if "exec" in x and x.endswith("= 0")]
    check(len(execs) == 1, "it runs something: %r" % execs)
    # AF_UNIX: the C library asks its name service cache for users.
    connects = [x for x in lines if "connect(" in x and "AF_UNIX" not in x]
    check(not connects, "it connects: %r" % connects)
    # Following a link of these may wait for a dead file server.
    through = [x for x in lines if re.search(
        r'stat\w*\(.*"(?:/proc/)?(?:\d+/)?(?:fd/\d+|cwd|root|exe)"', x)
        and "NOFOLLOW" not in x]
    check(not through, "it looks through links: %r" % through[:5])
    print("  %d calls: 1 exec (its own), 0 connects, 0 stats through links"
          % len(lines))


def test_settings_from_here():
    """S3: a config in the directory it is started in is never read."""
    for name in ("config", "sockdeck.conf", ".sockdeck", "sockdeck/config",
                 ".config/sockdeck/config"):
        path = os.path.join(HOME, "here", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write("filter = port:1\ntheme = nosuch\n")
    for home in ("", "here", "."):
        with Deck(env={"HOME": home, "XDG_CONFIG_HOME": home},
                  cwd=os.path.join(HOME, "here")) as d:
            d.started()
            d.keys(b"q")
            d.wait_end()
            check(b"nosuch" not in d.out and d.status == 0,
                  "HOME=%r: %r" % (home, d.out[-300:]))


# Capabilities need the real root; the sockets are none of a test's business.
sys.exit(ptylib.run(globals()))
