#!/bin/bash
# SPDX-License-Identifier: ISC
# The classroom in the deck: a step on a key, the table and the lesson beside
# each other, on a narrow and on a wide screen, in ASCII; nothing is left.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99

# start_lab COLSxROWS [LESSON]
start_lab() {
    local size=$1
    shift
    mux kill-server 2>/dev/null
    decks=$((decks + 1))
    mux new-session -d -s deck -c "$work" -x "${size%x*}" -y "${size#*x}" \
        "$SOCKDECK lab $*; echo \"exit status \$?\"; read -r _" ||
        skip "tmux does not start"
    wait_for 'Step 1 of|Failed|exit status'
    screen | grep -q 'Step 1 of' || skip "no lab here: $(screen | head -n 2)"
}

# What the two hosts have, and that the step is over: so that the next key is
# one for the next step.
step_to() {
    keys Space
    wait_for 'Space: let it happen'
    keys Space
    wait_for "$1"
    wait_for 'Space: next'
}

start_lab 80x24
wait_for 'Lesson 1 of 13: The three-way handshake'
wait_for 'client none +server none'
wait_for 'Its peer is -:'
keys Space
wait_for 'client none +server LISTEN'
wait_for 'server: listen\(192\.0\.2\.2:80, backlog 16\) = fd'
wait_for 'So +Nothing did'
# What the lesson says of the table is what the table shows.
wait_for '^.server +tcp +LISTEN +192\.0\.2\.2:80 [a-z]+ +- '
step_to 'client SYN-SENT +server LISTEN'
wait_for 'client:[0-9]+ ─▶│ server  SYN seq 0 win [0-9]+  held'
wait_for '^.client +tcp +SYN-SENT '
step_to 'client SYN-SENT +server LISTEN, SYN-RECEIVED'
wait_for 'server ─▶│ client:[0-9]+  SYN,ACK seq 0 ack 1 win [0-9]+  held'
step_to 'client ESTABLISHED +server LISTEN, SYN-RECEIVED'
step_to 'client ESTABLISHED +server LISTEN, ESTABLISHED'
wait_for 'let go'
keys o
wait_for 'SENDQ TIMER'
keys o
wait_gone 'SENDQ TIMER'
# The table is as ever, and L leads back to the lesson.
keys Tab
keys g Enter
wait_for 'Socket: tcp'
keys Escape
wait_gone 'Socket: tcp'
keys L
step_to 'Step 6 of 7'

# From the start; another lesson by its number, and from the list.
keys r
wait_for 'Step 1 of 7'
wait_for 'client none +server none'
keys 5
wait_for 'Lesson 5 of 13: Simultaneous open'
wait_for 'Space: let it happen'
keys Space
wait_for 'client SYN-SENT +server none'
wait_for 'Space: next'
step_to 'client SYN-SENT +server SYN-SENT'
step_to 'client SYN-RECEIVED +server SYN-RECEIVED'
step_to 'client ESTABLISHED +server ESTABLISHED'
wait_for 'Lesson over'
keys L
wait_for 'Lessons'
keys G Enter
wait_for 'Lesson 13 of 13'
# While a step still waits: away from it.
keys 9
wait_for 'Lesson 9 of 13: UDP'
wait_for 'Space: let it happen'
keys Space
wait_for 'server UNCONNECTED'
# Its settings are not the deck's.
keys : save Enter
wait_for 'not saved'
keys q
wait_for 'exit status 0'

# Wide: beside the table, with all steps.
start_lab 200x50 crossing
wait_for 'LOCAL.*Lesson 4 of 13'
wait_for 'FINs that cross'
keys Space
wait_for 'client ESTABLISHED +server LISTEN, ESTABLISHED'
wait_for '✓ 1 +A connection'
wait_for 'Space: next'
step_to 'client FIN-WAIT-1 +server LISTEN, ESTABLISHED'
step_to 'client FIN-WAIT-1 +server LISTEN, FIN-WAIT-1'
step_to 'client CLOSING +server LISTEN, CLOSING'
step_to 'client TIME-WAIT +server LISTEN, TIME-WAIT'
wait_for 'TIME-WAIT 2'
pids=$(screen | sed -nE 's/.*server +tcp +LISTEN .* server +([0-9]+) .*/\1/p')
[ -n "$pids" ] || fail "no pid of the server"
keys q
wait_for 'exit status 0'
gone() {
    ! kill -0 "$pids" 2>/dev/null
}
wait_until gone

# ASCII.
export LC_ALL=C
start_lab 80x24 reset
keys Space
wait_for 'client:[0-9]+ --> server  SYN seq 0'
wait_for 'server --> client:[0-9]+  RST,ACK'
wait_for 'ECONNREFUSED'
keys q
wait_for 'exit status 0'
