/* SPDX-License-Identifier: ISC */
/*
 * RADIUS. Its servers answer those whom they know, by address, and say nothing
 * to others, nor to what is signed with another secret. We have none: we ask for
 * access for nobody, without a name and without a password, which is no login,
 * and are told that there is none; or for its state (RFC 5997).
 */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

enum {
	ACCESS_REQUEST = 1,
	ACCESS_ACCEPT = 2,
	ACCESS_REJECT = 3,
	ACCOUNTING_RESPONSE = 5,
	ACCESS_CHALLENGE = 11,
	STATUS_SERVER = 12,
	HEAD = 20,
	ID = 0x5d
};
enum attribute {
	REPLY_MESSAGE = 18,
	NAS_IDENTIFIER = 32,
	MESSAGE_AUTHENTICATOR = 80
};

static const uint8_t authenticator[16] = { 0x5d, 's', 'o', 'c', 'k', 'd', 'e',
	'c', 'k', 0xd1, 0xec, 0x6b, 0x5d, 0xd1, 0xec, 0x6b };

static void
ask(struct talk *t)
{
	static const char nas[] = "sockdeck";
	uint8_t head[4] = { 0, ID, 0, 0 },
		tail[18] = { MESSAGE_AUTHENTICATOR, sizeof(tail) };
	uint8_t item[2] = { NAS_IDENTIFIER, sizeof(nas) + 1 };

	head[0] = t->step == 0 ? ACCESS_REQUEST : STATUS_SERVER;
	head[1] = (uint8_t)(ID + t->step);
	head[3] = HEAD + sizeof(nas) + 1 + (t->step == 0 ? 0 : sizeof(tail));
	talk_send(t, head, sizeof(head));
	talk_send(t, authenticator, sizeof(authenticator));
	talk_send(t, item, sizeof(item));
	talk_send(t, nas, sizeof(nas) - 1);
	if (t->step != 0)
		talk_send(t, tail, sizeof(tail));
}

static void
radius_begin(struct talk *t)
{
	ask(t);
}

/* Attributes to the end: type, length, value. */
static bool
learn(struct talk *t, struct talk_cursor c)
{
	const uint8_t *p;
	uint8_t type, n;

	while (cursor_left(&c) > 0) {
		type = cursor_u8(&c);
		n = cursor_u8(&c);
		p = n < 2 ? NULL : cursor_take(&c, n - 2u);
		if (p == NULL)
			return false;
		if (type == REPLY_MESSAGE)
			service_set(
			    t->info->extra, sizeof(t->info->extra), p, n - 2u);
	}
	return true;
}

static enum talk_verdict
radius_input(struct talk *t)
{
	const uint8_t *p = t->in + t->nin - t->cut;
	struct talk_cursor c;

	if (t->timeout) {
		/* For accounting there is no question without a secret. */
		if (t->step > 0)
			return TALK_NOT;
		t->step = 1;
		ask(t);
		return TALK_MORE;
	}
	if (t->cut < HEAD ||
	    (p[0] != ACCESS_ACCEPT && p[0] != ACCESS_REJECT &&
		p[0] != ACCOUNTING_RESPONSE && p[0] != ACCESS_CHALLENGE) ||
	    p[1] < ID || p[1] > ID + t->step ||
	    ((size_t)p[2] << 8 | p[3]) != t->cut)
		return TALK_NOT;
	cursor_init(&c, p + HEAD, t->cut - HEAD);
	if (!learn(t, c))
		return TALK_NOT;
	if (p[0] == ACCOUNTING_RESPONSE)
		service_setf(t->info->name, sizeof(t->info->name), "radacct");
	service_evidence(t->info, p, t->cut);
	return TALK_DONE;
}

const struct talk_ops talk_radius = {
	.name = "radius",
	.service = "radius",
	.flags = TALK_UDP,
	.ports = "1812,1813,1645,1646",
	.rarity = 5,
	.wait_ms = 1500, /* it answers a refusal late, by intent */
	.begin = radius_begin,
	.input = radius_input,
	.source = "RFC 2865 3, 5; RFC 5997",
};
