/* SPDX-License-Identifier: ISC */
/*
 * Names of states, protocols and timers, and what the states mean. The facts
 * are Linux's; where a number is a setting, its name and default are told.
 */
#include "config.h"

#include "know/state.h"

#include <stddef.h>
#include <string.h>

#include "base/array.h"

#define SPELLING_MAX 16

static const char *const state_names[SOCK_NSTATES] = {
	[SOCK_STATE_UNKNOWN] = "-",
	[SOCK_ESTABLISHED] = "ESTABLISHED",
	[SOCK_SYN_SENT] = "SYN-SENT",
	[SOCK_SYN_RECEIVED] = "SYN-RECEIVED",
	[SOCK_FIN_WAIT_1] = "FIN-WAIT-1",
	[SOCK_FIN_WAIT_2] = "FIN-WAIT-2",
	[SOCK_TIME_WAIT] = "TIME-WAIT",
	[SOCK_CLOSED] = "CLOSED",
	[SOCK_CLOSE_WAIT] = "CLOSE-WAIT",
	[SOCK_LAST_ACK] = "LAST-ACK",
	[SOCK_LISTEN] = "LISTEN",
	[SOCK_CLOSING] = "CLOSING",
	[12] = "SYN-RECEIVED",
	[SOCK_BOUND] = "BOUND",
	[SOCK_UNCONNECTED] = "UNCONNECTED",
	[SOCK_CONNECTED] = "CONNECTED",
};

/* Lower-case, without hyphens and underscores: the names above, then those
 * of ss, netstat, lsof and the kernel. */
static const struct {
	const char *name;
	enum sock_state state;
} spellings[] = {
	{ "established", SOCK_ESTABLISHED },
	{ "estab", SOCK_ESTABLISHED },
	{ "synsent", SOCK_SYN_SENT },
	{ "synreceived", SOCK_SYN_RECEIVED },
	{ "synrecv", SOCK_SYN_RECEIVED },
	{ "newsynrecv", SOCK_SYN_RECEIVED },
	{ "synrcvd", SOCK_SYN_RECEIVED },
	{ "finwait1", SOCK_FIN_WAIT_1 },
	{ "finwait2", SOCK_FIN_WAIT_2 },
	{ "timewait", SOCK_TIME_WAIT },
	{ "closed", SOCK_CLOSED },
	{ "close", SOCK_CLOSED },
	{ "closewait", SOCK_CLOSE_WAIT },
	{ "lastack", SOCK_LAST_ACK },
	{ "listen", SOCK_LISTEN },
	{ "listening", SOCK_LISTEN },
	{ "closing", SOCK_CLOSING },
	{ "bound", SOCK_BOUND },
	{ "boundinactive", SOCK_BOUND },
	{ "unconnected", SOCK_UNCONNECTED },
	{ "unconn", SOCK_UNCONNECTED },
	{ "connected", SOCK_CONNECTED },
};

static const char *const timer_names[] = {
	[TIMER_OFF] = "off",
	[TIMER_RETRANSMIT] = "retransmit",
	[TIMER_KEEPALIVE] = "keepalive",
	[TIMER_TIME_WAIT] = "time-wait",
	[TIMER_PERSIST] = "persist",
};

