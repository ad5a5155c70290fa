/* SPDX-License-Identifier: ISC */
/* The table of limits. Facts only; how full they are is read elsewhere. */
#include "config.h"

#include "know/pressure.h"

#define IP_SYSCTL "Documentation/networking/ip-sysctl.rst"

/* clang-format off */
static const struct pressure_fact facts[PRESSURE_NKINDS] = {
	[PRESSURE_EPHEMERAL] = {
	    .name = "ephemeral_ports", .title = "ephemeral ports",
	    .unit = "ports", .scope = PRESSURE_OF_DESTINATION, .high = 80,
	    .full = "connect(2) to this address and port fails with "
		"EADDRNOTAVAIL; other destinations are not affected.",
	    .knob = "net.ipv4.ip_local_port_range",
	    .remedy = "Keep connections open and reuse them, use more local "
		"addresses, or net.ipv4.tcp_tw_reuse for those in TIME-WAIT.",
	    .source = IP_SYSCTL " (ip_local_port_range), RFC 6056" },
	[PRESSURE_UDP_PORTS] = {
	    .name = "udp_ports", .title = "UDP ports of that range",
	    .unit = "ports", .scope = PRESSURE_OF_NETNS, .high = 80,
	    .full = "a UDP socket that does not name its port gets none: "
		"bind(2) fails with EADDRINUSE, connect(2) and sendto(2) "
		"with EAGAIN.",
	    .knob = "net.ipv4.ip_local_port_range",
	    .remedy = "Look which process holds them: it may leak.",
	    .source = IP_SYSCTL " (ip_local_port_range)" },
	[PRESSURE_ACCEPT] = {
	    .name = "accept_queue", .title = "accept queue",
	    .unit = "connections", .scope = PRESSURE_OF_LISTENER, .high = 80,
	    .full = "the last packet of further handshakes is dropped: clients "
		"believe they are connected and wait, or time out.",
	    .knob = "net.core.somaxconn",
	    .remedy = "The program is too slow to accept(2); its own listen(2) "
		"backlog is the limit too.",
	    .source = "listen(2), " IP_SYSCTL " (somaxconn, "
		"tcp_abort_on_overflow)" },
	[PRESSURE_SYN] = {
	    .name = "syn_queue", .title = "SYN queue",
	    .unit = "connections", .scope = PRESSURE_OF_LISTENER, .high = 80,
	    .full = "further SYNs are answered by cookies (some TCP options are "
		"lost), or dropped where tcp_syncookies is 0.",
	    .knob = "net.ipv4.tcp_max_syn_backlog",
	    .remedy = "From many addresses that never answer: a SYN flood "
		"(RFC 4987).",
	    .source = IP_SYSCTL " (tcp_max_syn_backlog, tcp_syncookies)" },
	[PRESSURE_TIME_WAIT] = {
	    .name = "time_wait", .title = "TIME-WAIT",
	    .unit = "sockets", .scope = PRESSURE_OF_NETNS, .high = 80,
	    .full = "sockets are closed without TIME-WAIT: late packets of an "
		"old connection may be taken for a new one's.",
	    .knob = "net.ipv4.tcp_max_tw_buckets",
	    .remedy = "Let the client close first, and reuse connections.",
	    .source = IP_SYSCTL " (tcp_max_tw_buckets), RFC 9293 section "
		"3.6.1, RFC 1337" },
	[PRESSURE_ORPHANS] = {
	    .name = "orphans", .title = "orphans",
	    .unit = "sockets", .scope = PRESSURE_OF_MACHINE, .high = 80,
	    .full = "connections that no process holds any more are reset at "
		"once, and what they had left to send is lost.",
	    .knob = "net.ipv4.tcp_max_orphans",
	    .remedy = "Fewer: net.ipv4.tcp_orphan_retries, "
		"net.ipv4.tcp_fin_timeout.",
	    .source = IP_SYSCTL " (tcp_max_orphans)" },
	[PRESSURE_TCP_MEM] = {
	    .name = "tcp_mem", .title = "TCP memory",
	    .unit = "pages", .scope = PRESSURE_OF_MACHINE, .high = 80,
	    .full = "from the middle mark on buffers and windows shrink; at "
		"the last what arrives is dropped and senders wait.",
	    .knob = "net.ipv4.tcp_mem",
	    .remedy = "Sort by rmem, wmem: who does not read, whose peer does "
		"not?",
	    .source = IP_SYSCTL " (tcp_mem), tcp(7)" },
	[PRESSURE_UDP_MEM] = {
	    .name = "udp_mem", .title = "UDP memory",
	    .unit = "pages", .scope = PRESSURE_OF_MACHINE, .high = 80,
	    .full = "datagrams that arrive are dropped, whatever socket they "
		"are for.",
	    .knob = "net.ipv4.udp_mem",
	    .remedy = "Sort by rmem: who does not read?",
	    .source = IP_SYSCTL " (udp_mem), udp(7)" },
	[PRESSURE_FDS] = {
	    .name = "descriptors", .title = "descriptors",
	    .unit = "descriptors", .scope = PRESSURE_OF_PROCESS, .high = 80,
	    .full = "the process gets no new socket or file (EMFILE): connections "
		"wait in its accept queue.",
	    .knob = "RLIMIT_NOFILE (ulimit -n, systemd LimitNOFILE=)",
	    .remedy = "If they only grow, the program leaks them.",
	    .source = "getrlimit(2), proc_pid_limits(5)" },
	[PRESSURE_FILES] = {
	    .name = "files", .title = "open files",
	    .unit = "files", .scope = PRESSURE_OF_MACHINE, .high = 80,
	    .full = "no process but root's gets a new socket or file (ENFILE).",
	    .knob = "fs.file-max",
	    .source = "Documentation/admin-guide/sysctl/fs.rst (file-max)" },
	[PRESSURE_CONNTRACK] = {
	    .name = "conntrack", .title = "conntrack entries",
	    .unit = "entries", .scope = PRESSURE_OF_NETNS, .high = 80,
	    .full = "packets of new connections are dropped (\"nf_conntrack: "
		"table full, dropping packet\").",
	    .knob = "net.netfilter.nf_conntrack_max",
	    .remedy = "Shorter timeouts, or no tracking (notrack) for what "
		"needs none.",
	    .source = "Documentation/networking/nf_conntrack-sysctl.rst" },
	[PRESSURE_NEIGH4] = {
	    .name = "neighbours_ipv4", .title = "ARP table",
	    .unit = "entries", .scope = PRESSURE_OF_MACHINE, .high = 80,
	    .full = "hosts of this link that are not in the table cannot be "
		"reached (\"neighbor table overflow\").",
	    .knob = "net.ipv4.neigh.default.gc_thresh3",
	    .source = IP_SYSCTL " (neigh/default/gc_thresh3)" },
	[PRESSURE_NEIGH6] = {
	    .name = "neighbours_ipv6", .title = "IPv6 neighbours",
	    .unit = "entries", .scope = PRESSURE_OF_MACHINE, .high = 80,
	    .full = "hosts of this link that are not in the table cannot be "
		"reached (\"neighbor table overflow\").",
	    .knob = "net.ipv6.neigh.default.gc_thresh3",
	    .source = IP_SYSCTL " (neigh/default/gc_thresh3)" },
};

