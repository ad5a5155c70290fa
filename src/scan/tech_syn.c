/* SPDX-License-Identifier: ISC */
/*
 * A SYN, and what the host says to it (RFC 9293 section 3.5): SYN-ACK, somebody
 * listens; RST, nobody does. The connection is never made: this machine's TCP,
 * which knows nothing of it, answers the SYN-ACK with a RST.
 */
#include "config.h"

#include <netinet/in.h>

#include "scan/raw.h"

static void
syn_take(struct raw_user *u, const struct raw_hit *hit)
{
	const struct packet *k = hit->packet;

	if (k->kind == PACKET_ERROR)
		raw_answer(
		    u, &tech_syn, IPPROTO_TCP, hit, SCAN_FILTERED, k->reason);
	else if ((k->head.flags & PACKET_RST) != 0)
		raw_answer(
		    u, &tech_syn, IPPROTO_TCP, hit, SCAN_CLOSED, REASON_RESET);
	else if ((k->head.flags & PACKET_SYN) != 0)
		raw_answer(
		    u, &tech_syn, IPPROTO_TCP, hit, SCAN_OPEN, REASON_SYN_ACK);
}

static int
syn_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	return raw_open(e, priv, RAW_SYN, syn_take, ret, cause);
}

static int
syn_send(void *u, struct probe *p, uint64_t now)
{
	(void)now;
	return raw_send_tcp(u, &tech_syn, p, PACKET_SYN);
}

const struct tech_ops tech_syn = {
	.name = "syn",
	.needs4 = PRIV_RAW4 | PRIV_PACKET,
	.needs6 = PRIV_RAW6 | PRIV_PACKET,
	.silent = SCAN_FILTERED,
	.open = syn_open,
	.host = raw_host,
	.send = syn_send,
	.flush = raw_flush,
	.close = raw_close,
};
