/* SPDX-License-Identifier: ISC */
/*
 * Who has this IPv6 address? (RFC 4861 section 7.2)
 */
#include "config.h"

#include <netinet/in.h>

#include "scan/raw.h"

static void
nd_take(struct raw_user *u, const struct raw_hit *hit)
{
	raw_answer(u, &tech_nd, 0, hit, SCAN_OPEN, REASON_ND_RESPONSE);
}

static int
nd_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	return raw_open(e, priv, RAW_ND, nd_take, ret, cause);
}

static int
nd_send(void *u, struct probe *p, uint64_t now)
{
	(void)now;
	return raw_send_ask(u, &tech_nd, p);
}

const struct tech_ops tech_nd = {
	.name = "nd",
	.needs4 = PRIV_PACKET,
	.needs6 = PRIV_PACKET,
	.silent = SCAN_FILTERED,
	.open = nd_open,
	.host = raw_host,
	.send = nd_send,
	.flush = raw_flush,
	.close = raw_close,
};
