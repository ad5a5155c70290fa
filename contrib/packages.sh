# What the build and the tests need, by distribution. Sourced by run and check.
# Debian 12 is what every CI run uses; the other columns carry the names of
# their package lists and are NOT tested.
#
# The caller sets top to the top of the source tree.
# shellcheck shell=bash disable=SC2034,SC2154

# need | Debian, Ubuntu | Fedora | Arch | Alpine | how to see that it is there
BUILD_NEEDS='
compiler   |gcc             |gcc                  |gcc              |gcc                |cmd gcc
libc       |libc6-dev       |glibc-devel          |glibc            |musl-dev           |file /usr/include/stdio.h
make       |make            |make                 |make             |make               |cmd make
autoconf   |autoconf        |autoconf             |autoconf         |autoconf           |cmd autoconf
automake   |automake        |automake             |automake         |automake           |cmd automake
macros     |autoconf-archive|autoconf-archive     |autoconf-archive |autoconf-archive   |file /usr/share/aclocal/ax_append_compile_flags.m4
pkg-config |pkg-config      |pkgconf-pkg-config   |pkgconf          |pkgconf            |cmd pkg-config
ncursesw   |libncurses-dev  |ncurses-devel        |ncurses          |ncurses-dev        |pc ncursesw
libnl      |libnl-3-dev     |libnl3-devel         |libnl            |libnl3-dev         |pc libnl-3.0
libcap     |libcap-dev      |libcap-devel         |libcap           |libcap-dev         |pc libcap
seccomp    |libseccomp-dev  |libseccomp-devel     |libseccomp       |libseccomp-dev     |pc libseccomp
openssl    |libssl-dev      |openssl-devel        |openssl          |openssl-dev        |pc libssl
libbsd     |libbsd-dev      |libbsd-devel         |libbsd           |libbsd-dev         |pc libbsd-overlay
libuv      |libuv1-dev      |libuv-devel          |libuv            |libuv-dev          |pc libuv
jansson    |libjansson-dev  |jansson-devel        |jansson          |jansson-dev        |pc jansson
pcre2      |libpcre2-dev    |pcre2-devel          |pcre2            |pcre2-dev          |pc libpcre2-8
expat      |libexpat1-dev   |expat-devel          |expat            |expat-dev          |pc expat
'
# Only for the tests.
CHECK_NEEDS='
cmocka     |libcmocka-dev   |libcmocka-devel      |cmocka           |cmocka-dev         |pc cmocka
clang      |clang           |clang                |clang            |clang              |cmd clang
clang-rt   |libclang-rt-14-dev|compiler-rt        |compiler-rt      |compiler-rt        |run clang_has_asan
format     |clang-format    |clang-tools-extra    |clang            |clang-extra-tools  |cmd clang-format
git        |git             |git                  |git              |git                |cmd git
tmux       |tmux            |tmux                 |tmux             |tmux               |cmd tmux
terminfo   |ncurses-term    |ncurses-term         |ncurses          |ncurses-terminfo   |run infocmp xterm-16color
python     |python3         |python3              |python           |python3            |cmd python3
ip, ss     |iproute2        |iproute              |iproute2         |iproute2           |cmd ss
lsof       |lsof            |lsof                 |lsof             |lsof               |cmd lsof
strace     |strace          |strace               |strace           |strace             |cmd strace
unshare    |util-linux      |util-linux           |util-linux       |util-linux-misc    |cmd unshare
mandoc     |mandoc          |mandoc               |mandoc           |mandoc             |cmd mandoc
shellcheck |shellcheck      |ShellCheck           |shellcheck       |shellcheck         |cmd shellcheck
bash       |bash            |bash                 |bash             |bash               |cmd bash
zsh        |zsh             |zsh                  |zsh              |zsh                |cmd zsh
fish       |fish            |fish                 |fish             |fish               |cmd fish
completion |bash-completion |bash-completion      |bash-completion  |bash-completion    |file /usr/share/bash-completion/bash_completion
knockd     |knockd          |knock                |knock            |knock              |cmd knockd
nft        |nftables        |nftables             |nftables         |nftables           |cmd nft
iptables   |iptables        |iptables-nft         |iptables         |iptables           |cmd iptables-save
sysctl     |procps          |procps-ng            |procps-ng        |procps             |cmd sysctl
nmap       |nmap            |nmap                 |nmap             |nmap               |cmd nmap
ndiff      |ndiff           |nmap-ndiff           |nmap             |nmap-ndiff         |cmd ndiff
xmllint    |libxml2-utils   |libxml2              |libxml2          |libxml2-utils      |cmd xmllint
parallel   |parallel        |parallel             |parallel         |parallel           |cmd parallel
dnsmasq    |dnsmasq-base    |dnsmasq              |dnsmasq          |dnsmasq            |cmd dnsmasq
ethtool    |ethtool         |ethtool              |ethtool          |ethtool            |cmd ethtool
tcpdump    |tcpdump         |tcpdump              |tcpdump          |tcpdump            |cmd tcpdump
xz         |xz-utils        |xz                   |xz               |xz                 |cmd xz
'

