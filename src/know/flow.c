/* SPDX-License-Identifier: ISC */
/*
 * The steps between states. The graph is small and (but for UDP's two states)
 * has no cycle, so the plainest walk will do.
 */
#include "config.h"

#include "know/flow.h"

/* clang-format off */
const struct flow flows[FLOW_N] = {
	[FLOW_BIND] = { SOCK_CLOSED, SOCK_BOUND,
	    "bind()", "the program called bind(2)" },
	[FLOW_LISTEN] = { SOCK_BOUND, SOCK_LISTEN,
	    "listen()", "the program called listen(2)" },
	[FLOW_CONNECT] = { SOCK_CLOSED, SOCK_SYN_SENT,
	    "connect(): SYN sent", "the program called connect(2), a SYN was sent" },
	[FLOW_CONNECT_BOUND] = { SOCK_BOUND, SOCK_SYN_SENT,
	    "connect(): SYN sent", "the program called connect(2), a SYN was sent" },
	[FLOW_ACCEPT_SYN] = { SOCK_LISTEN, SOCK_SYN_RECEIVED,
	    "SYN received", "a SYN came in and was answered with SYN-ACK" },
	[FLOW_CROSSED_SYN] = { SOCK_SYN_SENT, SOCK_SYN_RECEIVED,
	    "SYN received (both at once)", "both sides sent a SYN at the same moment" },
	[FLOW_ACCEPTED] = { SOCK_SYN_RECEIVED, SOCK_ESTABLISHED,
	    "ACK received", "the client's ACK finished the handshake" },
	[FLOW_CONNECTED] = { SOCK_SYN_SENT, SOCK_ESTABLISHED,
	    "SYN-ACK received", "the SYN-ACK came in and was acknowledged" },
	[FLOW_CLOSE] = { SOCK_ESTABLISHED, SOCK_FIN_WAIT_1,
	    "close(): FIN sent", "this side closed first: FIN sent" },
	[FLOW_PEER_CLOSED] = { SOCK_ESTABLISHED, SOCK_CLOSE_WAIT,
	    "FIN received", "the peer closed: its FIN came in" },
	[FLOW_CLOSE_ACKED] = { SOCK_FIN_WAIT_1, SOCK_FIN_WAIT_2,
	    "ACK received", "the peer's kernel acknowledged our FIN" },
	[FLOW_CROSSED_FIN] = { SOCK_FIN_WAIT_1, SOCK_CLOSING,
	    "FIN received", "the peer's FIN crossed ours" },
	[FLOW_PEER_CLOSED_TOO] = { SOCK_FIN_WAIT_2, SOCK_TIME_WAIT,
	    "FIN received", "the peer closed, too: its FIN came in" },
	[FLOW_CROSSED_ACKED] = { SOCK_CLOSING, SOCK_TIME_WAIT,
	    "ACK received", "the peer's kernel acknowledged our FIN" },
	[FLOW_WAITED] = { SOCK_TIME_WAIT, FLOW_END,
	    "60 s", "the time was over" },
	[FLOW_CLOSE_TOO] = { SOCK_CLOSE_WAIT, SOCK_LAST_ACK,
	    "close(): FIN sent", "this side closed, too: FIN sent" },
	[FLOW_LAST_ACKED] = { SOCK_LAST_ACK, FLOW_END,
	    "ACK received", "the peer's kernel acknowledged our FIN" },
	[FLOW_UDP_CONNECT] = { SOCK_UNCONNECTED, SOCK_CONNECTED,
	    "connect(): no packet", "the program called connect(2); no packet was sent" },
	[FLOW_UDP_DISCONNECT] = { SOCK_CONNECTED, SOCK_UNCONNECTED,
	    "connect(AF_UNSPEC): no packet", "the program let go of its peer; no packet was sent" },
};
/* clang-format on */

enum flow_id
flow_between(enum sock_state from, enum sock_state to)
{
	int i;

	for (i = 0; i < FLOW_N; i++)
		if (flows[i].from == from && flows[i].to == to)
			return (enum flow_id)i;
	return FLOW_N;
}

/* Whether there is a way that does not take one of the steps left out. */
static bool
reaches(enum sock_state from, enum sock_state to, uint32_t without)
{
	uint32_t met = SOCK_STATE_BIT(from), before;
	int i;

	do {
		before = met;
		for (i = 0; i < FLOW_N; i++)
			if ((without & FLOW_BIT(i)) == 0 &&
			    (met & SOCK_STATE_BIT(flows[i].from)) != 0)
				met |= SOCK_STATE_BIT(flows[i].to);
	} while (met != before);
	return (met & SOCK_STATE_BIT(to)) != 0;
}

uint32_t
flow_certain(enum sock_state from, enum sock_state to)
{
	uint32_t certain = 0;
	int i;

	if (from == to || !reaches(from, to, 0))
		return 0;
	for (i = 0; i < FLOW_N; i++)
		if (!reaches(from, to, FLOW_BIT(i)))
			certain |= FLOW_BIT(i);
	return certain;
}
