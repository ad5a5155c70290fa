/* SPDX-License-Identifier: ISC */
/* NNTP and ManageSieve: greeting, what they can do, STARTTLS. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

/* -- NNTP ----------------------------------------------------------------- */

enum step {
	STEP_GREETING,
	STEP_CAPABILITIES,
	STEP_STARTTLS
};

static const struct line_form greetings[] = {
	{ .form = "%h InterNetNews NNRP server INN %v ready*",
	    .product = "InterNetNews (INN)",
	    .cpe = "isc:inn" },
	{ .form = "%h InterNetNews server INN %v ready*",
	    .product = "InterNetNews (INN)",
	    .cpe = "isc:inn" },
	{ .form = "%h Leafnode NNTP Daemon, version %v*",
	    .product = "Leafnode" },
	{ .form = "Leafnode NNTP Daemon, version %v*", .product = "Leafnode" },
	{ .form = "Leafnode must have a unique fully-qualified domain name*",
	    .product = "Leafnode" },
	{ .form = "*NNTP Service %v Version*",
	    .product = "Microsoft NNTP Service",
	    .os = "Windows" },
	{ .form = "*sn version %v*", .product = "sn" },
	{ .form = "*NNTPCache server V%v*", .product = "NNTPCache" },
	{ .form = "*DNews Version %v*", .product = "DNews" },
	{ .form = "*Cyrus NNTP v%v server ready*", .product = "Cyrus nntpd" },
	{ .form = "*Cyrus NNTP %v server ready*", .product = "Cyrus nntpd" },
	{ .form = "*Papercut %v*", .product = "Papercut" },
	{ .form = "*WendzelNNTPd %v*", .product = "WendzelNNTPd" },
	{ .form = "*NNTP*", .more = true },
	{ .form = "*News*", .more = true },
};
static const struct line_form implementations[] = {
	{ .form = "IMPLEMENTATION INN %v",
	    .product = "InterNetNews (INN)",
	    .cpe = "isc:inn" },
	{ .form = "IMPLEMENTATION INN %v (%x)",
	    .product = "InterNetNews (INN)",
	    .cpe = "isc:inn" },
	{ .form = "IMPLEMENTATION Leafnode %v", .product = "Leafnode" },
	{ .form = "IMPLEMENTATION Cyrus NNTP %v", .product = "Cyrus nntpd" },
};

static enum talk_verdict
end(const struct line_talk *l)
{
	return l->sure ? TALK_DONE : TALK_NOT;
}

static enum talk_verdict
capabilities(struct talk *t, struct line_talk *l)
{
	const char *s;
	size_t n, at = l->at;

	if (!talk_line(t, at, &s, &n, &at))
		return TALK_MORE;
	if (!line_starts(s, n, "101")) {
		/* Of an old one, 500 and its greeting. */
		return n > 3 && s[0] == '5' && s[3] == ' ' ? end(l) : TALK_NOT;
	}
	while (talk_line(t, at, &s, &n, &at)) {
		if (line_starts(s, n, "VERSION 2") || line_same(s, n, "READER"))
			l->sure = true;
		if (line_same(s, n, "STARTTLS"))
			l->starttls = true;
		if (line_starts(s, n, "IMPLEMENTATION ") &&
		    line_find(t->info, implementations, nitems(implementations),
			s, n) == NULL &&
		    t->info->product[0] == '\0')
			service_set(t->info->product, sizeof(t->info->product),
			    s + 15, n - 15);
		if (n != 1 || s[0] != '.')
			continue;
		service_factf(
		    t->info, "starttls", "%s", l->starttls ? "yes" : "no");
		if (!l->sure || !l->starttls || t->tls)
			return end(l);
		l->at = at;
		t->step = STEP_STARTTLS;
		talk_sendf(t, "STARTTLS\r\n");
		return TALK_MORE;
	}
	return TALK_MORE;
}

