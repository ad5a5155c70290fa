/* SPDX-License-Identifier: ISC */
/* XMPP: a stream is opened, as a client and, if that is not served, as a
 * server; then STARTTLS. */
#include "config.h"

#include <string.h>

#include "probe/http_msg.h"
#include "probe/talk.h"

#define STREAMS "http://etherx.jabber.org/streams"

enum {
	OPENS,
	GOES_TLS,
	IN_TLS
};
struct xmpp_state {
	char to[96]; /* a name that the server gave; "": the host */
	bool named;  /* it was used */
	bool as_server;
};

static void
xmpp_begin(struct talk *t)
{
	const struct xmpp_state *x = t->state;

	talk_sendf(t,
	    "<?xml version='1.0'?>"
	    "<stream:stream to='%s' xmlns='jabber:%s' "
	    "xmlns:stream='" STREAMS "' version='1.0'>",
	    x->to[0] != '\0' ? x->to : t->host,
	    x->as_server ? "server" : "client");
}

static struct span
attribute(struct span tag, const char *name)
{
	char mark[24], quote[2] = "'";
	struct span v;

	service_setf(mark, sizeof(mark), " %s='", name);
	v = span_after(tag, mark);
	if (v.n == 0) {
		service_setf(mark, sizeof(mark), " %s=\"", name);
		v = span_after(tag, mark);
		quote[0] = '"';
	}
	return span_until(v, quote);
}

static bool
is_uuid(struct span s)
{
	size_t i;

	if (s.n != 36)
		return false;
	for (i = 0; i < s.n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23
			? s.p[i] != '-'
			: strchr("0123456789abcdef", s.p[i]) == NULL)
			return false;
	return true;
}

static bool
is_number(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n >= 8 && s.n <= 20;
}

/* By the node of its capabilities, its words, the form of its ids. */
static const char *
product_of(struct span s, struct span id)
{
	if (span_find(s, "process-one.net") != NULL)
		return "ejabberd";
	if (span_find(s, "prosody.im") != NULL ||
	    span_find(s, "This server does not serve ") != NULL)
		return "Prosody";
	if (span_find(s, "igniterealtime.org") != NULL)
		return "Openfire";
	if (span_find(s, "tigase.org") != NULL)
		return "Tigase";
	if (is_uuid(id))
		return "Prosody";
	return is_number(id) ? "ejabberd" : "";
}

static bool
is_plain(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (strchr("0123456789abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-",
			s.p[i]) == NULL)
			return false;
	return s.n > 0;
}

/* What it can be asked better; true: once more. */
static bool
better(struct talk *t, struct span s, struct span from)
{
	struct xmpp_state *x = t->state;

	if (!x->as_server && span_find(s, "<invalid-namespace") != NULL) {
		x->as_server = true;
		return true;
	}
	if (x->named || span_find(s, "<host-unknown") == NULL)
		return false;
	/* Its own name, if it says it; else the one that is set up first. */
	if (!is_plain(from) || from.n >= sizeof(x->to) ||
	    span_is(from, t->host))
		from = span_of("localhost");
	x->named = true;
	memcpy(x->to, from.p, from.n);
	x->to[from.n] = '\0';
	return true;
}

static enum talk_verdict
features(struct talk *t, struct span s)
{
	struct service_info *info = t->info;
	bool tls = span_find(s, "urn:ietf:params:xml:ns:xmpp-tls") != NULL;

	if (t->tls)
		return TALK_DONE;
	service_factf(info, "starttls", tls ? "yes" : "no");
	if (!tls)
		return TALK_DONE;
	talk_sendf(t, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
	t->step = GOES_TLS;
	return TALK_MORE;
}

static enum talk_verdict
opened(struct talk *t, struct span s)
{
	struct service_info *info = t->info;
	const struct xmpp_state *x = t->state;
	struct span tag, from;
	const char *ns;

	tag = span_until(span_after(s, "<stream:stream"), ">");
	from = attribute(tag, "from");
	ns = span_find(tag, "jabber:server'") != NULL ||
		     span_find(tag, "jabber:server\"") != NULL || x->as_server
		 ? "xmpp-server"
		 : "xmpp-client";
	service_setf(info->name, sizeof(info->name), "%s", ns);
	service_setf(info->product, sizeof(info->product), "%s",
	    product_of(s, attribute(tag, "id")));
	/* What it was called is no name of its own. */
	if (!span_is(from, t->host) && !span_is(from, x->to))
		service_set(info->host, sizeof(info->host), from.p, from.n);
	service_evidence(info, t->in, t->nin < 300 ? t->nin : 300);
	if (span_find(s, "<stream:error") != NULL ||
	    span_find(s, "</stream:stream") != NULL)
		return better(t, s, from) ? TALK_AGAIN : TALK_DONE;
	if (span_find(s, "</stream:features>") != NULL)
		return features(t, s);
	return t->eof || t->timeout ? TALK_DONE : TALK_MORE;
}

static enum talk_verdict
xmpp_input(struct talk *t)
{
	bool end = t->eof || t->timeout || t->nin >= TALK_IN_MAX;
	struct span s = { (const char *)t->in, t->nin };
	size_t n = s.n < 5 ? s.n : 5;

	if (t->step == IN_TLS)
		return TALK_DONE;
	if (t->step == GOES_TLS) {
		if (span_find(s, "<proceed") != NULL) {
			t->step = IN_TLS;
			return TALK_STARTTLS;
		}
		return end ? TALK_DONE : TALK_MORE;
	}
	if (strncmp(s.p, "<?xml", n) != 0 && strncmp(s.p, "<stre", n) != 0)
		return TALK_NOT;
	if (span_find(s, STREAMS) == NULL ||
	    span_find(span_after(s, "<stream:stream"), ">") == NULL)
		return end || s.n > 4096 ? TALK_NOT : TALK_MORE;
	return opened(t, s);
}

const struct talk_ops talk_xmpp = {
	.name = "xmpp",
	.service = "xmpp-client",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "5222,5269,5298",
	.tls_ports = "5223,5270",
	.rarity = 4,
	.state = sizeof(struct xmpp_state),
	.begin = xmpp_begin,
	.input = xmpp_input,
	.source = "RFC 6120",
};
