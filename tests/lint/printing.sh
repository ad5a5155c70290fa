#!/bin/bash
# Only output files put text on a terminal or a stream: what a forgotten
# printf shows has passed no cleaning (failures.md E7's lesson from htop,
# scp, git and kubectl).
set -u
cd "${SRCDIR:-.}" || exit 99
calls='\b(v?f?printf|v?dprintf|puts|fputs|putchar|fputc|putc|fwrite|perror|psignal|syslog|v?warnx?|v?errx?|m?v?w?add(n?w?str|ch|_wch|n?str)|waddn?w?str|mvw?printw|w?printw|tputs|putp)[[:space:]]*\('
allowed='^src/(cli/out(_[a-z]+)?\.c|app/(main|list|message)\.c|base/log\.c|ui/(paint|term)\.c|collect/record\.c|app/(snapshot|conffile)\.c|app/guard\.c):'
wrong=$(grep -nE "$calls" src/*/*.c | grep -vE "$allowed" |
    grep -vE ':[0-9]+:[[:space:]]*(\*|/\*)')
[ -z "$wrong" ] || {
    echo "these print outside the output files:"
    echo "$wrong"
    exit 1
}
# Foreign text must never be a format.
wrong=$(grep -nE '\b(printf|buf_printf|ui_status|ui_error|log_debug|snap_warn)[[:space:]]*\([[:space:]]*[a-z_>.-]+[[:space:]]*\)' \
    src/*/*.c | grep -vE '\((void)\)')
[ -z "$wrong" ] || {
    echo "a format that is no literal:"
    echo "$wrong"
    exit 1
}
