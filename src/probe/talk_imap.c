/* SPDX-License-Identifier: ISC */
/* IMAP: greeting, CAPABILITY, ID, STARTTLS. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

enum step {
	STEP_GREETING,
	STEP_CAPABILITY,
	STEP_ID,
	STEP_STARTTLS
};
/* The tag of each step's command. */
static const char *const tags[] = { "*", "d1", "d2", "d3" };

/* What stands behind "* OK", a [..] taken off. */
static const struct line_form greetings[] = {
	{ .form = "*Dovecot (%x) ready*",
	    .product = "Dovecot imapd",
	    .cpe = "dovecot:dovecot" },
	{ .form = "*Dovecot*",
	    .product = "Dovecot imapd",
	    .cpe = "dovecot:dovecot" },
	{ .form = "%h Cyrus IMAP %v server ready*",
	    .product = "Cyrus imapd",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "%h Cyrus IMAP4 v%v server ready*",
	    .product = "Cyrus imapd",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "*Cyrus IMAP*",
	    .product = "Cyrus imapd",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "*Courier-IMAP ready*",
	    .product = "Courier imapd",
	    .cpe = "double_precision_incorporated:courier_imap" },
	{ .form = "The Microsoft Exchange IMAP4 service is ready*",
	    .product = "Microsoft Exchange imapd",
	    .os = "Windows",
	    .cpe = "microsoft:exchange_server" },
	{ .form = "Microsoft Exchange Server 2003 IMAP4rev1 server version "
		  "%v (%h)*",
	    .product = "Microsoft Exchange imapd",
	    .os = "Windows",
	    .cpe = "microsoft:exchange_server" },
	{ .form = "%h IMAP4rev1 %v at *", .product = "UW imapd" },
	{ .form = "Gimap ready*", .product = "Google Gmail imapd" },
	{ .form = "IMAPrev1", .product = "hMailServer imapd", .os = "Windows" },
	{ .form = "*hMailServer*",
	    .product = "hMailServer imapd",
	    .os = "Windows" },
	{ .form = "%h Zimbra %v IMAP4rev1 server ready*",
	    .product = "Zimbra imapd" },
	{ .form = "%h Zimbra IMAP4rev1 server ready*",
	    .product = "Zimbra imapd" },
	{ .form = "%h IMAP4rev1 MDaemon %v*",
	    .product = "MDaemon imapd",
	    .cpe = "altn:mdaemon",
	    .os = "Windows" },
	{ .form = "*Domino IMAP4 Server Release %v*",
	    .product = "Lotus Domino imapd" },
	{ .form = "*GroupWise IMAP4rev1 Server Ready*",
	    .product = "Novell GroupWise imapd" },
	{ .form = "*CommuniGate Pro IMAP Server %v*",
	    .product = "CommuniGate Pro imapd" },
	{ .form = "*Kerio Connect %v*IMAP4rev1*",
	    .product = "Kerio Connect imapd" },
	{ .form = "*MailEnable*",
	    .product = "MailEnable imapd",
	    .os = "Windows" },
	{ .form = "JAMES IMAP4rev1 Server*", .product = "Apache James imapd" },
	{ .form = "*perdition ready*", .product = "Perdition" },
	{ .form = "*DavMail*%v*", .product = "DavMail" },
	{ .form = "*DBMail*", .product = "DBMail imapd" },
	{ .form = "IMAP4rev1 GreenMail Server v%v*", .product = "GreenMail" },
	{ .form = "Stalwart*", .product = "Stalwart" },
	{ .form = "*GNU Mailutils*", .product = "GNU Mailutils imapd" },
	{ .form = "*Proton*Bridge %v*", .product = "Proton Mail Bridge" },
	{ .form = "*Binc IMAP*", .product = "Binc IMAP" },
};

