/* SPDX-License-Identifier: ISC */
/* POP3: greeting, what it can do, STLS. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

enum step {
	STEP_GREETING,
	STEP_CAPA,
	STEP_STLS
};

static const struct line_form greetings[] = {
	{ .form = "*Dovecot (%x) ready*",
	    .product = "Dovecot pop3d",
	    .cpe = "dovecot:dovecot" },
	{ .form = "*Dovecot*",
	    .product = "Dovecot pop3d",
	    .cpe = "dovecot:dovecot" },
	{ .form = "%h Cyrus POP3 %v server ready*",
	    .product = "Cyrus pop3d",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "%h Cyrus POP3 v%v server ready*",
	    .product = "Cyrus pop3d",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "*Cyrus POP3*",
	    .product = "Cyrus pop3d",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "*Microsoft Exchange Server 2003 POP3 server version %v*",
	    .product = "Microsoft Exchange pop3d",
	    .os = "Windows",
	    .cpe = "microsoft:exchange_server" },
	{ .form = "The Microsoft Exchange POP3 service is ready*",
	    .product = "Microsoft Exchange pop3d",
	    .os = "Windows",
	    .cpe = "microsoft:exchange_server" },
	{ .form = "Microsoft Windows POP3 Service Version %v*",
	    .product = "Microsoft Windows POP3 Service",
	    .os = "Windows" },
	{ .form = "Hello there*",
	    .product = "Courier pop3d",
	    .cpe = "double_precision_incorporated:courier_mta",
	    .more = true },
	{ .form = "Qpopper (version %v)*", .product = "Qpopper" },
	{ .form = "QPOP (version %v)*", .product = "Qpopper" },
	{ .form = "POP3 %h v%v server ready*", .product = "UW ipop3d" },
	{ .form = "*teapop [v%v]*", .product = "Teapop" },
	{ .form = "Solid POP3 server*", .product = "Solid POP3 server" },
	{ .form = "%h Zimbra %v POP3 server ready*",
	    .product = "Zimbra pop3d",
	    .cpe = "zimbra:collaboration_suite" },
	{ .form = "%h Zimbra POP3 server ready*",
	    .product = "Zimbra pop3d",
	    .cpe = "zimbra:collaboration_suite" },
	{ .form = "*POP MDaemon %v*",
	    .product = "MDaemon pop3d",
	    .cpe = "altn:mdaemon",
	    .os = "Windows" },
	{ .form = "%h POP3 server (DeskNow POP3 Server %v)*",
	    .product = "DeskNow pop3d" },
	{ .form = "*GroupWise POP3 server ready*",
	    .product = "Novell GroupWise pop3d" },
	{ .form = "*Lotus Notes POP3 server version %v*",
	    .product = "Lotus Domino pop3d" },
	{ .form = "*Domino POP3 server*", .product = "Lotus Domino pop3d" },
	{ .form = "*CommuniGate Pro POP3 Server %v*",
	    .product = "CommuniGate Pro pop3d" },
	{ .form = "*Kerio Connect %v*POP3*", .product = "Kerio Connect pop3d" },
	{ .form = "*MailEnable POP3*",
	    .product = "MailEnable pop3d",
	    .os = "Windows" },
	{ .form = "*hMailServer*",
	    .product = "hMailServer pop3d",
	    .os = "Windows" },
	{ .form = "POP3", .product = "hMailServer pop3d", .more = true },
	{ .form = "Gpop ready*", .product = "Google Gmail pop3d" },
	{ .form = "*Cubic Circle's v%v*", .product = "Cucipop" },
	{ .form = "*Popa3d*", .product = "popa3d" },
	{ .form = "*GNU POP3*", .product = "GNU Mailutils pop3d" },
	{ .form = "POP3 Ready %h*", .product = "GNU Mailutils pop3d" },
	{ .form = "Mailutils*", .product = "GNU Mailutils pop3d" },
	{ .form = "*Apache James*", .product = "Apache James pop3d" },
	{ .form = "*(JAMES POP3 Server %v)*", .product = "Apache James pop3d" },
	{ .form = "*Stalwart POP3*", .product = "Stalwart" },
	{ .form = "MiniPOP3*", .product = "MiniPOP3" },
};

/* IMPLEMENTATION, RFC 2449. */
static const struct line_form implementations[] = {
	{ .form = "IMPLEMENTATION Cyrus POP3 server v%v*",
	    .product = "Cyrus pop3d",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "IMPLEMENTATION Courier Mail Server*",
	    .product = "Courier pop3d" },
	{ .form = "IMPLEMENTATION Qpopper-version-%v*", .product = "Qpopper" },
	{ .form = "IMPLEMENTATION Dovecot*", .product = "Dovecot pop3d" },
	{ .form = "IMPLEMENTATION Kerio Connect %v*",
	    .product = "Kerio Connect pop3d" },
	{ .form = "IMPLEMENTATION Zimbra*", .product = "Zimbra pop3d" },
	{ .form = "IMPLEMENTATION MDaemon %v*", .product = "MDaemon pop3d" },
	{ .form = "IMPLEMENTATION GNU Mailutils %v*",
	    .product = "GNU Mailutils pop3d" },
	{ .form = "IMPLEMENTATION Stalwart %v*", .product = "Stalwart" },
};

