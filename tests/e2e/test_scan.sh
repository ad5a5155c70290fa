#!/bin/bash
# SPDX-License-Identifier: ISC
# F7, P, S: scans beside the living table, by real workers, on loopback of a
# namespace of its own.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
[ -x "$BUILDDIR/sockdeck-scan" ] || skip "no worker built"

# Workers that this deck started: none but ours are in this namespace of nets.
workers() {
    local pid net
    net=$(readlink /proc/self/ns/net)
    for pid in $(pgrep sockdeck-scan); do
        [ "$(readlink "/proc/$pid/ns/net" 2>/dev/null)" = "$net" ] &&
            echo "$pid"
    done
    return 0
}

# shellcheck disable=SC2317 # wait_until calls it
no_worker() {
    [ -z "$(workers)" ]
}

# type_scan LINE: in the prompt, instead of what stands there.
type_scan() {
    keys P
    wait_for '^ Scan:( |$)'
    keys C-u
    keys -l -- "$1"
    keys Enter
}

# q would close the pane.
leave() {
    keys F10
    wait_for "exit status 0"
}

socks "listen 9021"
socks "listen 9022"
socks "connect 9021"

# -- a row's peer, and this machine ------------------------------------------
start_deck 80x24
wait_for '127.0.0.1:9022'
keys g
wait_selected 'LISTEN'
keys F7
wait_for '^ Scan: --self'
keys C-u
keys -l "127.0.0.1 -p 9000-9100"
keys Enter
wait_for 'Scan 127.0.0.1: 127.0.0.1 -p 9000-9100'
wait_for 'done in '
wait_for '9021/tcp  open'
wait_for '9022/tcp  open'
wait_for '2 open'
wait_for 'r again'
# Below the table on a narrow screen, beside it on a wide one.
screen | grep -q '│' && fail "beside the table, on a narrow screen"
mux resize-window -t deck -x 200 -y 50
wait_for '│.*9021/tcp'
mux resize-window -t deck -x 80 -y 24
wait_for '^ +9021/tcp'

# From a result to its socket; hidden, and shown again.
keys g j j
wait_for '^> 9022/tcp'
keys Enter
wait_for 'Its socket is selected'
wait_selected '127.0.0.1:9022'
keys S
wait_gone '9021/tcp'
keys S
wait_for '9021/tcp'
keys y
wait_for 'clipboard: 127.0.0.1 9022/tcp open'

# Saved, in four forms, and never over a file.
for form in txt xml gnmap jsonl; do
    keys w
    wait_for '^ Save as'
    keys C-u
    keys -l "out.$form"
    keys Enter
    wait_for "Wrote the scan to out.$form"
done
grep -q '^9021/tcp *open' "$work/out.txt" || fail "$(cat "$work/out.txt")"
grep -q 'portid="9021"' "$work/out.xml" || fail "$(cat "$work/out.xml")"
grep -q '9021/open/tcp' "$work/out.gnmap" || fail "$(cat "$work/out.gnmap")"
grep -q '"ev":"port".*9021' "$work/out.jsonl" ||
    fail "$(cat "$work/out.jsonl")"
# The lines of a worker: a journal.
python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert [l["seq"] for l in lines] == list(range(len(lines))), lines
assert [lines[i]["ev"] for i in (0, 1, -1)] == ["hello", "start", "end"], lines
ports = [l["port"] for l in lines if l["ev"] == "port"]
assert ports == [9021, 9022], ports
' "$work/out.jsonl" || fail "$(cat "$work/out.jsonl")"
keys w
wait_for '^ Save as'
keys C-u
keys -l "out.txt"
keys Enter
wait_for 'out.txt: .*already'

# What is wrong stays to be mended; Tab completes.
type_scan '-p 9021,70000 127.0.0.1'
wait_for '^ Scan: -p 9021,70000 127.0.0.1'
wait_for '"70000": a port'
keys BSpace
wait_gone '"70000": a port'
keys Escape
wait_gone '^ Scan:( |$)'
keys P
wait_for '^ Scan:( |$)'
keys C-u
keys -l -- "--max-ra"
keys Tab
wait_for '^ Scan: --max-rate'
keys Escape
wait_gone '^ Scan:( |$)'
type_scan '-oX x 127.0.0.1'
wait_for 'not for the deck'
keys Escape
wait_gone '^ Scan:( |$)'