/* ID's name -> its product (RFC 2971). */
static const struct line_form names[] = {
	{ .form = "Dovecot",
	    .product = "Dovecot imapd",
	    .cpe = "dovecot:dovecot" },
	{ .form = "Cyrus*",
	    .product = "Cyrus imapd",
	    .cpe = "cmu:cyrus_imap_server" },
	{ .form = "Courier-IMAP*",
	    .product = "Courier imapd",
	    .cpe = "double_precision_incorporated:courier_imap" },
	{ .form = "Microsoft.Exchange*",
	    .product = "Microsoft Exchange imapd",
	    .cpe = "microsoft:exchange_server" },
	{ .form = "Zimbra", .product = "Zimbra imapd" },
	{ .form = "GImap", .product = "Google Gmail imapd" },
	{ .form = "hMailServer", .product = "hMailServer imapd" },
	{ .form = "MailEnable*", .product = "MailEnable imapd" },
	{ .form = "Stalwart*", .product = "Stalwart" },
};

static enum talk_verdict
end(const struct line_talk *l)
{
	return l->sure ? TALK_DONE : TALK_NOT;
}

static void
ask(struct talk *t, enum step step, const char *command)
{
	t->step = step;
	talk_sendf(t, "%s %s\r\n", tags[step], command);
}

/* A list of capabilities, wherever it stands. */
static void
capabilities(struct talk *t, struct line_talk *l, const char *s, size_t n)
{
	l->sure = true;
	if (line_has(s, n, " STARTTLS"))
		l->starttls = true;
	if (line_has(s, n, " LOGINDISABLED"))
		service_factf(t->info, "imap.login", "disabled");
}

static enum talk_verdict
greeting(struct talk *t, struct line_talk *l, const char *s, size_t n)
{
	static const char *const words[] = { "OK", "PREAUTH", "BYE" };
	const struct line_form *f;
	size_t i, k = 0;

	if (!line_is_text(s, n) || n < 5 || memcmp(s, "* ", 2) != 0)
		return TALK_NOT;
	for (i = 0; i < nitems(words) && k == 0; i++)
		if (line_starts(s + 2, n - 2, words[i]) &&
		    (n == 2 + strlen(words[i]) ||
			s[2 + strlen(words[i])] == ' '))
			k = 2 + strlen(words[i]);
	if (k == 0)
		return TALK_NOT;
	line_evidence(t, 0, l->at);
	while (k < n && s[k] == ' ')
		k++;
	s += k;
	n -= k;
	if (line_starts(s, n, "[CAPABILITY IMAP4"))
		l->sure = true;
	for (i = 0; n > 0 && s[0] == '[' && i < n; i++)
		if (s[i] == ']') {
			s += i + 1;
			n -= i + 1;
			while (n > 0 && s[0] == ' ') {
				s++;
				n--;
			}
			break;
		}
	f = line_find(t->info, greetings, nitems(greetings), s, n);
	l->sure = l->sure || f != NULL;
	ask(t, STEP_CAPABILITY, "CAPABILITY");
	return TALK_MORE;
}

/* A quoted string at *at; false: there is none. */
static bool
quoted(const char *s, size_t n, size_t *at, const char **text, size_t *len)
{
	size_t i = *at;

	while (i < n && s[i] != '"')
		i++;
	if (i++ >= n)
		return false;
	*text = s + i;
	while (i < n && s[i] != '"')
		i += s[i] == '\\' && i + 1 < n ? 2 : 1;
	if (i >= n)
		return false;
	*len = (size_t)(s + i - *text);
	*at = i + 1;
	return true;
}

