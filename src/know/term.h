/* SPDX-License-Identifier: ISC */
#ifndef KNOW_TERM_H
#define KNOW_TERM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The words of the field, each with what it means, its source, and the common
 * error about it. Lists within a field are divided: alias and see by ", ",
 * paragraphs of text, common errors and commands by "\n".
 */
enum term_group {
	TERM_PORT,   /* ports, sockets, addresses */
	TERM_TCP,    /* TCP and its machinery */
	TERM_NET,    /* UDP, IP and what lies around */
	TERM_SCAN,   /* scans, firewalls, attacks */
	TERM_KERNEL, /* queues, options, processes */
	TERM_TOOL,   /* tools, the deck's own words */
	TERM_ERROR,  /* what system calls fail with */
	TERM_NGROUPS
};

struct term {
	const char *name;
	enum term_group group;
	const char *alias;  /* other words for it, or NULL */
	const char *brief;  /* one line */
	const char *text;   /* what it is, how it works */
	const char *myth;   /* "what is often said": what is right; or NULL */
	const char *run;    /* commands that show it, or NULL */
	const char *see;    /* terms, states, services nearby, or NULL */
	const char *source; /* "RFC 9293 section 3.5; ip(7)" */
};

extern const struct term terms[]; /* name == NULL ends it */
extern const size_t nterms;

const char *term_group_title(enum term_group); /* a heading */
/*
 * All with this name or alias, from *i = 0 on; NULL at the end. Letter case,
 * and whether words are joined by blanks, '-' or '_', do not matter.
 */
const struct term *term_find(const char *word, size_t *i);
/* An error (TERM_ERROR) whose name or words stand in the text, as programs
 * print them: "bind: Address already in use"; NULL: none. */
const struct term *term_in_message(const char *text);

/* The next part of a list, *len long, or NULL; *p NULL or "" at the end.
 * divider is "\n" or ", ". */
const char *term_part(const char **p, const char *divider, size_t *len);
/* Whether two words are the same as term_find() compares them. */
bool term_same(const char *a, size_t alen, const char *b);

#endif
