#!/bin/bash
# SPDX-License-Identifier: ISC
# :explain, the answers of `sockdeck explain` over the deck: with the deck's
# own sockets, as they are now.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
socks "listen 19001"
start_deck 100x50
keys : "explain 19001" Enter
wait_for 'Explain ─'
wait_for 'Port 19001 now'
wait_for 'Listens +tcp 127.0.0.1:19001: python3'
wait_for 'Ephemeral +outside of'
# It follows what happens.
socks "connect 19001"
wait_for "Connections +1: python3 \($socks_pid\)"
wait_for "Clients +1: python3 \($socks_pid\)"
# Another word in the same pane; a state, counted by process.
keys : "explain established" Enter
wait_for 'ESTABLISHED: connection is open'
wait_gone 'Port 19001 now'
wait_for "Here +2: python3 \($socks_pid\)"
# Words that are not known are said, and change nothing.
keys : "explain soket" Enter
wait_for 'soket: not known; did you mean socket\?'
wait_for 'ESTABLISHED: connection is open'
keys : "explain 65536" Enter
wait_for '65536: not a port'
keys : "explain socket pair soket" Enter
wait_for 'soket: not known'
wait_for 'socket pair: both ends together'
wait_for 'See also +socket, connection'
# Find, in the text.
keys : "explain" Enter
wait_for 'What sockdeck explain can be asked for'
keys / "EADDRNOTAVAIL" Enter
wait_for 'EADDRNOTAVAIL'
keys : "explain services 143" Enter
wait_for '143/tcp imap: '
keys : "explain questions 11" Enter
wait_for '11. What is a firewall'
keys Escape
wait_gone 'Explain ─'
wait_for '19001'

for size in 200x50 40x8; do
    mux resize-window -t deck -x "${size%x*}" -y "${size#*x}"
    keys : "explain socket pair" Enter
    wait_for 'socket pair: both'
    keys Escape
    wait_gone 'socket pair: both'
done
quit_deck

LC_ALL=C start_deck 80x24
keys : "explain socket pair" Enter
wait_for 'socket pair: both'
if screen | LC_ALL=C grep -q '[^ -~]'; then
    fail "not ASCII alone"
fi
keys q
wait_gone 'socket pair: both'
quit_deck
