#!/bin/bash
# SPDX-License-Identifier: ISC
# Rules for alerts: the mark, the status line, the list, also of a connection
# that no reading saw.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
mkdir -p "$work/sockdeck"
cat >"$work/sockdeck/config" <<'END'
theme = mono
alert door = state=LISTEN and port:19002
alert visit = sport = :19001 and not state=LISTEN
END
socks "listen 19001"
start_deck 80x24
wait_for ':19001'
screen | grep -q '!tcp' && fail "marked without a rule that matches"
keys A
wait_for 'Nothing has matched a rule yet'
keys A
wait_gone 'Nothing has matched'
socks "listen 19002"
wait_for 'Alert door: 127.0.0.1:19002 python3 \([0-9]+\); A lists alerts'
wait_for '^.!tcp +LISTEN +127.0.0.1:19002'
# The mark is beside the selection's, not in its place.
keys G
wait_for '^>!tcp +LISTEN +127.0.0.1:19002'
# The mark goes with the socket; what was raised stays.
socks "close 19002"
wait_gone '!tcp'
keys A
wait_for 'Alerts: 1, newest first'
wait_for 'door +tcp +LISTEN +127.0.0.1:19002 +- +[0-9]+ +python3'
# Came and went while the deck stood still.
keys Z
wait_for 'PAUSED'
socks "short 19001 3"
keys Z
wait_for 'Alerts: 4, newest first'
wait_for 'visit +tcp +CLOSED +127.0.0.1:19001'
keys Enter
wait_for 'Socket: tcp'
keys Enter
wait_gone 'Socket: tcp'
# Closed sockets take its place, and it theirs.
keys H
wait_for 'Closed sockets'
keys A
wait_for 'Alerts: 4'
keys Escape
wait_gone 'Alerts: 4'
quit_deck
