/* SPDX-License-Identifier: ISC */
/* Daytime: a date and a time of day in words, and the end. Time: the same as a
 * number. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "probe/talk.h"

/*
 * How servers write it. W a weekday, M a month, D a day (a blank or a zero
 * before it), Y a year, T hh:mm:ss, Z a zone or nothing; the rest is itself.
 */
static const char *const forms[] = {
	"W M D T Y",     /* ctime(3) */
	"W M D T Z Y",   /* date(1) */
	"D M Y T Z",     /* xinetd; the RFC's second example */
	"D-M-Y T Z",     /* the same, with dashes */
	"W, M D, Y T-Z", /* the RFC's first example */
	"W, D M Y T Z",
};
static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday",
	"Wednesday", "Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes of a word of the list, whole or its first three letters; 0: none. */
static size_t
take_word(const char *s, size_t n, const char *const *words, size_t nwords)
{
	size_t i, k;

	for (i = 0; i < nwords; i++) {
		k = strlen(words[i]);
		if (k <= n && strncasecmp(s, words[i], k) == 0)
			return k;
	}
	for (i = 0; n >= 3 && i < nwords; i++)
		if (strncasecmp(s, words[i], 3) == 0)
			return 3;
	return 0;
}

static size_t
take_digits(const char *s, size_t n, size_t most)
{
	size_t k = 0;

	while (k < n && k < most && is_digit(s[k]))
		k++;
	return k;
}

static size_t
take_time(const char *s, size_t n)
{
	size_t i;

	if (n < 8)
		return 0;
	for (i = 0; i < 8; i++)
		if (i % 3 == 2 ? s[i] != ':' : !is_digit(s[i]))
			return 0;
	return 8;
}

/* Bytes that this letter of a form stands for; SIZE_MAX: it is not there. */
static size_t
take(char what, const char *s, size_t n)
{
	size_t k = 0, blank;

	switch (what) {
	case 'W':
		k = take_word(s, n, weekdays, nitems(weekdays));
		break;
	case 'M':
		k = take_word(s, n, months, nitems(months));
		break;
	case 'D':
		blank = n > 0 && s[0] == ' ';
		k = take_digits(s + blank, n - blank, 2);
		k = k > 0 ? k + blank : 0;
		break;
	case 'Y':
		k = take_digits(s, n, 4);
		k = k == 2 || k == 4 ? k : 0;
		break;
	case 'T':
		k = take_time(s, n);
		break;
	case 'Z':
		while (k < n && k < 6 &&
		       (is_letter(s[k]) || s[k] == '+' || s[k] == '-' ||
			   is_digit(s[k])))
			k++;
		return k;
	default:
		k = n > 0 && s[0] == what;
	}
	return k > 0 ? k : SIZE_MAX;
}

static bool
is_form(const char *form, const char *s, size_t n)
{
	size_t k;

	for (; *form != '\0'; form++) {
		/* A zone may be missing, with the blank before it. */
		if (n == 0 && strcmp(form, " Z") == 0)
			return true;
		if ((k = take(*form, s, n)) == SIZE_MAX)
			return false;
		s += k;
		n -= k;
	}
	return n == 0;
}

/* A server for UDP sends its answer to anything. */
static void
daytime_begin(struct talk *t)
{
	if (t->udp)
		talk_send(t, "\n", 1);
}

static enum talk_verdict
daytime_input(struct talk *t)
{
	const char *s = (const char *)t->in;
	size_t n = t->nin, i;

	if (n > 64)
		return TALK_NOT;
	/* The end belongs to it: else it is the beginning of a log. */
	if (!t->eof && !t->timeout && !t->udp)
		return n > 0 && !is_letter(s[0]) && !is_digit(s[0]) &&
			       s[0] != ' '
			   ? TALK_NOT
			   : TALK_MORE;
	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r' ||
			    s[n - 1] == '\0' || s[n - 1] == ' '))
		n--;
	for (i = 0; i < nitems(forms); i++)
		if (is_form(forms[i], s, n)) {
			service_evidence(t->info, t->in, t->nin);
			return TALK_DONE;
		}
	return TALK_NOT;
}

const struct talk_ops talk_daytime = {
	.name = "daytime",
	.service = "daytime",
	.flags = TALK_TCP | TALK_UDP | TALK_GREETED,
	.ports = "13",
	.rarity = 6,
	.begin = daytime_begin,
	.input = daytime_input,
	.source = "RFC 867",
};

/* -- time ----------------------------------------------------------------- */

/* Seconds since 1900: this many had passed in 2023; in 2036 they begin anew. */
#define TIME_LEAST 3900000000u

/* Four bytes and the end are little to go by: only where time is usual. */
static enum talk_verdict
time_input(struct talk *t)
{
	struct talk_cursor c;

	if (t->nin > 4 || !talk_ports_have(t->ops->ports, t->port))
		return TALK_NOT;
	if (t->nin < 4)
		return t->eof || t->timeout || t->udp ? TALK_NOT : TALK_MORE;
	cursor_init(&c, t->in, t->nin);
	if (cursor_be32(&c) < TIME_LEAST)
		return TALK_NOT;
	if (!t->udp && !t->eof)
		return t->timeout ? TALK_NOT : TALK_MORE;
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_time = {
	.name = "time",
	.service = "time",
	.flags = TALK_TCP | TALK_UDP | TALK_GREETED | TALK_LAST,
	.ports = "37",
	.rarity = 6,
	.begin = daytime_begin,
	.input = time_input,
	.source = "RFC 868",
};
