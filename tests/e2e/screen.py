# SPDX-License-Identifier: ISC
"""What a terminal makes of the deck's bytes, cell by cell, and which of them
are not the deck's own: everything that is not in the list below is foreign.

Widths are the C library's, not the deck's own table."""
import ctypes
import locale
import re

LIBC = ctypes.CDLL(None)
LIBC.wcwidth.argtypes = [ctypes.c_uint32]

# What the deck and curses have reason to send to an xterm: cursor, erasing,
# inserting, colours without blinking or hiding, the modes of its own.
CSI = re.compile(
    rb"\x1b\[(?:[0-9;]*[HABCDGdJKPLM@XrSTb]|4[hl]|"
    rb"\?(?:1049|1000|1006|2004|25|12|1|7|12;25|1002)[hl]|"
    rb"2[23];0;0t|(?P<sgr>[0-9;]*)m)")
SGR = re.compile(
    rb"(?:(?:0|1|2|4|7|22|24|27|3[0-9]|4[0-9]|9[0-7]|10[0-7]|"
    rb"[34]8;5;[0-9]+)?(?:;|$))*\Z")
OTHER = re.compile(rb"\x1b(?:\([B0]|[=>M78])|"
                   rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07")


def is_foreign(o):
    """Characters that must never reach a terminal."""
    return o < 32 or 0x7f <= o <= 0x9f or o == 0x61c or \
        0x200b <= o <= 0x200f or 0x2028 <= o <= 0x202e or \
        0x2060 <= o <= 0x2069 or o == 0xfeff or 0xfff9 <= o <= 0xfffb or \
        0xe000 <= o <= 0xf8ff or o & 0xfffe == 0xfffe or \
        0xe0000 <= o <= 0xe007f


class Screen:
    def __init__(self, rows, cols):
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        self.rows, self.cols = rows, cols
        self.foreign = []       # bytes that are not the deck's
        self.rest = b""
        self.y = self.x = 0
        self.top, self.bottom = 0, rows - 1
        self.insert = self.acs = False
        self.last = " "
        self.clear()

    def clear(self):
        self.cell = [[" "] * self.cols for _ in range(self.rows)]

    def line(self, y):
        """The text; the second cell of a wide character is ''."""
        return "".join(self.cell[y])

    def column(self, y, index):
        """In which cell the character at that index of line(y) is."""
        n = 0
        for x, c in enumerate(self.cell[y]):
            if n + len(c) > index:
                return x
            n += len(c)
        return self.cols

    def text(self):
        return "\n".join(self.line(y) for y in range(self.rows))

    def feed(self, data):
        data = self.rest + data
        i = 0
        while i < len(data):
            n = self.take(data, i)
            if n == 0:
                break
            i += n
        self.rest = data[i:]

    def take(self, data, i):
        c = data[i]
        if c == 0x1b:
            return self.escape(data, i)
        if c in b"\r\n\b\x07\x0e\x0f":
            self.control(c)
            return 1
        if c < 0x80:
            self.put(chr(c))
            return 1
        n = 2 if c < 0xe0 else 3 if c < 0xf0 else 4
        if len(data) - i < n and len(data) - i < 4:
            return 0
        try:
            self.put(data[i:i + n].decode())
            return n
        except UnicodeDecodeError:
            self.foreign.append(data[i:i + 1])
            return 1

    def escape(self, data, i):
        m = CSI.match(data, i)
        if m:
            if m.group("sgr") is not None and \
                    not SGR.match(m.group("sgr")):
                self.foreign.append(m.group())
            self.csi(m.group())
            return len(m.group())
        m = OTHER.match(data, i)
        if m:
            if m.group() in (b"\x1b(0", b"\x1b(B"):
                self.acs = m.group() == b"\x1b(0"
            elif m.group() == b"\x1bM":
                self.up()
            return len(m.group())
        if len(data) - i < 256 and not re.match(
                rb"\x1b(?:[^[\]()]|\[[0-9;?]*[^0-9;?])", data[i:]):
            return 0            # more may come
        self.foreign.append(data[i:i + 12])
        return 1

    def finish(self):
        """Nothing more comes: what is left was no sequence either."""
        if self.rest:
            self.foreign.append(self.rest)

    def control(self, c):
        if c == 13:
            self.x = 0
        elif c == 10:
            if self.y == self.bottom:
                self.scroll(self.top, 1)
            else:
                self.y = min(self.y + 1, self.rows - 1)
        elif c == 8:
            self.x = max(self.x - 1, 0)
        elif c == 14 or c == 15:
            self.acs = c == 14

    def up(self):
        if self.y == self.top:
            self.scroll(self.top, -1)
        else:
            self.y = max(self.y - 1, 0)

    def scroll(self, top, n):
        """Lines from top to the region's end move up by n."""
        blank = [[" "] * self.cols for _ in range(abs(n))]
        part = self.cell[top:self.bottom + 1]
        part = (part[n:] + blank if n > 0 else blank + part)
        self.cell[top:self.bottom + 1] = \
            part[:self.bottom + 1 - top] if n < 0 else \
            part[-(self.bottom + 1 - top):]

    def put(self, c):
        if is_foreign(ord(c)):
            self.foreign.append(c.encode())
            return
        w = LIBC.wcwidth(ord(c))
        if w < 0:
            self.foreign.append(c.encode())
            return
        if w == 0:
            x = max(self.x - 1, 0)
            while x > 0 and self.cell[self.y][x] == "":
                x -= 1
            self.cell[self.y][x] += c
            return
        if self.x + w > self.cols:
            self.x = 0
            self.control(10)
        line = self.cell[self.y]
        if self.insert:
            line[self.x:self.x] = [" "] * w
            del line[self.cols:]
        # Half a wide character is none.
        if line[self.x] == "" and self.x > 0:
            line[self.x - 1] = " "
        line[self.x] = self.last = c
        if w == 2:
            line[self.x + 1] = ""
        if self.x + w < self.cols and line[self.x + w] == "":
            line[self.x + w] = " "
        self.x += w

    def csi(self, seq):
        end, text = seq[-1:], seq[2:-1]
        if text[:1] == b"?":
            return
        p = [int(v or 0) for v in text.split(b";")]
        n = p[0] or 1
        line = self.cell[self.y]
        x = min(self.x, self.cols - 1)
        if end == b"H":
            self.y = min(n, self.rows) - 1
            self.x = min((p + [1])[1] or 1, self.cols) - 1
        elif end == b"A":
            self.y = max(self.y - n, 0)
        elif end == b"B":
            self.y = min(self.y + n, self.rows - 1)
        elif end == b"C":
            self.x = min(x + n, self.cols - 1)
        elif end == b"D":
            self.x = max(self.x - n, 0)
        elif end == b"G":
            self.x = min(n, self.cols) - 1
        elif end == b"d":
            self.y = min(n, self.rows) - 1
        elif end == b"J":
            if p[0] == 2:
                self.clear()
            else:
                line[x:] = [" "] * (self.cols - x)
                for y in range(self.y + 1, self.rows):
                    self.cell[y] = [" "] * self.cols
        elif end == b"K":
            if p[0] == 1:
                line[:x + 1] = [" "] * (x + 1)
            else:
                line[x:] = [" "] * (self.cols - x)
        elif end == b"P":
            del line[x:x + n]
            line += [" "] * (self.cols - len(line))
        elif end == b"@":
            line[x:x] = [" "] * n
            del line[self.cols:]
        elif end == b"X":
            n = min(n, self.cols - x)
            line[x:x + n] = [" "] * n
        elif end == b"L":
            self.scroll(self.y, -n)
        elif end == b"M":
            self.scroll(self.y, n)
        elif end == b"r":
            self.top = n - 1
            self.bottom = ((p + [0])[1] or self.rows) - 1
            self.y = self.x = 0
        elif end == b"S":
            self.scroll(self.top, n)
        elif end == b"T":
            self.scroll(self.top, -n)
        elif end == b"b":
            for _ in range(n):
                self.put(self.last)
        elif end in (b"h", b"l") and p[0] == 4:
            self.insert = end == b"h"
