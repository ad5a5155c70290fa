#!/bin/sh
# SPDX-License-Identifier: ISC
# Recorded sockets in, printed text out, compared byte by byte. TESTLIST has
# a line a case: NAME INPUT STATUS ARGUMENTS.. (the shell splits them, so
# quotes work), of list unless the first is another command; $dir is where the
# inputs are. What is expected stands in expected/NAME. With --accept the
# expectations are written anew: look at the diff.
set -u
dir=${SRCDIR:-.}/tests/golden
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
accept=${1:-}
bad=0
n=0
unset TCPDIAG_FILE NO_COLOR XDG_CONFIG_HOME HOME SUDO_UID
: >"$tmp/config"
while read -r name input status args; do
	case $name in '' | '#'*) continue ;; esac
	n=$((n + 1))
	eval "set -- $args"
	from=--from
	case ${1:-} in
	explain) command=$1 && shift ;;
	diff) command=$1 from= && shift ;;
	*) command=list ;;
	esac
	"${SOCKDECK:-./sockdeck}" "$command" --config "$tmp/config" \
	    ${from:+"$from"} "$dir/$input" "$@" >"$tmp/raw" 2>"$tmp/err" \
	    </dev/null
	got=$?
	sed "s|$dir/||g" "$tmp/raw" >"$tmp/out"
	# Messages belong to the result; the path of the tree does not.
	if [ -s "$tmp/err" ]; then
		echo '-- standard error'
		sed "s|$dir/||g" "$tmp/err"
	fi >>"$tmp/out"
	if [ "$got" != "$status" ]; then
		echo "$name: status $got, not $status"
		bad=1
	fi
	if [ "$accept" = --accept ]; then
		cp "$tmp/out" "$dir/expected/$name"
	elif ! diff -u "$dir/expected/$name" "$tmp/out"; then
		echo "$name: $args"
		bad=1
	fi
done <"$dir/TESTLIST"
[ "$n" -gt 0 ] || exit 99
echo "$n cases"
exit $bad
