#!/bin/bash
# SPDX-License-Identifier: ISC
# E: the states drawn with live counts, the way of the selected socket, and
# its story; small and large, in UTF-8 and ASCII, with sockets in real trouble.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
command -v ss >/dev/null 2>&1 || skip "no ss here"
socks "listen 19001"
socks "connect 19001"
socks "unread 19001 5000"
socks "half-close 19001"
socks "listen 19002"
socks "connect 19002"
socks "stuff 19002"
socks "full 19003"
socks "bind 19004"
socks "udp 19005"

# look_at FILTER WORD..: one socket, with the pane open.
look_at() {
    keys : "filter $1" Enter
    wait_for "$2"
}

# The numbers in the drawing are ss's, state by state.
counts_as_ss() {
    local state name n
    for state in listening syn-sent syn-recv established fin-wait-1 \
        fin-wait-2 close-wait closing last-ack time-wait; do
        case $state in
        listening) name=LISTEN ;;
        syn-recv) name=SYN-RECEIVED ;;
        *) name=${state^^} ;;
        esac
        n=$(ss -tanH state "$state" | wc -l)
        screen | grep -qE "[^A-Z-]$name +$n([^0-9]|\$)" || {
            seen="$name is not $n"
            return 1
        }
    done
    screen | grep -qE "[^A-Z-]BOUND +1([^0-9]|\$)"
}

check_counts() {
    local try
    for ((try = 0; try < 400; try++)); do
        counts_as_ss && return 0
        pause
    done
    fail "the counts are not ss's: $seen"
}

# Small: below the table, few lines.
start_deck 80x24
keys : "filter state close-wait" Enter
wait_selected 'CLOSE-WAIT'
keys E
wait_for 'States: this one is tcp CLOSE-WAIT'
wait_for '╚══FIN received══►\[CLOSE-WAIT 1\]'
wait_for 'python3 \([0-9]+\), the peer, closed .*5.0K bytes'
wait_for 'not called close\(\)'
wait_selected 'CLOSE-WAIT'
check_counts
# It scrolls and finds, when it has the focus.
keys Tab
keys / 'in general' Enter
wait_for 'CLOSE-WAIT in general: the peer closed'
wait_gone 'FIN received══►'
keys G
wait_for 'RFC 9293 section 3.6'
# E again closes it, and so does Enter in it.
keys E
wait_gone 'States: this one'
keys E
wait_for 'States: this one'
keys Tab
keys Enter
wait_gone 'States: this one'
wait_for 'CLOSE-WAIT'
quit_deck

# In ASCII the same, and what is lit still stands out.
LC_ALL=C start_deck 80x24
keys : "filter state close-wait" Enter
wait_selected 'CLOSE-WAIT'
keys E
wait_for '#==FIN received==>\[CLOSE-WAIT 1\]'
check_counts
quit_deck

# Large: beside the table.
start_deck 200x50
keys E
wait_for 'States: '
look_at "listen and port:19003" 'this one is tcp LISTEN'
wait_for 'LOCAL.*States: this one'
wait_for '║LISTEN +3║'
wait_for '◄═+│CLOSED'
wait_for 'The accept queue is full: 1 connection waits'
check_counts

# A SYN into that queue: dropped, and the pane knows why.
look_at "state syn-sent" 'this one is tcp SYN-SENT'
wait_for '║SYN-SENT +2║'
wait_for 'It was sent again [0-9]+ time'
wait_for 'The listener is on this machine, python3 \([0-9]+\), and its accept'
wait_for 'tcp_syn_retries is [0-9]+'

# Peer's window closed, and the one that does not read.
look_at "dport = :19002 and sendq>0" 'this one is tcp ESTABLISHED'
wait_for "The peer's window is closed: .* wait here"
wait_for 'The kernel asks again in'
wait_for 'tcp_retries2 is [0-9]+\)'
look_at "sport = :19002 and recvq>0" 'accepted from the listener on'
wait_for 'our window is closed'

# The end that closed waits for the one that did not.
look_at "state fin-wait-2" 'this one is tcp FIN-WAIT-2'
wait_for 'must close its end, which is in CLOSE-WAIT'
wait_for 'a half-close'

# Packets dropped: data and SYNs sent again and again, and for how long.
if nft add table inet t 2>/dev/null; then
    socks "listen 19007"
    socks "connect 19007"
    socks "listen 19009"
    socks "connect 19009"
    nft "add chain inet t in { type filter hook input priority 0; }"
    nft add rule inet t in tcp dport '{ 19007, 19008, 19009 }' drop
    socks "unread 19007 1000"
    socks "syn 19008"
    look_at "dport = :19007" 'this one is tcp ESTABLISHED'
    wait_for '127.0.0.1:19007 does not acknowledge: 1.0K bytes wait, sent'
    wait_for 'gives up in about 15m[0-9]+|gives up about'
    wait_for 'net.ipv4.tcp_retries2 is 15'
    echo 3 >/proc/sys/net/ipv4/tcp_retries2
    wait_for 'net.ipv4.tcp_retries2 is 3\)'
    socks "keepalive 19009"
    look_at "dport = :19009" 'this one is tcp ESTABLISHED'
    wait_for 'does not answer: [0-9]+ keepalive probes? ha'
    wait_for 'net.ipv4.tcp_keepalive_probes is 9, unless'
    look_at "dport = :19008" 'this one is tcp SYN-SENT'
    wait_for 'No answer at all, not even a refusal'
fi

# BOUND and UDP.
look_at "state bound" 'this one is tcp BOUND'
wait_for '║BOUND +1║'
wait_for 'called bind\(\) on 127.0.0.1:19004'
look_at "udp" 'this one is udp UNCONNECTED'
wait_for '║UNCONNECTED +1║'
wait_for 'connect\(\): no packet'
wait_gone 'SYN-RECEIVED'

# The way of a connection, with times, as far as TIME-WAIT.
keys : "filter port:19006" Enter
socks "listen 19006"
socks "connect 19006"
look_at "dport = :19006" 'this one is tcp ESTABLISHED'
wait_for 'ESTABLISHED, when it (appeared|was seen first)'
wait_for '╚═ [a-z0-9. ]*[0-9.]+(ms|s) ago ═'
socks "close-first 19006"
wait_for 'this one is tcp TIME-WAIT'
wait_for '║TIME-WAIT +1║'
wait_for '═close\(\): FIN sent═'
wait_for 'FIN-WAIT-1 +0'
wait_for 'ago +ESTABLISHED'
wait_for 'ago +TIME-WAIT; what happened in between'
wait_for 'Nobody must act: in [0-9]+s it is gone'
check_counts

# It follows the selection, and outlives the socket.
keys : "filter port:19002" Enter
wait_for 'this one is tcp (LISTEN|ESTABLISHED)'
keys : "sort state,local" Enter
keys g
wait_for 'this one is tcp LISTEN'
keys G
wait_for 'this one is tcp ESTABLISHED'
socks "close 19002"
wait_for 'This socket is closed|No socket is selected'
quit_deck

LC_ALL=C start_deck 200x50
keys E
look_at "state bound" 'this one is tcp BOUND'
wait_for '#BOUND +1#'
wait_for '[+]------------------[+]'
check_counts
# Too narrow for a drawing: the states as a list.
mux resize-window -t deck -x 70 -y 30
# Beneath the table, that is: while it stood beside it, all of it fitted and G
# had nowhere to go.
wait_for '^- States: this one'
keys Tab
keys G
wait_for 'CLOSE-WAIT 1 +close\(\): FIN sent: LAST-ACK'
wait_for '>BOUND 1'
keys E
wait_gone '>BOUND 1'
quit_deck
