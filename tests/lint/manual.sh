#!/bin/bash
# Every column, command-line option, deck command, key, setting and command is
# in the manual, so is every word of the worker's protocol; the manual is valid
# mdoc.
set -u
cd "${SRCDIR:-.}" || exit 99
command -v mandoc >/dev/null 2>&1 || {
    echo "no mandoc here"
    exit 77
}
status=0
complain() {
    echo "$1"
    status=1
}

complaints=$(mandoc -Tlint -Wwarning man/sockdeck.1 man/sockdeck.conf.5 \
    man/sockdeck-scan.8 man/sockdeck-probes.5)
[ -z "$complaints" ] || complain "$complaints"

# has PAGE MACRO WORD: the word stands as an argument of this macro
has() {
    grep -qE "^\.(It )?.*\b$2 (.* )?$(sed 's/[][\.*^$?+{}()|/]/\\&/g' <<<"$3")( |\$)" "man/$1"
}

n=0
while read -r kind word; do
    n=$((n + 1))
    case $kind in
    column) has sockdeck.1 Cm "$word" || complain "sockdeck.1: column $word" ;;
    option) has sockdeck.1 Fl "$word" || complain "sockdeck.1: option $word" ;;
    command) has sockdeck.1 Cm "$word" || complain "sockdeck.1: command $word" ;;
    deck) has sockdeck.1 Ic "$word" || complain "sockdeck.1: deck command $word" ;;
    key) has sockdeck.1 Ic "$word" || has sockdeck.1 Ic "\\&$word" ||
        complain "sockdeck.1: key $word" ;;
    wire) grep -E '^\.(It |Pq )?Li ' man/sockdeck-scan.8 | grep -qwF -- "$word" ||
        complain "sockdeck-scan.8: $word" ;;
    setting) has sockdeck.conf.5 Ic "$word" || complain "sockdeck.conf.5: $word" ;;
    *)
        echo "unknown kind $kind"
        exit 99
        ;;
    esac
done < <("$BUILDDIR/tests/lint/tables" | sort -u)
[ "$n" -gt 100 ] || complain "only $n names in the tables?"
exit $status
