/* SPDX-License-Identifier: ISC */
/*
 * Who has this IPv4 address? A neighbour that does not say so cannot be sent to
 * at all.
 */
#include "config.h"

#include <netinet/in.h>

#include "scan/raw.h"

static void
arp_take(struct raw_user *u, const struct raw_hit *hit)
{
	raw_answer(u, &tech_arp, 0, hit, SCAN_OPEN, REASON_ARP_RESPONSE);
}

static int
arp_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	return raw_open(e, priv, RAW_ARP, arp_take, ret, cause);
}

static int
arp_send(void *u, struct probe *p, uint64_t now)
{
	(void)now;
	return raw_send_ask(u, &tech_arp, p);
}

const struct tech_ops tech_arp = {
	.name = "arp",
	.needs4 = PRIV_PACKET,
	.needs6 = PRIV_PACKET,
	.silent = SCAN_FILTERED,
	.open = arp_open,
	.host = raw_host,
	.send = arp_send,
	.flush = raw_flush,
	.close = raw_close,
};
