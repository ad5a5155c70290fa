#!/bin/bash
# SPDX-License-Identifier: ISC
# The setup screen: columns and their order, settings, keys. It writes the
# config file when asked to, and not before; the next start has it.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
config=$work/sockdeck/config
socks "listen 19001"
start_deck 80x24
# The popup hides the table's titles: its own list has the order.
first_is() {
    screen | grep -E '\[.\]' | head -n 1 | grep -qE -- "$1"
}
wait_for 'PROTO +STATE'
keys F2
wait_for 'Setup'
wait_for '\[x\] proto'
# The first column goes behind the second.
keys '>'
wait_until first_is '\[x\] state'
# .. and off, and on.
keys Enter
wait_for '\[ \] proto'
keys Space
wait_for '\[x\] proto'
keys Escape
wait_for 'STATE.? +PROTO'
# The usual ones again.
keys F2
wait_until first_is '\[x\] state'
keys '='
wait_until first_is '\[x\] proto'
keys g '>'
wait_until first_is '\[x\] state'
# One that is not shown usually.
keys / "inode" Enter
wait_for '\[ \] inode'
keys Enter
wait_for '\[x\] inode'

# Settings: a choice goes on, a number is asked for, nonsense is refused.
keys Right
wait_for 'interval'
keys Enter
wait_for 'interval: '
keys C-u "1y" Enter
wait_for 'interval'
wait_gone 'interval: '
keys / "numeric" Enter
keys Enter
wait_for 'numeric +no'
keys Right
wait_for 'This help'
keys Right
wait_for '\[x\] inode'
[ ! -e "$config" ] || fail "the config file was written unasked"
keys s
wait_for 'Saved'
grep -q '^columns.*state,proto,' "$config" || {
    cat "$config"
    fail "the config file does not say so"
}
[ "$(stat -c %a "$config")" = 600 ] || fail "the config file's mode"
keys Escape
wait_gone 'Setup ─'
quit_deck

start_deck 80x24
wait_for 'STATE.? +PROTO'
keys F2
wait_for '\[x\] state'
keys / "inode" Enter
wait_for '\[x\] inode'
keys Escape
wait_gone 'Setup ─'
quit_deck
