/* SPDX-License-Identifier: ISC */
/* DCE/RPC over TCP: a bind to the endpoint mapper, with the first message of
 * NTLM so that the answer says who answers; and RPC over HTTP's greeting. */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

enum pdu {
	PDU_FAULT = 3,
	PDU_BIND_ACK = 12,
	PDU_BIND_NAK = 13
};

/* Header (0 fragments before or after, little-endian), sizes, one context: the
 * mapper's interface 3.0 in NDR 2.0; then the trailer of NTLM, connect level. */
static const uint8_t bind[80] = { 5, 0, 11, 3, 0x10, 0, 0, 0, 120, 0, 40, 0,
	0x53, 0x6b, 0x44, 0x6b, 0xd0, 0x16, 0xd0, 0x16, 0, 0, 0, 0, 1, 0, 0, 0,
	0, 0, 1, 0, /**/
	0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 0x08, 0x00,
	0x2b, 0x14, 0xa0, 0xfa, 3, 0, 0, 0, /**/
	0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00,
	0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0, /**/
	10, 2, 0, 0, 0, 0, 0, 0 };

static void
msrpc_begin(struct talk *t)
{
	talk_send(t, bind, sizeof(bind));
	talk_send(t, ntlm_negotiate, sizeof(ntlm_negotiate));
}

/* The mapper's own address comes with the answer if it took the bind. */
static void
learn(struct talk *t, size_t len)
{
	struct service_info *i = t->info;
	const char *version;

	if (!ntlm_challenge(i, t->in, len))
		return;
	version = service_fact_get(i, "ntlm.version");
	if (version != NULL && strcmp(version, "6.1.0") == 0)
		service_setf(i->product, sizeof(i->product), "Samba");
	else if (i->os[0] != '\0')
		service_setf(
		    i->product, sizeof(i->product), "Microsoft Windows RPC");
}

static enum talk_verdict
msrpc_input(struct talk *t)
{
	static const uint8_t version[2] = { 5, 0 };
	const uint8_t *p = t->in;
	size_t len;

	if (!talk_starts(t, version, 2))
		return TALK_NOT;
	if (t->nin < 16)
		return talk_need(t);
	len = (size_t)p[9] << 8 | p[8];
	if ((p[2] != PDU_BIND_ACK && p[2] != PDU_BIND_NAK &&
		p[2] != PDU_FAULT) ||
	    p[4] != 0x10 || p[5] != 0 || memcmp(p + 12, bind + 12, 4) != 0 ||
	    len < 16 || len > 4096)
		return TALK_NOT;
	if (t->nin < len)
		return talk_need(t);
	learn(t, len);
	service_evidence(t->info, p, len);
	return TALK_DONE;
}

const struct talk_ops talk_msrpc = {
	.name = "msrpc",
	.service = "msrpc",
	.flags = TALK_TCP,
	.ports = "135,1025-1030,49152-49170",
	.rarity = 4,
	.begin = msrpc_begin,
	.input = msrpc_input,
	.source = "C706; [MS-RPCE]",
};

static enum talk_verdict
rpc_http_input(struct talk *t)
{
	static const char greeting[] = "ncacn_http/1.";

	if (!talk_starts(t, greeting, sizeof(greeting) - 1))
		return TALK_NOT;
	if (t->nin < sizeof(greeting))
		return talk_need(t);
	service_setf(t->info->product, sizeof(t->info->product),
	    "Microsoft Windows RPC over HTTP");
	service_setf(t->info->version, sizeof(t->info->version), "1.%c",
	    t->in[sizeof(greeting) - 1]);
	service_setf(t->info->os, sizeof(t->info->os), "Windows");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_rpc_http = {
	.name = "rpc-http",
	.service = "ncacn_http",
	.flags = TALK_TCP | TALK_GREETED,
	.ports = "593",
	.rarity = 5,
	.input = rpc_http_input,
	.source = "[MS-RPCH] 2.1.1.1",
};