static const struct state_fact facts[SOCK_NSTATES] = {
	[SOCK_STATE_UNKNOWN] = {
		.state = SOCK_STATE_UNKNOWN,
		.brief = "state not known",
		.meaning = "The kernel reported a state that this version "
		    "of the program has no name for.",
		.next = "Nothing can be said.",
		.lasts = "not known",
		.heap = "A newer kernel than the program: look for an update.",
		.source = "include/net/tcp_states.h",
	},
	[SOCK_LISTEN] = {
		.state = SOCK_LISTEN,
		.brief = "waits for connections",
		.meaning = "A program called listen(2). The kernel finishes "
		    "handshakes for it and puts the new connections into the "
		    "accept queue, from where the program takes them with "
		    "accept(2). Recv-Q is the length of that queue, Send-Q "
		    "its limit.",
		.next = "A client must connect. This socket stays as it is; "
			"each client gets a socket of its own.",
		.lasts = "until the program closes it or ends",
		.heap = "Several on one port are workers sharing it with "
			"SO_REUSEPORT. A Recv-Q that stays above 0 means the "
			"program accepts too slowly; once it is above Send-Q, "
			"new connections are dropped. The limit is the "
			"smaller of listen(2)'s backlog and "
			"net.core.somaxconn.",
		.see = "listening, backlog, accept queue, SO_REUSEPORT",
		.source = "RFC 9293 section 3.3.2; listen(2)",
	},
	[SOCK_SYN_SENT] = {
		.state = SOCK_SYN_SENT,
		.brief = "asked for a connection, no answer yet",
		.meaning = "A local program called connect(2): a SYN was "
			   "sent, and nothing has come back.",
		.next = "The other side must answer: SYN-ACK makes it "
			"ESTABLISHED, RST ends it as refused.",
		.lasts = "about two minutes: the SYN is repeated "
			 "net.ipv4.tcp_syn_retries times (6), then connect(2) "
			 "fails with ETIMEDOUT",
		.heap = "The targets are down, or a firewall drops without "
			"an answer; or this machine is scanning.",
		.see = "handshake, filtered, ETIMEDOUT, ECONNREFUSED",
		.source = "RFC 9293 section 3.3.2; tcp(7)",
	},
	[SOCK_SYN_RECEIVED] = {
		.state = SOCK_SYN_RECEIVED,
		.brief = "half open: client's confirmation is missing",
		.meaning = "A client's SYN came in and was answered with "
			   "SYN-ACK; the handshake's last ACK is missing. No "
			   "process owns it yet.",
		.next = "The client must send its ACK.",
		.lasts = "a round trip; without the ACK about one minute "
			 "(net.ipv4.tcp_synack_retries, 5)",
		.heap = "A SYN flood, a scan, or clients whose answers do not "
			"reach us (asymmetric routes). With "
			"net.ipv4.tcp_syncookies the listener goes on "
			"answering when its queue is full.",
		.see = "handshake, SYN queue, SYN flood, SYN cookies",
		.source = "RFC 9293 section 3.3.2; RFC 4987; tcp(7)",
	},
	[SOCK_ESTABLISHED] = {
		.state = SOCK_ESTABLISHED,
		.brief = "connection is open",
		.meaning = "Both sides agreed; data may flow both ways.",
		.next = "Either program: whoever closes first will go to "
			"FIN-WAIT-1, the other to CLOSE-WAIT.",
		.lasts = "without limit. A peer that vanished is noticed when "
			 "data stays unacknowledged (net.ipv4.tcp_retries2, "
			 "15: at least 15 minutes) or by keepalive, if the "
			 "program asked for it (first probe after "
			 "net.ipv4.tcp_keepalive_time, 7200 s)",
		.heap = "Normal on a busy server. Many that are idle for "
			"hours: clients without timeouts or a firewall that "
			"forgot them; turn keepalive on.",
		.see = "connection, keepalive, half-open, retransmission",
		.source = "RFC 9293 sections 3.3.2, 3.8.3, 3.8.4; tcp(7)",
	},
	[SOCK_FIN_WAIT_1] = {
		.state = SOCK_FIN_WAIT_1,
		.brief = "we closed; the peer has not confirmed it",
		.meaning = "The local program closed or shut down its side. "
			   "The FIN, or data before it, is not acknowledged "
			   "yet.",
		.next = "The other machine's kernel must acknowledge: then "
			"FIN-WAIT-2.",
		.lasts = "a round trip; if the peer is silent, until the "
			 "retransmissions give up (for a socket that no "
			 "process holds, net.ipv4.tcp_orphan_retries)",
		.heap = "Peers that vanished, or that do not read: Send-Q "
			"shows data still to go. "
			"net.ipv4.tcp_max_orphans bounds them.",
		.see = "FIN, orphan, Send-Q, retransmission",
		.source = "RFC 9293 section 3.6; tcp(7)",
	},
	[SOCK_FIN_WAIT_2] = {
		.state = SOCK_FIN_WAIT_2,
		.brief = "we closed; the peer has not closed yet",
		.meaning = "Our FIN is acknowledged. The peer may still send, "
			   "because its program has not closed.",
		.next = "The program at the other end must close; then "
			"TIME-WAIT here. There it is in CLOSE-WAIT.",
		.lasts = "net.ipv4.tcp_fin_timeout (60 s) once no process "
			 "holds it; without limit while one does, after "
			 "shutdown(2)",
		.heap = "The programs at the other end forget to close, or "
			"the peers are gone.",
		.see = "FIN, half-close, orphan, CLOSE-WAIT",
		.source = "RFC 9293 section 3.6; tcp(7)",
	},
	[SOCK_CLOSE_WAIT] = {
		.state = SOCK_CLOSE_WAIT,
		.brief = "the peer closed; our program has not",
		.meaning = "The peer's FIN came and was acknowledged. The "
			   "local program has not called close(2) for this "
			   "socket.",
		.next = "The local program must close it; then LAST-ACK.",
		.lasts = "without limit: no timer ends it, only the program's "
			 "close(2) or its end",
		.heap = "A bug in the local program: it leaks descriptors "
			"(see /proc/PID/fd) until its limit is reached. No "
			"kernel setting helps; restart it and report it.",
		.myth = "\"A shorter timeout of the kernel ends CLOSE-WAIT\": "
			"there is none. Only the program that holds the socket "
			"can close it.",
		.see = "FIN, half-close, file descriptor, EMFILE",
		.source = "RFC 9293 section 3.6",
	},
	[SOCK_CLOSING] = {
		.state = SOCK_CLOSING,
		.brief = "both sides closed at the same moment",
		.meaning = "Both FINs crossed: the peer's is here, ours is "
			   "not acknowledged yet.",
		.next = "The other machine's kernel must acknowledge our "
			"FIN; then TIME-WAIT.",
		.lasts = "a round trip; if the peer is silent, until the "
			 "retransmissions give up",
		.heap = "Rare. Many mean that peers vanish while closing.",
		.see = "simultaneous close, FIN, TIME-WAIT",
		.source = "RFC 9293 section 3.6",
	},
	[SOCK_LAST_ACK] = {
		.state = SOCK_LAST_ACK,
		.brief = "peer closed first, then we; one ACK is missing",
		.meaning = "The peer closed, then the local program. Our FIN "
			   "is not acknowledged yet.",
		.next = "The other machine's kernel must acknowledge; then "
			"the socket is gone, without TIME-WAIT.",
		.lasts = "a round trip; if the peer is silent, until the "
			 "retransmissions give up "
			 "(net.ipv4.tcp_orphan_retries)",
		.heap = "Peers that went away right after closing, or a "
			"firewall that drops the last segments.",
		.see = "FIN, orphan, retransmission",
		.source = "RFC 9293 section 3.6; tcp(7)",
	},
	[SOCK_TIME_WAIT] = {
		.state = SOCK_TIME_WAIT,
		.brief = "closed; keeps its port pair from early reuse",
		.meaning = "The connection is over, and this side closed "
			   "first. The kernel remembers the pair of addresses "
			   "so that late segments cannot disturb a new "
			   "connection, and so that a lost last ACK can be "
			   "repeated. No process owns it.",
		.next = "Nobody: a timer removes it.",
		.lasts = "60 s on Linux, fixed when the kernel is built "
			 "(RFC 9293 asks for twice the maximum segment "
			 "lifetime, 4 minutes); "
			 "net.ipv4.tcp_fin_timeout does not change it",
		.heap = "Normal where connections are short. It hurts only "
			"a client that opens many to one address and port, "
			"when net.ipv4.ip_local_port_range is used up: keep "
			"connections open and reuse them. A server restarts "
			"in spite of them with SO_REUSEADDR.",
		.myth = "\"TIME-WAIT is an error\": it is the proper end of a "
			"connection, at the side that closed first.",
		.see = "MSL, TIME-WAIT assassination, SO_REUSEADDR, ephemeral "
			"port",
		.source = "RFC 9293 section 3.6.1; include/net/tcp.h",
	},
	[SOCK_CLOSED] = {
		.state = SOCK_CLOSED,
		.brief = "no connection",
		.meaning = "A socket that is not connected: never was, or its "
			   "connection ended (often by RST) while a program "
			   "still holds the descriptor.",
		.next = "The local program: connect, listen or close.",
		.lasts = "as long as the program keeps the descriptor",
		.heap = "A program that opens sockets and leaves them, or "
			"does not close what broke.",
		.see = "RST, socket, ENOTCONN",
		.source = "RFC 9293 section 3.3.2",
	},
	[SOCK_BOUND] = {
		.state = SOCK_BOUND,
		.brief = "holds a port without using it",
		.meaning = "The program called bind(2), and neither listen(2) "
			   "nor connect(2). The port is taken: others get "
			   "\"Address already in use\". Most tools do not "
			   "show such sockets.",
		.next = "The local program: listen, connect or close.",
		.lasts = "as long as the program keeps the descriptor",
		.heap = "A program that reserves ports, or that failed "
			"between bind(2) and listen(2).",
		.see = "binding, port conflict, EADDRINUSE",
		.source = "bind(2); TCP_BOUND_INACTIVE, Linux 6.8",
	},
	[SOCK_UNCONNECTED] = {
		.state = SOCK_UNCONNECTED,
		.brief = "UDP: takes datagrams from anybody",
		.meaning = "A UDP socket without a fixed peer. UDP has no "
			   "connections: nothing is set up, confirmed or "
			   "closed. A server looks like this, and so does a "
			   "client that uses sendto(2).",
		.next = "Whoever sends a datagram to its address and port.",
		.lasts = "until the program closes it or ends",
		.heap = "One for each service and address is normal. Recv-Q "
			"that stays above 0: the program reads too slowly, "
			"and datagrams get lost when its buffer is full.",
		.see = "UDP, datagram, Recv-Q",
		.source = "RFC 768; udp(7)",
	},
	[SOCK_CONNECTED] = {
		.state = SOCK_CONNECTED,
		.brief = "UDP: has one fixed peer",
		.meaning = "A UDP socket on which connect(2) fixed the peer. "
			   "No packet was exchanged for that: it only means "
			   "that datagrams of others are not taken, and that "
			   "ICMP errors reach the program.",
		.next = "Either side may send at any time.",
		.lasts = "until the program closes it or ends",
		.heap = "DNS lookups, QUIC, VPNs and calls look like this.",
		.myth = "\"A connected UDP socket has a connection\": only this "
			"side knows of it; nothing was sent.",
		.see = "UDP, datagram, ICMP, QUIC",
		.source = "RFC 768; RFC 8085 section 5.2; udp(7)",
	},
};

