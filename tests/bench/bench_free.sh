#!/bin/bash
# SPDX-License-Identifier: ISC
# `free -n 1000` beside the usual recipe of scripts: the ports in ss's output,
# and a bind(2) of each other one in python. Runs in turn, fastest of each.
#    bench_free.sh [ROUNDS [PORTS]]
set -u
rounds=${1:-7} ports=${2:-1000}
deck=${SOCKDECK:-./sockdeck}

naive() {
    python3 -c '
import re, socket, subprocess, sys
want = int(sys.argv[1])
out = subprocess.run(["ss", "-tanH"], capture_output=True, text=True).stdout
used = {int(re.search(r":(\d+)\s", line).group(1))
        for line in out.splitlines() if re.search(r":(\d+)\s", line)}
got = []
for port in range(1024, 65536):
    if port in used:
        continue
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            s.bind(("::", port))
            s.listen(1)
    except OSError:
        continue
    got.append(port)
    if len(got) == want:
        break
print(*got, sep="\n")' "$ports"
}

once() {
    local TIMEFORMAT='%R'
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print $1 * 1000 }'
}

if [ "$("$deck" free -n "$ports" | wc -l)" != "$ports" ] ||
    [ "$(naive | wc -l)" != "$ports" ]; then
    echo "$ports ports are not free here"
    exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for ((i = 0; i < rounds; i++)); do
    once naive >>"$tmp/peer"
    once "$deck" free -n "$ports" >>"$tmp/ours"
done
awk -v l="free -n $ports / ss and python" \
    -v a="$(sort -n "$tmp/peer" | head -n 1)" \
    -v b="$(sort -n "$tmp/ours" | head -n 1)" 'BEGIN {
    printf "%-32s %7.1f ms / %6.1f ms = %4.1fx (target 3.0x) %s\n", l, a,
        b, a / b, (a / b >= 3 ? "ok" : "MISSED")
}'