static enum talk_verdict
nntp_greeting(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	const struct line_form *f;

	if ((r->code != 200 && r->code != 201 && r->code != 400 &&
		r->code != 502 && r->code != 503) ||
	    r->next > 512 || !line_is_text(r->text, r->len))
		return TALK_NOT;
	line_evidence(t, 0, r->next);
	f = line_find(t->info, greetings, nitems(greetings), r->text, r->len);
	l->sure = f != NULL;
	if (r->code >= 400)
		return f != NULL && !f->more ? TALK_DONE : TALK_NOT;
	t->step = STEP_CAPABILITIES;
	talk_sendf(t, "CAPABILITIES\r\n");
	return TALK_MORE;
}

static enum talk_verdict
nntp_input(struct talk *t)
{
	struct line_talk *l = t->state;
	enum talk_verdict v = TALK_MORE;
	struct line_reply r;

	if (t->step == STEP_STARTTLS && t->tls)
		return TALK_DONE;
	if (t->step == STEP_CAPABILITIES)
		v = capabilities(t, l);
	else
		switch (line_reply(t, l->at, &r)) {
		case LINE_BAD:
			return end(l);
		case LINE_MORE:
			break;
		case LINE_WHOLE:
			l->at = r.next;
			if (t->step == STEP_STARTTLS)
				return r.code == 382 ? TALK_STARTTLS
						     : TALK_DONE;
			v = nntp_greeting(t, l, &r);
			break;
		}
	if (v == TALK_MORE && (t->eof || (t->timeout && t->out.len == 0)))
		return end(l);
	return v;
}

const struct talk_ops talk_nntp = {
	.name = "nntp",
	.service = "nntp",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "119,433,1119",
	.tls_ports = "563",
	.rarity = 4,
	.wait_ms = 2500,
	.state = sizeof(struct line_talk),
	.input = nntp_input,
	.source = "RFC 3977, RFC 4642",
};

/* -- ManageSieve ---------------------------------------------------------- */

static const struct line_form sieves[] = {
	{ .form = "\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"",
	    .product = "Dovecot Pigeonhole",
	    .cpe = "dovecot:pigeonhole" },
	{ .form = "\"IMPLEMENTATION\" \"Dovecot (%x) Pigeonhole\"",
	    .product = "Dovecot Pigeonhole",
	    .cpe = "dovecot:pigeonhole" },
	{ .form = "\"IMPLEMENTATION\" \"Cyrus timsieved v%v\"",
	    .product = "Cyrus timsieved",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "\"IMPLEMENTATION\" \"Cyrus timsieved %v\"",
	    .product = "Cyrus timsieved",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "\"IMPLEMENTATION\" \"Stalwart ManageSieve%x\"",
	    .product = "Stalwart" },
};

static enum talk_verdict
sieve_input(struct talk *t)
{
	struct line_talk *l = t->state;
	const char *s;
	size_t n, at = l->at;

	if (t->step == 1 && t->tls)
		return TALK_DONE;
	if (t->nin > 0 && t->in[0] != '"')
		return TALK_NOT;
	while (talk_line(t, at, &s, &n, &at)) {
		if (line_starts(s, n, "OK")) {
			if (t->step == 1)
				return TALK_STARTTLS;
			service_factf(t->info, "starttls", "%s",
			    l->starttls ? "yes" : "no");
			if (!l->sure || !l->starttls || t->tls)
				return end(l);
			l->at = at;
			t->step = 1;
			talk_sendf(t, "STARTTLS\r\n");
			return TALK_MORE;
		}
		if (t->step == 1)
			return TALK_DONE;
		if (n == 0 || s[0] != '"' || !line_is_text(s, n))
			return TALK_NOT;
		if (line_starts(s, n, "\"STARTTLS\""))
			l->starttls = true;
		if (line_starts(s, n, "\"IMPLEMENTATION\" \"") && n > 19) {
			l->sure = true;
			line_evidence(t, 0, at);
			if (line_find(t->info, sieves, nitems(sieves), s, n) ==
			    NULL)
				service_set(t->info->product,
				    sizeof(t->info->product), s + 18, n - 19);
		}
	}
	return t->eof || t->timeout ? end(l) : TALK_MORE;
}

const struct talk_ops talk_managesieve = {
	.name = "managesieve",
	.service = "sieve",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "4190,2000",
	.rarity = 5,
	.wait_ms = 2500,
	.state = sizeof(struct line_talk),
	.input = sieve_input,
	.source = "RFC 5804",
};
