#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Sockets on demand for the end-to-end tests: a command a line on standard
input, "ok" or an error a line on standard output.

    listen PORT | listen6 PORT | udp PORT | connect PORT | close PORT
    send PORT BYTES | half-close PORT | share PORT | short PORT [COUNT]
    bind PORT | syn PORT
    unread PORT BYTES: sends, and nobody reads
    stuff PORT: the same until no more is taken
    full PORT: a listener that never accepts, with more clients than it takes
    close-first PORT: the end that connected closes, then the other
"""
import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
held = {}  # port: sockets


def loopback_up():
    """In a namespace of our own only: there is nothing but lo."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        req = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(s, SIOCGIFFLAGS, req))[1]
        fcntl.ioctl(s, SIOCSIFFLAGS,
                    struct.pack("16sh14x", b"lo", flags | IFF_UP))


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


loopback_up()
for line in sys.stdin:
    try:
        run(*line.split())
        print("ok", flush=True)
    except (OSError, ValueError, TypeError, IndexError, KeyError) as e:
        print("error:", line.strip(), e, flush=True)
