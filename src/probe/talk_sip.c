/* SPDX-License-Identifier: ISC */
/* SIP and RTSP: OPTIONS, which anybody may ask. */
#include "config.h"

#include <string.h>

#include "probe/http_msg.h"
#include "probe/http_server.h"
#include "probe/talk.h"

static enum talk_verdict
options_input(struct talk *t, const char *proto)
{
	bool end = t->eof || t->timeout;
	struct service_info *info = t->info;
	struct http_msg m;
	struct span v;
	enum http_form form;
	char name[32];

	form = http_parse(&m, proto, t->in, t->nin, end);
	if (form != HTTP_IS)
		return form == HTTP_NOT ? TALK_NOT : TALK_MORE;
	if (!m.headed && !end)
		return TALK_MORE;
	if ((http_header(&m, "Server", &v) ||
		http_header(&m, "User-Agent", &v)) &&
	    v.n > 0) {
		http_server(info, v);
		service_setf(name, sizeof(name), "%s.server", t->ops->name);
		service_fact(info, name, v.p, v.n < 200 ? v.n : 200);
	}
	if (m.status == 401 || m.status == 407)
		service_factf(info, "auth", "required");
	service_evidence(info, t->in, t->nin < 300 ? t->nin : 300);
	return TALK_DONE;
}

/* -- SIP ------------------------------------------------------------------- */

static void
sip_begin(struct talk *t)
{
	bool bare = strchr(t->host, ':') != NULL;
	const char *open = bare ? "[" : "", *close = bare ? "]" : "";

	talk_sendf(t,
	    "OPTIONS sip:%s%s%s SIP/2.0\r\n"
	    "Via: SIP/2.0/%s sockdeck.invalid;branch=z9hG4bK%u;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "To: <sip:%s%s%s>\r\n"
	    "From: <sip:sockdeck@sockdeck.invalid>;tag=1\r\n"
	    "Call-ID: %u@sockdeck.invalid\r\n"
	    "CSeq: 1 OPTIONS\r\n"
	    "Contact: <sip:sockdeck@sockdeck.invalid>\r\n"
	    "Accept: application/sdp\r\n"
	    "Content-Length: 0\r\n\r\n",
	    open, t->host, close,
	    t->udp   ? "UDP"
	    : t->tls ? "TLS"
		     : "TCP",
	    t->port, open, t->host, close, t->port);
}

static enum talk_verdict
sip_input(struct talk *t)
{
	return options_input(t, "SIP");
}

const struct talk_ops talk_sip = {
	.name = "sip",
	.service = "sip",
	.flags = TALK_TCP | TALK_UDP | TALK_IN_TLS,
	.ports = "5060-5070,5080",
	.tls_ports = "5061",
	.rarity = 4,
	.begin = sip_begin,
	.input = sip_input,
	.source = "RFC 3261",
};

/* -- RTSP ------------------------------------------------------------------ */

static void
rtsp_begin(struct talk *t)
{
	talk_sendf(t, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n"
		      "User-Agent: sockdeck\r\n\r\n");
}

static enum talk_verdict
rtsp_input(struct talk *t)
{
	return options_input(t, "RTSP");
}

const struct talk_ops talk_rtsp = {
	.name = "rtsp",
	.service = "rtsp",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "554,7070,8554",
	.tls_ports = "322",
	.rarity = 4,
	.begin = rtsp_begin,
	.input = rtsp_input,
	.source = "RFC 2326, RFC 7826",
};