# Too many to be meant by chance.
type_scan '-Pn 127.0.0.0/8'
wait_for '16777216 addresses'
keys Escape
wait_gone '16777216 addresses'

# -- several at once, paused, stopped, taken up again ----------------------------
type_scan '-4 -p- --max-rate 300 localhost'
wait_for '^ 1 127.0.0.1 done  2 localhost [0-9]+%'
wait_for '300/s|[0-9]+/s  ETA'
keys Space
wait_for 'paused'
wait_for 'Space go on'
keys Space
wait_gone 'done  2 localhost paused'
keys Left
wait_for 'done in'
keys Right
wait_for '\[[#-]+\]'
keys x
wait_for 'stopped after'
keys R
wait_for '\[[#-]+\]'

# What is settled stays so, closed ports too: the bar goes on where it was.
percent() {
    screen | sed -nE 's/.* ([0-9]+)%  .*ETA.*/\1/p'
}
keys x
wait_for 'stopped after'
type_scan '-p- --max-rate 6000 127.0.0.1'
wait_for ' [1-9][0-9]%  .*ETA'
keys x
wait_for 'stopped after .*, at [0-9]+%'
stopped=$(screen | sed -nE 's/.*stopped after .*, at ([0-9]+)%.*/\1/p')
keys R
wait_for '/s  ETA'
[ "$(percent)" -ge "$stopped" ] ||
    fail "it went on at $(percent) %, and was stopped at $stopped %"
keys x
wait_for 'stopped after'
keys X
wait_for '^ 1 127.0.0.1 done  2 localhost stopped'
keys R
wait_for '\[[#-]+\]'

# H3: the worker is killed. The deck says so, and it goes on.
kill -9 "$(workers)"
wait_for 'killed by signal 9'
wait_for 'begun anew'
wait_for '\[[#-]+\]'
keys x
wait_for 'stopped after'
wait_until no_worker
keys X
wait_gone '^ 1 127.0.0.1 done'
leave

# H4: with the deck its workers go, however it goes.
start_deck 80x24
type_scan '-p- --max-rate 100 127.0.0.1'
wait_for '\[[#-]+\]'
wait_for 'ETA'
[ -n "$(workers)" ] || fail "no worker"
deck=$(ps -o ppid= -p "$(workers)")
kill -9 "$deck"
wait_for 'exit status'
wait_until no_worker

# -- this machine, by itself --------------------------------------------------
start_deck 80x40
wait_for '127.0.0.1:9022'
type_scan '--self -p T:9000-9100'
wait_for 'Scan this machine'
wait_for 'Listening and reachable \(2\)'
wait_for '9021/tcp .*127.0.0.1'
wait_for 'never leaves it'
keys c
wait_for '9021/tcp +open'
keys c
wait_for 'Listening and reachable'
leave

# -- sockets of a connect scan are told from others ------------------------------
socks "full 9030"
start_deck 120x30
keys : "interval 0.2" Enter
type_scan '-sT -p 9030 --max-retries 8 127.0.0.1'
wait_for 'Scan 127.0.0.1'
keys : "filter scan and not listening" Enter
wait_for 'SYN-SENT +127.0.0.1:[0-9]+ +127.0.0.1:9030 .*sockdeck'
screen | grep -q '9021' && fail "not of the scan"
leave

# -- not under --readonly; nor where there is nothing ------------------------------
start_deck 80x24 --readonly
keys P
wait_for 'refused, --readonly is on'
keys S
wait_for 'No scan yet'
keys Escape
wait_gone 'No scan yet'
leave

# -- in ASCII, on a terminal without colours -----------------------------------------
SOCKDECK="env LC_ALL=C TERM=vt100 $SOCKDECK" start_deck 80x24
type_scan '-p 9000-9100 127.0.0.1'
wait_for '^- Scan 127.0.0.1'
wait_for '9021/tcp  open'
screen | LC_ALL=C grep -q '[^ -~]' && fail "not ASCII"
leave

# -- a VT100 with more lines than its description says -------------------------------
SOCKDECK="env LC_ALL=C TERM=vt100 $SOCKDECK" start_deck 120x40
keys P
wait_for 'Scan: '
screen | sed -n 40p | grep -q 'Scan: ' || fail "not on the last line"
leave
exit 0
