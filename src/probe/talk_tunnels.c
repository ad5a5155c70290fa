/* SPDX-License-Identifier: ISC */
/* What carries others within: IKE, L2TP, QUIC, DTLS, RDP over UDP, GTP. WireGuard
 * says nothing to whom it does not know, and is therefore not asked. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/dgram.h"
#include "probe/line.h"

#define BYTES(s) .ask = (s), .len = sizeof(s) - 1

/* -- IKE ------------------------------------------------------------------------ */

/* Four bytes of zero before it, past NAT (RFC 3948). */
static const struct {
	const char *bytes;
	size_t len;
} ike_asks[] = {
#define IKE(s)                     \
	{                          \
		(s), sizeof(s) - 1 \
	}
	/* IKEv2 SA_INIT: our cookie, none of its; two ciphers, four groups; a key
	 * of no use, since nothing follows. */
	IKE("sockdeck\0\0\0\0\0\0\0\0! \"\x08\0\0\0\0\0\0\0\xc4\"\0\0"
	    "\\\0\0\0X\1\1\0\x09\3\0\0\x0c\1\0\0\x0c\x80\x0e\1\0\3\0\0\x0c\1\0"
	    "\0"
	    "\x0c\x80\x0e\0\x80\3\0\0\x08\2\0\0\5\3\0\0\x08\2\0\0\2\3\0\0\x08\3"
	    "\0\0\x0c\3\0\0\x08\3\0\0\2\3\0\0\x08\4\0\0\x1f\3\0\0\x08\4\0\0\x0e"
	    "\0\0\0\x08\4\0\0\2(\0\0(\0\x1f\0\0sockdeck asks who speaks IKE her"
	    "\0\0\0$a nonce that guards nothing here"),
	/* IKEv1 main mode: AES or 3DES, SHA-1, groups 14, 5 and 2, a key that both
	 * would have to know. */
	IKE("sockdeck\0\0\0\0\0\0\0\0\1\x10\2\0\0\0\0\0\0\0\0\x94\0\0\0x"
	    "\0\0\0\1\0\0\0\1\0\0\0l\1\1\0\3\3\0\0$\1\1\0\0\x80\1\0\7\x80\2\0\2"
	    "\x80\3\0\1\x80\4\0\x0e\x80\x0b\0\1\x80\x0cp\x80\x80\x0e\1\0\3\0\0 "
	    "\2\1\0\0\x80\1\0\5\x80\2\0\2\x80\3\0\1\x80\4\0\5\x80\x0b\0\1\x80"
	    "\x0cp\x80\0\0\0 \3\1\0\0\x80\1\0\5\x80\2\0\2\x80\3\0\1\x80\4\0\2"
	    "\x80\x0b\0\1\x80\x0cp\x80"),
};

/* What makers put into their first message to know each other by. */
static const struct {
	const char *bytes;
	size_t len;
	const char *product, *os;
} ike_vendors[] = {
#define VID(s, product, os)                     \
	{                                       \
		(s), sizeof(s) - 1, product, os \
	}
	VID("\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb",
	    "strongSwan", NULL),
	VID("OE-Libreswan-", "Libreswan", NULL),
	VID("OE", "Openswan", NULL),
	VID("\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61",
	    "Microsoft Windows IKE", "Windows"),
	VID("\x12\xf5\xf2\x8c\x45\x71\x68\xa9\x70\x2d\x9f\xe2\x74\xcc",
	    "Cisco IKE", "Cisco IOS"),
	VID("CISCO", "Cisco IKE", "Cisco IOS"),
	VID("FLEXVPN-SUPPORTED", "Cisco IKE", "Cisco IOS"),
	VID("FRAGMENTATION", NULL, NULL),
	VID("\xf4\xed\x19\xe0\xc1\x14\xeb\x51\x6f\xaa\xac\x0e\xe3\x7d\xaf\x28",
	    "Check Point VPN-1", NULL),
};

struct ike {
	bool nat; /* with four zero bytes before it */
};

static void
ike_ask(struct talk *t)
{
	const struct ike *k = t->state;

	if (k->nat)
		talk_send(t, "\0\0\0", 4);
	talk_send(t, ike_asks[t->step].bytes, ike_asks[t->step].len);
}

static void
ike_begin(struct talk *t)
{
	((struct ike *)t->state)->nat = t->port == 4500;
	ike_ask(t);
}

