#!/bin/bash
# SPDX-License-Identifier: ISC
# Snapshots: what is shown goes to a new file, in the form its name says.
# shellcheck source=tests/e2e/lib.sh
. "${SRCDIR:-.}/tests/e2e/lib.sh" || exit 99
socks "listen 19001"
socks "listen 19002"
start_deck 100x24
wait_for 'python3'
keys w
wait_for 'Wrote 2 sockets to sockdeck-[0-9]{8}-[0-9]{6}\.json'
cd "$work" || exit 99 # where the deck was started
file=$(echo sockdeck-*.json)
python3 - "$file" <<'PY' || fail "the JSON is not as it should be"
import json, os, stat, sys
doc = json.load(open(sys.argv[1]))
assert doc["schema"] == 1, doc
assert sorted(s["local"]["port"] for s in doc["sockets"]) == [19001, 19002]
assert doc["sockets"][0]["owners"][0]["process"] == "python3", doc
assert stat.S_IMODE(os.stat(sys.argv[1]).st_mode) == 0o600
PY
# What the filter hides is not in it; every form; never over a file.
keys : "filter port:19002" Enter
wait_for '1 of 2 sockets'
for kind in jsonl csv txt; do
    keys : "snapshot two.$kind" Enter
    wait_for "Wrote 1 socket to two.$kind"
    grep -q 19002 "two.$kind" || fail "two.$kind lacks the socket"
    if grep -q 19001 "two.$kind"; then
        fail "two.$kind has what the filter hides"
    fi
done
[ "$(wc -l <two.jsonl)" = 1 ] || fail "JSON Lines: one line a socket"
keys : "snapshot two.csv" Enter
wait_for 'such a file already'
ln -s marker link.json
keys : "snapshot link.json" Enter
wait_for 'link.json: there is such a file'
[ ! -e marker ] || fail "the link was followed"
keys : "snapshot two.xyz" Enter
wait_for 'ends in .json, .jsonl, .csv or .txt'
keys : "snapshot nosuch/two.csv" Enter
wait_for 'No such file or directory'
left=$(find . -name '.*.tmp')
[ -z "$left" ] || fail "temporary files are left: $left"
quit_deck
