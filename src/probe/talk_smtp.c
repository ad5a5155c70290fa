/* SPDX-License-Identifier: ISC */
/* SMTP, submission and LMTP: greeting, EHLO (LHLO), STARTTLS. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

#define TALK_NAME "sockdeck.invalid"

enum step {
	STEP_GREETING,
	STEP_HELLO,
	STEP_HELP,
	STEP_STARTTLS
};

/* What stands behind the 220. */
static const struct line_form greetings[] = {
	{ .form = "%h ESMTP Postfix (%v) (%o)",
	    .product = "Postfix smtpd",
	    .cpe = "postfix:postfix" },
	{ .form = "%h ESMTP Postfix (%v)",
	    .product = "Postfix smtpd",
	    .cpe = "postfix:postfix" },
	{ .form = "%h ESMTP Postfix (%x)",
	    .product = "Postfix smtpd",
	    .cpe = "postfix:postfix" },
	{ .form = "%h ESMTP Postfix*",
	    .product = "Postfix smtpd",
	    .cpe = "postfix:postfix" },
	{ .form = "*Postfix*",
	    .product = "Postfix smtpd",
	    .cpe = "postfix:postfix" },
	{ .form = "%h ESMTP Exim %v %x",
	    .product = "Exim smtpd",
	    .cpe = "exim:exim" },
	{ .form = "%h ESMTP Exim %v*",
	    .product = "Exim smtpd",
	    .cpe = "exim:exim" },
	{ .form = "%h ESMTP Exim*",
	    .product = "Exim smtpd",
	    .cpe = "exim:exim" },
	{ .form = "%h ESMTP Sendmail %v/%v/%x; *",
	    .product = "Sendmail",
	    .cpe = "sendmail:sendmail" },
	{ .form = "%h ESMTP Sendmail %v/%x; *",
	    .product = "Sendmail",
	    .cpe = "sendmail:sendmail" },
	{ .form = "%h ESMTP Sendmail*",
	    .product = "Sendmail",
	    .cpe = "sendmail:sendmail" },
	{ .form = "%h Sendmail %v*",
	    .product = "Sendmail",
	    .cpe = "sendmail:sendmail" },
	{ .form = "%h ESMTP OpenSMTPD*",
	    .product = "OpenSMTPD",
	    .cpe = "openbsd:opensmtpd" },
	{ .form = "%h Microsoft ESMTP MAIL Service, Version: %v *",
	    .product = "Microsoft ESMTP",
	    .os = "Windows" },
	{ .form = "%h Microsoft ESMTP MAIL Service ready*",
	    .product = "Microsoft Exchange smtpd",
	    .os = "Windows",
	    .cpe = "microsoft:exchange_server" },
	{ .form = "%h Microsoft ESMTP MAIL Service*",
	    .product = "Microsoft ESMTP",
	    .os = "Windows" },
	{ .form = "%h ESMTP hMailServer*",
	    .product = "hMailServer smtpd",
	    .os = "Windows" },
	{ .form = "*hMailServer %v*",
	    .product = "hMailServer smtpd",
	    .os = "Windows" },
	{ .form = "%h ESMTP MDaemon %v*",
	    .product = "MDaemon smtpd",
	    .cpe = "altn:mdaemon",
	    .os = "Windows" },
	{ .form = "%h ESMTP CommuniGate Pro %v*",
	    .product = "CommuniGate Pro smtpd" },
	{ .form = "%h ESMTP Service (Lotus Domino Release %v)*",
	    .product = "Lotus Domino smtpd",
	    .cpe = "ibm:lotus_domino" },
	{ .form = "%h ESMTP Service (HCL Domino Release %v)*",
	    .product = "HCL Domino smtpd",
	    .cpe = "hcltech:domino" },
	{ .form = "%h ESMTP Service (IBM Domino Release %v)*",
	    .product = "IBM Domino smtpd",
	    .cpe = "ibm:lotus_domino" },
	{ .form = "%h ESMTP Haraka/%v*", .product = "Haraka smtpd" },
	{ .form = "%h ESMTP Haraka %v*", .product = "Haraka smtpd" },
	{ .form = "%h ESMTP Haraka*", .product = "Haraka smtpd" },
	{ .form = "%h Kerio Connect %v ESMTP*",
	    .product = "Kerio Connect smtpd" },
	{ .form = "%h Kerio MailServer %v ESMTP*",
	    .product = "Kerio MailServer smtpd" },
	{ .form = "%h ESMTP Courier %v*", .product = "Courier smtpd" },
	{ .form = "%h ESMTP Courier*", .product = "Courier smtpd" },
	{ .form = "%h ESMTP MailEnable Service, Version: %v*",
	    .product = "MailEnable smtpd",
	    .os = "Windows" },
	{ .form = "%h ESMTP Stalwart*", .product = "Stalwart" },
	{ .form = "%h Stalwart ESMTP*", .product = "Stalwart" },
	{ .form = "%h ESMTP DragonFly Mail Agent*",
	    .product = "DragonFly Mail Agent" },
	{ .form = "%h ESMTP Maddy*", .product = "maddy" },
	{ .form = "%h GroupWise Internet Agent %v*",
	    .product = "Novell GroupWise smtpd" },
	{ .form = "*IdeaSmtpServer %v*", .product = "IdeaSmtpServer" },
	{ .form = "%h ESMTP qpsmtpd %v*", .product = "qpsmtpd" },
	{ .form = "%h ESMTP ecelerity %v*", .product = "Momentum" },
	{ .form = "%h ESMTP (Symantec Messaging Gateway)*",
	    .product = "Symantec Messaging Gateway" },
	{ .form = "%h ESMTP Symantec Messaging Gateway*",
	    .product = "Symantec Messaging Gateway" },
	{ .form = "mx.google.com ESMTP*", .product = "Google gsmtp" },
	{ .form = "%h ESMTP %h - gsmtp", .product = "Google gsmtp" },
	{ .form = "%h Python SMTP %v*", .product = "Python aiosmtpd" },
	{ .form = "%h Python SMTP proxy version %v*",
	    .product = "Python smtpd" },
	{ .form = "%h ESMTP MailHog*", .product = "MailHog" },
	{ .form = "%h MailHog ESMTP*", .product = "MailHog" },
	{ .form = "%h Mailpit ESMTP*", .product = "Mailpit" },
	{ .form = "%h ESMTP GreenMail*", .product = "GreenMail" },
	{ .form = "/%h GreenMail SMTP Service v%v*", .product = "GreenMail" },
	{ .form = "%h SMTP Server (JAMES SMTP Server %v)*",
	    .product = "Apache James smtpd",
	    .cpe = "apache:james" },
	{ .form = "%h SMTP Server (JAMES*",
	    .product = "Apache James smtpd",
	    .cpe = "apache:james" },
	{ .form = "%h ESMTP Zimbra*", .product = "Zimbra smtpd" },
	{ .form = "%h ESMTP Halon*", .product = "Halon" },
	{ .form = "%h PowerMTA(TM) v%v*", .product = "PowerMTA" },
	{ .form = "%h %h PowerMTA(TM) v%v*", .product = "PowerMTA" },
	{ .form = "%h ESMTP ZoneMTA*", .product = "ZoneMTA" },
	{ .form = "%h LMTP Postfix*", .product = "Postfix" },
	{ .form = "%h Dovecot (%x) ready.",
	    .product = "Dovecot lmtpd",
	    .cpe = "dovecot:dovecot" },
	{ .form = "%h Dovecot ready.",
	    .product = "Dovecot lmtpd",
	    .cpe = "dovecot:dovecot" },
	{ .form = "%h LMTP Cyrus %v*",
	    .product = "Cyrus lmtpd",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "%h Cyrus LMTP %v*",
	    .product = "Cyrus lmtpd",
	    .cpe = "cmu:cyrus_imap_server" },
	/* They name no product. */
	{ .form = "%h ESMTP", .more = true },
	{ .form = "%h ESMTP %x", .more = true },
	{ .form = "%h SMTP*", .more = true },
	{ .form = "%h LMTP*", .more = true },
	{ .form = "ESMTP*", .more = true },
	{ .form = "SMTP*", .more = true },
};

