#!/bin/bash
# SPDX-License-Identifier: ISC
# The help: keys as they are bound now, commands, columns; searchable.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
mkdir -p "$work/sockdeck"
printf 'bind x = closed\nbind F6 =\n' >"$work/sockdeck/config"
socks "listen 19001"
start_deck 80x24
keys F1
wait_for 'Help'
wait_for 'Keys in the table'
wait_for 'F5 v +Next grouping'
# Scrolls to the end, back to the top.
keys G
wait_gone 'Keys in the table'
keys g
wait_for 'Keys in the table'
# Finds, and finds the next.
keys / "baseline" Enter
wait_gone 'Keys in the table'
wait_for 'baseline'
keys Escape
wait_gone 'Help ─'
wait_for '19001'
# At a word; the mention of a command of the table.
keys : "help closed-max" Enter
wait_for 'closed-max'
keys Escape
wait_gone 'Help ─'
keys : "help nosuchword" Enter
wait_for 'does not mention'
keys Escape
wait_gone 'Help ─'
# What the config file bound is told, and works.
keys "?"
keys / "configuration" Enter
wait_for 'x +closed'
keys Escape
wait_gone 'Help ─'
keys x
wait_for 'No socket has closed yet'
keys Escape
wait_gone 'No socket has closed yet'

# Large and small screens.
for size in 200x50 40x8; do
    mux resize-window -t deck -x "${size%x*}" -y "${size#*x}"
    keys F1
    wait_for 'Keys in the table'
    keys Escape
    wait_gone 'Keys in the table'
done
mux resize-window -t deck -x 80 -y 24
quit_deck

# Without UTF-8 no byte of it.
LC_ALL=C start_deck 80x24
keys F1
wait_for 'Keys in the table'
if screen | LC_ALL=C grep -q '[^ -~]'; then
    fail "not ASCII alone"
fi
keys Escape
wait_gone 'Help -'
quit_deck