static void
on_vendor(struct talk *t, const uint8_t *p, size_t n)
{
	struct service_info *i = t->info;
	size_t k;

	for (k = 0; k < nitems(ike_vendors); k++)
		if (n >= ike_vendors[k].len &&
		    memcmp(p, ike_vendors[k].bytes, ike_vendors[k].len) == 0)
			break;
	if (k == nitems(ike_vendors) || ike_vendors[k].product == NULL)
		return;
	service_setf(
	    i->product, sizeof(i->product), "%s", ike_vendors[k].product);
	if (ike_vendors[k].os != NULL)
		service_setf(i->os, sizeof(i->os), "%s", ike_vendors[k].os);
	/* "OE-Libreswan-4.10" */
	if (strcmp(i->product, "Libreswan") == 0)
		service_set(i->version, sizeof(i->version),
		    p + ike_vendors[k].len, n - ike_vendors[k].len);
}

/* Payloads, each with the next one's kind, to the end. */
static void
learn_payloads(struct talk *t, struct talk_cursor c, unsigned kind, bool v2)
{
	struct talk_cursor body;
	unsigned next;
	uint16_t len;
	const uint8_t *p;

	while (kind != 0 && cursor_left(&c) >= 4) {
		next = cursor_u8(&c);
		cursor_skip(&c, 1);
		len = cursor_be16(&c);
		p = len < 4 ? NULL : cursor_take(&c, len - 4u);
		if (p == NULL)
			return;
		cursor_init(&body, p, len - 4u);
		if (kind == (v2 ? 43u : 13u))
			on_vendor(t, p, len - 4u);
		else if (kind == (v2 ? 41u : 11u)) {
			cursor_skip(&body, v2 ? 2 : 6);
			service_factf(
			    t->info, "ike.notify", "%u", cursor_be16(&body));
		}
		kind = next;
	}
}

static bool
ike_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	unsigned kind, version, exchange, flags;
	uint32_t len;
	size_t head = cursor_left(&c);

	if (head > 4 && memcmp(c.p, "\0\0\0", 4) == 0)
		cursor_skip(&c, 4);
	head = cursor_left(&c);
	if (!cursor_is(&c, "sockdeck", 8))
		return false;
	cursor_skip(&c, 8);
	kind = cursor_u8(&c);
	version = cursor_u8(&c);
	exchange = cursor_u8(&c);
	flags = cursor_u8(&c);
	cursor_skip(&c, 4);
	len = cursor_be32(&c);
	if (c.bad || len != head || (version != 0x20 && version != 0x10))
		return false;
	if (version == 0x20 ? exchange != 34 || (flags & 0x28) != 0x20
			    : exchange != 2 && exchange != 5)
		return false;
	service_factf(i, "ike.version", "%u", version >> 4);
	service_setf(i->extra, sizeof(i->extra), "IKEv%u", version >> 4);
	learn_payloads(t, c, kind, version == 0x20);
	return true;
}

static enum talk_verdict
ike_input(struct talk *t)
{
	struct talk_cursor c;

	if (t->timeout) {
		if (t->step + 1 == nitems(ike_asks))
			return TALK_NOT;
		t->step++;
		ike_ask(t);
		return TALK_MORE;
	}
	cursor_init(&c, t->in + t->nin - t->cut, t->cut);
	if (t->cut == 0 || !ike_learn(t, c))
		return TALK_NOT;
	service_evidence(t->info, c.p, t->cut);
	return TALK_DONE;
}

const struct talk_ops talk_ike = {
	.name = "ike",
	.service = "isakmp",
	.flags = TALK_UDP,
	.ports = "500,4500",
	.rarity = 4,
	.wait_ms = 800,
	.state = sizeof(struct ike),
	.begin = ike_begin,
	.input = ike_input,
	.source = "RFC 7296 1.2, 3; RFC 2408 3, RFC 2409 5",
};

/* -- L2TP ----------------------------------------------------------------------- */

/* A control message, version 2, for our tunnel 1: its first attribute says which
 * (start-control-connection-reply or stop). */
static bool
l2tp_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	uint16_t length, type, len;
	const uint8_t *p;

	if (cursor_be16(&c) != 0xc802)
		return false;
	length = cursor_be16(&c);
	if (length > t->cut || length < 12 || cursor_be16(&c) != 1)
		return false;
	cursor_skip(&c, 6);
	while (cursor_left(&c) >= 6) {
		len = cursor_be16(&c) & 0x3ff;
		cursor_skip(&c, 2);
		type = cursor_be16(&c);
		p = len < 6 ? NULL : cursor_take(&c, len - 6u);
		if (p == NULL)
			return false;
		if (type == 0 &&
		    (len != 8 || p[0] != 0 || (p[1] != 2 && p[1] != 4)))
			return false;
		if (type == 7)
			service_set(i->host, sizeof(i->host), p, len - 6u);
		else if (type == 8)
			service_set(
			    i->product, sizeof(i->product), p, len - 6u);
		else if (type == 6 && len == 8)
			service_factf(i, "l2tp.firmware", "%u",
			    (unsigned)(p[0] << 8 | p[1]));
	}
	return true;
}

