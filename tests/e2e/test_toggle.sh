#!/bin/bash
# SPDX-License-Identifier: ISC
# The command line's letters as keys, in every theme and in ASCII.
. "${SRCDIR:-.}/tests/e2e/lib.sh"
socks "listen 8080"
socks "connect 8080"
socks "listen6 8443"
socks "udp 5353"
start_deck 120x24
wait_for '5 sockets'
keys t
wait_for '4 of 5 sockets'
keys u
wait_for '[^f] 5 sockets'
keys t
wait_for '1 of 5 sockets'
keys a
wait_for '[^f] 5 sockets'
keys l
wait_for 'listening.*3 of 5 sockets'
keys 6
wait_for '1 of 5 sockets'
keys 4
wait_for '3 of 5 sockets'
keys a
wait_for '[^f] 5 sockets'
keys e
wait_for 'INODE'
keys e
wait_gone 'INODE'
keys o
wait_for 'TIMER'
keys o
wait_gone 'TIMER'
keys n
wait_for '127.0.0.1:8080 http-alt'
keys n
wait_gone 'http-alt'
keys : "columns local,pid,process" Enter
wait_gone 'STATE'
wait_for 'LOCAL +PID +PROCESS'
for theme in light mono high-contrast default; do
    keys : "set theme $theme" Enter
    wait_for '127.0.0.1:8080'
done
quit_deck

# No byte beyond ASCII in an ASCII locale; no colour with NO_COLOR.
export LC_ALL=C NO_COLOR=1
start_deck 100x24
wait_for '127.0.0.1:8080'
keys v
wait_for 'by process'
screen | LC_ALL=C grep -q '[^ -~]' && fail "not ASCII"
mux capture-pane -e -p -t deck | grep -qE $'\033\\[[0-9;]*(3[0-8]|4[0-8])' &&
    fail "colours in spite of NO_COLOR"
quit_deck
