#!/bin/bash
# SPDX-License-Identifier: ISC
# X and F8: one socket is closed, at once or in order, and what both programs
# saw of it.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
size=${SIZE:-80x24}
for port in 19001 19002 19003; do
    socks "listen $port"
    socks "connect $port"
done
start_deck "$size"
wait_for '19003 .*python3'

# Left alone.
keys / "rport=19001" Enter
wait_selected 19001
keys X
wait_for 'Close tcp 127.0.0.1:[0-9]+ -> 127.0.0.1:19001'
wait_for 'sees ECONNRESET'
wait_for 'sees ECONNABORTED'
wait_for 'r +at once \(RST\)'
wait_for 'f +in order \(FIN\)'
wait_armed
answer_key Enter
wait_for 'nothing was done'
socks_says "say 19001" ok

# At once: the client sees an abort, the server a reset.
keys F8
wait_armed
answer_key r
wait_for '1 closed'
keys Escape
wait_for 'tcp .*19001: closed'
socks_says "saw-client 19001" "ECONNABORTED EPIPE"
socks_says "saw-server 19001" "bytes ECONNRESET"
keys Escape
wait_gone 'rport=19001'

# In order: the server reads the end, the client can write no more.
keys / "rport=19002" Enter
wait_selected 19002
keys X
wait_armed
answer_key f
wait_for '1 shut \(FIN\)'
keys Escape
wait_for 'tcp .*19002: '
socks_says "say 19002" EPIPE
socks_says "saw-server 19002" "end ok"
keys Escape
wait_gone 'rport=19002'

# By name of the way; several are one question with their number.
for port in 19011 19012 19013; do
    socks "listen $port"
    socks "connect $port"
done
keys / "port:19011-19013 and state established" Enter
wait_for '6 of '
keys g
for _ in 1 2 3 4 5 6; do
    keys Space
done
keys : "close rst" Enter
wait_for 'Close 6 sockets'
wait_armed
answer_key 5
wait_for 'then Enter: 5'
answer_key Enter
wait_for '5 is not 6: nothing was done'
socks_says "say 19011" ok
keys 6
wait_for 'then Enter: 6'
answer_key Enter
wait_for '[0-9] closed'
wait_gone 'to come|being done'
keys Escape
wait_for 'close: '
# Each end was one of the six: closed itself, or reset by the other's end.
for end in client server; do
    socks "saw-$end 19013"
    case $answer in
    "ECONNABORTED EPIPE" | "ECONNRESET EPIPE") ;;
    *) fail "the $end saw: $answer" ;;
    esac
done
keys Escape
wait_gone 'port:19011'

# One that closes by itself while the question is open is told, and not hit.
keys U
keys / "rport=19003" Enter
wait_selected 19003
keys X
wait_armed
socks "close 19003"
wait_for 'closed meanwhile, by itself'
keys Escape
wait_for 'nothing was done'
quit_deck

# And all of it on a large screen.
if [ -z "${SIZE:-}" ]; then
    cleanup
    SIZE=200x50 exec bash "$0"
fi