/* -- QUIC ----------------------------------------------------------------------- */

static const struct {
	uint32_t number;
	const char *name;
} quic_versions[] = {
	{ 0x00000001, "1" },
	{ 0x6b3343cf, "2" },
	{ 0x709a50c4, "2-draft" },
};

/* A version is asked for that is reserved: those that there are come back, and
 * our two names for the connection, the other way round. */
static bool
quic_learn(struct talk *t, struct talk_cursor c)
{
	struct buf b = { 0 };
	uint32_t v;
	size_t i;

	if ((cursor_u8(&c) & 0x80) == 0 || cursor_be32(&c) != 0 ||
	    !cursor_is(&c, "\x08sockdeck\x08quicquic", 18) ||
	    cursor_left(&c) == 0 || cursor_left(&c) % 4 != 0)
		return false;
	while (cursor_left(&c) > 0) {
		v = cursor_be32(&c);
		if ((v & 0x0f0f0f0f) == 0x0a0a0a0a || b.len > 100)
			continue; /* reserved, as ours */
		for (i = 0; i < nitems(quic_versions); i++)
			if (quic_versions[i].number == v)
				break;
		if (i < nitems(quic_versions))
			buf_printf(&b, "%s%s", b.len > 0 ? " " : "",
			    quic_versions[i].name);
		else if (v >> 8 == 0xff0000)
			buf_printf(
			    &b, "%sdraft-%u", b.len > 0 ? " " : "", v & 0xff);
		else
			buf_printf(&b, "%s%08x", b.len > 0 ? " " : "", v);
	}
	if (b.len > 0) {
		service_fact(t->info, "quic.versions", b.data, b.len);
		service_setf(t->info->extra, sizeof(t->info->extra),
		    "versions %s", b.data);
	}
	buf_done(&b);
	return true;
}

/* -- DTLS ------------------------------------------------------------------------ */

/* Where what is inside is known by the port. */
static const struct {
	uint16_t port;
	const char *name;
} dtls_ports[] = { { 853, "domain-s" }, { 2083, "radsec" }, { 5349, "stuns" },
	{ 5684, "coaps" } };

/* A record of epoch 0: a handshake that wants its cookie back, or goes on; or an
 * alert. */
static bool
dtls_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *info = t->info;
	uint8_t kind = cursor_u8(&c), type;
	uint16_t version = cursor_be16(&c), len;
	size_t i;

	if ((kind != 22 && kind != 21) ||
	    (version != 0xfeff && version != 0xfefd && version != 0x0100) ||
	    cursor_be16(&c) != 0)
		return false;
	cursor_skip(&c, 6);
	len = cursor_be16(&c);
	if (c.bad || len > cursor_left(&c))
		return false;
	type = cursor_u8(&c);
	if (kind == 21 ? len != 2 || type < 1 || type > 2
		       : type != 3 && type != 2)
		return false;
	if (kind == 21)
		service_factf(info, "tls.alert", "%u", cursor_u8(&c));
	info->tls = true;
	service_setf(info->extra, sizeof(info->extra), "DTLS");
	for (i = 0; i < nitems(dtls_ports); i++)
		if (dtls_ports[i].port == t->port)
			service_setf(info->name, sizeof(info->name), "%s",
			    dtls_ports[i].name);
	return true;
}

/* -- others ----------------------------------------------------------------------- */

/* Acknowledges our SYN (MS-RDPEUDP 2.2.2.1): our number, SYN and ACK. */
static bool
rdpeudp_learn(struct talk *t, struct talk_cursor c)
{
	unsigned flags;

	if (t->cut < 16 || !cursor_is(&c, "deck", 4))
		return false;
	cursor_skip(&c, 2);
	flags = cursor_be16(&c);
	return (flags & 5) == 5;
}

/* GTPv1, an echo response, our sequence, and its recovery counter (14). */
static bool
gtp_learn(struct talk *t, struct talk_cursor c)
{
	uint8_t first = cursor_u8(&c);
	uint16_t len;

	if ((first & 0xf0) != 0x30 || cursor_u8(&c) != 2)
		return false;
	len = cursor_be16(&c);
	cursor_skip(&c, 4);
	if (len + 8u != t->cut || !cursor_is(&c, "sd", 2))
		return false;
	service_setf(t->info->extra, sizeof(t->info->extra), "GTPv1");
	return true;
}

