#!/bin/bash
# Privilege is handled in few places: of the scanner in priv.c and sandbox*.c,
# else in act/helper.c, where namespaces are entered and where files are written
# as another user; and the worker does what it must in the order that makes it
# safe. A planted violation must be caught, so the lint tests itself first.
set -u
cd "${SRCDIR:-.}" || exit 99

words='\b(prctl|cap_(set|get|init|clear|free)[a-z_]*|capset|capget|SYS_cap[a-z]*|set(res|re|e|fs)?[ug]id|setgroups|initgroups|seccomp_[a-z_]+|SYS_(seccomp|landlock_[a-z_]+)|PR_[A-Z_]+)[[:space:]]*[(,;)]'
allowed='^src/(scan/(priv|sandbox_(seccomp|null))\.c|act/(helper|rights|bindtry)\.c|base/rights\.c|lab/(actor|enter|lab)\.c|app/(guard|conffile|scan_nmap)\.c|collect/record\.c):'

check() { # FILE..
    grep -nE "$words" "$@" /dev/null | grep -vE "$allowed" |
        grep -vE ':[0-9]+:[[:space:]]*(\*|/\*)'
}

planted=$(mktemp -d) || exit 99
trap 'rm -rf "$planted"' EXIT
printf 'int f(void) { return prctl(1); }\nint g(void) { return setuid(0); }\n' \
    >"$planted/planted.c"
[ "$(check "$planted/planted.c" | wc -l)" = 2 ] || {
    echo "the lint does not see planted violations"
    exit 99
}

status=0
wrong=$(check src/*/*.c)
[ -z "$wrong" ] || {
    echo "privilege is handled outside of its files:"
    echo "$wrong"
    status=1
}

# Raw and packet sockets are opened in one place.
wrong=$(grep -nE '\b(SOCK_RAW|AF_PACKET)\b' src/*/*.c |
    grep -E 'socket[[:space:]]*\(' |
    grep -vE '^src/(scan/priv|lab/wire|collect/events|act/helper)\.c:')
[ -z "$wrong" ] || {
    echo "sockets that take a privilege are opened outside of scan/priv.c:"
    echo "$wrong"
    status=1
}

# What main() of the worker does, in the order of its text.
order='priv_open priv_drop priv_verify sandbox_harden worker_hello
worker_request worker_plan'
got=$(sed -n '/^run(/,/^}/p' src/scan/main.c |
    grep -oE '\b(priv_(open|drop|verify)|sandbox_harden|worker_(hello|request|plan))\(' |
    tr -d '(' | tr '\n' ' ')
[ "$got" = "$(tr '\n' ' ' <<<"$order")" ] || {
    echo "src/scan/main.c, run(): $got"
    echo "                wanted: $order"
    status=1
}
got=$(sed -n '/^work(/,/^}/p' src/scan/main.c |
    grep -oE '\b(engine_new|lock_in|worker_run)\(' | tr -d '(' | tr '\n' ' ')
[ "$got" = 'engine_new lock_in worker_run ' ] || {
    echo "src/scan/main.c, work(): $got"
    status=1
}
got=$(sed -n '/^probe(/,/^}/p' src/scan/main.c |
    grep -oE '\b(priv_close|worker_prober_(new|run)|lock_in)\(' | tr -d '(' |
    tr '\n' ' ')
[ "$got" = 'priv_close worker_prober_new lock_in worker_prober_run ' ] || {
    echo "src/scan/main.c, probe(): $got"
    status=1
}
exit $status
