/* SPDX-License-Identifier: ISC */
/* PPTP and OpenVPN: the first message of each, and its answer. */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

#define PPTP_LEN 156

/* Length, control message, the cookie, start-control-connection-request,
 * protocol 1.0, all framing and bearers. */
static void
pptp_begin(struct talk *t)
{
	static const uint8_t request[PPTP_LEN] = { 0, PPTP_LEN, 0, 1, 0x1a,
		0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0,
		3, [28] = 's', 'o', 'c', 'k', 'd', 'e', 'c', 'k' };

	talk_send(t, request, sizeof(request));
}

/* Texts of 64 bytes, ended by a 0 or full. */
static void
set_padded(char *field, size_t size, const uint8_t *p)
{
	const uint8_t *nul = memchr(p, '\0', 64);

	service_set(field, size, p, nul != NULL ? (size_t)(nul - p) : 64);
}

static enum talk_verdict
pptp_input(struct talk *t)
{
	static const uint8_t head[10] = { 0, PPTP_LEN, 0, 1, 0x1a, 0x2b, 0x3c,
		0x4d, 0, 2 };
	struct service_info *i = t->info;

	if (!talk_starts(t, head, sizeof(head)))
		return TALK_NOT;
	if (t->nin < PPTP_LEN)
		return talk_need(t);
	set_padded(i->host, sizeof(i->host), t->in + 28);
	set_padded(i->product, sizeof(i->product), t->in + 92);
	/* The vendor that poptop names is what it runs on. */
	if (strcmp(i->product, "linux") == 0) {
		service_setf(i->os, sizeof(i->os), "Linux");
		service_setf(i->product, sizeof(i->product), "poptop");
	}
	service_setf(i->extra, sizeof(i->extra), "firmware %u",
	    (unsigned)(t->in[26] << 8 | t->in[27]));
	service_evidence(i, t->in, PPTP_LEN);
	return TALK_DONE;
}

const struct talk_ops talk_pptp = {
	.name = "pptp",
	.service = "pptp",
	.flags = TALK_TCP,
	.ports = "1723",
	.rarity = 6,
	.begin = pptp_begin,
	.input = pptp_input,
	.source = "RFC 2637 2.2",
};

/* -- OpenVPN ------------------------------------------------------------------ */

enum {
	RESET_CLIENT = 7 << 3,
	RESET_SERVER = 8 << 3
};

static const uint8_t session[8] = { 0x5d, 's', 'o', 'c', 'k', 0xd1, 0xec,
	0x6b };

/* Our session, nothing to acknowledge, packet 0; TCP has the length first. */
static void
openvpn_begin(struct talk *t)
{
	static const uint8_t head[3] = { 0, 14, RESET_CLIENT };

	talk_send(t, head + (t->udp ? 2 : 0), t->udp ? 1 : 3);
	talk_send(t, session, sizeof(session));
	talk_send(t, "\0\0\0\0\0", 5);
}

/* Its session, one packet acknowledged: ours. */
static enum talk_verdict
openvpn_input(struct talk *t)
{
	size_t at = t->udp ? 0 : 2;

	if ((t->nin > 0 && !t->udp && t->in[0] != 0) ||
	    (t->nin > at && t->in[at] != RESET_SERVER))
		return TALK_NOT;
	if (t->nin < at + 26)
		return talk_need(t);
	if (t->in[at + 9] != 1 || memcmp(t->in + at + 10, "\0\0\0\0", 4) != 0 ||
	    memcmp(t->in + at + 14, session, sizeof(session)) != 0)
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product), "OpenVPN");
	service_setf(
	    t->info->cpe, sizeof(t->info->cpe), "cpe:/a:openvpn:openvpn");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_openvpn = {
	.name = "openvpn",
	.service = "openvpn",
	.flags = TALK_TCP | TALK_UDP,
	.ports = "1194",
	.rarity = 6,
	.begin = openvpn_begin,
	.input = openvpn_input,
	.source = "OpenVPN: doc/doxygen/doc_protocol_overview.h",
};
