/* SPDX-License-Identifier: ISC */
/* Remote Desktop: a connection request that offers all kinds of security; where
 * credentials are wanted first, NTLM's challenge says who asks for them. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

enum step {
	NEGOTIATE,
	CREDSSP
};
enum security {
	RDP = 0,
	SSL = 1,
	HYBRID = 2,
	HYBRID_EX = 8
};

/* TPKT, X.224 connection request, RDP_NEG_REQ for SSL, HYBRID, HYBRID_EX. */
static const uint8_t request[19] = { 3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0,
	8, 0, SSL | HYBRID | HYBRID_EX };

static void
rdp_begin(struct talk *t)
{
	talk_send(t, request, sizeof(request));
}

/* TSRequest, version 6, with a token. */
static void
send_credssp(struct talk *t)
{
	static const uint8_t head[] = { 0x30, 0x37, 0xa0, 3, 2, 1, 6, 0xa1,
		0x30, 0x30, 0x2e, 0x30, 0x2c, 0xa0, 0x2a, 0x04, 0x28 };

	talk_send(t, head, sizeof(head));
	talk_send(t, ntlm_negotiate, sizeof(ntlm_negotiate));
}

static enum talk_verdict
credssp(struct talk *t)
{
	size_t len = ber_size(t->in, t->nin);

	if (t->nin == 0 && !t->eof && !t->timeout) {
		send_credssp(t);
		return TALK_MORE;
	}
	if ((len == 0 || (len != SIZE_MAX && t->nin < len)) && !t->eof &&
	    !t->timeout)
		return TALK_MORE;
	if (ntlm_challenge(t->info, t->in, t->nin) && t->info->os[0] != '\0')
		service_setf(t->info->product, sizeof(t->info->product),
		    "Microsoft Terminal Services");
	return TALK_DONE;
}

/* Why none of them is taken; 5: only HYBRID, which was offered. */
static const char *const failures[] = {
	[1] = "ssl",
	[2] = "rdp",
	[3] = "no certificate",
	[4] = "inconsistent flags",
	[5] = "nla",
	[6] = "ssl with client's certificate",
};

/* xrdp takes TLS at most, and knows the first of the flags only, where
 * Windows never chooses less than what it was offered. */
static enum talk_verdict
chosen(struct talk *t, unsigned flags, uint32_t security)
{
	bool nla = security == HYBRID || security == HYBRID_EX;

	service_factf(t->info, "rdp.security", "%s",
	    nla               ? "nla"
	    : security == SSL ? "tls"
			      : "rdp");
	service_factf(
	    t->info, "starttls", "%s", security == RDP ? "no" : "yes");
	if (nla)
		service_factf(t->info, "auth", "required");
	if (!nla && (flags & ~1u) == 0)
		service_setf(
		    t->info->product, sizeof(t->info->product), "xrdp");
	if (!nla || t->tls)
		return TALK_DONE;
	t->step = CREDSSP;
	return TALK_STARTTLS;
}

/* TPKT, length; X.224 connection confirm; then, of those who know of it, which
 * security was chosen (2) or why none (3). */
static enum talk_verdict
rdp_input(struct talk *t)
{
	static const uint8_t head[3] = { 3, 0, 0 };
	const uint8_t *p = t->in;
	struct talk_cursor c;
	unsigned kind, flags;
	uint32_t value;

	if (t->step == CREDSSP)
		return credssp(t);
	if (!talk_starts(t, head, sizeof(head)))
		return TALK_NOT;
	if (t->nin < 11)
		return talk_need(t);
	if ((p[3] != 11 && p[3] != 19) || p[4] != p[3] - 5 ||
	    (p[5] & 0xf0) != 0xd0 || p[6] != 0 || p[7] != 0)
		return TALK_NOT;
	if (t->nin < p[3])
		return talk_need(t);
	service_evidence(t->info, p, p[3]);
	if (p[3] == 11) {
		service_factf(t->info, "rdp.security", "rdp");
		service_factf(t->info, "starttls", "no");
		/* Shared with other users of ISO transport. */
		t->info->conf = talk_ports_have("102", t->port) ? 3 : 8;
		return TALK_DONE;
	}
	cursor_init(&c, p + 11, 8);
	kind = cursor_u8(&c);
	flags = cursor_u8(&c);
	if (cursor_le16(&c) != 8 || (kind != 2 && kind != 3))
		return TALK_NOT;
	value = cursor_le32(&c);
	if (kind == 2)
		return chosen(t, flags, value);
	if (value < nitems(failures) && failures[value] != NULL)
		service_factf(t->info, "rdp.security", "%s", failures[value]);
	return TALK_DONE;
}

const struct talk_ops talk_rdp = {
	.name = "rdp",
	.service = "ms-wbt-server",
	.flags = TALK_TCP,
	.ports = "3388-3390",
	.rarity = 3,
	.begin = rdp_begin,
	.input = rdp_input,
	.source = "[MS-RDPBCGR] 2.2.1; [MS-CSSP]",
};