/* * ID ("name" "Dovecot" "version" "2.3" ..) */
static void
identity(struct talk *t, const char *s, size_t n)
{
	struct service_info *info = t->info;
	const char *name, *value;
	size_t nname, nvalue, at = 0;

	while (quoted(s, n, &at, &name, &nname) &&
	       quoted(s, n, &at, &value, &nvalue)) {
		if (line_same(name, nname, "name")) {
			if (line_find(info, names, nitems(names), value,
				nvalue) == NULL &&
			    info->product[0] == '\0')
				service_set(info->product,
				    sizeof(info->product), value, nvalue);
		} else if (line_same(name, nname, "version"))
			service_set(info->version, sizeof(info->version), value,
			    nvalue);
		else if (line_same(name, nname, "os"))
			service_set(info->os, sizeof(info->os), value, nvalue);
		else if (line_same(name, nname, "vendor") &&
			 info->extra[0] == '\0')
			service_set(
			    info->extra, sizeof(info->extra), value, nvalue);
	}
}

/* The answer to a step's command: lines with *, and one with its tag. */
static enum line_state
answer(struct talk *t, struct line_talk *l, bool *ok, bool *id)
{
	const char *tag = tags[t->step], *s;
	size_t n, k = strlen(tag), at = l->at;

	/* Read from its beginning each time, until it is whole. */
	while (talk_line(t, at, &s, &n, &at)) {
		if (n > k && memcmp(s, tag, k) == 0 && s[k] == ' ') {
			l->at = at;
			*ok = line_starts(s + k + 1, n - k - 1, "OK");
			/* Its ID is for who has logged in. */
			if (t->step == STEP_ID && t->info->product[0] == '\0' &&
			    line_same(
				s + k + 1, n - k - 1, "BAD ID Wrong state"))
				service_setf(t->info->product,
				    sizeof(t->info->product),
				    "GNU Mailutils imapd");
			l->sure = l->sure || *ok ||
				  line_starts(s + k + 1, n - k - 1, "BAD") ||
				  line_starts(s + k + 1, n - k - 1, "NO");
			return LINE_WHOLE;
		}
		if (n < 2 || s[0] != '*' || s[1] != ' ')
			return LINE_BAD;
		if (line_starts(s, n, "* CAPABILITY ")) {
			capabilities(t, l, s, n);
			*id = line_has(s, n, " ID");
		} else if (line_starts(s, n, "* ID "))
			identity(t, s + 5, n - 5);
	}
	return LINE_MORE;
}

static enum talk_verdict
after(struct talk *t, const struct line_talk *l, bool ok, bool id)
{
	if (t->step == STEP_CAPABILITY) {
		service_factf(
		    t->info, "starttls", "%s", l->starttls ? "yes" : "no");
		if (id) {
			ask(t, STEP_ID, "ID NIL");
			return TALK_MORE;
		}
	}
	if (t->step == STEP_STARTTLS)
		return ok ? TALK_STARTTLS : TALK_DONE;
	if (!l->starttls || t->tls)
		return TALK_DONE;
	ask(t, STEP_STARTTLS, "STARTTLS");
	return TALK_MORE;
}

static enum talk_verdict
imap_input(struct talk *t)
{
	struct line_talk *l = t->state;
	enum talk_verdict v = TALK_MORE;
	bool ok = false, id = false;
	const char *s;
	size_t n;

	if (t->step == STEP_STARTTLS && t->tls)
		return TALK_DONE;
	if (t->step == STEP_GREETING) {
		if (t->nin > 0 && t->in[0] != '*')
			return TALK_NOT;
		if (talk_line(t, 0, &s, &n, &l->at))
			v = greeting(t, l, s, n);
	} else
		switch (answer(t, l, &ok, &id)) {
		case LINE_BAD:
			return end(l);
		case LINE_MORE:
			break;
		case LINE_WHOLE:
			v = after(t, l, ok, id);
			break;
		}
	if (v == TALK_MORE && (t->eof || (t->timeout && t->out.len == 0)))
		return end(l);
	return v;
}

const struct talk_ops talk_imap = {
	.name = "imap",
	.service = "imap",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "143,1143,2143",
	.tls_ports = "993",
	.rarity = 2,
	.wait_ms = 3000,
	.state = sizeof(struct line_talk),
	.input = imap_input,
	.source = "RFC 9051, RFC 2971",
};
