/* SPDX-License-Identifier: ISC */
/* iSCSI: a login for a session of discovery, and what targets there are. */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

#define HEADER 48
enum {
	LOGIN = 0x43,
	LOGIN_REPLY = 0x23,
	TEXT = 4,
	TEXT_REPLY = 0x24
};

static void
send_keys(struct talk *t, const uint8_t *head, const char *keys, size_t n)
{
	uint8_t said[HEADER];

	memcpy(said, head, HEADER);
	said[6] = (uint8_t)(n >> 8);
	said[7] = (uint8_t)n;
	talk_send(t, said, HEADER);
	talk_send(t, keys, n);
	talk_send(t, "\0\0\0", (4 - n % 4) % 4);
}

/* From operational negotiation straight into the full feature phase. */
static void
iscsi_begin(struct talk *t)
{
	static const uint8_t head[HEADER] = { LOGIN,
		0x87, [8] = 0x40, [12] = 0x5d, [16] = 's', 'd', 'c',
		'k', [27] = 1 };
	static const char keys[] =
	    "InitiatorName=iqn.2026-01.invalid.sockdeck:probe\0"
	    "SessionType=Discovery\0AuthMethod=None";

	send_keys(t, head, keys, sizeof(keys));
}

static void
ask_targets(struct talk *t)
{
	static const uint8_t head[HEADER] = { TEXT, 0x80, [16] = 's', 'd', 'c',
		'l', [20] = 0xff, 0xff, 0xff, 0xff, [27] = 1, [31] = 1 };
	static const char keys[] = "SendTargets=All";

	send_keys(t, head, keys, sizeof(keys));
}

/* The first target's name. */
static enum talk_verdict
targets(struct talk *t, size_t at)
{
	static const char word[] = "TargetName=";
	const uint8_t *p, *nul;

	if (t->nin < at + HEADER && !t->eof && !t->timeout)
		return TALK_MORE;
	p = bytes_find(t->in + at, t->nin - at, word, sizeof(word) - 1);
	if (p == NULL)
		return TALK_DONE;
	p += sizeof(word) - 1;
	nul = memchr(p, '\0', (size_t)(t->in + t->nin - p));
	if (nul == NULL)
		return t->eof || t->timeout ? TALK_DONE : TALK_MORE;
	service_fact(t->info, "iscsi.target", p, (size_t)(nul - p));
	service_set(
	    t->info->extra, sizeof(t->info->extra), p, (size_t)(nul - p));
	return TALK_DONE;
}

static enum talk_verdict
iscsi_input(struct talk *t)
{
	size_t len;

	if ((t->nin > 0 && t->in[0] != LOGIN_REPLY) ||
	    (t->nin > 3 && (t->in[2] != 0 || t->in[3] != 0)))
		return TALK_NOT;
	if (t->nin < HEADER)
		return talk_need(t);
	if (memcmp(t->in + 16, "sdck", 4) != 0)
		return TALK_NOT;
	len = (size_t)t->in[6] << 8 | t->in[7];
	len = HEADER + (len + 3) / 4 * 4;
	if (t->nin < len && !t->eof && !t->timeout)
		return TALK_MORE;
	if (t->step > 0)
		return targets(t, len < t->nin ? len : t->nin);
	service_evidence(t->info, t->in, t->nin);
	/* Status: 0 it may begin, 2 it must say who it is. */
	service_factf(
	    t->info, "auth", "%s", t->in[36] == 0 ? "none" : "required");
	if (t->in[36] != 0 || t->eof || t->timeout)
		return TALK_DONE;
	t->step = 1;
	ask_targets(t);
	return TALK_MORE;
}

const struct talk_ops talk_iscsi = {
	.name = "iscsi",
	.service = "iscsi",
	.flags = TALK_TCP,
	.ports = "860,3260",
	.rarity = 6,
	.begin = iscsi_begin,
	.input = iscsi_input,
	.source = "RFC 7143 11.12, 11.13",
};
