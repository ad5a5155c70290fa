/* SPDX-License-Identifier: ISC */
/*
 * Echo requests (RFC 792, RFC 4443 section 4.1).
 */
#include "config.h"

#include <netinet/in.h>

#include "scan/raw.h"

static void
icmp_take(struct raw_user *u, const struct raw_hit *hit)
{
	const struct packet *k = hit->packet;
	uint8_t proto =
	    hit->host->addr.family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (k->kind == PACKET_ERROR)
		raw_answer(u, &tech_icmp, proto, hit, SCAN_FILTERED, k->reason);
	else
		raw_answer(
		    u, &tech_icmp, proto, hit, SCAN_OPEN, REASON_ECHO_REPLY);
}

static int
icmp_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	return raw_open(e, priv, RAW_ICMP, icmp_take, ret, cause);
}

static int
icmp_send(void *u, struct probe *p, uint64_t now)
{
	(void)now;
	return raw_send_echo(u, &tech_icmp, p);
}

const struct tech_ops tech_icmp = {
	.name = "icmp",
	.needs4 = PRIV_RAW4 | PRIV_PACKET,
	.needs6 = PRIV_RAW6 | PRIV_PACKET,
	.silent = SCAN_FILTERED,
	.open = icmp_open,
	.host = raw_host,
	.send = icmp_send,
	.flush = raw_flush,
	.close = raw_close,
};
