/* SPDX-License-Identifier: ISC */
/*
 * An ACK of a connection that does not exist: a host that is there answers with
 * a RST (RFC 9293 section 3.10.7.1), also where a filter without memory lets
 * no SYN in.
 */
#include "config.h"

#include <netinet/in.h>

#include "scan/raw.h"

static void
ack_take(struct raw_user *u, const struct raw_hit *hit)
{
	const struct packet *k = hit->packet;

	if (k->kind == PACKET_ERROR)
		raw_answer(
		    u, &tech_ack, IPPROTO_TCP, hit, SCAN_FILTERED, k->reason);
	else if ((k->head.flags & PACKET_RST) != 0)
		raw_answer(u, &tech_ack, IPPROTO_TCP, hit, SCAN_UNFILTERED,
		    REASON_RESET);
}

static int
ack_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	return raw_open(e, priv, RAW_ACK, ack_take, ret, cause);
}

static int
ack_send(void *u, struct probe *p, uint64_t now)
{
	(void)now;
	return raw_send_tcp(u, &tech_ack, p, PACKET_ACK);
}

const struct tech_ops tech_ack = {
	.name = "ack",
	.needs4 = PRIV_RAW4 | PRIV_PACKET,
	.needs6 = PRIV_RAW6 | PRIV_PACKET,
	.silent = SCAN_FILTERED,
	.open = ack_open,
	.host = raw_host,
	.send = ack_send,
	.flush = raw_flush,
	.close = raw_close,
};
