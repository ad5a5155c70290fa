/* SPDX-License-Identifier: ISC */
/* The small old ones whose answers are words for people: finger, ident, whois,
 * gopher, chargen. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

static bool
has_any(const struct talk *t, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (line_has((const char *)t->in, t->nin, words[i]))
			return true;
	return false;
}

/* Answers of others to a line they do not understand. */
static bool
is_foreign(const struct talk *t)
{
	static const char *const others[] = { "HTTP/", "<html", "220 ", "500 ",
		"-ERR", "* OK", "* BAD", "ERROR\r\n", "command not found" };
	size_t i;

	for (i = 0; i < nitems(others); i++)
		if (line_starts((const char *)t->in, t->nin, others[i]) ||
		    (i < 2 && line_has((const char *)t->in, t->nin, others[i])))
			return true;
	return !line_is_text(t->in, t->nin);
}

/* -- finger --------------------------------------------------------------- */

static const struct line_form fingers[] = {
	{ .form = "*ffingerd*", .product = "ffingerd" },
	{ .form = "*cfingerd %v*", .product = "cfingerd" },
	{ .form = "*efingerd*", .product = "efingerd" },
};
static const char *const finger_words[] = { "Login: root", "no such user",
	"Login name: root", "No one logged on", "Never logged in", "No Plan",
	"finger: ", "Finger online user list",
	"In real life:", "No users logged", "User not found",
	"does not allow fingering", "No mail.", "efingerd", "fingerd" };

static void
finger_begin(struct talk *t)
{
	talk_send(t, "root\r\n", 6);
}

static bool
is_name_only(const struct talk *t)
{
	size_t n = t->nin;

	while (n > 0 && (t->in[n - 1] == '\r' || t->in[n - 1] == '\n'))
		n--;
	return n == 4 && memcmp(t->in, "root", 4) == 0;
}

