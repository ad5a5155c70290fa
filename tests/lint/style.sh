#!/bin/bash
# What HACKING.md says of files: sizes, no leftovers, formatted by
# .clang-format.
set -u
cd "${SRCDIR:-.}" || exit 99
status=0
complain() {
    echo "$1"
    status=1
}

while read -r lines file; do
    [ "$file" = total ] || [ "$lines" -le 800 ] ||
        complain "$file: $lines lines; split it by topic (800 at most)"
done < <(wc -l src/*/*.c src/*/*.h)

leftovers=$(grep -nE '\b(TO''DO|FIX''ME|XX''X)\b|#if ''0' src/*/*.[ch] tests/*/*.[ch])
[ -z "$leftovers" ] || complain "left for later: $leftovers"

waits=$(grep -nE '(^|[^a-z_.])(sle''ep|usle''ep|nanosle''ep)[ (]|time\.sle''ep' \
    tests/*/*.[ch] tests/*/*.sh tests/*/*.py 2>/dev/null)
[ -z "$waits" ] || complain "a test that waits for time, not for a condition: $waits"

for file in src/*/*.[ch]; do
    head -n 1 "$file" | grep -q '^/\* SPDX-License-Identifier: ISC \*/$' ||
        complain "$file: no SPDX line"
done
for file in src/*/*.c tests/*/*.c; do
    [ -e "$file" ] || continue
    grep -m 1 '^#include' "$file" | grep -q '"config.h"' ||
        complain "$file: \"config.h\" is not the first include"
done

if command -v clang-format >/dev/null 2>&1; then
    unformatted=$(clang-format --dry-run src/*/*.[ch] tests/*/*.[ch] 2>&1 |
        sed -nE 's/^([^:]+):([0-9]+):.*/\1:\2/p' | sort -u)
    [ -z "$unformatted" ] ||
        complain "not as clang-format would have it: $unformatted"
fi
exit $status
