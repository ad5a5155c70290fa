# shellcheck shell=bash
# The deck in a private tmux, in a network namespace of its own: sourced by
# tests/e2e/test_*.sh. Every socket there is one that the test made, so whole
# screens can be compared. It waits for what it wants to see, never for time.
set -u
: "${SOCKDECK:=$PWD/sockdeck}" "${SRCDIR:=.}"

skip() {
    echo "skipped: $1"
    exit 77
}

if [ -z "${SOCKDECK_E2E_NS:-}" ]; then
    for tool in tmux unshare python3; do
        command -v "$tool" >/dev/null 2>&1 || skip "no $tool here"
    done
    # A test that needs more namespaces says so before it comes here.
    : "${E2E_UNSHARE:=-rn}"
    # shellcheck disable=SC2086
    unshare $E2E_UNSHARE true 2>/dev/null ||
        skip "no namespaces here (unshare $E2E_UNSHARE)"
    # shellcheck disable=SC2086
    SOCKDECK_E2E_NS=1 exec unshare $E2E_UNSHARE bash "$0" "$@"
fi

work=$(mktemp -d) || exit 99
mkfifo "$work/never" "$work/ask" "$work/answer" || exit 99
exec 8<>"$work/never" 9<>"$work/ask" 7<>"$work/answer"
# What a user of this machine has configured is no part of a test.
export HOME=$work XDG_CONFIG_HOME=$work LC_ALL=C.UTF-8
unset TMUX NO_COLOR TCPDIAG_FILE

# Sockets on demand: socks "listen 8080", socks "connect 8080", ..
python3 "$SRCDIR/tests/e2e/socks.py" <&9 >&7 &
socks_pid=$!

# A server of its own for each deck: one that is ending takes no session.
decks=0
mux() {
    tmux -L "sockdeck$$-$decks" -f /dev/null "$@"
}

cleanup() {
    mux kill-server 2>/dev/null
    kill "$socks_pid" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

# A pause that no signal and no data ends: for polling only.
pause() {
    read -r -t 0.05 -u 8 _
}

# What it says after "ok" is in $answer.
socks() {
    echo "$1" >&9
    read -r -t 30 -u 7 answer || {
        echo "no answer from socks.py to: $1"
        screen
        exit 99
    }
    case $answer in
    ok*) answer=${answer#ok} answer=${answer# } ;;
    *)
        echo "socks.py: $answer"
        exit 99
        ;;
    esac
}

# socks_says COMMAND ANSWER
socks_says() {
    socks "$1"
    [ "$answer" = "$2" ] || fail "$1: \"$answer\", not \"$2\""
}

screen() {
    mux capture-pane -p -t deck 2>/dev/null
}

fail() {
    echo "FAILED: $1"
    echo "--- the screen:"
    screen
    exit 1
}

# start_deck COLSxROWS [ARGUMENTS]: the deck, with ports as numbers.
start_deck() {
    local size=$1
    shift
    mux kill-server 2>/dev/null
    decks=$((decks + 1))
    mux new-session -d -s deck -c "$work" -x "${size%x*}" -y "${size#*x}" \
        "$SOCKDECK -n $*; echo \"exit status \$?\"; read -r _" ||
        skip "tmux does not start"
    mux set-option -g escape-time 10 >/dev/null 2>&1
    wait_for "socket"
}

# Esc followed by another key at once is Alt and that key: after Escape wait
# for what it does.
keys() {
    mux send-keys -t deck "$@"
}

# A question is open, and was there long enough to have been read.
wait_armed() {
    wait_for 'leave everything alone'
    wait_gone 'One moment'
}

# A key that answers a question: it counts only if it comes alone, so what was
# pressed before must have been seen on the screen.
answer_key() {
    pause
    keys "$1"
}

# wait_for PATTERN: an extended regular expression, somewhere on the screen.
wait_for() {
    local try
    for ((try = 0; try < 400; try++)); do
        screen | grep -qE -- "$1" && return 0
        pause
    done
    fail "waited for: $1"
}

wait_gone() {
    local try
    for ((try = 0; try < 400; try++)); do
        screen | grep -qE -- "$1" || return 0
        pause
    done
    fail "still there: $1"
}

# wait_until COMMAND: the command succeeds.
wait_until() {
    local try
    for ((try = 0; try < 400; try++)); do
        "$@" && return 0
        pause
    done
    fail "waited until: $*"
}

# The line of the selection.
selected() {
    screen | grep -E '^[>*]' | head -n 1
}

# wait_selected PATTERN: in the selected line.
wait_selected() {
    local try
    for ((try = 0; try < 400; try++)); do
        selected | grep -qE -- "$1" && return 0
        pause
    done
    fail "the selection is not on: $1"
}

# The order of ports on the screen, first to last: "22 80 443".
ports() {
    screen | sed -nE 's/^.(tcp|udp) +[A-Z0-9-]+ +[^ ]*:([0-9]+) .*/\2/p' |
        tr '\n' ' '
}

quit_deck() {
    keys q
    wait_for "exit status 0"
}
