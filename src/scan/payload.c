/* SPDX-License-Identifier: ISC */
/*
 * Requests of UDP protocols. Those that say nothing, whatever is asked of them,
 * have none here: syslog (514), SNMP traps (162), NetFlow, statsd, WireGuard,
 * whose silence is its purpose.
 */
#include "config.h"

#include "scan/payload.h"

#include <string.h>

#include "base/array.h"

#define BYTES(s)    .data = (s), .len = sizeof(s) - 1
#define TAIL(at, s) .tail = (s), .tail_at = (at), .tail_len = sizeof(s) - 1

/* Of those that share a port, the first is asked first. */
static const struct payload payloads[] = {
#include "scan/payload_system.inc"
#include "scan/payload_user.inc"
#include "scan/payload_things.inc"
};

const struct payload *
payload_at(size_t i)
{
	return i < nitems(payloads) ? &payloads[i] : NULL;
}

static bool
is_for(const struct payload *p, uint16_t port)
{
	size_t i;

	for (i = 0; i < nitems(p->port) && p->port[i] != 0; i++)
		if (p->port[i] == port)
			return true;
	return false;
}

/* How many there are; the one that is `nth` into *ret. */
static uint32_t
payload_walk(uint16_t port, bool any, uint32_t nth, const struct payload **ret)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < nitems(payloads); i++)
		if (any ? payloads[i].any : is_for(&payloads[i], port)) {
			if (n++ == nth)
				*ret = &payloads[i];
		}
	return n;
}

uint32_t
payload_count(uint16_t port)
{
	const struct payload *p;
	uint32_t n = payload_walk(port, false, 0, &p);

	return n != 0 ? n : payload_walk(port, true, 0, &p);
}

const struct payload *
payload_find(uint16_t port, uint32_t nth)
{
	const struct payload *p = NULL;
	uint32_t n = payload_walk(port, false, nth, &p);

	if (p != NULL)
		return p;
	if (n != 0) {
		(void)payload_walk(port, false, nth % n, &p);
		return p;
	}
	n = payload_walk(port, true, nth, &p);
	if (p == NULL)
		(void)payload_walk(port, true, nth % n, &p);
	return p;
}

size_t
payload_write(
    const struct payload *p, uint8_t *dst, uint64_t id, const uint8_t *src4)
{
	size_t len = p->len, i;

	if (len < (size_t)p->tail_at + p->tail_len)
		len = (size_t)p->tail_at + p->tail_len;
	if (len < p->pad)
		len = p->pad;
	memset(dst, 0, len);
	memcpy(dst, p->data, p->len);
	if (p->tail_len != 0)
		memcpy(dst + p->tail_at, p->tail, p->tail_len);
	memcpy(dst + p->id_at, &id, p->id_len);
	for (i = 0; src4 != NULL && i < nitems(p->src_at); i++)
		if (p->src_at[i] != 0)
			memcpy(dst + p->src_at[i], src4, 4);
	return len;
}