/* IAX2: a full frame back to our call 1, a PONG (3) or an error. */
static bool
iax2_learn(struct talk *t, struct talk_cursor c)
{
	uint16_t from = cursor_be16(&c), to = cursor_be16(&c);
	uint8_t kind, sub;

	cursor_skip(&c, 6);
	kind = cursor_u8(&c);
	sub = cursor_u8(&c);
	if (c.bad || (from & 0x8000) == 0 || (to & 0x7fff) != 1 || kind != 6 ||
	    (sub != 3 && sub != 10))
		return false;
	(void)t;
	return true;
}

static const struct dgram tunnels[] = {
	{ .name = "l2tp",
	    BYTES("\xc8\2\0<\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\1\x80\x08\0\0\0"
		  "\2\1\0\x80\x0e\0\0\0\7sockdeck\x80\n\0\0\0\3\0\0\0\3\x80"
		  "\x08\0\0\0\x09\0\1"),
	    .learn = l2tp_learn },
	{ .name = "quic",
	    BYTES("\xc0\x1a\x2a\x3a\x4a\x08quicquic\x08sockdeck"),
	    .pad = 1200,
	    .learn = quic_learn },
	{ .name = "dtls",
	    BYTES("\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x80\1\0\0t\0\0\0\0\0\0\0t"
		  "\xfe\xfdsockdecksockdeck greets DTLS.   \0\0\0\x1e\xc0+"
		  "\xc0/\xc0,\xc0"
		  "0\xcc\xa9\xcc\xa8\xc0\x09\xc0\x13\xc0\n\xc0\x14\0\x9c\0"
		  "\x9d\0/\0"
		  "5\0\xff\1\0\0,\0\n\0\x08\0\6\0\x1d\0\x17\0\x18\0\x0b\0\2"
		  "\1\0\0\r\0\x12\0\x10\4\3\5\3\6\3\x08\4\x08\5\4\1\5\1\6\1\0"
		  "\x17\0\0"),
	    .learn = dtls_learn },
	{ .name = "rdpeudp",
	    BYTES("\xff\xff\xff\xff\0@\0\1deck\4\xd0\4\xd0"),
	    .pad = 1232,
	    .learn = rdpeudp_learn },
	{ .name = "gtp", BYTES("2\1\0\4\0\0\0\0sd\0\0"), .learn = gtp_learn },
	{ .name = "iax2",
	    BYTES("\x80\1\0\0\0\0\0\0\0\0\6\x1e"),
	    .learn = iax2_learn },
};

static void
begin(struct talk *t)
{
	dgram_say(t, tunnels, nitems(tunnels));
}

static enum talk_verdict
input(struct talk *t)
{
	return dgram_judge(t, tunnels, nitems(tunnels));
}

const struct talk_ops talk_l2tp = {
	.name = "l2tp",
	.service = "l2tp",
	.flags = TALK_UDP,
	.ports = "1701",
	.rarity = 6,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 2661 4.4, 6.1",
};

const struct talk_ops talk_quic = {
	.name = "quic",
	.service = "quic",
	.flags = TALK_UDP,
	.ports = "443,80,784,853,4433,8443,8853",
	.rarity = 4,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 9000 6, 17.2.1; RFC 8999",
};

const struct talk_ops talk_dtls = {
	.name = "dtls",
	.service = "dtls",
	.flags = TALK_UDP,
	.ports = "443,853,2083,3391,4433,5349,5684,8443",
	.rarity = 5,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 6347 4.2",
};

const struct talk_ops talk_rdpeudp = {
	.name = "rdpeudp",
	.service = "ms-wbt-server",
	.flags = TALK_UDP | TALK_LAST,
	.ports = "3389",
	.rarity = 6,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "MS-RDPEUDP 2.2.2.1, 3.1.5.1",
};

const struct talk_ops talk_gtp = {
	.name = "gtp",
	.service = "gtp",
	.flags = TALK_UDP,
	.ports = "2123,2152,3386",
	.rarity = 8,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "3GPP TS 29.060 7.2.1",
};

const struct talk_ops talk_iax2 = {
	.name = "iax2",
	.service = "iax",
	.flags = TALK_UDP,
	.ports = "4569",
	.rarity = 7,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 5456 6.7.1",
};
