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

static uint8_t *
put_label(uint8_t *p, const char *text, size_t len)
{
	*p++ = (uint8_t)len;
	memcpy(p, text, len);
	return p + len;
}

/* RFC 1035 3.5, RFC 3596 2.5: the last byte, or half of it, comes first. */
static uint8_t *
put_reverse(uint8_t *p, const struct scan_addr *a)
{
	static const char hex[] = "0123456789abcdef";
	char text[3];
	size_t n;
	int i, b;

	if (a->family == 6) {
		for (i = 15; i >= 0; i--) {
			p = put_label(p, &hex[a->addr[i] & 15], 1);
			p = put_label(p, &hex[a->addr[i] >> 4], 1);
		}
		p = put_label(p, "ip6", 3);
	} else {
		for (i = 3; i >= 0; i--) {
			n = 0;
			b = a->addr[i];
			if (b >= 100)
				text[n++] = hex[b / 100];
			if (b >= 10)
				text[n++] = hex[b / 10 % 10];
			text[n++] = hex[b % 10];
			p = put_label(p, text, n);
		}
		p = put_label(p, "in-addr", 7);
	}
	return put_label(put_label(p, "arpa", 4), "", 0);
}

size_t
payload_write(const struct payload *p, uint8_t *dst, uint64_t id,
    const struct scan_addr *to, const struct scan_addr *src)
{
	size_t tail = p->tail_at, len = p->len, i;

	memset(dst, 0, PAYLOAD_MAX);
	memcpy(dst, p->data, p->len);
	if (p->reverse)
		tail = (size_t)(put_reverse(dst + p->len, to) - dst);
	if (p->tail_len != 0) {
		memcpy(dst + tail, p->tail, p->tail_len);
		len = tail + p->tail_len;
	}
	if (len < p->pad)
		len = p->pad;
	memcpy(dst + p->id_at, &id, p->id_len);
	for (i = 0; src->family == 4 && i < nitems(p->src_at); i++)
		if (p->src_at[i] != 0)
			memcpy(dst + p->src_at[i], src->addr, 4);
	return len;
}
