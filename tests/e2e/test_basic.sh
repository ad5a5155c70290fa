#!/bin/bash
# SPDX-License-Identifier: ISC
# Start, header, table, panes that Esc closes, quit: the terminal is given back.
. "${SRCDIR:-.}/tests/e2e/lib.sh"
socks "listen 8080"
socks "listen6 8443"
socks "udp 5353"
socks "share 8080"
start_deck 100x24
wait_for '^ sockdeck  .* live .*LISTEN 2'
wait_for '^ rx +[0-9.]+[KMG]?/s'
wait_for 'PROTO +STATE.? +LOCAL +PEER +PID +USER +PROCESS'
wait_for '127.0.0.1:8080.*python3'
wait_for '\[::1\]:8443.*python3'
wait_for 'udp +UNCONNECTED +127.0.0.1:5353'
# The other process that holds it is not overlooked.
wait_for '127.0.0.1:8080.*python3 \+1'
wait_for '3 sockets'
wait_for 'F1Help.*F4Filter.*F7Scan.*F10Quit'

wait_for 'F8Close F9Signal'

# A wrong command is named, with the nearest one.
keys : "qiut" Enter
wait_for 'no command "qiut": did you mean "quit"'
keys : "set interval 5s" Enter
wait_for '5(.0)?s live'

# Pause and on.
keys Z
wait_for 'PAUSED'
keys Z
wait_for ' live'

# Esc never quits.
keys / nosuchword
wait_for 'nothing matches'
keys Escape
wait_for '127.0.0.1:8080'
keys Escape Escape Escape Escape j
quit_deck
screen | grep -q 'F10Quit' && fail "the alternate screen was not left"
exit 0