say() { printf '%s\n' "$*"; }
die() {
    printf '%s\n' "$*" >&2
    exit 1
}

clang_has_asan() {
    printf 'int main(void){return 0;}' |
        clang -fsanitize=address,fuzzer-no-link -x c - -o /dev/null
}

# Which column of the tables this machine reads: 2 Debian .. 5 Alpine.
distribution() {
    local id=
    # shellcheck source=/dev/null
    [ -r /etc/os-release ] &&
        id=" $(. /etc/os-release && printf '%s %s' "$ID" "${ID_LIKE:-}") "
    case $id in
    *' debian '* | *' ubuntu '*) echo 2 ;;
    *' fedora '* | *' rhel '*) echo 3 ;;
    *' arch '*) echo 4 ;;
    *' alpine '*) echo 5 ;;
    *) echo 0 ;;
    esac
}

# have KIND WORD..: is it there?
have() {
    case $1 in
    cmd) command -v "$2" >/dev/null 2>&1 ;;
    pc) pkg-config --exists "$2" >/dev/null 2>&1 ;;
    file) [ -e "$2" ] ;;
    run) "${@:2}" >/dev/null 2>&1 ;;
    *) false ;;
    esac
}

# install_missing TABLE..: installs what is not there, naming it.
install_missing() {
    local column need line probe packages='' labels=''
    local -a field
    column=$(distribution)
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        IFS='|' read -r -a field <<<"$line"
        probe=${field[5]}
        # shellcheck disable=SC2086 # the probe is words
        have $probe && continue
        need=$(tr -d ' ' <<<"${field[0]}")
        labels="$labels $need"
        [ "$column" = 0 ] ||
            packages="$packages $(tr -d ' ' <<<"${field[column - 1]}")"
    done <<<"$(printf '%s\n' "$@")"
    [ -n "$labels" ] || return 0
    [ "$column" != 0 ] || die "missing:$labels. This distribution is not known" \
        "here; install them (contrib/packages.sh has the names elsewhere)."
    # shellcheck disable=SC2086
    packages=$(printf '%s\n' $packages | sort -u | tr '\n' ' ')
    install_packages "$column" "$packages"
}

install_packages() {
    local column=$1 packages=$2 answer
    local -a update=() install=() as=()
    case $column in
    2)
        update=(apt-get update -qq)
        install=(env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y
            --no-install-recommends)
        ;;
    3) install=(dnf install -y -q) ;;
    4) install=(pacman -S --needed --noconfirm --quiet) ;;
    5) install=(apk add --quiet) ;;
    esac
    [ "$column" = 2 ] || say "(this distribution's package names are untested)"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 ||
            die "to be installed, as root: ${install[*]} $packages"
        as=(sudo)
    fi
    say "installing: $packages"
    if [ -t 0 ] && [ -t 1 ]; then
        printf 'Go ahead? [Y/n] '
        read -r answer
        case $answer in
        '' | [yY]*) ;;
        *) die "nothing installed; without these it cannot be built" ;;
        esac
    fi
    if [ ${#update[@]} != 0 ]; then
        "${as[@]}" "${update[@]}" </dev/null >/dev/null ||
            die "the package list could not be updated"
    fi
    # shellcheck disable=SC2086
    "${as[@]}" "${install[@]}" $packages </dev/null >/dev/null ||
        die "these could not be installed: $packages"
}

# build_tree DIR CONFIGURE-ARGUMENT..: configure (once for these arguments)
# and make. Quiet unless it fails.
build_tree() {
    local dir=$1
    shift
    mkdir -p "$dir"
    if [ ! -x configure ] || [ configure.ac -nt configure ]; then
        run_logged "$dir/autoreconf.log" autoreconf -fi
    fi
    if [ ! -e "$dir/Makefile" ] ||
        [ "$(cat "$dir/.arguments" 2>/dev/null)" != "$*" ]; then
        (cd "$dir" && run_logged "$dir/configure.log" \
            "$top/configure" -q "$@") || exit 1
        printf '%s' "$*" >"$dir/.arguments"
    fi
    run_logged "$dir/build.log" make -C "$dir" -j"$(nproc)" all
}

# Runs; on failure shows the end of the log and gives up.
run_logged() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 </dev/null || {
        tail -n 60 "$log" >&2
        die "failed: $* (whole log: $log)"
    }
}