static const struct pressure_counter_fact counters[PRESSURE_NCOUNTERS] = {
	[COUNTER_LISTEN_OVERFLOWS] = { "TcpExt", "ListenOverflows",
	    "handshakes that ended at a full accept queue",
	    PRESSURE_ACCEPT, true, true },
	[COUNTER_LISTEN_DROPS] = { "TcpExt", "ListenDrops",
	    "handshakes dropped, whatever the reason",
	    PRESSURE_ACCEPT, false, true },
	[COUNTER_SYNCOOKIES_SENT] = { "TcpExt", "SyncookiesSent",
	    "SYNs answered by a cookie", PRESSURE_SYN, false, true },
	[COUNTER_REQQ_COOKIES] = { "TcpExt", "TCPReqQFullDoCookies",
	    "SYNs that met a full queue and got a cookie",
	    PRESSURE_SYN, true, true },
	[COUNTER_REQQ_DROP] = { "TcpExt", "TCPReqQFullDrop",
	    "SYNs that met a full queue and were dropped",
	    PRESSURE_SYN, true, true },
	[COUNTER_TW_OVERFLOW] = { "TcpExt", "TCPTimeWaitOverflow",
	    "sockets closed without TIME-WAIT", PRESSURE_TIME_WAIT,
	    true, true },
	[COUNTER_ABORT_ON_MEMORY] = { "TcpExt", "TCPAbortOnMemory",
	    "connections reset for too many orphans or too little memory",
	    PRESSURE_ORPHANS, true, true },
	[COUNTER_MEMORY_PRESSURES] = { "TcpExt", "TCPMemoryPressures",
	    "times that TCP came above the middle mark",
	    PRESSURE_TCP_MEM, false, true },
	[COUNTER_UDP_MEM_ERRORS] = { "Udp", "MemErrors",
	    "datagrams dropped for want of UDP memory",
	    PRESSURE_UDP_MEM, true, true },
	[COUNTER_UDP_RCVBUF_ERRORS] = { "Udp", "RcvbufErrors",
	    "datagrams dropped because their socket's buffer was full",
	    PRESSURE_UDP_MEM, false, true },
	[COUNTER_CONNTRACK_DROP] = { "nf_conntrack", "drop",
	    "packets dropped because the table was full",
	    PRESSURE_CONNTRACK, true, true },
	[COUNTER_CONNTRACK_EARLY_DROP] = { "nf_conntrack", "early_drop",
	    "unanswered connections forgotten early to make room",
	    PRESSURE_CONNTRACK, true, true },
	[COUNTER_NEIGH4_FULL] = { "arp_cache", "table_fulls",
	    "hosts that found no room in the ARP table",
	    PRESSURE_NEIGH4, true, false },
	[COUNTER_NEIGH6_FULL] = { "ndisc_cache", "table_fulls",
	    "hosts that found no room among the IPv6 neighbours",
	    PRESSURE_NEIGH6, true, false },
};
/* clang-format on */

const struct pressure_fact *
pressure_fact(enum pressure_kind kind)
{
	return &facts[kind];
}

const struct pressure_counter_fact *
pressure_counter_fact(enum pressure_counter c)
{
	return &counters[c];
}
