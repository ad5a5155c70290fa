/* SPDX-License-Identifier: ISC */
/*
 * DHCP: who has an address of his own asks what else there is to know. Nothing
 * is leased. Most servers answer to port 68, which is not ours; some to where the
 * question came from, others to a relay that names its port (RFC 8357): so we are
 * a relay for ourselves, the second time.
 */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/dgram.h"

enum {
	REQUEST = 1,
	REPLY = 2,
	INFORM = 8,
	ACK = 5,
	NAK = 6,
	OPTIONS = 240, /* where they begin */
	LENGTH = 300
};
enum option {
	PAD = 0,
	ROUTER = 3,
	DNS = 6,
	DOMAIN = 15,
	KIND = 53,
	SERVER = 54,
	RELAY = 82,
	END = 255
};

static const uint8_t xid[4] = { 0x5d, 's', 'd', 'k' };
/* An address of a card that only we have: locally administered. */
static const uint8_t card[6] = { 2, 's', 'd', 'e', 'c', 'k' };
static const uint8_t cookie[4] = { 0x63, 0x82, 0x53, 0x63 };

static void
ask(struct talk *t)
{
	static const uint8_t kind[] = { KIND, 1, INFORM, 55, 5, 1, ROUTER, DNS,
		DOMAIN, SERVER };
	static const uint8_t relay[] = { RELAY, 4, 19, 2, 0, 0 };
	uint8_t p[LENGTH] = { REQUEST, 1, sizeof(card) };
	size_t at = OPTIONS;

	memcpy(p + 4, xid, sizeof(xid));
	if (t->self.family == 4)
		memcpy(p + (t->step == 0 ? 12 : 24), t->self.addr, 4);
	memcpy(p + 28, card, sizeof(card));
	memcpy(p + 236, cookie, sizeof(cookie));
	memcpy(p + at, kind, sizeof(kind));
	at += sizeof(kind);
	if (t->step > 0) {
		memcpy(p + at, relay, sizeof(relay));
		at += sizeof(relay);
	}
	p[at] = END;
	talk_send(t, p, sizeof(p));
}

static void
dhcp_begin(struct talk *t)
{
	ask(t);
}

/* -- the answer ------------------------------------------------------------- */

static const struct {
	uint8_t option;
	bool text; /* or an address */
	const char *fact;
} facts[] = {
	{ SERVER, false, "dhcp.server" },
	{ ROUTER, false, "dhcp.router" },
	{ DNS, false, "dhcp.dns" },
	{ DOMAIN, true, "dhcp.domain" },
};

static void
on_option(struct talk *t, uint8_t option, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < nitems(facts); i++) {
		if (facts[i].option != option)
			continue;
		if (facts[i].text)
			service_fact(t->info, facts[i].fact, p, n);
		else if (n >= 4)
			service_factf(t->info, facts[i].fact, "%u.%u.%u.%u",
			    p[0], p[1], p[2], p[3]);
	}
}

/* Our question's number and card; options to their end, one of them its kind. */
static bool
learn(struct talk *t, struct talk_cursor c)
{
	const uint8_t *head = cursor_take(&c, OPTIONS), *p;
	uint8_t option, n, kind = 0;

	if (head == NULL || head[0] != REPLY || head[1] != 1 ||
	    head[2] != sizeof(card) || memcmp(head + 4, xid, 4) != 0 ||
	    memcmp(head + 28, card, sizeof(card)) != 0 ||
	    memcmp(head + 236, cookie, sizeof(cookie)) != 0)
		return false;
	while ((option = cursor_u8(&c)) != END && !c.bad) {
		if (option == PAD)
			continue;
		n = cursor_u8(&c);
		if ((p = cursor_take(&c, n)) == NULL)
			return false;
		if (option == KIND && n == 1)
			kind = p[0];
		on_option(t, option, p, n);
	}
	return kind == ACK || kind == NAK;
}

static enum talk_verdict
dhcp_input(struct talk *t)
{
	struct talk_cursor c;

	if (t->timeout) {
		if (t->step > 0)
			return TALK_NOT;
		t->step = 1;
		ask(t);
		return TALK_MORE;
	}
	cursor_init(&c, t->in + t->nin - t->cut, t->cut);
	if (!learn(t, c))
		return TALK_NOT;
	service_evidence(t->info, c.p, t->cut < 300 ? t->cut : 300);
	return TALK_DONE;
}

const struct talk_ops talk_dhcp = {
	.name = "dhcp",
	.service = "dhcps",
	.flags = TALK_UDP,
	.ports = "67,4011",
	.rarity = 6,
	.wait_ms = 1500,
	.begin = dhcp_begin,
	.input = dhcp_input,
	.source = "RFC 2131 4.4.3, RFC 2132, RFC 8357",
};
