#!/bin/bash
# SPDX-License-Identifier: ISC
# The live filter: at each key, error with a caret, history, Esc.
. "${SRCDIR:-.}/tests/e2e/lib.sh"
socks "listen 8080"
socks "listen 9090"
socks "udp 5353"
start_deck 100x24
wait_for '3 sockets'
keys / "port:8080"
wait_for '1 of 3 sockets'
wait_gone '127.0.0.1:9090'
# Before Enter it is in force already; Esc brings back what was.
keys Escape
wait_for '127.0.0.1:9090'
wait_for '[^f] 3 sockets'

keys / "state listen" Enter
wait_for '2 of 3 sockets'
wait_gone '127.0.0.1:5353'

# A wrong one: the caret stands under the offending word.
keys / C-u "port:8080 and nosuchfield=1"
wait_for '\^'
at=$(screen | grep -n 'nosuchfield' | head -n 1 | cut -d: -f1)
word=$(screen | sed -n "${at}p" | grep -ob 'nosuchfield' | head -n 1 | cut -d: -f1)
caret=$(screen | sed -n "$((at + 1))p" | grep -ob '\^' | head -n 1 | cut -d: -f1)
if [ -z "$caret" ] || [ "$caret" -lt "$word" ] || [ "$caret" -gt $((word + 12)) ]; then
    fail "caret at column ${caret:-none}, word at $word"
fi
# Enter keeps it open to be mended.
keys Enter
wait_for '\^'
keys Escape
wait_for '2 of 3 sockets'

# Esc clears it, F4 and history bring it back.
keys Escape
wait_for '[^f] 3 sockets'
keys F4 Up
wait_for '2 of 3 sockets'
keys Enter
wait_for '/ state listen'

# A bare number is a port; toggles add to the filter.
keys Escape
wait_for '[^f] 3 sockets'
keys : 9090 Enter
wait_for '1 of 3 sockets'
keys Escape
wait_for '[^f] 3 sockets'
keys u
wait_for 'udp .*1 of 3 sockets'
wait_gone '127.0.0.1:8080'
keys a
wait_for '127.0.0.1:8080'

# Find hides nothing.
keys F3 "9090"
wait_selected '127.0.0.1:9090'
wait_for '127.0.0.1:8080'
keys Enter

# What is pasted into the filter is text, never keys.
keys /
mux set-buffer "port:8080"
mux paste-buffer -p -t deck
wait_for '1 of 3 sockets'
keys Escape
wait_for '[^f] 3 sockets'
quit_deck
