/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FILTER_PARSE_H
#define MODEL_FILTER_PARSE_H

#include "model/filter.h"

/*
 * Between the files of the parser: filter_parse.c has the words and the
 * grammar, filter_term.c the terms, filter_host.c addresses and ports.
 */
struct parser {
	const char *text;
	size_t pos;
	unsigned depth;
	const struct filter_env *env;
	struct filter_error *err;
};

/* A piece of the input; text is malloc'd, without quotes and escapes. */
struct token {
	size_t off, len; /* in the input, with quotes */
	char *text;
	bool quoted;
};
void token_done(struct token *);

/* Sets the error; the first one stands. Returns NULL for brevity. */
struct filter *parser_fail(struct parser *, size_t off, size_t len,
    const char *nearest, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* False and the error if there is no room for one more level. */
bool parser_deeper(struct parser *, size_t off);
void parser_skip_blanks(struct parser *);
/*
 * A value: to the next blank, comma, operator or unbalanced parenthesis; to
 * what a pattern may hold, with pattern. False and the error if none.
 */
bool parser_value(
    struct parser *, bool pattern, const char *what, struct token *);
/* "=" "==" "eq" .. : true and the operator if one is next. colon: ":" too. */
bool parser_op(struct parser *, bool colon, enum filter_op *ret);
/* True (and taken) if a comma without a blank follows: one more value. */
bool parser_more(struct parser *);
/* What stands in place of an operator: for "a value is expected". */
bool parser_at_end(const struct parser *);

/* What `state` and `exclude` know. */
struct filter_state {
	const char *name;
	uint32_t mask;
	bool canonical; /* written by filter_to_text, widest first */
};
extern const struct filter_state filter_state_table[]; /* name NULL ends */

struct filter *filter_new(enum filter_kind);
struct filter *filter_or(struct filter *, struct filter *);

/* A keyword's or column's term that begins with this word (already taken);
 * NULL with no error set: not such a word. */
struct filter *parser_term(struct parser *, const struct token *word);
/* `state` or `exclude` and what follows, all of them. */
bool parser_states_next(const struct parser *);
struct filter *parser_states(struct parser *);

/* One host, "FAMILY:ADDRESS/PREFIX:PORT". NULL and the error. */
struct filter *parser_host(
    struct parser *, const struct token *, enum filter_side, enum filter_op);
/* One port or, where it makes sense, a range. */
struct filter *parser_port(
    struct parser *, const struct token *, enum filter_side, enum filter_op);

#endif
