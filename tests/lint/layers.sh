#!/bin/bash
# The rooms of src/ and who may include whom; which room may use which system
# header. A planted violation must be caught, so the lint tests itself first.
set -u
cd "${SRCDIR:-.}" || exit 99

# room: rooms it may include
declare -A may=(
    [base]="base"
    [know]="know base"
    [model]="model know base"
    [collect]="collect model know base"
    [act]="act model know base"
    [probe]="probe model know base"
    [scan]="scan probe model know base"
    [lab]="lab model know base"
    [ui]="ui model know base"
    [cli]="cli model know base"
    [app]="app ui cli lab collect act scan probe model know base"
)
# header (a regular expression): rooms it may appear in
headers='
curses|term\.h ui
netlink/ collect act lab
linux/(inet_diag|netlink|sock_diag|rtnetlink) collect act lab
jansson\.h collect model
pcre2\.h model
expat\.h model
uv\.h app
openssl/ probe
sys/ptrace|linux/(bpf|seccomp|filter)|sys/capability scan act
'

# check FILE: prints what is wrong with it
check() {
    local file=$1 room other line pattern rooms
    room=${file#*src/}
    room=${room%%/*}
    if [ -z "${may[$room]+there}" ]; then
        echo "$file: no such room: $room"
        return
    fi
    while IFS= read -r line; do
        case $line in
        *'"../'* | *'"./'*) echo "$file: relative include: $line" ;;
        *'"config.h"'*) ;;
        *'"'*/*'"'*)
            other=${line#*\"}
            other=${other%%/*}
            case " ${may[$room]} " in
            *" $other "*) ;;
            *) echo "$file: $room must not include $other: $line" ;;
            esac
            ;;
        *'"'*) echo "$file: include names no room: $line" ;;
        esac
        while read -r pattern rooms; do
            [ -n "$pattern" ] || continue
            [[ $line =~ \<.*($pattern) ]] || continue
            case " $rooms " in
            *" $room "*) ;;
            *) echo "$file: <$pattern> belongs to $rooms: $line" ;;
            esac
        done <<<"$headers"
    done < <(grep -E '^[[:space:]]*#[[:space:]]*include' "$file")
    if [ "$room" != collect ] && [ "$room" != act ] && [ "$room" != scan ] &&
        [ "$room" != lab ]; then
        grep -nE '\bsetns[[:space:]]*\(' "$file" | sed "s|^|$file: setns: |"
    fi
    if [ "$room" = model ] || [ "$room" = know ]; then
        # A page of the manual, socket(7), is no call.
        grep -nP '\b(open|openat|read|write|socket|fopen|getpwuid|clock_gettime|getenv|fork|printf)\((?![1-8]\))' "$file" |
            sed "s|^|$file: $room does no input, output or system calls: |"
    fi
}

planted=$(mktemp -d) || exit 99
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted/src/model" "$planted/src/cli"
printf '#include <curses.h>\n#include "ui/ui.h"\n#include "table.h"\n' \
    >"$planted/src/model/planted.c"
[ "$(check "$planted/src/model/planted.c" | wc -l)" = 3 ] || {
    echo "the lint does not see planted violations:"
    check "$planted/src/model/planted.c"
    exit 99
}

wrong=$(for file in src/*/*.[ch]; do check "$file"; done)
[ -z "$wrong" ] || {
    echo "$wrong"
    exit 1
}
