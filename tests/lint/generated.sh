#!/bin/sh
# SPDX-License-Identifier: ISC
# Completions and sample config are what the tables make of them, and each
# shell that is here can read its own.
set -u
src=${SRCDIR:-.}
bad=0
for f in bash:completions/sockdeck.bash zsh:completions/_sockdeck \
    fish:completions/sockdeck.fish conf:sockdeck.conf; do
	if ! "${BUILDDIR:-.}"/contrib/generate "${f%%:*}" |
	    cmp - "$src/contrib/${f#*:}"; then
		echo "contrib/${f#*:} is old: make contrib"
		bad=1
	fi
done
check() { # SHELL FILE
	command -v "$1" >/dev/null || return 0
	"$1" -n "$2" || bad=1
}
check bash "$src/contrib/completions/sockdeck.bash"
check zsh "$src/contrib/completions/_sockdeck"
check fish "$src/contrib/completions/sockdeck.fish"

# bash's answers, asked as the shell asks.
command -v bash >/dev/null || exit $bad
ask() { # WANT WORD...
	want=$1
	shift
	got=$(bash -c '. "$1"; shift; COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1)); _sockdeck
		printf "%s " "${COMPREPLY[@]}"' - \
	    "$src/contrib/completions/sockdeck.bash" "$@" 2>&1)
	case " $got" in
	*" $want "*) ;;
	*)
		echo "completing '$*': no $want in: $got"
		bad=1
		;;
	esac
}
ask list sockdeck l
ask --json sockdeck list --js
ask local,peer sockdeck list --columns local,pe
ask established sockdeck list state esta
ask always sockdeck --colour a
ask sport sockdeck list spo
exit $bad
