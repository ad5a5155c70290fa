/* SPDX-License-Identifier: ISC */
/* STOMP: a broker's greeting, or its refusal. */
#include "config.h"

#include <string.h>

#include "probe/http_msg.h"
#include "probe/http_server.h"
#include "probe/talk.h"

static void
stomp_begin(struct talk *t)
{
	talk_sendf(t, "CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\n\n");
	talk_send(t, "", 1);
}

static enum talk_verdict
stomp_input(struct talk *t)
{
	struct span s = { (const char *)t->in, t->nin }, v;
	struct service_info *info = t->info;
	bool end = t->eof || t->timeout, taken;
	size_t n = s.n < 6 ? s.n : 6;

	if (strncmp(s.p, "CONNECTED\n", n) != 0 &&
	    strncmp(s.p, "ERROR\n", n) != 0)
		return TALK_NOT;
	if (memchr(s.p, '\0', s.n) == NULL)
		return end ? TALK_NOT : TALK_MORE;
	taken = span_begins(s, "CONNECTED\n");
	if (taken ? span_find(s, "\nversion:") == NULL &&
			span_find(s, "\nsession:") == NULL
		  : span_find(s, "\nmessage:") == NULL ||
			span_find(s, "\n\n") == NULL)
		return TALK_NOT;
	v = span_until(span_after(s, "\nserver:"), "\r\n");
	if (v.n > 0)
		http_server(info, v);
	else if (span_find(s, "\nmessage:Bad CONNECT\n") != NULL &&
		 span_find(s, "\nversion:1.0,1.1,1.2\n") != NULL)
		service_setf(info->product, sizeof(info->product), "RabbitMQ");
	service_factf(info, "auth", taken ? "none" : "required");
	service_evidence(info, t->in, t->nin < 300 ? t->nin : 300);
	return TALK_DONE;
}

const struct talk_ops talk_stomp = {
	.name = "stomp",
	.service = "stomp",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "61613",
	.tls_ports = "61614",
	.rarity = 6,
	.begin = stomp_begin,
	.input = stomp_input,
	.source = "STOMP 1.2",
};