/* What they say to HELP, where the greeting is somebody's own. */
static const struct line_form helps[] = {
	{ .form = "2.0.0 This is sendmail version %v",
	    .product = "Sendmail",
	    .cpe = "sendmail:sendmail" },
	{ .form = "2.0.0 This is sendmail*",
	    .product = "Sendmail",
	    .cpe = "sendmail:sendmail" },
	{ .form = "This is sendmail version %v",
	    .product = "Sendmail",
	    .cpe = "sendmail:sendmail" },
	{ .form = "This is OpenSMTPD",
	    .product = "OpenSMTPD",
	    .cpe = "openbsd:opensmtpd" },
	{ .form = "Commands supported:*",
	    .product = "Exim smtpd",
	    .cpe = "exim:exim" },
	{ .form = "This server supports the following commands:*",
	    .product = "Microsoft ESMTP",
	    .os = "Windows" },
	{ .form = "netqmail home page:*", .product = "netqmail smtpd" },
	{ .form = "qmail home page:*", .product = "qmail smtpd" },
	{ .form = "*https://www.courier-mta.org*", .product = "Courier smtpd" },
	{ .form = "*CommuniGate*", .product = "CommuniGate Pro smtpd" },
	{ .form = "5.5.1 Error: command not recognized*",
	    .product = "Postfix smtpd",
	    .cpe = "postfix:postfix" },
	{ .form = "5.5.2 Error: command not recognized*",
	    .product = "Postfix smtpd",
	    .cpe = "postfix:postfix" },
	{ .form = "SMTP server comments and bug reports to: <zmhacks*",
	    .product = "Zoe smtpd" },
};

