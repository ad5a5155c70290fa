/* SPDX-License-Identifier: ISC */
/* Mumble: inside TLS the server says its version first; by UDP it answers a
 * ping. */
#include "config.h"

#include <string.h>

#include "probe/talk.h"

static const char ping[12] = { 0, 0, 0, 0, 's', 'o', 'c', 'k', 'd', 'e', 'c',
	'k' };

static void
mumble_begin(struct talk *t)
{
	if (t->udp)
		talk_send(t, ping, sizeof(ping));
}

static enum talk_verdict
pong(struct talk *t)
{
	const uint8_t *p = t->in;

	if (t->nin != 24 || memcmp(p + 4, ping + 4, 8) != 0 || p[0] != 0)
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product), "Murmur");
	service_setf(t->info->version, sizeof(t->info->version), "%u.%u.%u",
	    p[1], p[2], p[3]);
	service_evidence(t->info, p, t->nin);
	return TALK_DONE;
}

/* Fields of the Version message, as Protocol Buffers have them. */
static bool
fields(struct talk *t, struct talk_cursor *c)
{
	struct service_info *info = t->info;
	const uint8_t *p;
	uint8_t key, n;
	bool any = false;

	while (cursor_left(c) > 0) {
		key = cursor_u8(c);
		if ((key & 7) == 0) {
			while ((cursor_u8(c) & 0x80) != 0)
				;
			continue;
		}
		if ((key & 7) != 2)
			return false;
		n = cursor_u8(c);
		if ((p = cursor_take(c, n)) == NULL || n >= 0x80)
			return false;
		if (key == 0x12) {
			any = n > 0;
			service_set(info->version, sizeof(info->version), p, n);
		} else if (key == 0x22) /* its field "os" is a window system */
			service_set(info->os, sizeof(info->os), p, n);
	}
	return any && !c->bad;
}

static enum talk_verdict
mumble_input(struct talk *t)
{
	bool end = t->eof || t->timeout;
	struct talk_cursor c;
	uint32_t n;

	if (t->udp)
		return pong(t);
	if (!t->tls)
		return TALK_NOT;
	cursor_init(&c, t->in, t->nin);
	if (cursor_be16(&c) != 0)
		return TALK_NOT;
	n = cursor_be32(&c);
	if (!c.bad && (n < 8 || n > 250))
		return TALK_NOT;
	if (c.bad || cursor_left(&c) < n)
		return end ? TALK_NOT : TALK_MORE;
	c.end = c.p + n;
	/* Its first field is the version's number. */
	if (c.p[0] != 0x08 || !fields(t, &c))
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product), "Murmur");
	service_evidence(t->info, t->in, t->nin < 200 ? t->nin : 200);
	return TALK_DONE;
}

const struct talk_ops talk_mumble = {
	.name = "mumble",
	.service = "mumble",
	.flags = TALK_TCP | TALK_UDP | TALK_GREETED | TALK_IN_TLS,
	.ports = "64738",
	.tls_ports = "64738",
	.rarity = 7,
	.begin = mumble_begin,
	.input = mumble_input,
	.source = "Mumble protocol, Version and UDP ping",
};