static enum talk_verdict
finger_input(struct talk *t)
{
	const char *s;
	size_t n, at = 0;

	/* Elsewhere than on its port that is an echo, of whom nobody waits for
	 * the end. */
	if (is_foreign(t) ||
	    (is_name_only(t) && !talk_ports_have("79", t->port)))
		return TALK_NOT;
	if (!t->eof && !t->timeout)
		return TALK_MORE;
	if (!has_any(t, finger_words, nitems(finger_words))) {
		/* It says whose name it heard: enough where finger is usual. */
		if (!is_name_only(t))
			return TALK_NOT;
		t->info->conf = 8;
	}
	while (talk_line(t, at, &s, &n, &at))
		if (line_find(t->info, fingers, nitems(fingers), s, n) != NULL)
			break;
	line_evidence(t, 0, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_finger = {
	.name = "finger",
	.service = "finger",
	.flags = TALK_TCP | TALK_SAME,
	.ports = "79",
	.rarity = 5,
	.wait_ms = 2500,
	.begin = finger_begin,
	.input = finger_input,
	.source = "RFC 1288",
};

/* -- ident ---------------------------------------------------------------- */

#define IDENT_CLIENT 40912u /* a port that asks about nothing */

static void
ident_begin(struct talk *t)
{
	talk_sendf(t, "%u, %u\r\n", t->port, IDENT_CLIENT);
}

/* The number at *at, blanks around it skipped. */
static bool
number(const char *s, size_t n, size_t *at, unsigned *ret)
{
	size_t digits = 0;

	while (*at < n && s[*at] == ' ')
		(*at)++;
	for (*ret = 0; *at < n && s[*at] >= '0' && s[*at] <= '9' && digits < 6;
	     digits++)
		*ret = *ret * 10 + (unsigned)(s[(*at)++] - '0');
	while (*at < n && s[*at] == ' ')
		(*at)++;
	return digits > 0;
}

static enum talk_verdict
ident_input(struct talk *t)
{
	const char *s;
	size_t n, next, at = 0;
	unsigned a, b;

	if (t->nin > 512)
		return TALK_NOT;
	if (!talk_line(t, 0, &s, &n, &next))
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	if (!number(s, n, &at, &a) || at >= n || s[at++] != ',' ||
	    !number(s, n, &at, &b) || at >= n || s[at++] != ':')
		return TALK_NOT;
	while (at < n && s[at] == ' ')
		at++;
	if (!line_starts(s + at, n - at, "ERROR") &&
	    !line_starts(s + at, n - at, "USERID"))
		return TALK_NOT;
	/* An echo of both numbers, or of 0 where it did not like them. */
	if ((a != t->port && a != 0) || (b != IDENT_CLIENT && b != 0))
		return TALK_NOT;
	service_fact(t->info, "ident.answer", s + at, n - at);
	line_evidence(t, 0, next);
	return TALK_DONE;
}

const struct talk_ops talk_ident = {
	.name = "ident",
	.service = "ident",
	.flags = TALK_TCP,
	.ports = "113",
	.rarity = 5,
	.wait_ms = 2500,
	.begin = ident_begin,
	.input = ident_input,
	.source = "RFC 1413",
};

/* -- whois ---------------------------------------------------------------- */

static const struct line_form whoises[] = {
	{ .form = "% IANA WHOIS server", .product = "IANA whois" },
	{ .form = "% This is the RIPE Database query service.*",
	    .product = "RIPE Database" },
	{ .form = "% [whois.apnic.net]*", .product = "APNIC whois" },
	{ .form = "*whoisd %v*", .product = "whoisd" },
	{ .form = "*jwhois*%v*", .product = "jwhois" },
	{ .form = "% IRRd -- version %v*", .product = "IRRd" },
};
static const char *const whois_words[] = { "domain name:", "domain:", "refer:",
	"registrar", "no match", "not found", "no entries found",
	"no data found", "inetnum:", "inet6num:", "route:", "whois",
	"nserver:", "name server:", "netrange:", "aut-num:", "objects",
	"no object", "%error:", "queried object", "status: free",
	"created:", "source:", "available" };

static void
whois_begin(struct talk *t)
{
	talk_send(t, "example.com\r\n", 13);
}

static enum talk_verdict
whois_input(struct talk *t)
{
	const char *s, *in = (const char *)t->in;
	size_t n, at = 0, i;
	unsigned words = 0;

	if (is_foreign(t))
		return TALK_NOT;
	/* It closes behind its answer, and that says what it is. */
	if (!t->eof)
		return t->timeout ? TALK_NOT : TALK_MORE;
	for (i = 0; i < nitems(whois_words); i++)
		if (line_has(in, t->nin, whois_words[i]))
			words++;
	if (line_has(in, t->nin, "example.com"))
		words++;
	if (t->nin > 0 && (in[0] == '%' || in[0] == '#'))
		words++;
	if (words < 2 && !(words == 1 && talk_ports_have("43", t->port)))
		return TALK_NOT;
	while (talk_line(t, at, &s, &n, &at))
		if (line_find(t->info, whoises, nitems(whoises), s, n) != NULL)
			break;
	line_evidence(t, 0, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_whois = {
	.name = "whois",
	.service = "whois",
	.flags = TALK_TCP,
	.ports = "43,63,4321",
	.rarity = 5,
	.wait_ms = 2500,
	.begin = whois_begin,
	.input = whois_input,
	.source = "RFC 3912",
};

/* -- gopher --------------------------------------------------------------- */

static const struct line_form gophers[] = {
	{ .form = "*Gophernicus/%v*", .product = "Gophernicus" },
	{ .form = "*Gophernicus*", .product = "Gophernicus" },
	{ .form = "*PyGopherd*", .product = "PyGopherd" },
	{ .form = "*Bucktooth*", .product = "Bucktooth" },
	{ .form = "*geomyidae*", .product = "geomyidae" },
	{ .form = "*motsognir*", .product = "Motsognir" },
};

static void
gopher_begin(struct talk *t)
{
	talk_send(t, "\r\n", 2);
}

/* A type, a name, and behind tabs a selector, a host and a port. */
static bool
is_item(const char *s, size_t n)
{
	const char *tab, *end = s + n;
	unsigned tabs;

	if (n < 8 || s[0] <= ' ' || s[0] == 0x7f)
		return false;
	for (tabs = 0; tabs < 3; tabs++) {
		tab = memchr(s, '\t', (size_t)(end - s));
		if (tab == NULL)
			return false;
		s = tab + 1;
	}
	if (s == end || *s < '0' || *s > '9')
		return false;
	while (s < end && *s >= '0' && *s <= '9')
		s++;
	return s == end || *s == '\t' || *s == ' ';
}

static enum talk_verdict
gopher_input(struct talk *t)
{
	const char *s;
	size_t n, at = 0;
	unsigned items = 0;
	bool whole = false;

	if (!line_is_text(t->in, t->nin))
		return TALK_NOT;
	while (!whole && talk_line(t, at, &s, &n, &at)) {
		if (n == 1 && s[0] == '.')
			whole = true;
		else if (is_item(s, n)) {
			items++;
			(void)line_find(
			    t->info, gophers, nitems(gophers), s, n);
		} else if (items == 0)
			return TALK_NOT;
	}
	if (!whole && !t->eof && !t->timeout)
		return TALK_MORE;
	if (items == 0)
		return TALK_NOT;
	line_evidence(t, 0, at);
	return TALK_DONE;
}

const struct talk_ops talk_gopher = {
	.name = "gopher",
	.service = "gopher",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "70,7070",
	.rarity = 5,
	.wait_ms = 2500,
	.begin = gopher_begin,
	.input = gopher_input,
	.source = "RFC 1436",
};

/* -- chargen -------------------------------------------------------------- */

/* A server for UDP sends its answer to anything. */
static void
chargen_begin(struct talk *t)
{
	if (t->udp)
		talk_send(t, "\n", 1);
}

/* Lines of 72 characters of the 95 in order, each a step further. */
static enum talk_verdict
chargen_input(struct talk *t)
{
	const uint8_t *p = t->in;
	size_t i;

	for (i = 0; i < 72 && i < t->nin; i++)
		if (p[i] < ' ' || p[i] > '~' ||
		    (i > 0 && p[i] != p[i - 1] + 1 &&
			!(p[i - 1] >= '}' && (p[i] == ' ' || p[i] == '!'))))
			return TALK_NOT;
	if (t->nin < 74)
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	if (p[72] != '\r' || p[73] != '\n')
		return TALK_NOT;
	line_evidence(t, 0, 74);
	return TALK_DONE;
}

const struct talk_ops talk_chargen = {
	.name = "chargen",
	.service = "chargen",
	.flags = TALK_TCP | TALK_UDP | TALK_GREETED,
	.ports = "19",
	.rarity = 6,
	.begin = chargen_begin,
	.input = chargen_input,
	.source = "RFC 864",
};
