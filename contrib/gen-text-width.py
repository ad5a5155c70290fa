#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes src/base/text_width.c's table from Python's unicodedata.

usage: contrib/gen-text-width.py src/base/text_width.c

Each entry is (first code point << 2 | class) and holds up to the next one;
class 0 is a combining mark, 1 one column, 2 two columns, 3 never shown.
"""
import re
import sys
import unicodedata

# Default_Ignorable_Code_Point that is not category Cf: invisible, and
# terminals do not agree on its width.
IGNORABLE = [(0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5),
             (0x180B, 0x180F), (0x2060, 0x206F), (0x3164, 0x3164),
             (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB),
             (0xE0000, 0xE0FFF)]
# One column for some C libraries and terminals, two for others (Unicode 16
# made trigrams and Tai Xuan Jing symbols wide, glibc the circled numbers).
DISPUTED = [(0x2630, 0x2637), (0x268A, 0x268F), (0x3248, 0x324F),
            (0x4DC0, 0x4DFF), (0x1D300, 0x1D376)]
JAMO = [(0x1160, 0x11FF), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB)]


def within(ranges, c):
    return any(lo <= c <= hi for lo, hi in ranges)


def class_of(c):
    cat = unicodedata.category(chr(c))
    if within(IGNORABLE, c) or within(DISPUTED, c):
        return 3
    if cat in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return 3
    if cat in ("Mn", "Me") or within(JAMO, c):
        return 0
    if unicodedata.east_asian_width(chr(c)) in "WF":
        return 2
    return 1


def main():
    path = sys.argv[1]
    entries = []
    prev = None
    for c in range(0x110000):
        k = class_of(c)
        if k != prev:
            entries.append(c << 2 | k)
            prev = k
    lines = []
    for i in range(0, len(entries), 6):
        lines.append("\t" + " ".join("0x%06x," % e for e in entries[i:i + 6]))
    table = ("/* Unicode %s, %d entries; made by contrib/gen-text-width.py */\n"
             "static const uint32_t width_table[] = {\n%s\n};\n"
             % (unicodedata.unidata_version, len(entries), "\n".join(lines)))
    src = open(path, encoding="utf-8").read()
    src = re.sub(r"/\* Unicode [0-9.]+, .*?^};\n", lambda m: table, src,
                 count=1, flags=re.S | re.M)
    open(path, "w", encoding="utf-8").write(src)


main()
