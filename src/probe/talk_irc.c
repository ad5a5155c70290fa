/* SPDX-License-Identifier: ISC */
/* IRC: a nick is asked for, and what greets it says which server it is. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

#define NICK "sdk7w0"

/* The server's version as 004 (RPL_MYINFO) and 351 (RPL_VERSION) have it. */
static const struct line_form versions[] = {
	{ .form = "ngircd-%v", .product = "ngIRCd", .cpe = "barton:ngircd" },
	{ .form = "ngircd*", .product = "ngIRCd", .cpe = "barton:ngircd" },
	{ .form = "InspIRCd-%v",
	    .product = "InspIRCd",
	    .cpe = "inspircd:inspircd" },
	{ .form = "InspIRCd*",
	    .product = "InspIRCd",
	    .cpe = "inspircd:inspircd" },
	{ .form = "UnrealIRCd-%v",
	    .product = "UnrealIRCd",
	    .cpe = "unrealircd:unrealircd" },
	{ .form = "Unreal%v",
	    .product = "UnrealIRCd",
	    .cpe = "unrealircd:unrealircd" },
	{ .form = "ircd-hybrid-%v", .product = "IRCD-Hybrid" },
	{ .form = "hybrid-%v", .product = "IRCD-Hybrid" },
	{ .form = "hybrid-1:%v", .product = "IRCD-Hybrid" },
	{ .form = "ircd-ratbox-%v", .product = "ircd-ratbox" },
	{ .form = "charybdis-%v", .product = "Charybdis" },
	{ .form = "solanum-%v", .product = "Solanum" },
	{ .form = "ircd-seven-%v", .product = "ircd-seven" },
	{ .form = "bahamut-%v", .product = "Bahamut" },
	{ .form = "plexus-%v", .product = "PleXusIRCD" },
	{ .form = "u%v", .product = "ircu" },
	{ .form = "snircd(%v)*", .product = "snircd" },
	{ .form = "snircd-%v*", .product = "snircd" },
	{ .form = "BitlBee-%v",
	    .product = "BitlBee IRCd",
	    .cpe = "bitlbee:bitlbee" },
	{ .form = "BitlBee*",
	    .product = "BitlBee IRCd",
	    .cpe = "bitlbee:bitlbee" },
	{ .form = "ergo-%v", .product = "Ergo" },
	{ .form = "oragono-%v", .product = "Oragono" },
	{ .form = "miniircd-%v", .product = "miniircd" },
	{ .form = "*miniircd*", .product = "miniircd" },
	{ .form = "minbif-%v", .product = "minbif" },
	{ .form = "pylink-%v", .product = "PyLink" },
	{ .form = "jenkins-irc-%v", .product = "Jenkins IRC bot" },
};

/* What they say before or instead of a welcome. */
static const struct line_form notices[] = {
	{ .form = "*BitlBee-IRCd initialized*",
	    .product = "BitlBee IRCd",
	    .cpe = "bitlbee:bitlbee" },
	{ .form = "*ZNC %v*", .product = "ZNC", .cpe = "znc:znc" },
	{ .form = "*znc.in*", .product = "ZNC", .cpe = "znc:znc" },
	{ .form = "*You should type /QUOTE PASS your_username:*",
	    .product = "bip" },
};

struct irc_talk {
	size_t at;
	bool sure, welcomed, pinged, asked, told;
	bool begun, refused;
};

static void
register_nick(struct talk *t)
{
	/* The first is refused at once (451), which is enough to know it by
	 * while names are looked up. */
	talk_sendf(
	    t, "VERSION\r\nNICK " NICK "\r\nUSER " NICK " 0 * :" NICK "\r\n");
}

static void
irc_begin(struct talk *t)
{
	struct irc_talk *i = t->state;

	i->begun = true;
	register_nick(t);
}

/* The next word of a line. */
static void
word(const char **s, size_t *n, const char **w, size_t *k)
{
	while (*n > 0 && **s == ' ') {
		(*s)++;
		(*n)--;
	}
	*w = *s;
	while (*n > 0 && **s != ' ') {
		(*s)++;
		(*n)--;
	}
	*k = (size_t)(*s - *w);
}

static void
version_is(struct talk *t, const char *s, size_t n)
{
	static const struct line_form bare = { .form = "%v" };
	struct service_info *info = t->info;

	/* "InspIRCd-3." and "ngircd-26.1.": the end of a version cut short. */
	while (n > 0 && (s[n - 1] == '.' || s[n - 1] == '-' ||
			    s[n - 1] == '(' || s[n - 1] == ')'))
		n--;
	if (line_find(info, versions, nitems(versions), s, n) != NULL)
		return;
	/* A bare number is a version of what is known already, or of the first
	 * of them all, that of IRCnet. */
	if (line_is(info, &bare, s, n)) {
		if (info->product[0] == '\0')
			service_setf(
			    info->product, sizeof(info->product), "ircd");
	} else if (info->product[0] == '\0')
		service_set(info->product, sizeof(info->product), s, n);
}

/* 001 .. 005, 351, 4xx: of a server that is behind a prefix. */
static void
numeric(
    struct talk *t, struct irc_talk *i, unsigned code, const char *s, size_t n)
{
	const char *w;
	size_t k;

