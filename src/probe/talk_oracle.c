/* SPDX-License-Identifier: ISC */
/* Oracle's listener: it is asked for its version, and names it even where it
 * refuses to answer. */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

enum tns {
	TNS_CONNECT = 1,
	TNS_ACCEPT = 2,
	TNS_REFUSE = 4,
	TNS_DATA = 6,
	TNS_RESEND = 11
};
#define TNS_HEADER 8
#define CONNECT_AT 58 /* where a connect's text begins */

static const char command[] = "(CONNECT_DATA=(COMMAND=version))";

/* Version 315, compatible with 300; sizes of units; what the other end must be
 * able to do; then where the text is. */
static void
tns_connect(struct talk *t)
{
	static const uint8_t fixed[CONNECT_AT] = { 0, 0, 0, 0, TNS_CONNECT, 0,
		0, 0, 0x01, 0x3b, 0x01, 0x2c, 0, 0, 0x20, 0, 0x7f, 0xff, 0xc6,
		0x0e, 0, 0, 0x01, 0, 0, sizeof(command) - 1, 0, CONNECT_AT, 0,
		0, 8, 0, 0x41, 0x41 };
	uint8_t said[CONNECT_AT + sizeof(command) - 1];

	memcpy(said, fixed, CONNECT_AT);
	memcpy(said + CONNECT_AT, command, sizeof(command) - 1);
	said[1] = sizeof(said);
	talk_send(t, said, sizeof(said));
}

/* 19.0.0.0.0 as a number: 8, 4, 8, 4, 8 bits. */
static bool
learn_number(struct service_info *info, const uint8_t *p, size_t n)
{
	const uint8_t *at = bytes_find(p, n, "(VSNNUM=", 8);
	uint32_t v = 0;

	if (at == NULL)
		return false;
	for (at += 8; at < p + n && *at >= '0' && *at <= '9'; at++)
		v = v * 10 + (*at - '0');
	if (v >> 24 == 0)
		return true;
	service_setf(info->version, sizeof(info->version), "%u.%u.%u.%u.%u",
	    v >> 24, v >> 20 & 15, v >> 12 & 255, v >> 8 & 15, v & 255);
	return true;
}

/* "TNSLSNR for Linux: Version 19.0.0.0.0 - Production" */
static bool
learn_text(struct service_info *info, const uint8_t *p, size_t n)
{
	const uint8_t *at = bytes_find(p, n, "TNSLSNR for ", 12), *colon, *end;

	if (at == NULL)
		return false;
	at += 12;
	n -= (size_t)(at - p);
	colon = bytes_find(at, n < 64 ? n : 64, ": Version ", 10);
	if (colon == NULL)
		return true;
	service_set(info->os, sizeof(info->os), at, (size_t)(colon - at));
	p = at + n;
	at = end = colon + 10;
	while (end < p && ((*end >= '0' && *end <= '9') || *end == '.'))
		end++;
	service_set(
	    info->version, sizeof(info->version), at, (size_t)(end - at));
	return true;
}

static enum talk_verdict
tns_done(struct talk *t)
{
	struct service_info *info = t->info;

	service_setf(
	    info->product, sizeof(info->product), "Oracle TNS listener");
	if (info->version[0] != '\0')
		service_setf(info->cpe, sizeof(info->cpe),
		    "cpe:/a:oracle:database_server:%s", info->version);
	service_evidence(info, t->in, t->nin);
	return TALK_DONE;
}

/* After an accept, the text comes as data. */
static enum talk_verdict
tns_accepted(struct talk *t)
{
	bool text = learn_text(t->info, t->in, t->nin);

	if (text || learn_number(t->info, t->in, t->nin) || t->eof ||
	    t->timeout)
		return tns_done(t);
	return TALK_MORE;
}

/* Whether the header is one: length, no checksums, a known kind. */
static bool
is_header(const uint8_t *p)
{
	return p[2] == 0 && p[3] == 0 && p[5] < 0x80 && p[6] == 0 && p[7] == 0;
}

static enum talk_verdict
tns_input(struct talk *t)
{
	size_t at = t->step, len;
	const uint8_t *p = t->in + at;

	if (t->nin < at + TNS_HEADER)
		return talk_need(t);
	len = (size_t)p[0] << 8 | p[1];
	if (!is_header(p) || len < TNS_HEADER || len > 8192)
		return TALK_NOT;
	if (p[4] == TNS_ACCEPT) {
		/* Its version and sizes, in the range of those asked for. */
		if (len < 24 || t->nin < at + 12)
			return len < 24 ? TALK_NOT : talk_need(t);
		if (p[8] != 1 || p[9] < 0x2c)
			return TALK_NOT;
		return tns_accepted(t);
	}
	if (p[4] == TNS_RESEND && len == TNS_HEADER && at == 0) {
		t->step = TNS_HEADER;
		tns_connect(t);
		return TALK_MORE;
	}
	if (p[4] != TNS_REFUSE || len < 12)
		return TALK_NOT;
	if (t->nin < at + len)
		return talk_need(t);
	if (bytes_find(p, len, "(DESCRIPTION=", 13) == NULL)
		return TALK_NOT;
	if (!learn_text(t->info, p, len))
		(void)learn_number(t->info, p, len);
	return tns_done(t);
}

const struct talk_ops talk_oracle = {
	.name = "oracle",
	.service = "oracle-tns",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "1521-1530,1630,2483",
	.tls_ports = "2484",
	.rarity = 4,
	.begin = tns_connect,
	.input = tns_input,
	.source = "Wireshark: packet-tns.c",
};
