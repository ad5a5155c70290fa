#!/bin/bash
# SPDX-License-Identifier: ISC
# Headings: by process, port and listener; opened, closed, selected.
. "${SRCDIR:-.}/tests/e2e/lib.sh"
socks "listen 8080"
socks "connect 8080"
socks "listen 9090"
start_deck 110x30
wait_for '4 sockets'
wait_for 'python3'
keys v
wait_for 'by process'
wait_for 'python3 .*4 sockets'
keys g
wait_selected 'python3'
keys Enter
wait_for '[▾▸]'
keys +
wait_for '127.0.0.1:8080'
keys -
wait_gone '127.0.0.1:8080 '
keys v
wait_for 'by port'
keys : "group tree" Enter
wait_for 'by listener'
keys +
wait_for '8080.*accepted'
wait_for '[├└]'
# The filter holds in every grouping.
keys / "port:9090" Enter
wait_for '1 of 4 sockets'
wait_gone ':8080'
keys Escape
wait_for '[^f] 4 sockets'
keys : "group flat" Enter
wait_gone 'by listener'
wait_for '4 sockets'
quit_deck