	word(&s, &n, &w, &k); /* whom it is for */
	switch (code) {
	case 1:
		i->welcomed = true;
		break;
	case 4:
		word(&s, &n, &w, &k); /* the server */
		if (k > 0 && w[0] != ':' && t->info->host[0] == '\0')
			service_set(t->info->host, sizeof(t->info->host), w, k);
		word(&s, &n, &w, &k);
		version_is(t, w, k);
		break;
	case 351:
		i->told = true;
		word(&s, &n, &w, &k);
		version_is(t, w, k);
		break;
	case 5:
		/* NETWORK=.. */
		for (word(&s, &n, &w, &k); k > 0; word(&s, &n, &w, &k))
			if (line_starts(w, k, "NETWORK="))
				service_fact(
				    t->info, "irc.network", w + 8, k - 8);
		break;
	case 464:
		service_factf(t->info, "auth", "password");
		break;
	}
}

/* Which commands a server sends to one that is not registered. */
static bool
is_command(const char *w, size_t k)
{
	static const char *const commands[] = { "NOTICE", "PING", "ERROR",
		"MODE", "CAP", "AUTHENTICATE", "JOIN", "PRIVMSG", "TOPIC" };
	size_t i;

	for (i = 0; i < nitems(commands); i++)
		if (line_same(w, k, commands[i]))
			return true;
	return false;
}

/* False: no line of IRC. */
static bool
message(struct talk *t, struct irc_talk *i, const char *s, size_t n)
{
	const char *w, *from = NULL;
	size_t k, nfrom = 0;

	if (!line_is_text(s, n))
		return false;
	(void)line_find(t->info, notices, nitems(notices), s, n);
	if (n > 0 && s[0] == ':') {
		word(&s, &n, &from, &nfrom);
		if (nfrom < 2)
			return false;
	}
	word(&s, &n, &w, &k);
	if (k == 3 && from != NULL && w[0] >= '0' && w[0] <= '9' &&
	    w[1] >= '0' && w[1] <= '9' && w[2] >= '0' && w[2] <= '9') {
		i->sure = true;
		if (t->info->host[0] == '\0')
			service_set(t->info->host, sizeof(t->info->host),
			    from + 1, nfrom - 1);
		numeric(t, i,
		    (unsigned)(w[0] - '0') * 100 + (unsigned)(w[1] - '0') * 10 +
			(unsigned)(w[2] - '0'),
		    s, n);
		return true;
	}
	if (!is_command(w, k))
		return false;
	while (n > 0 && *s == ' ') {
		s++;
		n--;
	}
	if (line_same(w, k, "PING") && !i->pinged) {
		i->sure = i->pinged = true;
		talk_sendf(t, "PONG %.*s\r\n", (int)(n < 200 ? n : 200), s);
		return true;
	}
	/* ":irc.example NOTICE * :*** ..", "NOTICE AUTH :*** ..",
	 * ":b.i.p NOTICE ournick :..",
	 * "ERROR :Closing Link: ..". */
	if (line_same(w, k, "NOTICE") && n > 0 &&
	    (line_starts(s, n, "AUTH :") || line_starts(s, n, "* :") ||
		(from != NULL && line_starts(s, n, NICK " :"))))
		i->sure = true;
	if (line_same(w, k, "ERROR") && n > 1 && s[0] == ':') {
		/* Another time it may say more. */
		i->refused = line_has(s, n, "Connection refused") ||
			     line_has(s, n, "too many connections");
		if (i->refused || from != NULL ||
		    line_has(s, n, "Closing Link") ||
		    line_has(s, n, "This is IRC"))
			i->sure = true;
	}
	return i->sure || from != NULL;
}

static enum talk_verdict
irc_input(struct talk *t)
{
	struct irc_talk *i = t->state;
	const char *s;
	size_t n;

	while (talk_line(t, i->at, &s, &n, &i->at)) {
		if (n > 0 && !message(t, i, s, n) && !i->sure)
			return TALK_NOT;
	}
	if (i->sure) {
		line_evidence(t, 0, i->at);
		if (i->refused) {
			t->info->conf = 7;
			return TALK_DONE;
		}
		if (!i->begun && !t->eof) {
			irc_begin(t);
			return TALK_MORE;
		}
	}
	if (i->told || (t->info->product[0] != '\0' &&
			   t->info->version[0] != '\0' && i->welcomed))
		return TALK_DONE;
	if (i->welcomed && !i->asked) {
		i->asked = true;
		talk_sendf(t, "VERSION\r\n");
		return TALK_MORE;
	}
	if (t->eof || (t->timeout && t->out.len == 0))
		return i->sure ? TALK_DONE : TALK_NOT;
	return TALK_MORE;
}

const struct talk_ops talk_irc = {
	.name = "irc",
	.service = "irc",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "194,6660-6669,7000",
	.tls_ports = "994,6697",
	.rarity = 4,
	.wait_ms = 3500,
	.state = sizeof(struct irc_talk),
	.begin = irc_begin,
	.input = irc_input,
	.source = "RFC 2812",
};

/* By what it says unasked, or to others' questions: it need not be asked in its
 * turn. */
const struct talk_ops talk_irc_greeting = {
	.name = "irc-greeting",
	.service = "irc",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "194,6660-6669,7000",
	.tls_ports = "994,6697",
	.rarity = 4,
	.wait_ms = 3500,
	.state = sizeof(struct irc_talk),
	.begin = irc_begin,
	.input = irc_input,
	.source = "RFC 2812",
};
