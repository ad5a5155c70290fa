# SPDX-License-Identifier: ISC
"""The deck on a pty, for the tests beside this file."""
import errno
import fcntl
import os
import pty
import re
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback


def enter(*more):
    """In a fresh user and network namespace from here on."""
    flags = ["-rn", *more]
    if os.environ.get("SOCKDECK_E2E_NS"):
        return
    if not shutil.which("unshare") or subprocess.run(
            ["unshare", *flags, "true"],
            stderr=subprocess.DEVNULL).returncode:
        print("skipped: no network namespaces here")
        sys.exit(77)
    os.environ["SOCKDECK_E2E_NS"] = "1"
    os.execvp("unshare", ["unshare", *flags, sys.executable] + sys.argv)


SOCKDECK = os.environ.get("SOCKDECK", "./sockdeck")
PATIENCE = 60  # seconds until something that must come counts as missing
HOME = tempfile.mkdtemp()
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?25h")


class Failed(Exception):
    pass


def size_set(fd, rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def environment(term="xterm-256color", **more):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("TERM", "COLOR", "TMUX", "NO_COLOR"))}
    env.update(HOME=HOME, XDG_CONFIG_HOME=HOME, LC_ALL="C.UTF-8")
    # A signal that kills is what is tested, not the sanitizer's report.
    env["ASAN_OPTIONS"] = "handle_segv=0:handle_abort=0:" \
        + env.get("ASAN_OPTIONS", "")
    if term is not None:
        env["TERM"] = term
    env.update(more)
    return env


def check(condition, message):
    if not condition:
        raise Failed(message)


class Deck:
    """A deck on a pty of its own; out is all that it sent."""

    def __init__(self, *args, term="xterm-256color", size=(24, 80),
                 ctty=True, ignore_hup=False, keep_slave=True, env=None,
                 program=None, become=None, cwd=None):
        self.master, slave = pty.openpty()
        size_set(self.master, *size)
        self.before = termios.tcgetattr(slave)
        self.out = b""
        self.status = self.usage = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                if ctty:
                    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                for fd in range(3):
                    os.dup2(slave, fd)
                signal.signal(signal.SIGHUP, signal.SIG_IGN if ignore_hup
                              else signal.SIG_DFL)
                os.closerange(3, 64)
                os.chdir(cwd or HOME)
                if become:
                    os.fchown(0, 65534, 65534)
                    become()
                path = program or SOCKDECK
                os.execve(path, [path, *args],
                          environment(term, **(env or {})))
            finally:
                os._exit(99)
        self.slave = slave
        if not keep_slave:
            os.close(slave)
            self.slave = None

    def read(self, timeout):
        """What comes within the time, b"": nothing; None: the end."""
        if not select.select([self.master], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError as e:
            if e.errno == errno.EIO:
                return None
            raise
        self.out += data
        return data or None

    def wait_for(self, pattern, since=0):
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.out[since:]):
            ended = self.poll() is not None
            data = self.read(0.2)
            if data is None or (ended and not data) or time.monotonic() > deadline:
                raise Failed("waited for %r, status %r, saw %r"
                             % (pattern, self.status, self.out[-2000:]))
        return len(self.out)

    def drain(self, quiet=0.3):
        """Reads until nothing comes for so long."""
        start = len(self.out)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.read(quiet):
            pass
        return len(self.out) - start

    def keys(self, data):
        """Never blocks, as a terminal never does."""
        deadline = time.monotonic() + PATIENCE
        while data:
            _, ready, _ = select.select([], [self.master], [], 0.1)
            if ready:
                data = data[os.write(self.master, data[:512]):]
            elif self.poll() is not None:
                raise Failed("ended with status %r: %r"
                             % (self.status, self.out[-500:]))
            elif not self.read(0.1) and time.monotonic() > deadline:
                raise Failed("the deck takes no keys: %r" % self.out[-500:])

    def child(self):
        """The deck itself, behind its guard."""
        with open("/proc/%d/task/%d/children" % (self.pid, self.pid)) as f:
            words = f.read().split()
        if not words:
            raise Failed("the guard has no child")
        return int(words[0])

    def poll(self):
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.status, self.usage = status, usage
                check(status != 99 << 8, "it could not be started")
        return self.status

    def wait_end(self, reading=True):
        """The guard's end; returns how long it took."""
        start = time.monotonic()
        while self.poll() is None:
            if time.monotonic() - start > PATIENCE:
                raise Failed("did not end")
            if reading:
                if self.read(0.02) is None:
                    select.select([], [], [], 0.01)
            else:
                select.select([], [], [], 0.01)
        took = time.monotonic() - start
        if reading:
            self.drain(0.05)
        return took

    def close(self):
        for fd in (self.master, self.slave):
            if fd is not None:
                try:
                    os.close(fd)
                except OSError:
                    pass
        if self.poll() is None:
            try:
                os.kill(self.child(), signal.SIGKILL)
            except (OSError, Failed):
                pass
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def started(self):
        self.wait_for(rb"PROTO")
        self.wait_for(rb"F10")
        return self


def gone(pid):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with open("/proc/%d/stat" % pid) as f:
                if f.read().rsplit(")", 1)[1].split()[0] in "ZX":
                    return
        except (FileNotFoundError, ProcessLookupError):
            return
        select.select([], [], [], 0.01)
    raise Failed("process %d is still there" % pid)


def run(tests):
    """All of them or those named as arguments; the status to exit with."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wanted = sys.argv[1:]
    failed = 0
    for name, test in sorted(tests.items()):
        if not name.startswith("test_") or (
                wanted and name[5:] not in wanted):
            continue
        # Random keys save settings, too: each test starts without any.
        shutil.rmtree(os.path.join(HOME, "sockdeck"), ignore_errors=True)
        print("%s: %s" % (name, test.__doc__.strip().split("\n")[0]),
              flush=True)
        try:
            test()
        except Failed as e:
            failed += 1
            print("  FAILED: %s" % e)
        except Exception:
            failed += 1
            traceback.print_exc()
        sys.stdout.flush()
    shutil.rmtree(HOME, ignore_errors=True)
    return 1 if failed else 0
