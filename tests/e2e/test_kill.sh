#!/bin/bash
# SPDX-License-Identifier: ISC
# K and F9: which signal, the question, what became of it. Real processes end,
# or live on where nothing was to be done.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
size=${SIZE:-80x24}
socks "child 19001"
socks "listen 19002"
start_deck "$size"
wait_for '19001.*victim'

# The menu of all signals: left alone; by letters; by number.
keys : "sort lport" Enter
keys g
keys F9
wait_for 'Signal to victim'
wait_for 'asks? the program to end|Asks the program to end'
keys Escape
wait_for 'nothing was done'
wait_gone 'Signal to victim'
socks_says "alive 19001" yes
keys K
wait_for 'Signal to victim'
keys K
wait_for '9 +Ends the process at once.*'
keys H
keys U
keys Enter
wait_for 'Send HUP to victim'
wait_for 'user root'
wait_for '19001'
wait_for 'Command'
wait_armed
answer_key q
wait_for 'nothing was done'
socks_says "alive 19001" yes

# A paste is no answer, nor are keys that come at once, nor the mouse.
keys : "kill TERM" Enter
wait_for 'Send TERM to victim'
wait_armed
mux set-buffer 'y'
mux paste-buffer -p -t deck
wait_for 'a question is answered by keys'
mux set-buffer 'yy'
mux paste-buffer -t deck
wait_for 'Several keys came at once'
keys -l "$(printf 'y\r')"
row=$(screen | grep -n 'y    send TERM' | head -n 1 | cut -d: -f1)
left=$(screen | grep 'y    send TERM' | head -n 1)
left=${left%%y    send TERM*}
for _ in 1 2; do
    keys -l "$(printf '\033[<0;%d;%dM' $((${#left} + 8)) "$row")"
done
wait_for '> y'
socks_says "alive 19001" yes
keys Escape
wait_for 'nothing was done'

# What is meant stays meant, although other rows come before it.
keys : "kill" Enter
wait_for 'Signal to victim'
keys Enter
wait_for 'Send TERM to victim'
socks "listen 18999"
wait_armed
answer_key y
socks_says "ended 19001" "signal 15"
wait_for 'ended after'
wait_for '1 ended'
keys Escape
wait_for 'TERM to victim .*ended after'
wait_gone '19001.*victim'

# TERM is ignored: after 5 s KILL is a question of its own.
socks "stubborn 19003"
wait_for '19003.*victim'
keys / "port:19003" Enter
wait_selected 19003
keys : "kill TERM" Enter
wait_armed
answer_key y
wait_for 'it is still there'
wait_for 'Still alive after 5 s. Send KILL to victim'
wait_armed
answer_key Escape
wait_for 'TERM: 1 still alive|TERM to victim .*still alive'
wait_gone 'leave everything alone'
socks_says "alive 19003" yes
keys : "kill TERM" Enter
wait_armed
answer_key y
wait_for 'Send KILL to victim'
wait_armed
answer_key y
socks_says "ended 19003" "signal 9"
wait_for '1 ended'
keys Enter
wait_gone 'Signal TERM'
keys Escape
wait_gone 'port:19003'

# One that ends by itself meanwhile is told, and nothing is left to ask.
socks "child 19005"
wait_for '19005.*victim'
keys / "port:19005" Enter
wait_selected 19005
keys : "kill TERM" Enter
wait_armed
socks "end 19005"
wait_for 'ended meanwhile, by itself'
wait_for 'Nothing can be done here'
keys Escape
wait_for 'nothing was done'
keys Escape
wait_gone 'port:19005'

# Five at once: their number must be typed.
socks "child 19011 5"
keys / "port:19011-19015" Enter
wait_for '5 of '
keys g
for _ in 1 2 3 4 5; do
    keys Space
done
keys F9
wait_for 'Signal to 5 processes'
keys Enter
wait_for 'Send TERM to 5 processes'
# One is taken off, and put back.
wait_for '\[x\] victim'
keys Space
wait_for 'Send TERM to 4 processes'
wait_for '\[ \] victim'
keys Space
wait_for 'Send TERM to 5 processes'
wait_armed
answer_key 4
wait_for 'then Enter: 4'
answer_key Enter
wait_for '4 is not 5: nothing was done'
socks_says "alive 19011" yes
keys -l "$(printf '5\r')"
wait_for 'Several keys came at once'
socks_says "alive 19015" yes
keys 5
wait_for 'then Enter: 5'
answer_key Enter
for port in 19011 19012 19013 19014 19015; do
    socks_says "ended $port" "signal 15"
done
wait_for 'victim \([0-9]+\): ended after'
wait_for '5 ended'
keys Escape
wait_for 'TERM: 5 ended'
keys Escape
wait_gone 'port:19011'

# A heading is its process.
socks "child 19021"
wait_for '19021.*victim'
keys : "group process" Enter
keys / "port:19021" Enter
wait_for '1 of '
wait_selected 'victim \([0-9]+\) +1 socket'
keys K
wait_for 'Signal to victim'
keys Enter
wait_armed
answer_key y
socks_says "ended 19021" "signal 15"
wait_for '1 ended'
keys Escape
wait_for 'TERM to victim'
keys : "group flat" Enter
quit_deck

# --readonly: said, and nothing else.
socks "child 19031"
start_deck "$size" --readonly
wait_for '19031.*victim'
wait_for 'readonly'
keys K
wait_for 'kill: refused, --readonly is on'
keys F8
wait_for 'close: refused, --readonly is on'
socks_says "alive 19031" yes
quit_deck

# And all of it on a large screen.
if [ -z "${SIZE:-}" ]; then
    cleanup
    SIZE=200x50 exec bash "$0"
fi
