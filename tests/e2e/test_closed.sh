#!/bin/bash
# SPDX-License-Identifier: ISC
# Closed sockets: which, when, how long they lived, who held them.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
socks "listen 19001"
start_deck 80x24
keys H
wait_for 'No socket has closed yet'
# One that is seen to come and go, one that was there before.
socks "listen 19002"
keys Escape
wait_for ':19002'
keys H
socks "close 19002"
wait_for 'Closed sockets: 1'
wait_for 'LISTEN .*:19002 .*python3'
wait_gone '>[0-9]+.*19002'
socks "close 19001"
wait_for 'Closed sockets: 2'
# Newest first; of the older one the whole life is known, of 19001 a part.
wait_for '>.*:19001'
[ "$(screen | grep -nE ':19001' | cut -d: -f1)" -lt \
    "$(screen | grep -nE ':19002' | cut -d: -f1)" ] || fail "not newest first"
# What is known of it, and copying from it.
keys Enter
wait_for 'Socket: tcp'
keys Enter
wait_gone 'Socket: tcp'
# The filter holds here too.
keys : "filter port:19002" Enter
wait_for '1 of 2 match the filter'
keys : "filter port:1" Enter
wait_for 'Nothing that has closed matches'
keys : "filter" Enter C-u Enter
wait_for 'Closed sockets: 2'
keys : "closed-clear" Enter
wait_for 'No socket has closed yet'
# One that no reading saw: the deck stands still while it comes and goes. Who
# listens at its port is named, nobody as its owner, and least of all root.
socks "listen 19003"
keys H
wait_for ':19003'
keys Z
wait_for 'PAUSED'
socks "short 19003"
keys Z H
wait_for '<.* CLOSED .*:19003 .* - .*via python3'
screen | grep -E '<.* CLOSED' | grep -q root && fail "an owner was made up"
keys Enter
wait_for 'Socket: tcp CLOSED'
keys Enter
wait_gone 'Socket: tcp CLOSED'
keys : "closed-clear" Enter
wait_for 'No socket has closed yet'
# H goes back as well as Esc.
keys H
wait_gone 'No socket has closed yet'
quit_deck
