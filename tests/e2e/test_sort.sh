#!/bin/bash
# SPDX-License-Identifier: ISC
# Sorting: by command, by < and >, reversed, by a press on a title.
. "${SRCDIR:-.}/tests/e2e/lib.sh"
for port in 9003 9001 9002; do
    socks "listen $port"
done
start_deck 100x24
wait_for '3 sockets'

order_is() {
    [ "$(ports)" = "$1 " ]
}
keys : "sort local" Enter
wait_until order_is "9001 9002 9003"
wait_for 'LOCAL.?[▲▼]'
keys I
wait_until order_is "9003 9002 9001"
keys '>'
wait_for 'PEER[▲▼]'
keys '<'
wait_for 'LOCAL[▲▼]'
keys : "sort nosuch" Enter
wait_for 'nosuch'

# A press on a title: SGR mouse, as the terminal would send it.
keys : "sort pid" Enter
wait_for 'PID[▲▼]'
y=$(screen | grep -n 'PROTO' | cut -d: -f1)
x=$(screen | grep 'PROTO' | grep -ob 'LOCAL' | cut -d: -f1)
press() {
    keys -l "$(printf '\033[<0;%d;%dM\033[<0;%d;%dm' "$1" "$2" "$1" "$2")"
}
press $((x + 2)) "$y"
wait_for 'LOCAL[▲▼]'
# .. and on the function bar.
y=$(screen | grep -n 'F4Filter' | cut -d: -f1)
x=$(screen | grep 'F4Filter' | grep -ob 'F4Filter' | cut -d: -f1)
press $((x + 4)) "$y"
keys "port:9002"
wait_for '1 of 3 sockets'
keys Escape
wait_for '[^f] 3 sockets'
quit_deck
