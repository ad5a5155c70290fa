/* SPDX-License-Identifier: ISC */
/*
 * The words of the field and how they are looked up. The facts are in the
 * term_*.inc files, one a group.
 */
#include "config.h"

#include "know/term.h"

#include <string.h>

#include "base/array.h"

/* clang-format off */
const struct term terms[] = {
#include "know/term_port.inc"
#include "know/term_tcp.inc"
#include "know/term_net.inc"
#include "know/term_scan.inc"
#include "know/term_kernel.inc"
#include "know/term_tool.inc"
#include "know/term_error.inc"
	{ .name = NULL }
};
/* clang-format on */
const size_t nterms = nitems(terms) - 1;

const char *
term_group_title(enum term_group g)
{
	static const char *const titles[TERM_NGROUPS] = {
		[TERM_PORT] = "Ports, sockets, addresses",
		[TERM_TCP] = "TCP",
		[TERM_NET] = "UDP, IP and around",
		[TERM_SCAN] = "Scans and firewalls",
		[TERM_KERNEL] = "Queues, options, processes",
		[TERM_TOOL] = "Tools",
		[TERM_ERROR] = "Errors",
	};

	return (size_t)g < nitems(titles) ? titles[g] : "-";
}

const char *
term_part(const char **p, const char *divider, size_t *len)
{
	const char *part = *p, *end;

	if (part == NULL || *part == '\0')
		return NULL;
	end = strstr(part, divider);
	*len = end != NULL ? (size_t)(end - part) : strlen(part);
	*p = end != NULL ? end + strlen(divider) : NULL;
	return part;
}

static char
folded(char c)
{
	if (c == '-' || c == '_')
		return ' ';
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
term_same(const char *a, size_t alen, const char *b)
{
	size_t i;

	for (i = 0; i < alen; i++)
		if (folded(a[i]) != folded(b[i])) /* b may end here */
			return false;
	return b[alen] == '\0';
}

static bool
has_name(const struct term *t, const char *word)
{
	const char *list = t->alias, *part;
	size_t len;

	if (term_same(t->name, strlen(t->name), word))
		return true;
	while ((part = term_part(&list, ", ", &len)) != NULL)
		if (term_same(part, len, word))
			return true;
	return false;
}

const struct term *
term_find(const char *word, size_t *i)
{
	const struct term *t;

	while ((t = &terms[*i])->name != NULL) {
		(*i)++;
		if (has_name(t, word))
			return t;
	}
	return NULL;
}

static bool
is_letter(char c)
{
	c = folded(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* As a whole word, anywhere in the text. */
static bool
stands_in(const char *part, size_t len, const char *text)
{
	const char *s;
	size_t i;

	for (s = text; *s != '\0'; s++) {
		if (s > text && is_letter(s[-1]))
			continue;
		for (i = 0; i < len && folded(s[i]) == folded(part[i]); i++)
			;
		if (i == len && !is_letter(s[len]))
			return true;
	}
	return false;
}

/* The longest words win: "no route to host" is more than a part of it. */
const struct term *
term_in_message(const char *text)
{
	const struct term *t, *best = NULL;
	const char *list, *part;
	size_t len, most = 0;

	for (t = terms; t->name != NULL; t++) {
		if (t->group != TERM_ERROR)
			continue;
		len = strlen(t->name);
		if (len > most && stands_in(t->name, len, text)) {
			most = len;
			best = t;
		}
		list = t->alias;
		while ((part = term_part(&list, ", ", &len)) != NULL)
			if (len > most && stands_in(part, len, text)) {
				most = len;
				best = t;
			}
	}
	return best;
}