static bool
is_lmtp(const struct talk *t)
{
	return strcmp(t->ops->name, "lmtp") == 0;
}

static enum talk_verdict
end(const struct line_talk *l)
{
	return l->sure ? TALK_DONE : TALK_NOT;
}

static void
say_hello(struct talk *t)
{
	t->step = STEP_HELLO;
	talk_sendf(t, "%s " TALK_NAME "\r\n", is_lmtp(t) ? "LHLO" : "EHLO");
}

static enum talk_verdict
greeting(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	static const char *const others[] = { "FTP", "NNTP", "InterNetNews" };
	const struct line_form *f;
	size_t i;

	if (r->code != 220 && r->code != 554 && r->code != 421)
		return TALK_NOT;
	if (!line_is_text(r->text, r->len))
		return TALK_NOT;
	for (i = 0; i < nitems(others); i++)
		if (line_has(r->text, r->len, others[i]))
			return TALK_NOT;
	/* A Cyrus or a Dovecot that says LMTP, or does not: EHLO tells. */
	if (line_has(r->text, r->len, "LMTP") && !is_lmtp(t))
		return TALK_NOT;
	line_evidence(t, 0, r->next);
	f = line_find(t->info, greetings, nitems(greetings), r->text, r->len);
	l->sure = f != NULL && f->product != NULL &&
		  (strstr(f->product, "lmtpd") != NULL ||
		      line_has(r->text, r->len, "LMTP")) == is_lmtp(t);
	if (r->code != 220) {
		/* "554 host ESMTP: not for you", and that is all. */
		l->sure = l->sure || line_has(r->text, r->len, "SMTP");
		return end(l);
	}
	say_hello(t);
	return TALK_MORE;
}

