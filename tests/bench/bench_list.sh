#!/bin/bash
# SPDX-License-Identifier: ISC
# `list` beside ss and lsof, in turn, as ratios of the fastest run of each by
# the clock, and of the medians of CPU time, which tells less of what else runs
# here (but `list` looks for owners in two threads). Higher is better.
#	bench_list.sh [ROUNDS [SOCKETS..]]
# Owners at 100k take ss most of a minute a run, so they are run 3 times.
set -u
rounds=${1:-7}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- 1000 10000 100000
deck=${SOCKDECK:-./sockdeck}
load=${BUILDDIR:-.}/tests/bench/load

if [ "${SOCKDECK_BENCH_NETNS:-}" != 1 ]; then
	how=-rn
	[ "$(id -u)" -ne 0 ] || how=-n
	unshare "$how" true 2>/dev/null || { echo 'no namespaces here'; exit 77; }
	SOCKDECK_BENCH_NETNS=1 exec unshare "$how" "$0" "$rounds" "$@"
fi
[ -x "$load" ] || { echo "$load is not built"; exit 77; }
ip link set lo up

# Milliseconds of one run by the clock, and of CPU, its children's too.
once() {
	local TIMEFORMAT='%R %U %S'
	{ time "$@" >/dev/null 2>&1; } 2>&1 |
	    awk '{ print $1 * 1000, ($2 + $3) * 1000 }'
}

fastest() {
	sort -n | awk 'NR == 1 { print $1 }'
}

median() {
	sort -n -k 2 | awk '{ v[NR] = $2 } END { print v[int((NR + 1) / 2)] }'
}

# pair LABEL TARGET ROUNDS PEER -- OURS: alternating runs
pair() {
	local label=$1 target=$2 n=$3 i
	shift 3
	local peer=()
	while [ "$1" != -- ]; do
		peer+=("$1")
		shift
	done
	shift
	local tmp
	tmp=$(mktemp -d)
	once "$@" >"$tmp/warm"
	for ((i = 0; i < n; i++)); do
		once "${peer[@]}" >>"$tmp/peer"
		once "$@" >>"$tmp/ours"
	done
	awk -v l="$label" -v t="$target" \
	    -v a="$(fastest <"$tmp/peer")" -v b="$(fastest <"$tmp/ours")" \
	    -v c="$(median <"$tmp/peer")" -v d="$(median <"$tmp/ours")" 'BEGIN {
		printf "%-32s %7.0f ms / %6.0f ms = %4.1fx (target %sx) %-6s" \
		    "  CPU %6.0f / %5.0f = %4.1fx\n", l, a, b, a / b, t,
		    (a / b >= t ? "ok" : "MISSED"), c, d, c / d }'
	rm -rf "$tmp"
}

bare='proto,state,recvq,sendq,local,peer'
for n; do
	coproc LOAD { "$load" "$n"; }
	read -r ready <&"${LOAD[0]}"
	echo "$n sockets ($ready)"
	pair "list / ss -tuna" 2.5 "$rounds" ss -tuna -- \
	    "$deck" list -tuna --columns "$bare"
	pair "  the sockets that ss shows" 2.5 "$rounds" ss -tuna -- \
	    "$deck" list -tuna --columns "$bare" exclude bound
	few=$rounds
	[ "$n" -ge 100000 ] && few=3
	owners=1
	[ "$n" -ge 100000 ] && owners=10
	pair "list with owners / ss -tunap" "$owners" "$few" ss -tunap -- \
	    "$deck" list -tunap
	if command -v lsof >/dev/null; then
		lsof=1
		[ "$n" -ge 100000 ] && lsof=4
		pair "list with owners / lsof -nP -i" "$lsof" "$few" \
		    lsof -nP -i -- "$deck" list -tunap
	fi
	pid=$LOAD_PID
	kill "$pid"
	wait "$pid" 2>/dev/null
done
exit 0
