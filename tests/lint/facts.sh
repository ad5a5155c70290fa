#!/bin/bash
# Every fact that a conversation tells is in the table of facts, under this very
# name: rules and outputs go by it.
set -u
cd "${SRCDIR:-.}" || exit 99
status=0

told=$(grep -ohzE 'service_factf?\([^;]*' src/probe/*.c | tr '\0' '\n' |
    grep -oE '"[a-z0-9]+\.[a-z0-9_]+"' | tr -d '"'
    grep -ohE 'fact_of\([^;]*"[a-z0-9]+\.[a-z0-9_]+"' src/probe/*.c |
        grep -oE '[a-z0-9]+\.[a-z0-9_]+')
known=$(grep -oE '^\s*\{ "[a-z0-9._]+"' src/know/fact.c | cut -d'"' -f2)
n=0
while read -r name; do
    n=$((n + 1))
    grep -qxF -- "$name" <<<"$known" || {
        echo "src/know/fact.c lacks $name"
        status=1
    }
done < <(sort -u <<<"$told")
[ "$n" -gt 40 ] || {
    echo "only $n facts found"
    status=1
}
exit $status
