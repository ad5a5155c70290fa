/* SPDX-License-Identifier: ISC */
#ifndef KNOW_STATE_H
#define KNOW_STATE_H

#include <stdint.h>

/* States, protocols and timers: their numbers, names and meaning. */

/*
 * RFC 9293's TCP states with the kernel's numbers (include/net/tcp_states.h),
 * so that a kernel state mask is a mask of these; then what RFC 9293 has no
 * word for. A UDP socket is UNCONNECTED or CONNECTED, never LISTEN.
 */
enum sock_state {
	SOCK_STATE_UNKNOWN = 0,
	SOCK_ESTABLISHED = 1,
	SOCK_SYN_SENT = 2,
	SOCK_SYN_RECEIVED = 3, /* the kernel's 12, NEW_SYN_RECV, too */
	SOCK_FIN_WAIT_1 = 4,
	SOCK_FIN_WAIT_2 = 5,
	SOCK_TIME_WAIT = 6,
	SOCK_CLOSED = 7,
	SOCK_CLOSE_WAIT = 8,
	SOCK_LAST_ACK = 9,
	SOCK_LISTEN = 10,
	SOCK_CLOSING = 11,
	SOCK_BOUND = 13,       /* TCP: bound, not listening (Linux >= 6.8) */
	SOCK_UNCONNECTED = 14, /* UDP without a peer */
	SOCK_CONNECTED = 15,   /* UDP with one */
	SOCK_NSTATES = 16
};
#define SOCK_STATE_BIT(s) (UINT32_C(1) << (s))
#define SOCK_STATES_ALL   UINT32_C(0xefff) /* every bit but 12 (alias of 3) */

/* "ESTABLISHED", "SYN-RECEIVED", ..: interface.md section 4; "-" if unknown */
const char *sock_state_name(enum sock_state);
/* Place in a socket's life, for sorting: those that offer a service first,
 * then from SYN-SENT to TIME-WAIT. */
unsigned sock_state_rank(enum sock_state);
/* Any spelling: RFC's, ss's (estab, syn-recv, fin-wait-1, listening), the
 * kernel's; case and -/_ do not matter. SOCK_STATE_UNKNOWN if none. */
enum sock_state sock_state_parse(const char *);

enum sock_proto {
	SOCK_TCP = 6,
	SOCK_UDP = 17
};                                           /* IPPROTO_* */
const char *sock_proto_name(unsigned proto); /* "tcp" "udp" */

/* Which timer runs (idiag_timer, net/ipv4/inet_diag.c). */
enum sock_timer {
	TIMER_OFF = 0,
	TIMER_RETRANSMIT = 1, /* ss says "on" */
	TIMER_KEEPALIVE = 2,
	TIMER_TIME_WAIT = 3,
	TIMER_PERSIST = 4 /* zero-window probe */
};
const char *sock_timer_name(enum sock_timer);

/* What a state means, in words; each with its source. */
struct state_fact {
	enum sock_state state;
	const char *brief;   /* one line: "waits for connections" */
	const char *meaning; /* sentences */
	const char *next;    /* who must act next, and what follows */
	const char *lasts;   /* how long */
	const char *heap;    /* what many of them mean, what to do */
	const char *myth;    /* "what is often said": what is right; or NULL */
	const char *see;     /* terms nearby, divided by ", " */
	const char *source;  /* "RFC 9293 section 3.3.2" */
};
const struct state_fact *state_fact(enum sock_state); /* never NULL */

#endif
