# bash completion for sockdeck. Made by contrib/generate from its tables.

_sockdeck()
{
	local cur prev columns list
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD-1]}
	columns='proto family state recvq sendq local peer pid user process rx tx rtt laddr lport paddr pport service exposed backlog iface netns nsid v6only shutdown inode cookie mark uid pids holders fd ppid start cmdline exe cwd unit container cgroup skcgroup note pair listener age state_age timer timer_left rttvar minrtt rto cwnd ssthresh mss pmtu retrans lost unacked notsent sent received delivery pacing cc ulp tos rmem rcvbuf tmem sndbuf fwdmem wmem optmem skbacklog drops'
	COMPREPLY=()
	case $prev in
	--columns|--sort)
		list=
		[[ $cur == *[,+-]* ]] && list=${cur%"${cur##*[,+-]}"}
		compopt -o nospace 2>/dev/null
		COMPREPLY=($(compgen -P "$list" -W "$columns" -- "${cur##*[,+-]}"))
		return ;;
	--from|--record|--config|--debug)
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	--colour|--color)
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	-N|--net)
		COMPREPLY=($(compgen -W "all $(ls /run/netns 2>/dev/null)" -- "$cur"))
		return ;;
	state|exclude)
		COMPREPLY=($(compgen -W 'all connected synchronized bucket big established syn-sent syn-received fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listen closing bound unconnected connected' -- "$cur"))
		return ;;
	--count) return ;;
	--seed) return ;;
	--limit) return ;;
	--interval) return ;;
	esac
	if [[ $cur == -* ]]; then
		case ${COMP_WORDS[1]} in
		deck) list='-t --tcp -u --udp -l --listening -a --all -n --numeric -P -p --processes -4 --ipv4 -6 --ipv6 -e --extended -o --options -m --memory -i --info -s --summary -r --resolve -N --net -H --no-header --json --jsonl --csv --columns --list-columns --sort --limit --watch --events --colour --from --record --interval --config --readonly --debug -h --help -V --version' ;;
		free) list='-n --count -4 --ipv4 -6 --ipv6 --registered --ephemeral --any --seed -N --net --json --interval --config --readonly --debug -h --help -V --version' ;;
		help) list='--interval --config --readonly --debug -h --help -V --version' ;;
		*) list='-t --tcp -u --udp -l --listening -a --all -n --numeric -P -p --processes -4 --ipv4 -6 --ipv6 -e --extended -o --options -m --memory -i --info -s --summary -r --resolve -N --net -H --no-header --json --jsonl --csv --columns --list-columns --sort --limit --watch --events --colour --from --record --interval --config --readonly --debug -h --help -V --version' ;;
		esac
		COMPREPLY=($(compgen -W "$list" -- "$cur"))
	elif [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W 'deck list ls free help state exclude src dst sport dport dev fwmark cgroup autobound and or not' -- "$cur"))
	else
		COMPREPLY=($(compgen -W "state exclude src dst sport dport dev fwmark cgroup autobound and or not $columns" -- "$cur"))
	fi
}
complete -F _sockdeck sockdeck
