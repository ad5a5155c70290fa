#!/bin/bash
# SPDX-License-Identifier: ISC
# Every size: narrow, wide, smallest, too small, and back.
. "${SRCDIR:-.}/tests/e2e/lib.sh"
socks "listen 8080"
socks "listen6 8443"
start_deck 80x24
wait_for '8080'
fits() {
    # No line is wider than the screen, the last one is the function bar.
    [ "$(screen | wc -L)" -le "$1" ]
}
# The function bar is on the last line: it was drawn for this size.
drawn_for() {
    [ "$(screen | grep -n F1Help | cut -d: -f1)" = "$1" ]
}
same() {
    [ "$(screen | grep -v '/s ')" = "$1" ]
}
keys Z
wait_for 'PAUSED'
wait_for 'F10Quit'
fits 80 || fail "wider than 80"
wait_for 'PROCESS'
for size in 200x50 40x8 120x30 41x9 80x24; do
    mux resize-window -t deck -x "${size%x*}" -y "${size#*x}"
    wait_until drawn_for "${size#*x}"
    wait_for ':8080'
    fits "${size%x*}" || fail "wider than $size"
    # Nothing of the old size is left: a screen drawn anew is the same.
    before=$(screen | grep -v '/s ')
    keys C-l
    wait_until same "$before"
done
mux resize-window -t deck -x 20 -y 5
wait_for 'needs 40x8'
mux resize-window -t deck -x 200 -y 50
wait_for '127.0.0.1:8080'
wait_for '\[::1\]:8443'
# Columns scroll when they do not fit.
mux resize-window -t deck -x 60 -y 20
wait_for 'PROTO'
keys Right
wait_gone 'PROTO'
keys Left
wait_for 'PROTO'
quit_deck
