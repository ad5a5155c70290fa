#!/bin/bash
# SPDX-License-Identifier: ISC
# The pressure pane: limits that are met for real, what they mean, the sockets
# behind them; who leaks, in a recording.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
echo "40000 40009" >/proc/sys/net/ipv4/ip_local_port_range
socks "listen 19001"
socks "listen 19002"
for _ in 1 2 3 4 5 6 7; do
    socks "connect 19001"
done
start_deck 80x24 --interval 0.5
wait_for ':19001'
keys p
wait_for 'Pressure: 0 full, 0 high, 0 leaks'
wait_for '[> ]ok +ephemeral ports 127.0.0.1 to 127.0.0.1:19001 +7 +10 +70% \[####\.\.\]'
wait_for '[> ]ok +accept queue 127.0.0.1:19001, python3 \([0-9]+\) +0 +16 +0%'
wait_for '[> ]ok +TIME-WAIT +0 '
wait_for '[> ](ok|high) +descriptors '
# More while it is open: it says so by itself, and puts it first.
socks "connect 19001"
wait_for '[> ]high ephemeral ports .* 8 +10 +80%'
wait_for 'Pressure: 0 full, 1 high'
socks "connect 19001"
socks "connect 19001"
wait_for '[> ]full ephemeral ports .* 10 +10 100% \[######\]'
wait_selected 'full ephemeral ports'
# What it means stands beneath, and Enter shows these sockets.
wait_for 'fails with EADDRNOTAVAIL'
wait_for 'net.ipv4.ip_local_port_range'
keys Enter
wait_for 'src 127.0.0.1 and dst 127.0.0.1:19001 .* 10 of [0-9]+ sockets'
wait_gone 'Pressure:'
keys p
wait_for 'Pressure: 1 full'
# The selection stays on its line; its meaning follows.
keys Down Down
wait_selected 'accept queue'
wait_for 'accept queue 127.0.0.1:1900[12], python3 .*\. When it is full'
socks "full 19003"
wait_for '[> ]full accept queue 127.0.0.1:19003'
wait_for 'Pressure: 2 full'
wait_selected 'accept queue 127.0.0.1:1900[12]'
keys G
wait_for '[> ]now +ListenOverflows +[0-9]+'
keys / ListenDrops Enter
wait_selected 'ListenDrops'
wait_for 'handshakes dropped, whatever'
keys Enter
wait_for 'no sockets of this machine stand for this line'
# Nothing can be done to the socket in the table behind it.
keys y
wait_for 'no socket is selected'
keys p
wait_for 'PROTO STATE'
quit_deck

start_deck 200x50 --interval 0.5
keys p
wait_for '[> ]full ephemeral ports 127.0.0.1 to 127.0.0.1:19001 +10 +10 100% \[############\]'
wait_for 'open files .* +[0-9]+%'
wait_for 'ListenOverflows +[0-9]+ +[0-9.]+'
keys q # back to the table
wait_for 'PROTO STATE'
quit_deck

# A leak, as a recording has it: 120 readings, 2 s between them.
python3 - "$work/leak.jsonl" <<'EOF2' || exit 99
import json
import sys

with open(sys.argv[1], 'w') as out:
    for n in range(120):
        rows = [{'netns': 1, 'proto': 'tcp', 'family': 4,
                 'state': 'CLOSE-WAIT',
                 'local': {'addr': '10.0.0.5', 'port': 80},
                 'peer': {'addr': '10.0.0.9', 'port': 1000 + i},
                 'recvq': 1, 'sendq': 0, 'uid': 33, 'inode': 5000 + i,
                 'cookie': 100 + i,
                 'owners': [{'pid': 812, 'fd': i, 'start': 77,
                             'process': 'nginx'}]} for i in range(12 + n)]
        head = {'reading': n + 1, 'count': len(rows), 'schema': 1,
                'host': 'web1', 'time': '2026-11-21T02:%02d:%02d.000Z' %
                (n // 30, n % 30 * 2), 'source': 'netlink',
                'privileged': True, 'hidden_owners': 0, 'warnings': [],
                'sockets': []}
        out.write(json.dumps(head) + '\n')
        for row in rows:
            out.write(json.dumps(row) + '\n')
EOF2
start_deck 100x30 --from "$work/leak.jsonl" --interval 0.1
wait_for 'leak\? nginx \(812\): CLOSE-WAIT [0-9]+ -> [0-9]+ in [0-9]+ s, never fell \(p tells\)'
wait_for 'end of the recording'
wait_for 'leak\? nginx \(812\): CLOSE-WAIT [0-9]+ -> 131 in '
keys p
wait_for 'Pressure: 0 full, 0 high, 1 leak; a recording does not tell limits'
wait_selected 'leak nginx \(812\): CLOSE-WAIT'
wait_for 'never calls close\(2\)'
keys Enter
wait_for 'pid=812 and state close-wait .* 131 sockets'
quit_deck
"$SOCKDECK" list -s --from "$work/leak.jsonl" >"$work/text" || fail "list -s"
grep -qE '^nginx \(812\): CLOSE-WAIT [0-9]+ -> 131 in ' "$work/text" ||
    fail "list -s --from: $(cat "$work/text")"
