#!/bin/bash
# SPDX-License-Identifier: ISC
# The detail pane: all that is known, of the selected socket, as it changes;
# below the table on a narrow screen, beside it on a wide one.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
socks "listen 19001"
socks "connect 19001"
socks "send 19001 5000"
start_deck 80x24
keys : "sort state,local" Enter
keys / "listen" Enter
wait_for '1 of 3 sockets'
keys Enter
wait_for 'Socket: tcp LISTEN'
wait_for 'python3'
wait_for "$socks_pid"

# It follows the selection.
keys Escape
wait_gone 'of 3 sockets'
keys G
wait_for 'Socket: tcp ESTABLISHED'
keys g
wait_for 'Socket: tcp LISTEN'
keys G
wait_for 'Socket: tcp ESTABLISHED'

# It scrolls when it has the focus; the table stays where it is.
addresses() {
    selected | awk '{ print $3, $4 }'
}
before=$(addresses)
keys Tab
keys G
wait_gone 'Protocol'
[ "$(addresses)" = "$before" ] || fail "the table moved, too"
keys g
wait_for 'Protocol'
# Find, in the text.
keys / congestion Enter
wait_for '[Cc]ongestion'

# Esc closes it and leaves the table.
keys Escape
wait_gone 'Socket: tcp'
wait_for '19001'

# Wide: beside the table, so that both have all their lines.
mux resize-window -t deck -x 200 -y 50
wait_for 'F10'
keys Enter
wait_for 'LOCAL.*Socket: tcp ESTABLISHED'
wait_for 'Round trip'
wait_for 'socks\.py'
# The other end of a connection over loopback is a process here.
wait_for 'Other end +python3'

# A socket that closes under it does no harm.
socks "close 19001"
wait_for 'No socket is selected'
keys Enter
wait_gone 'No socket is selected'
quit_deck
