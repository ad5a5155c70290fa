/* SPDX-License-Identifier: ISC */
/* Addresses of sockets: what kind they are, and their text. */
#include "config.h"

#include "model/sock.h"

#include <string.h>

#include "base/text.h"

static const uint8_t zeros[16];
static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	0xff };
static const uint8_t v6_loopback[16] = { [15] = 1 };

_Static_assert(sizeof(struct sock_rec) == 128,
    "a record has no hidden padding: it is compared with memcmp");

bool
endpoint_is_any(const struct endpoint *ep)
{
	return memcmp(ep->addr, zeros, sizeof(zeros)) == 0;
}

bool
endpoint_is_v4mapped(const struct endpoint *ep)
{
	return memcmp(ep->addr, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

bool
endpoint_is_loopback(const struct endpoint *ep, unsigned family)
{
	if (family == 4)
		return ep->addr[0] == 127;
	if (endpoint_is_v4mapped(ep))
		return ep->addr[12] == 127;
	return memcmp(ep->addr, v6_loopback, sizeof(v6_loopback)) == 0;
}

char *
endpoint_addr_text(char *p, const struct endpoint *ep, unsigned family)
{
	return family == 4 ? text_ipv4(p, ep->addr) : text_ipv6(p, ep->addr);
}
