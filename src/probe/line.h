/* SPDX-License-Identifier: ISC */
#ifndef PROBE_LINE_H
#define PROBE_LINE_H

#include "probe/talk.h"

/*
 * What conversations by lines of text share: how servers name themselves, as
 * tables of forms, and replies that begin with a number.
 *
 * A form is compared with a whole line, letters of any case:
 *
 *	%v	a version: a digit, then letters, digits and . _ + ~ : -
 *	%V	a version with a dot in it
 *	%h	a word, what the host calls itself
 *	%x	anything, kept as extra
 *	%o	anything, kept as what it runs on
 *	*	anything
 *	' '	one blank or more
 */
struct line_form {
	const char *form;
	const char *product; /* NULL: it names none */
	const char *cpe;     /* "openbsd:openssh"; NULL: none known */
	const char *os;
	const char *device;
	const char *fact, *value; /* what it says beyond that; or NULL */
	bool more; /* it says something, but not which protocol this is */
};

/* Whether the line is of this form; what it names is set in info. */
bool line_is(
    struct service_info *, const struct line_form *, const char *, size_t);
/* The first of n forms that it has; NULL: none. */
const struct line_form *line_find(struct service_info *,
    const struct line_form *, size_t n, const char *, size_t);
/* Without regard to case. */
bool line_starts(const char *, size_t, const char *word);
bool line_has(const char *, size_t, const char *word);
bool line_same(const char *, size_t, const char *word);
/* Printable, but for blanks and what is beyond ASCII. */
bool line_is_text(const void *, size_t);

/*
 * A reply of SMTP, FTP, NNTP: three digits and a blank, or several lines with a
 * dash in all but the last.
 */
struct line_reply {
	unsigned code;
	const char *text; /* of its first line, behind the number */
	size_t len;
	size_t from, next; /* in talk->in: it, and what is behind it */
};
enum line_state {
	LINE_MORE,
	LINE_WHOLE,
	LINE_BAD
};
enum line_state line_reply(
    const struct talk *, size_t at, struct line_reply *ret);

/* A conversation that asks several things in turn keeps where the answer
 * begins. */
struct line_talk {
	size_t at;     /* in talk->in: the answer that is waited for */
	bool sure;     /* what came is of this protocol and no other */
	bool starttls; /* it is offered */
};
/* Evidence: what came from `from` on, its first lines. */
void line_evidence(struct talk *, size_t from, size_t to);
/* cpe:/a:..: with the version if there is one. */
void line_cpe(struct service_info *, const char *vendor_product);

#endif
