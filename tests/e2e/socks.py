#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Sockets on demand for the end-to-end tests: a command a line on standard
input, "ok" or an error a line on standard output.

    listen PORT | listen6 PORT | udp PORT | connect PORT | close PORT
    send PORT BYTES | half-close PORT | share PORT | short PORT [COUNT]
    bind PORT | syn PORT | keepalive PORT
    unread PORT BYTES: sends, and nobody reads
    stuff PORT: the same until no more is taken
    full PORT: a listener that never accepts, with more clients than it takes
    close-first PORT: the end that connected closes, then the other
    child PORT [COUNT] | stubborn PORT | alive PORT | end PORT | ended PORT
    saw-client PORT | saw-server PORT | say PORT

child: COUNT processes that listen, on PORT and those after it; stubborn: one
that ignores SIGTERM. alive: whether it is; end: kills it; ended: waits, then
says by what.
saw-..: what the next read of that end of a connection finds, and then its next
write: bytes, end, or an error's name. say: the client sends, and says how that
went.
"""
import ctypes
import errno
import fcntl
import os
import signal
import socket
import struct
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
held = {}  # port: sockets
children = {}  # port: process


def loopback_up():
    """In a namespace of our own only: there is nothing but lo."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        req = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(s, SIOCGIFFLAGS, req))[1]
        fcntl.ioctl(s, SIOCSIFFLAGS,
                    struct.pack("16sh14x", b"lo", flags | IFF_UP))


def child(port, stubborn):
    """A process of its own, called "victim"."""
    ready = os.pipe()
    pid = os.fork()
    if pid == 0:
        libc = ctypes.CDLL(None)
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)
        libc.prctl(15, b"victim", 0, 0, 0)
        if stubborn:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for mine in held.values():
            for s in mine:
                s.close()
        s = socket.socket(socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", port))
        s.listen(16)
        os.write(ready[1], b"x")
        while True:
            signal.pause()
    os.read(ready[0], 1)
    os.close(ready[0])
    os.close(ready[1])
    children[port] = pid


def tried(what):
    """What came of it, as one word."""
    try:
        got = what()
    except OSError as e:
        return errno.errorcode[e.errno]
    return "end" if got == b"" else "bytes" if isinstance(got, bytes) else "ok"


def saw(sock):
    sock.settimeout(30)
    first = tried(lambda: sock.recv(65536))
    return "%s %s" % (first, tried(lambda: sock.send(b"x")))


def run(word, port, *rest):
    port = int(port)
    mine = held.setdefault(port, [])
    if word in ("listen", "listen6"):
        six = word == "listen6"
        s = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("::1" if six else "127.0.0.1", port))
        s.listen(16)
        mine.append(s)
    elif word == "udp":
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", port))
        mine.append(s)
    elif word == "connect":
        c = socket.create_connection(("127.0.0.1", port))
        a, _ = mine[0].accept()
        mine += [c, a]
    elif word == "short":
        # Connections that are gone as soon as they are there.
        for _ in range(int(rest[0]) if rest else 1):
            c = socket.create_connection(("127.0.0.1", port))
            a, _ = mine[0].accept()
            c.close()
            a.close()
    elif word == "send":
        mine[1].sendall(b"x" * int(rest[0]))
        left = int(rest[0])
        while left > 0:
            left -= len(mine[2].recv(left))
    elif word == "share":
        # Another process with the same descriptors; it ends with this one.
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
            while True:
                signal.pause()
    elif word == "keepalive":
        for option, value in ((socket.TCP_KEEPIDLE, 1),
                              (socket.TCP_KEEPINTVL, 1),
                              (socket.TCP_KEEPCNT, 100)):
            mine[1].setsockopt(socket.IPPROTO_TCP, option, value)
        mine[1].setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    elif word == "syn":
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", port))
        mine.append(s)
    elif word == "bind":
        s = socket.socket()
        s.bind(("127.0.0.1", port))
        mine.append(s)
    elif word == "unread":
        mine[1].sendall(b"x" * int(rest[0]))
    elif word == "stuff":
        mine[1].setblocking(False)
        try:
            while True:
                mine[1].send(b"x" * 65536)
        except BlockingIOError:
            pass
    elif word == "full":
        s = socket.socket()
        s.bind(("127.0.0.1", port))
        s.listen(0)
        mine.append(s)
        for _ in range(3):
            c = socket.socket()
            c.setblocking(False)
            c.connect_ex(("127.0.0.1", port))
            mine.append(c)
    elif word == "close-first":
        mine.pop(1).close()
        mine.pop(1).close()
    elif word == "child":
        for i in range(int(rest[0]) if rest else 1):
            child(port + i, False)
    elif word == "stubborn":
        child(port, True)
    elif word == "end":
        os.kill(children[port], signal.SIGKILL)
    elif word == "alive":
        pid = os.waitpid(children[port], os.WNOHANG)[0]
        return "yes" if pid == 0 else "no"
    elif word == "ended":
        status = os.waitpid(children.pop(port), 0)[1]
        return "signal %d" % os.WTERMSIG(status) \
            if os.WIFSIGNALED(status) else "status %d" % os.WEXITSTATUS(status)
    elif word in ("saw-client", "saw-server"):
        return saw(mine[1 if word == "saw-client" else 2])
    elif word == "say":
        return tried(lambda: mine[1].send(b"x" * 10))
    elif word == "half-close":
        # The end that connected is done; the other does not notice.
        mine[1].shutdown(socket.SHUT_WR)
    elif word == "close":
        for s in reversed(mine):
            # No TIME-WAIT is left behind.
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
            s.close()
        del held[port]
    else:
        raise ValueError(word)
    return ""


loopback_up()
for line in sys.stdin:
    try:
        print(("ok " + run(*line.split())).strip(), flush=True)
    except (OSError, ValueError, TypeError, IndexError, KeyError) as e:
        print("error:", line.strip(), e, flush=True)
