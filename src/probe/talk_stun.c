/* SPDX-License-Identifier: ISC */
/* STUN, and TURN, which has it within: a binding request, which shows us our own
 * address and names the software. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"
#include "probe/talk_bin.h"

enum {
	BINDING = 0x0001,
	BINDING_OK = 0x0101,
	BINDING_ERROR = 0x0111,
	HEAD = 20,
	SOFTWARE = 0x8022,
	OTHER_ADDRESS = 0x802c
};

/* The cookie that makes it RFC 5389's, and our transaction. */
static const uint8_t id[16] = { 0x21, 0x12, 0xa4, 0x42, 's', 'o', 'c', 'k', 'd',
	'e', 'c', 'k', 0x5d, 0xd1, 0xec, 0x6b };

static void
stun_begin(struct talk *t)
{
	static const uint8_t head[4] = { 0, BINDING, 0, 0 };

	talk_send(t, head, sizeof(head));
	talk_send(t, id, sizeof(id));
}

/* Names of makers in forms of their own. */
static const struct line_form software[] = {
	{ .form = "Coturn-%v '%x'",
	    .product = "coturn",
	    .cpe = "coturn_project:coturn" },
	{ .form = "Coturn-%v",
	    .product = "coturn",
	    .cpe = "coturn_project:coturn" },
	{ .form = "ejabberd %v*",
	    .product = "ejabberd STUN",
	    .cpe = "process-one:ejabberd" },
	{ .form = "ejabberd*",
	    .product = "ejabberd STUN",
	    .cpe = "process-one:ejabberd" },
	{ .form = "stunserver %v*", .product = "stunserver" },
	{ .form = "Vovida.org %v*", .product = "Vovida STUN server" },
	{ .form = "restund v%v*", .product = "restund" },
	{ .form = "reTURNServer %v*", .product = "reTurn server" },
	{ .form = "TurnServer %v*", .product = "TurnServer" },
	{ .form = "Citrix-%v*", .product = "coturn (Citrix)" },
	{ .form = "None", .product = "coturn" },
};

static void
on_software(struct talk *t, const char *s, size_t n)
{
	struct service_info *i = t->info;

	while (n > 0 && (s[n - 1] == '\0' || s[n - 1] == ' '))
		n--;
	service_fact(i, "stun.software", s, n);
	if (line_find(i, software, nitems(software), s, n) == NULL)
		service_set(i->product, sizeof(i->product), s, n);
}

/* Attributes to the end, each to a multiple of four. */
static bool
learn(struct talk *t, struct talk_cursor c, bool fill)
{
	const uint8_t *p;
	uint16_t type, n;

	while (cursor_left(&c) > 0) {
		type = cursor_be16(&c);
		n = cursor_be16(&c);
		p = cursor_take(&c, n);
		if (p == NULL)
			return false;
		cursor_skip(&c, (4 - n % 4u) % 4u);
		if (!fill)
			continue;
		if (type == SOFTWARE)
			on_software(t, (const char *)p, n);
		else if (type == OTHER_ADDRESS)
			service_factf(t->info, "stun.discovery", "yes");
	}
	return !c.bad;
}

static enum talk_verdict
stun_input(struct talk *t)
{
	const uint8_t *p = t->udp ? t->in + t->nin - t->cut : t->in;
	size_t n = t->udp ? t->cut : t->nin, len;
	struct talk_cursor c;

	if (n > 0 && p[0] != 1)
		return TALK_NOT;
	if (n > 1 && p[1] != (BINDING_OK & 0xff) &&
	    p[1] != (BINDING_ERROR & 0xff))
		return TALK_NOT;
	if (n < HEAD)
		return t->udp ? TALK_NOT : talk_need(t);
	len = (size_t)p[2] << 8 | p[3];
	if (memcmp(p + 4, id, sizeof(id)) != 0 || len % 4 != 0)
		return TALK_NOT;
	if (n < HEAD + len)
		return t->udp ? TALK_NOT : talk_need(t);
	cursor_init(&c, p + HEAD, len);
	if (!learn(t, c, false))
		return TALK_NOT;
	(void)learn(t, c, true);
	service_evidence(t->info, p, HEAD + len);
	return TALK_DONE;
}

const struct talk_ops talk_stun = {
	.name = "stun",
	.service = "stun",
	.flags = TALK_TCP | TALK_UDP | TALK_IN_TLS,
	.ports = "3478-3479,19302",
	.tls_ports = "5349",
	.rarity = 4,
	.wait_ms = 1000,
	.begin = stun_begin,
	.input = stun_input,
	.source = "RFC 8489 5, 14",
};
