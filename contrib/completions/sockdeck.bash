# bash completion for sockdeck. Made by contrib/generate from its tables.

_sockdeck()
{
	local cur prev columns list
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD-1]}
	columns='proto family state recvq sendq local peer pid user process rx tx rtt laddr lport paddr pport service exposed backlog iface netns nsid v6only scan answers shutdown inode cookie mark uid pids holders fd ppid start cmdline exe cwd unit container cgroup skcgroup note pair listener age state_age timer timer_left rttvar minrtt rto cwnd ssthresh mss pmtu retrans lost unacked notsent sent received delivery pacing cc ulp tos rmem rcvbuf tmem sndbuf fwdmem wmem optmem skbacklog drops'
	COMPREPLY=()
	case $prev in
	--columns|--sort)
		list=
		[[ $cur == *[,+-]* ]] && list=${cur%"${cur##*[,+-]}"}
		compopt -o nospace 2>/dev/null
		COMPREPLY=($(compgen -P "$list" -W "$columns" -- "${cur##*[,+-]}"))
		return ;;
	-iL|--excludefile|--probes|--resume|--merge|-oN|-oX|-oG|-oA|--expect|--from|--record|--config|--debug)
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	--colour|--color|--colour|--color|--colour|--color|--colour|--color)
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	--severity)
		COMPREPLY=($(compgen -W 'info low medium high critical' -- "$cur"))
		return ;;
	--engine)
		COMPREPLY=($(compgen -W 'sockdeck nmap both' -- "$cur"))
		return ;;
	-N|--net)
		COMPREPLY=($(compgen -W "all $(ls /run/netns 2>/dev/null)" -- "$cur"))
		return ;;
	state|exclude)
		COMPREPLY=($(compgen -W 'all connected synchronized bucket big established syn-sent syn-received fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listen closing bound unconnected connected' -- "$cur"))
		return ;;
	--count) return ;;
	--seed) return ;;
	--exclude) return ;;
	--script) return ;;
	--script-args) return ;;
	--version-intensity) return ;;
	--ports) return ;;
	--top-ports) return ;;
	--exclude-ports) return ;;
	--timing) return ;;
	--min-rate) return ;;
	--max-rate) return ;;
	--max-parallelism) return ;;
	--max-retries) return ;;
	--host-timeout) return ;;
	--seed) return ;;
	--shard) return ;;
	--sandbox) return ;;
	--stats-every) return ;;
	--delay) return ;;
	--check) return ;;
	--timeout) return ;;
	--signal) return ;;
	--limit) return ;;
	--interval) return ;;
	esac
	if [[ $cur == -* ]]; then
		case ${COMP_WORDS[1]} in
		deck) list='-t --tcp -u --udp -l --listening -a --all -n --numeric -P -p --processes -4 --ipv4 -6 --ipv6 -e --extended -o --options -m --memory -i --info -s --summary -r --resolve -N --net -H --no-header --json --jsonl --csv --columns --list-columns --sort --limit --watch --events --expect --colour --from --record --interval --config --readonly --debug -h --help -V --version' ;;
		diff) list='-a --all -t --tcp -u --udp -4 --ipv4 -6 --ipv6 --json --config --readonly --debug -h --help -V --version' ;;
		free) list='-n --count -4 --ipv4 -6 --ipv6 --registered --ephemeral --any --seed -N --net --json --config --readonly --debug -h --help -V --version' ;;
		explain) list='--colour -N --net --json --from --config --readonly --debug -h --help -V --version' ;;
		scan) list='-iL --exclude --excludefile -6 --ipv6 -4 --ipv4 --self --force -y --yes -sT -sS -sU -sn -sL -sV -O --osscan-limit --osscan-guess -A --script --script-args --engine --version-intensity --version-light --version-all --probes -Pn -p --ports -F --top-ports --exclude-ports -r -T --timing --min-rate --max-rate --max-parallelism --max-retries --host-timeout -n -R --seed --shard --resume --merge --sandbox --open --reason -v --verbose --stats-every -oN -oX -oG -oA --jsonl --colour --json --config --readonly --debug -h --help -V --version' ;;
		knock) list='-d --delay -c --check --timeout -u --udp -4 --ipv4 -6 --ipv6 --dry-run --json --config --readonly --debug -h --help -V --version' ;;
		kill) list='-s --signal -y --yes --dry-run -N --net --json --config --readonly --debug -h --help -V --version' ;;
		close) list='--rst --fin -y --yes --dry-run -N --net --json --config --readonly --debug -h --help -V --version' ;;
		why) list='-t --tcp -u --udp -N --net --json --config --readonly --debug -h --help -V --version' ;;
		audit) list='-t --tcp -u --udp -4 --ipv4 -6 --ipv6 --no-probe --severity --all --colour -N --net --json --from --config --readonly --debug -h --help -V --version' ;;
		lab) list='--list --run --pause --json --config --readonly --debug -h --help -V --version' ;;
		help) list='--config --readonly --debug -h --help -V --version' ;;
		*) list='-t --tcp -u --udp -l --listening -a --all -n --numeric -P -p --processes -4 --ipv4 -6 --ipv6 -e --extended -o --options -m --memory -i --info -s --summary -r --resolve -N --net -H --no-header --json --jsonl --csv --columns --list-columns --sort --limit --watch --events --expect --colour --from --record --interval --config --readonly --debug -h --help -V --version' ;;
		esac
		COMPREPLY=($(compgen -W "$list" -- "$cur"))
	elif [ "$COMP_CWORD" -gt 1 ] && [ "${COMP_WORDS[1]}" = explain ]; then
		COMPREPLY=($(compgen -W 'services questions myths port port-0 well-known-port registered-port dynamic-port ephemeral-port reserved-port privileged-port socket socket-pair binding listening connection multiplexing demultiplexing wildcard-address loopback dual-stack v4-mapped-address exposed client server service-name bind-test iana port-conflict owner orphan tcp tcp-state segment handshake syn ack fin rst sequence-number half-open half-close simultaneous-close msl time-wait-assassination mss window window-scaling persist-timer rtt rto retransmission sack congestion-control congestion-window slow-start pacing nagle delayed-ack keepalive linger timestamps fast-open limited mptcp urgent-data udp datagram packet ip ipv4 ipv6 icmp transport-layer sctp mtu path-mtu-discovery interface multicast nat port-forwarding proxy conntrack tls starttls dtls quic vpn network-namespace docker-proxy container open closed-port filtered unfiltered port-scan syn-scan connect-scan udp-scan version-detection os-detection aggressive-scan vulnerability-scan firewall port-knocking syn-flood syn-cookies amplification backlog accept-queue syn-queue so_reuseaddr so_reuseport ipv6_v6only recv-q send-q receive-buffer file-descriptor inode cookie sock_diag procfs process signal close systemd-unit socket-activation cgroup capability firewall-mark raw-socket unix-socket sysctl ss netstat lsof tcpdump telnet-client filter column deck reading alert pressure leak lab baseline recording namespace-owner eaddrinuse eaddrnotavail eacces eperm econnrefused econnreset econnaborted etimedout ehostunreach enetunreach epipe emfile enfile enobufs eagain einprogress eisconn enotconn eafnosupport einval emsgsize edestaddrreq ebadf eprotonosupport name-resolution-failure established syn-sent syn-received fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listen closing bound unconnected connected proto family state recvq sendq local peer pid user process rx tx rtt laddr lport paddr pport service exposed backlog iface netns nsid v6only scan answers shutdown inode cookie mark uid pids holders fd ppid start cmdline exe cwd unit container cgroup skcgroup note pair listener age state_age timer timer_left rttvar minrtt rto cwnd ssthresh mss pmtu retrans lost unacked notsent sent received delivery pacing cc ulp tos rmem rcvbuf tmem sndbuf fwdmem wmem optmem skbacklog drops term kill int hup quit stop cont tstp usr1 usr2 abrt alrm bus chld fpe ill io pipe prof pwr segv stkflt sys trap ttin ttou urg vtalrm winch xcpu xfsz tcpmux echo discard systat daytime netstat qotd msp chargen ftp-data ftp ssh telnet lmtp smtp time nameserver whois tacacs domain bootps bootpc tftp gopher finger http kerberos iso-tsap acr-nema pop3 sunrpc auth sftp nntp ntp epmap netbios-ns netbios-dgm netbios-ssn imap snmp snmptrap cmip-man xdmcp bgp irc smux at-rtmp qmtp z39-50 ipx imap3 esro-gen bgmp http-mgmt tacacss pkix-timestamp ptp-event ptp-general rtsps rpki-rtr chronyd rpki-rtr-tls rpc2portmap codaauth2 clearcase ulistproc ldap imsp svrloc https snpp microsoft-ds kpasswd submissions saft isakmp mbap exec biff login who shell syslog printer talk ntalk router efs ripng timed tempo courier netnews uucp klogin kshell dhcpv6-client dhcpv6-server afpovertcp rtsp remotefs nntps 9pfs submission http-rpc-epmap nqs asf-rmcp qmqp ipp ipps ldaps msdp ldp dhcp-failover tinc rpc-statd asf-secure-rmcp doom acap ha-cluster olsr agentx iris-xpc kerberos-adm kerberos-iv rfile webster spamd mbap-s netconf-ssh domain-s iscsi owamp-control twamp-control rsync rquotad vmware-auth ideafarm-door iss-realsecure openvpn-as rndc lustre ftps-data ftps telnets imaps ircs pop3s socks rmiregistry kpop mini-sql mysql-cluster openvpn lotusnote sonos ms-sql-s ms-sql-m ica wins wazuh-agent wazuh-auth oracle ncube-lm informix veritas-pbx radius radius-acct kms l2tp l2f h323gatedisc h323gatestat h323hostcall pptp tftp-mcast msmq node-red mqtt ssdp niagara-fox mtp rtmp haproxy-stats bb hsrp cisco-sccp graphite graphite-pickle caddy-admin nfs radsec gnunet zephyr-srv gtp-control gtp-user vmrdp zookeeper eforward gitea-ssh ethernet-ip-1 pcsd arma delve docker docker-s swarm etcd-client etcd-server etcd-metrics cvspserver iec-104 orientdb mgcp-gateway ttc ttc-ssl citriximaclient zebra ospfd bgpd monit ssdp-events zookeeper-peer gpsd hbci gds-db xbox loki pacemaker-remote squid ndl-aas icpv2 sap-dispatcher glbp iscsi-target msft-gc msft-gc-ssl net-assistant ceph mysql opsession-prxy clamd dyna-access ms-wbt-server stun slim-devices nut teredo apcupsd sap-message distcc daap svn ws-discovery blizwow bfd-control bfd-echo zookeeper-election tidb terabase etcd altserviceboot nfs-lockd linkerd-proxy nsq sieve linkerd-admin angular nats cilium-health opentsdb nebula otlp-grpc otlp-http rwhois epmd rundeck https-alt pharos selenium krb524 ntske ipsec-nat-t salt-publish salt-return galera galera-ist iax nomad-http nomad-rpc nomad-serf pihole-ftl pulseaudio gearman smart-install vxlan opcua-tcp glassfish-admin radmin-port munin commplex-main iperf commplex-link avt-profile-1 java-debug airport-admin adb-server asterisk-ami cdp beats sip sips hart-ip vite aol iperf3 targus-getdata1 xmpp-client xmpps-client hpvroom capwap-control capwap-data xmpp-server xmpp-bosh presence cfengine stuns pcp-multicast nat-pmp mdns llmnr wsdapi wsdapi-s corosync postgresql pyrrho calico-typha vnc-listen rabbitmq-stream adb personal-agent kibana esmagent pcanywheredata pcanywherestat icinga2 nrpe nsca amqps amqp mndp n8n coap coaps msdfsr vnc-http rfb spice teamviewer couchdb wsman wsmans wbem-http wbem-https x11 tensorboard proxysql-admin proxysql esphome geneve varnish varnish-admin dtspcd flink-rpc swift nats-cluster qdrant sflow redis redis-tls pgbouncer kube-apiserver sun-sr-https syslog-tls checkmk sane-port mpd pulsar openflow ircu ircs-u weave ceph-mon ceph-osd bittorrent bittorrent-tracker afs3-fileserver cassandra afs3-callback weblogic afs3-prserver afs3-vlserver anydesk spark cassandra-jmx nats-gw temporal neo4j-https neo4j cwmp ms-do bolt meilisearch cbt drbd gradio radarr serf-gossip http-alt irdmi tomcat-shutdown proxmox ajp13 hdfs-namenode roku sunproxyadmin us-cli us-srv influxdb simplifymedia yarn radan-http splunkd couchbase jellyfin typesense deluge-web privoxy clickhouse-http statsd puppet comfyui vault vault-cluster nats-monitor ray-dashboard flannel-udp winbox consul-rpc consul-lan consul-wan bitcoin-rpc bitcoin syncthing-gui shadowsocks pcsync-https matrix otv consul fmtp streamlit consul-grpc arangodb wsus wsus-ssl rtsp-alt consul-dns ganglia lidarr mikrotik-api mikrotik-api-ssl nova cinder nessus unifi-portal cddbp-alt secure-mqtt jupyter ddi-tcp-1 unbound-control solr sonarr php-fpm cslistener tor-orport etlservicemgr dynamid cassandra-cql tor-socks tor-control hive-metastore sqlexec sqlexec-ssl prometheus websm transmission xmltec-xmlmail kafka xmlipcregsvc alertmanager alertmanager-peer felix-health pdl-datastream node-exporter bacula-dir bacula-fd bacula-sd mysqld-exporter blackbox-exporter redis-exporter tor-browser coredns-metrics postgres-exporter elasticsearch wap-wsp chrome-devtools node-inspect glance elasticsearch-node vrace adws gvmd zipkin git clickhouse-secure tungsten-https logstash-api neutron hdfs-web envoy-admin teamspeak3 zerotier splunk-s2s webmin ndmp unifi-discovery teamspeak3-query amavis amavis-reply zabbix-agent zabbix-trapper amanda snmptls snmpdtls snmptls-trap snmpdtls-trap wyoming kube-proxy-metrics kubelet ingress-nginx kubelet-ro kube-proxy-health kube-controller kube-scheduler nbd memcache beanstalkd rspamd-proxy rspamd rspamd-web hkp ollama gelf vnetd jaeger-grpc jaeger-http envoy-outbound envoy-inbound istiod-grpc istiod-tls istio-health istio-metrics rabbitmq-management rabbitmq-metrics hbase-master redis-bus libvirt libvirt-tls jaeger-web amt-soap-http amt-soap-https db-lsp minecraft-be stun-google milvus netdata dnp-sec dnp mountd nfsrdma impala syncthing-discovery rustdesk syncthing glusterd fluentd synergy minecraft minecraft-rcon rabbitmq-dist collectd quake cockroachdb redis-sentinel steam mongodb mongodb-shard mongodb-config quake3 rethinkdb callofduty gerrit k8s-nodeport teamspeak3-file plex mysqlx mysql-group traceroute factorio profinet-rt openstack-id livereload tailscale pmcd ethernet-ip-2 winrm-local bacnet db2 grpc hdfs-web2 transmission-peer wireguard vdsm wazuh-api deluge mosh stomp activemq iphone-sync mumble' -- "$cur"))
	elif [ "$COMP_CWORD" -gt 1 ] && [ "${COMP_WORDS[1]}" = scan ]; then
		COMPREPLY=($(compgen -A hostname -- "$cur"))
	elif [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W 'deck list ls diff free explain scan knock kill close why audit lab help state exclude src dst sport dport dev fwmark cgroup autobound and or not' -- "$cur"))
	else
		COMPREPLY=($(compgen -W "state exclude src dst sport dport dev fwmark cgroup autobound and or not $columns" -- "$cur"))
	fi
}
complete -F _sockdeck sockdeck