static enum talk_verdict
end(const struct line_talk *l)
{
	return l->sure ? TALK_DONE : TALK_NOT;
}

static enum talk_verdict
greeting(struct talk *t, struct line_talk *l, const char *s, size_t n)
{
	const struct line_form *f;

	if (!line_is_text(s, n) || !line_starts(s, n, "+OK"))
		return TALK_NOT;
	if (n > 3 && s[3] != ' ')
		return TALK_NOT;
	s += n > 3 ? 4 : 3;
	n -= n > 3 ? 4 : 3;
	line_evidence(t, 0, l->at);
	f = line_find(t->info, greetings, nitems(greetings), s, n);
	l->sure = f != NULL && !f->more;
	if (f == NULL && n > 0)
		service_set(t->info->extra, sizeof(t->info->extra), s, n);
	t->step = STEP_CAPA;
	talk_sendf(t, "CAPA\r\n");
	return TALK_MORE;
}

/* "+OK", lines, "."; or "-ERR". */
static enum talk_verdict
capabilities(struct talk *t, struct line_talk *l)
{
	const char *s;
	size_t n, at = l->at;

	if (!talk_line(t, at, &s, &n, &at))
		return TALK_MORE;
	if (line_starts(s, n, "-ERR")) {
		l->sure = true;
		return TALK_DONE;
	}
	if (!line_starts(s, n, "+OK"))
		return end(l);
	while (talk_line(t, at, &s, &n, &at)) {
		if (n == 1 && s[0] == '.') {
			service_factf(t->info, "starttls", "%s",
			    l->starttls ? "yes" : "no");
			if (!l->starttls || t->tls || !l->sure)
				return end(l);
			l->at = at;
			t->step = STEP_STLS;
			talk_sendf(t, "STLS\r\n");
			return TALK_MORE;
		}
		if (line_same(s, n, "STLS"))
			l->starttls = true;
		if (line_same(s, n, "USER") || line_same(s, n, "UIDL") ||
		    line_same(s, n, "TOP") || line_starts(s, n, "SASL"))
			l->sure = true;
		if (line_starts(s, n, "IMPLEMENTATION ")) {
			l->sure = true;
			if (line_find(t->info, implementations,
				nitems(implementations), s, n) == NULL &&
			    t->info->product[0] == '\0')
				service_set(t->info->product,
				    sizeof(t->info->product), s + 15, n - 15);
		}
	}
	return TALK_MORE;
}

static enum talk_verdict
pop3_input(struct talk *t)
{
	struct line_talk *l = t->state;
	enum talk_verdict v = TALK_MORE;
	const char *s;
	size_t n;

	switch ((enum step)t->step) {
	case STEP_GREETING:
		if (t->nin > 0 && t->in[0] != '+')
			return TALK_NOT;
		if (talk_line(t, 0, &s, &n, &l->at))
			v = greeting(t, l, s, n);
		break;
	case STEP_CAPA:
		v = capabilities(t, l);
		break;
	case STEP_STLS:
		if (t->tls)
			return TALK_DONE;
		if (talk_line(t, l->at, &s, &n, &l->at))
			v = line_starts(s, n, "+OK") ? TALK_STARTTLS
						     : TALK_DONE;
		break;
	}
	if (v == TALK_MORE && (t->eof || (t->timeout && t->out.len == 0)))
		return end(l);
	return v;
}

const struct talk_ops talk_pop3 = {
	.name = "pop3",
	.service = "pop3",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "110,1110,2110",
	.tls_ports = "995",
	.rarity = 2,
	.wait_ms = 3000,
	.state = sizeof(struct line_talk),
	.input = pop3_input,
	.source = "RFC 1939, RFC 2449, RFC 2595",
};
