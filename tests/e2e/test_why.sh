#!/bin/bash
# SPDX-License-Identifier: ISC
# B, the bind doctor: the selected socket's port, or one that is typed; looked
# at in the background, scrolled, asked again; narrow and wide.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99

start_deck 80x24
# No socket is selected: the port is asked for.
keys B
wait_for 'Port \(as in 8080, 53/udp\)'
keys 19001 Enter
wait_for 'Bind doctor: 19001/tcp'
wait_for '19001/tcp can be bound\.'
wait_for 'Works +0\.0\.0\.0:19001: can be bound'
# Asked again, it looks again.
socks "listen 19001"
keys : "why 19001" Enter
wait_for '19001/tcp can be bound for IPv6 alone: '
wait_for "Holder +python3 \(pid $socks_pid, user root\) listens on"
keys Escape
wait_gone 'Bind doctor'

# On a row: its port, with what would free it further down.
wait_selected 'LISTEN'
keys B
wait_for 'Bind doctor: 19001/tcp'
wait_for 'What holds it'
keys G
wait_for 'Fails +0\.0\.0\.0:19001: Address already in use|Address +127'
keys g
wait_for 'can be bound for IPv6 alone'
keys / "SO_REUSEADDR" Enter
wait_for 'SO_REUSEADDR'
keys Escape
wait_gone 'Bind doctor'

# Clients are apart from holders.
socks "connect 19001"
keys : "why 127.0.0.1:19001" Enter
wait_for '127\.0\.0\.1:19001/tcp cannot be bound: python3'
keys / "ending them frees nothing" Enter
wait_for 'Clients: ending them frees nothing'
keys Escape
wait_gone 'Bind doctor'

# What is wrong is said, and opens nothing that stays.
keys : "why 70000" Enter
wait_for '70000: a port is a number from 1 to 65535'
wait_gone 'Bind doctor'
keys : "why nosuchservice/udp" Enter
wait_for 'nosuchservice/udp: neither a port'
wait_gone 'Bind doctor'

# Large, and too small for all of it.
mux resize-window -t deck -x 200 -y 50
wait_for 'F10'
keys B
wait_for 'Bind doctor: 19001/tcp'
wait_for 'Tried just now, in the network namespace'
wait_for 'Command +sockdeck kill '
keys Escape
wait_gone 'Bind doctor'
mux resize-window -t deck -x 40 -y 10
keys B
wait_for 'Bind doctor'
keys Escape
wait_gone 'Bind doctor'
quit_deck

# Nothing is changed, so --readonly does not forbid it.
start_deck 80x24 --readonly
keys : "why 19002" Enter
wait_for '19002/tcp can be bound\.'
keys q
wait_gone 'Bind doctor'
quit_deck

# A socket of another namespace: its port is tried there.
mkfifo "$work/there" || exit 99
exec 6<>"$work/there"
echo "listen 19003" >&6
# shellcheck disable=SC2016 # the inner shell's $0
unshare -n sh -c 'ip link set lo up; exec python3 "$0"' \
    "${SRCDIR:-.}/tests/e2e/socks.py" <&6 >"$work/other" &
other=$!
wait_until grep -q ok "$work/other"
start_deck 100x40 -N all
keys / "port:19003" Enter
wait_selected 19003
keys B
wait_for '19003/tcp in pid [0-9]+ \(python3\) can be bound for IPv6 alone'
wait_for 'Command +sockdeck kill -N [0-9]+ '
keys Escape
wait_gone 'Bind doctor'
keys : "why 19003" Enter
wait_for 'Verdict +19003/tcp in default can be bound'
wait_for 'Verdict +19003/tcp in pid [0-9]+'
keys Escape
wait_gone 'Bind doctor'
keys q
wait_for "exit status 0"
kill "$other" 2>/dev/null

# A recording is no machine; and plain ASCII where the terminal is.
"$SOCKDECK" list --record "$work/rec.jsonl" >/dev/null
start_deck 80x24 --from "$work/rec.jsonl"
wait_selected 'LISTEN'
keys B
wait_for 'a recording is no machine to try on'
quit_deck
LC_ALL=C start_deck 80x24
keys : "why 19001" Enter
wait_for '19001/tcp can be bound for IPv6 alone'
if screen | LC_ALL=C grep -q '[^ -~]'; then
    fail "not ASCII alone"
fi
keys Escape
wait_gone 'Bind doctor'
quit_deck