/* The rest of its lines: what it can do. */
static void
extensions(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	const char *s;
	size_t n, at = r->from;
	bool first = true;

	for (; at < r->next && talk_line(t, at, &s, &n, &at); first = false) {
		if (n < 5 || first)
			continue;
		if (line_same(s + 4, n - 4, "STARTTLS"))
			l->starttls = true;
		if (line_starts(s + 4, n - 4, "AUTH "))
			service_fact(t->info, "smtp.auth", s + 9, n - 9);
		if (line_starts(s + 4, n - 4, "X-EXPS") &&
		    t->info->product[0] == '\0')
			service_setf(t->info->product, sizeof(t->info->product),
			    "%s", "Microsoft Exchange smtpd");
	}
	service_factf(t->info, "starttls", "%s", l->starttls ? "yes" : "no");
}

static enum talk_verdict
ask_starttls(struct talk *t, const struct line_talk *l)
{
	if (!l->starttls || t->tls)
		return TALK_DONE;
	t->step = STEP_STARTTLS;
	talk_sendf(t, "STARTTLS\r\n");
	return TALK_MORE;
}

static enum talk_verdict
hello(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	size_t n = 0;

	if (r->code == 250) {
		l->sure = true;
		while (n < r->len && r->text[n] > ' ')
			n++;
		if (t->info->host[0] == '\0')
			service_set(
			    t->info->host, sizeof(t->info->host), r->text, n);
		extensions(t, l, r);
	} else if (r->code == 502 || r->code == 500) {
		/* The one speaks the other's: it is to have its turn. */
		if (line_has(t->info->product, strlen(t->info->product),
			"lmtpd") != is_lmtp(t) ||
		    !l->sure)
			return TALK_NOT;
	} else if (!l->sure)
		return TALK_NOT;
	if (t->info->product[0] != '\0' && t->info->version[0] != '\0')
		return ask_starttls(t, l);
	if (strcmp(t->info->product, "Sendmail") != 0 &&
	    t->info->product[0] != '\0')
		return ask_starttls(t, l);
	t->step = STEP_HELP;
	talk_sendf(t, "HELP\r\n");
	return TALK_MORE;
}

static enum talk_verdict
help(struct talk *t, const struct line_talk *l, const struct line_reply *r)
{
	const char *s;
	size_t n, at = r->from;

	while (at < r->next && talk_line(t, at, &s, &n, &at))
		if (n > 4 && line_find(t->info, helps, nitems(helps), s + 4,
				 n - 4) != NULL)
			break;
	return ask_starttls(t, l);
}

static enum talk_verdict
judge(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	switch ((enum step)t->step) {
	case STEP_GREETING:
		return greeting(t, l, r);
	case STEP_HELLO:
		return hello(t, l, r);
	case STEP_HELP:
		return help(t, l, r);
	case STEP_STARTTLS:
		return r->code == 220 ? TALK_STARTTLS : TALK_DONE;
	}
	return TALK_NOT;
}

static enum talk_verdict
smtp_input(struct talk *t)
{
	struct line_talk *l = t->state;
	struct line_reply r;
	enum talk_verdict v;

	if (t->step == STEP_STARTTLS && t->tls)
		return TALK_DONE;
	switch (line_reply(t, l->at, &r)) {
	case LINE_BAD:
		return end(l);
	case LINE_MORE:
		break;
	case LINE_WHOLE:
		l->at = r.next;
		v = judge(t, l, &r);
		if (v != TALK_MORE || (t->out.len > 0 && !t->eof))
			return v;
		break;
	}
	return t->eof || t->timeout ? end(l) : TALK_MORE;
}

const struct talk_ops talk_smtp = {
	.name = "smtp",
	.service = "smtp",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "25,26,587,1025,2025,2525,2587",
	.tls_ports = "465",
	.rarity = 2,
	.wait_ms = 3000,
	.state = sizeof(struct line_talk),
	.input = smtp_input,
	.source = "RFC 5321, RFC 3207, RFC 6409",
};

const struct talk_ops talk_lmtp = {
	.name = "lmtp",
	.service = "lmtp",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "24,2003,2424",
	.rarity = 6,
	.wait_ms = 3000,
	.state = sizeof(struct line_talk),
	.input = smtp_input,
	.source = "RFC 2033",
};
