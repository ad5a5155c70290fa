/* SPDX-License-Identifier: ISC */
#ifndef MODEL_EXPLAIN_H
#define MODEL_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "know/service.h"
#include "know/state.h"
#include "model/column.h"
#include "model/portset.h"

/*
 * Words answered: a port, a service, a state, a term, an error, a column.
 * What they mean comes from the tables of know/, what is so on this machine
 * from the sockets and limits handed over. All text is clean.
 */
enum explain_kind {
	EXPLAIN_INDEX,
	EXPLAIN_PORT, /* one, or a range */
	EXPLAIN_SERVICE,
	EXPLAIN_STATE,
	EXPLAIN_TERM,
	EXPLAIN_ERROR,
	EXPLAIN_COLUMN,
	EXPLAIN_SIGNAL,
	EXPLAIN_QUESTION,
	EXPLAIN_MYTH
};
const char *explain_kind_name(enum explain_kind); /* "port", .. */

enum explain_part {
	PART_HEADING, /* text alone */
	PART_TEXT,
	PART_RUN, /* a command, as typed */
	PART_SEE, /* words to ask for next, divided by ", " */
	PART_SOURCE
};

struct explain_line {
	enum explain_part part;
	const char *label; /* static; NULL: what stands above goes on */
	char *text;
};

struct explain_answer {
	enum explain_kind kind;
	char *name;  /* "443/udp", "CLOSE-WAIT", "socket pair" */
	char *title; /* the name and what it is, in a line */
	struct explain_line *line;
	size_t n, cap;
	uint16_t port, port_hi; /* EXPLAIN_PORT */
	uint8_t proto;          /* of it: 6, 17; 0: both */
};

struct explain {
	struct explain_answer *answer;
	size_t n, cap;
	char **unknown; /* a sentence for each word not known */
	size_t nunknown;
	bool here; /* sockets and limits of this machine add to an answer */
};

/* What is so here; NULL, and no pointers within, are fine: not looked at. */
struct explain_here {
	struct table *table;
	const struct view_ctx *ctx; /* with table: numeric ports */
	const struct port_limits *limits;
	const char *hidden; /* why owners may be missing, or NULL */
};

/*
 * Answers words as they were typed: several together where they make one
 * name ("socket pair"), else each; a whole error message also. 0, or -EINVAL
 * and a sentence: a port that is none.
 */
int explain_words(struct explain *, const char *const *word, size_t n,
    const struct explain_here *, char **cause);
/* Those words, or none: the index; "questions", "myths", "services" first:
 * the lists. 0, or -EINVAL as above. */
int explain_ask(struct explain *, const char *const *word, size_t n,
    const struct explain_here *, char **cause);
void explain_index(struct explain *);
/* All questions, or those whose numbers are given. */
int explain_questions(
    struct explain *, const char *const *word, size_t n, char **cause);
/* What is often said, and what is right. */
void explain_myths(struct explain *);
void explain_done(struct explain *);

/* The known word next to one that is not, or NULL. */
const char *explain_nearest(const char *);
/* Every word that has an answer, for completions: names, not aliases;
 * from *i = 0 on, NULL at the end. */
const char *explain_word_at(size_t *i);

/*
 * A port as it is typed: "443", ":443", "8000-8100", "53/udp", "udp/53". 1: so
 * it is; 0: it has not this form; -EINVAL and a sentence: it has, and is
 * wrong.
 */
struct explain_port {
	uint16_t lo, hi;
	uint8_t proto; /* 6, 17; 0: both */
};
int explain_port_parse(const char *, struct explain_port *, char **cause);

/*
 * The services known, by port, that fit all the words: a port or range, tcp,
 * udp, encrypted, plain, unofficial, well-known, registered, dynamic, or a
 * text in name or description. With file, also what the services file of
 * this machine names and the table does not. The array is the caller's.
 */
const struct service **explain_services(
    const char *const *word, size_t n, bool file, size_t *count);

#endif