unsigned
sock_state_rank(enum sock_state s)
{
	static const uint8_t rank[SOCK_NSTATES] = {
		[SOCK_LISTEN] = 1,
		[SOCK_UNCONNECTED] = 2,
		[SOCK_BOUND] = 3,
		[SOCK_SYN_SENT] = 4,
		[SOCK_SYN_RECEIVED] = 5,
		[SOCK_ESTABLISHED] = 6,
		[SOCK_CONNECTED] = 7,
		[SOCK_FIN_WAIT_1] = 8,
		[SOCK_FIN_WAIT_2] = 9,
		[SOCK_CLOSE_WAIT] = 10,
		[SOCK_CLOSING] = 11,
		[SOCK_LAST_ACK] = 12,
		[SOCK_TIME_WAIT] = 13,
		[SOCK_CLOSED] = 14,
		[SOCK_STATE_UNKNOWN] = 15,
	};

	return s < SOCK_NSTATES ? rank[s] : rank[SOCK_STATE_UNKNOWN];
}

const char *
sock_state_name(enum sock_state s)
{
	return (size_t)s < nitems(state_names) ? state_names[s] : "-";
}

enum sock_state
sock_state_parse(const char *s)
{
	char word[SPELLING_MAX];
	size_t n = 0, i;

	for (; *s != '\0'; s++) {
		if (*s == '-' || *s == '_')
			continue;
		if (n == sizeof(word) - 1)
			return SOCK_STATE_UNKNOWN;
		word[n++] =
		    *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
	}
	word[n] = '\0';
	for (i = 0; i < nitems(spellings); i++)
		if (strcmp(word, spellings[i].name) == 0)
			return spellings[i].state;
	return SOCK_STATE_UNKNOWN;
}

const char *
sock_proto_name(unsigned proto)
{
	return proto == SOCK_TCP ? "tcp" : proto == SOCK_UDP ? "udp" : "-";
}

const char *
sock_timer_name(enum sock_timer t)
{
	return (size_t)t < nitems(timer_names) ? timer_names[t] : "-";
}

const struct state_fact *
state_fact(enum sock_state s)
{
	if ((size_t)s == 12)
		s = SOCK_SYN_RECEIVED;
	if ((size_t)s >= nitems(facts) || facts[s].brief == NULL)
		s = SOCK_STATE_UNKNOWN;
	return &facts[s];
}
