#!/bin/bash
# SPDX-License-Identifier: ISC
# K on what one sits on: an ancestor takes its number typed, process 1 is
# refused. In a process namespace of its own.
E2E_UNSHARE='-rnpf --mount-proc'
export E2E_UNSHARE
# There, process 1 is this: it listens, and nobody has its descriptor.
if [ $$ = 1 ] && [ -n "${SOCKDECK_E2E_NS:-}" ]; then
    exec python3 -c '
import ctypes, socket, subprocess, sys
ctypes.CDLL(None).prctl(15, b"first", 0, 0, 0)
s = socket.socket()
s.bind(("127.0.0.1", 19002))
s.listen()
sys.exit(subprocess.call(["bash"] + sys.argv[1:]))' "$0" "$@"
fi
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99

# What starts the deck, and holds a socket.
cat >"$work/parent.py" <<'EOF'
import ctypes
import socket
import subprocess
import sys
ctypes.CDLL(None).prctl(15, b"parent", 0, 0, 0)
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 19001))
s.listen()
sys.exit(subprocess.call(sys.argv[1:]))
EOF
SOCKDECK="python3 $work/parent.py $(realpath "$SOCKDECK")"
start_deck 80x24
wait_for '19001.*parent'

keys / "lport=19001" Enter
wait_selected 19001
keys : "kill KILL" Enter
wait_for 'Send KILL to parent'
wait_for 'Careful: this program runs beneath it'
wait_armed
pid=$(screen | sed -nE 's/.*Send KILL to parent \(([0-9]+)\).*/\1/p')
[ -n "$pid" ] || fail "no process number"
answer_key Enter
wait_for "Type $pid first"
keys 1
wait_for "then Enter: 1"
answer_key Enter
wait_for "1 is not $pid: nothing was done"
keys Escape
wait_for 'nothing was done'
kill -0 "$pid" || fail "it is gone"
keys : "kill KILL" Enter
wait_armed
keys -l "$pid"
wait_for "then Enter: $pid"
answer_key Enter
wait_until sh -c "! kill -0 $pid 2>/dev/null"

start_deck 80x24
wait_for '19002 .* 1 root first'
keys / "lport=19002" Enter
wait_selected 19002
keys : "kill KILL" Enter
wait_for 'Nothing can be done here'
wait_for 'process 1 starts and ends all others'
keys y
answer_key Escape
wait_gone 'Nothing can be done here'
screen | grep -q 19002 || fail "the table is gone"
quit_deck
