/* SPDX-License-Identifier: ISC */
#ifndef KNOW_FLOW_H
#define KNOW_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "know/state.h"

/*
 * What moves a socket from state to state: RFC 9293 figure 5 as Linux does
 * it. Left out, because sockets have no such call or the kernel has no such
 * socket: LISTEN to SYN-SENT, and close() in SYN-RECEIVED. From everywhere a
 * RST, a timeout that gives up, or close() where no connection is yet, leads
 * straight to the end.
 */
#define FLOW_END SOCK_STATE_UNKNOWN /* as a target: the socket is gone */

enum flow_id {
	FLOW_BIND,
	FLOW_LISTEN,
	FLOW_CONNECT,       /* from CLOSED */
	FLOW_CONNECT_BOUND, /* from BOUND */
	FLOW_ACCEPT_SYN,
	FLOW_CROSSED_SYN, /* simultaneous open */
	FLOW_ACCEPTED,
	FLOW_CONNECTED,
	FLOW_CLOSE,
	FLOW_PEER_CLOSED,
	FLOW_CLOSE_ACKED,
	FLOW_CROSSED_FIN, /* simultaneous close */
	FLOW_PEER_CLOSED_TOO,
	FLOW_CROSSED_ACKED,
	FLOW_WAITED,
	FLOW_CLOSE_TOO,
	FLOW_LAST_ACKED,
	FLOW_UDP_CONNECT,
	FLOW_UDP_DISCONNECT,
	FLOW_N
};
#define FLOW_BIT(f) (UINT32_C(1) << (f))

struct flow {
	enum sock_state from, to;
	const char *what;  /* short, for the line in a diagram */
	const char *words; /* what happened, when it is over */
};
extern const struct flow flows[FLOW_N];

/* The step between two states, or FLOW_N. */
enum flow_id flow_between(enum sock_state from, enum sock_state to);
/* The steps that every way from one state to the other takes: FLOW_BITs. 0 if
 * there is no way at all. */
uint32_t flow_certain(enum sock_state from, enum sock_state to);

#endif
