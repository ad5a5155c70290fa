#!/bin/bash
# SPDX-License-Identifier: ISC
# A baseline, and what changed since: new, gone, another state.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
socks "listen 19001"
socks "listen 19002"
socks "connect 19002"
start_deck 80x24
wait_for '4 sockets'
keys D
wait_for 'There is no baseline yet'
keys b
wait_for 'Baseline: 4 sockets at [0-9:]{8}'
wait_for 'Nothing has changed since the baseline'
socks "close 19001"
wait_for '0 new, 1 gone'
wait_for '- +LISTEN .*19001'
socks "listen 19003"
wait_for '1 new, 1 gone'
wait_for '\+ +LISTEN .*19003'
socks "half-close 19002"
wait_for '2 in another state'
wait_for '~ +CLOSE-WAIT, was ESTABLISHED'
wait_for '~ +FIN-WAIT-2, was ESTABLISHED'
# The filter holds here too.
keys : "filter port:19003" Enter
wait_for '; 1 match the filter'
wait_gone '19001'
keys : "filter" Enter C-u Enter
wait_for '19001'
# Marked anew, nothing differs.
keys b
wait_for 'Nothing has changed since the baseline'
keys D
wait_gone 'Nothing has changed'
quit_deck
