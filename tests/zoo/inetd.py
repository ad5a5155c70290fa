#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""inetd.py PORT COMMAND..: a server that speaks on standard input, output and
error, one a connection."""
import os
import signal
import socket
import sys

s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', int(sys.argv[1])))
s.listen(64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    c, _ = s.accept()
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in (0, 1, 2):
            os.dup2(c.fileno(), fd)
        s.close()
        c.close()
        os.execvp(sys.argv[2], sys.argv[2:])
    c.close()
