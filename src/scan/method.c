/* SPDX-License-Identifier: ISC */
/* The table of techniques and what they are for. Pings are sent in this order:
 * the ones that are answered most often come first. */
#include "config.h"

#include "scan/method.h"

#include <netinet/in.h>
#include <stddef.h>

#define PORTS METHOD_PORTS
#define PING  METHOD_PING

const struct method methods[] = {
	{ &tech_syn, PORTS, .how = SCAN_SYN, .proto = IPPROTO_TCP },
	{ &tech_connect, PORTS, .how = SCAN_CONNECT, .proto = IPPROTO_TCP },
	{ &tech_udp, PORTS, .how = SCAN_UDP, .proto = IPPROTO_UDP },

	{ &tech_arp, PING | METHOD_LINK, .family = 4 },
	{ &tech_nd, PING | METHOD_LINK, .family = 6 },
	{ &tech_icmp, PING, .family = 4, .proto = IPPROTO_ICMP },
	{ &tech_icmp, PING, .family = 6, .proto = IPPROTO_ICMPV6 },
	{ &tech_syn, PING, .proto = IPPROTO_TCP, .port = 443 },
	{ &tech_ack, PING, .proto = IPPROTO_TCP, .port = 80 },

	/* Without privilege. */
	{ &tech_ping, PING | METHOD_FALLBACK, .family = 4,
	    .proto = IPPROTO_ICMP },
	{ &tech_ping, PING | METHOD_FALLBACK, .family = 6,
	    .proto = IPPROTO_ICMPV6 },
	{ &tech_connect, PING | METHOD_FALLBACK, .proto = IPPROTO_TCP,
	    .port = 443 },
	{ &tech_connect, PING | METHOD_FALLBACK, .proto = IPPROTO_TCP,
	    .port = 80 },
	{ NULL },
};

uint8_t
method_families(const struct method *m, const struct priv *priv)
{
	const unsigned needs[] = { m->ops->needs4, m->ops->needs6 };
	uint8_t f = m->family == 0 ? 1 | 2 : method_family(m->family);
	int i;

	for (i = 0; i < 2; i++)
		if ((priv->have & needs[i]) != needs[i])
			f &= (uint8_t) ~(1u << i);
	return f;
}

uint8_t
method_pings(const struct priv *priv)
{
	const struct method *m;
	uint8_t f = 0;

	for (m = methods; m->ops != NULL; m++)
		if ((m->use & METHOD_PING) != 0 &&
		    (m->use & (METHOD_LINK | METHOD_FALLBACK)) == 0)
			f |= method_families(m, priv);
	return f;
}
