#!/bin/bash
# SPDX-License-Identifier: ISC
# Menus: sort, group, theme, user, filters with a name; by key and by mouse.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
mkdir -p "$work/sockdeck"
printf 'filter web = port:19002\n' >"$work/sockdeck/config"
for port in 19003 19001 19002; do
    socks "listen $port"
done
start_deck 80x24
order_is() {
    [ "$(ports)" = "$1 " ]
}

# Sorting: the menu knows what is in force; choosing it again reverses.
keys F6
wait_for 'Sort by'
keys / "local" Enter
keys Enter
wait_gone 'Sort by'
wait_until order_is "19001 19002 19003"
keys F6
wait_for '\* local'
keys Enter
wait_until order_is "19003 19002 19001"
keys F6
wait_for 'largest first'
keys Escape
wait_gone 'Sort by'
order_is "19003 19002 19001" || fail "Esc changed the order"

# Groups.
keys V
wait_for '\* flat'
keys j Enter
wait_gone 'every socket by itself'
wait_for 'python3.*3 sockets'
keys : "group flat" Enter
wait_until order_is "19003 19002 19001"

# Themes are seen while the cursor moves; Esc takes the old one back.
keys T
wait_for '\* default'
keys j j
keys Escape
wait_gone 'high-contrast'
keys T
wait_for '\* default'
keys G Enter
keys T
wait_for '\* high-contrast'
keys Escape
wait_gone 'high-contrast'

# Users.
keys : user Enter
wait_for 'Sockets of'
keys j Enter
wait_for 'user=root'
keys : "filter port:19001" Enter
keys : "user root" Enter
wait_for 'port:19001 and user=root'
wait_for '1 of 3 sockets'
keys : user Enter
wait_for 'everyone'
keys g Enter
wait_gone 'user=root'
wait_for 'port:19001'
keys Escape
wait_gone 'of 3 sockets'

# Filters by name.
keys @
wait_for 'Saved filters'
wait_for 'web +port:19002'
keys Enter
wait_for '1 of 3 sockets'
keys Escape
wait_gone 'of 3 sockets'
keys : "filter port:19003" Enter
wait_for '1 of 3 sockets'
keys : "filter-save mine" Enter
wait_for 'Kept as @mine'
keys @
wait_for 'mine +port:19003'
keys Escape
wait_gone 'Saved filters'
keys : "filter @web" Enter
wait_for '1 of 3 sockets'
wait_for '19002'
keys Escape
wait_gone 'of 3 sockets'

# With the mouse: the first press goes there, the second chooses.
press() {
    keys -l "$(printf '\033[<0;%d;%dM\033[<0;%d;%dm' "$1" "$2" "$1" "$2")"
}
keys V
wait_for 'every socket by itself'
y=$(screen | grep -n 'by the process' | cut -d: -f1)
press 40 "$y"
press 40 "$y"
wait_gone 'every socket by itself'
wait_for 'python3.*3 sockets'
quit_deck
