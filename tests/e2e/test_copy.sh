#!/bin/bash
# SPDX-License-Identifier: ISC
# Copying: what reaches the terminal's clipboard (OSC 52) is what was chosen.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
socks "listen 19001"
start_deck 80x24
wait_for 'python3'
mux set-option -s set-clipboard on
copied() {
    [ "$(mux show-buffer 2>/dev/null)" = "$1" ]
}
keys y
wait_for 'Copy'
wait_for 'Local address +127\.0\.0\.1:19001'
wait_gone 'Peer address'
keys Enter
wait_until copied "127.0.0.1:19001"
wait_for 'clipboard: 127\.0\.0\.1:19001'
keys : "copy pid" Enter
wait_until copied "$socks_pid"
keys : "copy kill" Enter
wait_until copied "kill $socks_pid"
keys : "copy ss" Enter
wait_until copied "ss -tan4p 'src 127.0.0.1:19001'"
[ "$(ss -tHan4p 'src 127.0.0.1:19001' 2>/dev/null | wc -l)" = 1 ] ||
    ! command -v ss >/dev/null || fail "ss does not show it"
keys : "copy json" Enter
json_is_it() {
    mux show-buffer 2>/dev/null | python3 -c '
import json, sys
s = json.load(sys.stdin)
sys.exit(s["local"]["port"] != 19001 or s["state"] != "LISTEN")' 2>/dev/null
}
wait_until json_is_it
keys : "copy peer" Enter
wait_for 'this socket has none'
keys : "copy nosuch" Enter
wait_for 'copy what'
# Nothing selected, nothing copied.
socks "close 19001"
wait_for 'no sockets'
keys y
wait_for 'no socket is selected'
quit_deck
