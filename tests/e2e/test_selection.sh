#!/bin/bash
# SPDX-License-Identifier: ISC
# The selection stays on its socket when lines come and go above it.
. "${SRCDIR:-.}/tests/e2e/lib.sh"
socks "listen 9005"
socks "listen 9007"
socks "listen 9009"
start_deck 100x24 --interval 0.2
wait_for '3 sockets'
keys : "sort local" Enter
wait_for 'LOCAL[▲▼]'
keys g j
wait_selected ':9007'
socks "listen 9001"
socks "listen 9006"
wait_for ':9006'
wait_for ':9001'
wait_selected ':9007'
# New rows are green, gone rows red, for a few seconds.
coloured() {
    mux capture-pane -e -p -t deck | grep "$1" | grep -qF "38;5;$2"
}
socks "listen 9100"
wait_until coloured ':9100' 84m
socks "close 9100"
wait_until coloured ':9100' 203m
socks "close 9005"
wait_gone ':9005'
wait_selected ':9007'
# The order turned round: still the same socket.
keys I
wait_selected ':9007'
# A filter that hides it, and back.
keys / "port:9001" Enter
wait_selected ':9001'
keys Escape
wait_for ':9009'
# It closes itself: its neighbour is selected, not nothing.
keys F3 9007 Enter
wait_selected ':9007'
socks "close 9007"
wait_gone ':9007'
wait_selected ':900'
# Tags stay with their sockets.
keys g Space
wait_for '^\*'
tagged=$(screen | grep '^\*' | grep -oE ':[0-9]+' | head -n 1)
keys I
still_tagged() {
    screen | grep '^\*' | grep -q -- "$tagged"
}
wait_until still_tagged
keys U
wait_gone '^\*'
quit_deck
