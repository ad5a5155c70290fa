#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""For contrib/screenshot: demo servers, and a terminal's screen as SVG.

    screenshot.py serve DIRECTORY   servers that talk to each other; a line on
                                    standard output when they are up
    screenshot.py svg COLS ROWS     `tmux capture-pane -e` to SVG
"""
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from xml.sax.saxutils import escape

# -- a screen as SVG --------------------------------------------------------

BASE = ["#1c1f26", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd",
        "#56b6c2", "#c8ccd4", "#5c6370", "#ff7a85", "#b5e890", "#ffd68a",
        "#82c4ff", "#e09aff", "#7fe0ea", "#ffffff"]
BACK, FORE = "#14161b", "#c8ccd4"
CELL_W, CELL_H, PAD = 8.4, 18, 14


def colour256(n):
    if n < 16:
        return BASE[n]
    if n < 232:
        n -= 16
        steps = [0, 95, 135, 175, 215, 255]
        return "#%02x%02x%02x" % (steps[n // 36], steps[n // 6 % 6],
                                  steps[n % 6])
    grey = 8 + (n - 232) * 10
    return "#%02x%02x%02x" % (grey, grey, grey)


class Style:
    def __init__(self):
        self.reset()

    def reset(self):
        self.fg = self.bg = None
        self.bold = self.dim = self.reverse = self.underline = False

    def sgr(self, params):
        codes = [int(p or 0) for p in params.split(";")]
        while codes:
            c = codes.pop(0)
            if c == 0:
                self.reset()
            elif c == 1:
                self.bold = True
            elif c == 2:
                self.dim = True
            elif c == 4:
                self.underline = True
            elif c == 7:
                self.reverse = True
            elif c == 22:
                self.bold = self.dim = False
            elif c == 24:
                self.underline = False
            elif c == 27:
                self.reverse = False
            elif 30 <= c <= 37:
                self.fg = BASE[c - 30]
            elif 40 <= c <= 47:
                self.bg = BASE[c - 40]
            elif 90 <= c <= 97:
                self.fg = BASE[c - 82]
            elif 100 <= c <= 107:
                self.bg = BASE[c - 92]
            elif c == 39:
                self.fg = None
            elif c == 49:
                self.bg = None
            elif c in (38, 48):
                if codes and codes.pop(0) == 5 and codes:
                    value = colour256(codes.pop(0))
                else:
                    value = "#%02x%02x%02x" % tuple(codes[:3])
                    del codes[:3]
                if c == 38:
                    self.fg = value
                else:
                    self.bg = value

    def look(self):
        fg, bg = self.fg or FORE, self.bg
        if self.reverse:
            fg, bg = bg or BACK, fg
        return fg, bg, self.bold, self.dim, self.underline


def cells(line, style):
    """(character, look) for each cell of a line."""
    out = []
    for part in re.split(r"(\x1b\[[0-9;]*m|\x0e|\x0f|\x1b\(.)", line):
        if part.startswith("\x1b[") and part.endswith("m"):
            style.sgr(part[2:-1])
        elif part and part[0] not in "\x1b\x0e\x0f":
            out += [(ch, style.look()) for ch in part]
    return out


def runs(row):
    start = 0
    for i in range(1, len(row) + 1):
        if i == len(row) or row[i][1] != row[start][1]:
            yield start, "".join(ch for ch, _ in row[start:i]), row[start][1]
            start = i


def svg(cols, rows, text):
    width = cols * CELL_W + 2 * PAD
    height = rows * CELL_H + 2 * PAD
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" '
          f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
          'font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" '
          'font-size="14">')
    print(f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>')
    style = Style()
    for y, line in enumerate(text.split("\n")[:rows]):
        row = cells(line, style)
        top = PAD + y * CELL_H
        for x, part, (fg, bg, bold, dim, underline) in runs(row):
            left = PAD + x * CELL_W
            if bg:
                print(f'<rect x="{left:.1f}" y="{top}" '
                      f'width="{len(part) * CELL_W:.1f}" '
                      f'height="{CELL_H}" fill="{bg}"/>')
            extra = ' font-weight="bold"' if bold else ""
            extra += ' opacity="0.6"' if dim else ""
            extra += ' text-decoration="underline"' if underline else ""
            # Word by word: columns hold whatever font there is.
            for word in re.finditer(r"\S+", part):
                at = left + word.start() * CELL_W
                length = (word.end() - word.start()) * CELL_W
                print(f'<text x="{at:.1f}" y="{top + CELL_H - 5}" '
                      f'textLength="{length:.1f}" '
                      'lengthAdjust="spacingAndGlyphs" '
                      f'fill="{fg}"{extra}>{escape(word.group())}</text>')
    print("</svg>")


# -- servers ----------------------------------------------------------------

# Who listens where. What the visitors (in a namespace of their own, at the
# other end of a veth pair) and the servers say to each other: from, to, bytes
# a second.
SERVERS = {
    "sshd": ([("0.0.0.0", 22), ("::", 22)], [], []),
    "nginx": ([("0.0.0.0", 80), ("0.0.0.0", 443)], [], []),
    "postgres": ([("127.0.0.1", 5432)], [], []),
    "redis-server": ([("127.0.0.1", 6379), ("::1", 6379)], [], []),
    "shop-api": ([("127.0.0.1", 8080)], [],
                 [("127.0.0.1", ("127.0.0.1", 5432), 60_000),
                  ("127.0.0.1", ("127.0.0.1", 5432), 9_000),
                  ("127.0.0.1", ("127.0.0.1", 6379), 24_000)]),
    "chronyd": ([], [("127.0.0.1", 323), ("::1", 323)], []),
    "node_exporter": ([("10.0.0.5", 9100)], [], []),
}
VISITS = [("10.0.0.9", ("10.0.0.5", 443), 400_000),
          ("10.0.0.9", ("10.0.0.5", 443), 80_000),
          ("10.0.0.12", ("10.0.0.5", 443), 1_200_000),
          ("10.0.0.31", ("10.0.0.5", 443), 30_000),
          ("10.0.0.31", ("10.0.0.5", 443), 0),
          ("10.0.0.40", ("10.0.0.5", 443), 250_000),
          ("10.0.0.2", ("10.0.0.5", 9100), 3_000),
          ("10.0.0.7", ("10.0.0.5", 22), 800)]


def answer(conn, port):
    """Sends back a part of what comes; port 80 is done after that."""
    try:
        while True:
            data = conn.recv(65536)
            if not data:
                # The peer is done; this server does not notice: CLOSE-WAIT.
                threading.Event().wait()
            conn.sendall(data[:len(data) // 3 + 1])
            if port == 80:
                conn.close()
                return
    except OSError:
        pass


def accept(listener, port):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=answer, args=(conn, port),
                         daemon=True).start()


def drain(conn):
    try:
        while conn.recv(65536):
            pass
    except OSError:
        pass


def connected(source, target):
    while True:
        conn = socket.socket()
        try:
            conn.bind((source, 0))
            conn.connect(target)
            return conn
        except OSError:
            conn.close()
            time.sleep(0.05)


def talk(source, target, rate):
    conn = connected(source, target)
    threading.Thread(target=drain, args=(conn,), daemon=True).start()
    while rate > 0:
        conn.sendall(b"x" * (rate // 10))
        time.sleep(0.1)
    threading.Event().wait()


def come_and_go():
    """Short connections: new rows, gone rows, TIME-WAIT."""
    while True:
        conn = connected("10.0.0.40", ("10.0.0.5", 80))
        time.sleep(1.2)
        conn.sendall(b"GET / HTTP/1.0\r\n\r\n")
        drain(conn)
        conn.close()


def in_background(target, *args):
    threading.Thread(target=target, args=args, daemon=True).start()


def play(name):
    held = []
    listens, udp, talks = SERVERS.get(name, ([], [], VISITS))
    for address in listens:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(128)
        held.append(listener)
        in_background(accept, listener, address[1])
    for address in udp:
        s = socket.socket(socket.AF_INET6 if ":" in address[0]
                          else socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(address)
        held.append(s)
    print("up", flush=True)
    if name == "visitors":
        sys.stdin.readline()  # until there is a network
        in_background(come_and_go)
        leak = connected("10.0.0.31", ("10.0.0.5", 443))
        leak.shutdown(socket.SHUT_WR)
    for each in talks:
        in_background(talk, *each)
    threading.Event().wait()


def start(directory, name, *before):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as script:
        script.write(f"#!{sys.executable}\nimport sys\n"
                     f"sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
                     f"import screenshot\nscreenshot.play({name!r})\n")
    os.chmod(path, stat.S_IRWXU)
    child = subprocess.Popen(
        [*before, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    child.stdout.readline()
    return child


def network(pid):
    """A veth pair between this namespace and that of pid."""
    def ip(*args, inside=False):
        enter = ["nsenter", "-t", str(pid), "-n"] if inside else []
        subprocess.run([*enter, "ip", *args], check=True)

    ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth0",
       "netns", str(pid))
    ip("address", "add", "10.0.0.5/24", "dev", "eth0")
    ip("link", "set", "eth0", "up")
    ip("link", "set", "eth0", "up", inside=True)
    for host in sorted({source for source, _, _ in VISITS}):
        ip("address", "add", host + "/24", "dev", "eth0", inside=True)


def serve(directory):
    visitors = start(directory, "visitors", "unshare", "-n")
    network(visitors.pid)
    children = [start(directory, name) for name in SERVERS] + [visitors]
    visitors.stdin.write(b"\n")
    visitors.stdin.flush()

    def stop(*_):
        for child in children:
            child.kill()
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    print("up", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        svg(int(sys.argv[2]), int(sys.argv[3]), sys.stdin.read())
