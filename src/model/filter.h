/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/column.h"

/*
 * The filter language of ss(8), plus one term per column, plus bare words.
 * Parsed by recursive descent into a tree; depth and length are bounded, so
 * both parsing and evaluating are. A filter is immutable after parsing and
 * may be read by two threads (the collector compiles it for the kernel).
 */
#define FILTER_MAX       4096
#define FILTER_DEPTH_MAX 64

enum filter_kind {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
	FILTER_TRUE,
	FILTER_STATES, /* states: mask of SOCK_STATE_BIT() */
	FILTER_HOST,   /* side, op (EQ NE), net: address prefix and/or port */
	/* side, op, port. SIDE_EITHER: an end whose port is 0 does not count,
	 * unless 0 is asked for. */
	FILTER_PORT,
	FILTER_IFACE,     /* dev = NAME or number; op EQ NE */
	FILTER_MARK,      /* fwmark = VALUE/MASK; op EQ NE */
	FILTER_CGROUP,    /* cgroup PATH (by id in the kernel); op EQ NE */
	FILTER_AUTOBOUND, /* local port in the ephemeral range */
	FILTER_COLUMN,    /* col op arg */
	FILTER_WORD       /* text in any COL_WORD column */
};

enum filter_op {
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_MATCH,  /* ~ substring, or ~^.. with regular-expression characters:
		    * PCRE2, case-insensitive, bounded */
	OP_NOMATCH /* !~ */
};

enum filter_side {
	SIDE_LOCAL,
	SIDE_PEER,
	SIDE_EITHER
};

struct filter {
	enum filter_kind kind;
	enum filter_op op;
	enum filter_side side;
	struct filter *lhs, *rhs; /* AND OR (chains lean right); NOT: lhs */
	uint32_t states;
	struct {
		uint8_t addr[16];
		uint8_t family; /* 4, 6; 0: any address */
		uint8_t prefix; /* bits */
		int32_t port;   /* -1: any */
	} net;
	uint16_t port, port_hi; /* port_hi: "port:8000-8100", else == port */
	uint32_t mark, mask;
	uint64_t cgroup;  /* id; 0: not resolved, compare paths */
	uint32_t ifindex; /* 0: by name; but text "0" is: to none */
	const struct column *col;
	struct value arg;
	char *text; /* as typed (owned); arg.s points into it */
	char *lower;
	struct filter_regex *re; /* owned */
};

struct filter_error {
	size_t offset, len;  /* where in the input: for a caret */
	char *message;       /* one sentence; the caller's */
	const char *nearest; /* "did you mean", or NULL; static */
};

/* What a parser may ask beside its tables; NULL: not offered. */
struct filter_env {
	/*
	 * Addresses of a host's name, for `dst NAME`: how many, at most max.
	 * The model asks no name server itself.
	 */
	size_t (*resolve)(void *arg, const char *name, struct endpoint *addr,
	    uint8_t *family, size_t max);
	void *arg;
};

/*
 * The language, as far as ss(8) leaves something to say:
 *
 * - "or" binds less than "and", which binds less than "not", as ss(8) says
 *   (ss itself takes "a or b and c" from left to right). `state` and
 *   `exclude` at the beginning of the whole or of a parenthesis, followed by
 *   an expression without an operator, hold for all of it, as in ss; several
 *   one after another build one set of states.
 * - `state established` is a connected UDP socket too, `state closed` (or
 *   unconnected) one without a peer. `state=NAME` means the STATE column's
 *   word itself. `connected`, `synchronized` and `big` leave BOUND out.
 * - A host is an address, a prefix (10.0.0.0/8), "*", "any", or a name where
 *   the caller offers to look names up; `dst 10.1` is 10.1.0.0, as in ss. An
 *   IPv4 address also matches IPv4 on an IPv6 socket (::ffff:a.b.c.d).
 * - NAME OP VALUE for every column; `:` is the same as `=`: the same number
 *   or word, the same text but for letter case. `~` is part of the cell's
 *   text without regard to case, or a regular expression (PCRE2) if one of
 *   ^ $ * + ? ( ) [ ] { } | \ is in it. What has no value equals nothing and
 *   is neither less nor greater. Owner columns ask every holder.
 * - `=`, `:` and `!=` take several values: port:22,80,8000-8100.
 * - `port` is either end, but an end without a port (0) is none.
 * - `exposed`: can be reached from other machines; tcp udp v4 v6.
 * - Any other word is looked for in every column of COL_WORD; "quoted",
 *   nothing in it is an operator or a keyword.
 */

/*
 * 0 and *ret (the caller's; NULL for an empty input: everything matches), or
 * -EINVAL and *err. Numbers of interfaces and ids of cgroups are looked up
 * later by the collector (filter_kernel in collect), names here by the
 * service table.
 */
int filter_parse(const char *, struct filter **ret, struct filter_error *err);
int filter_parse_env(const char *, const struct filter_env *,
    struct filter **ret, struct filter_error *err);
void filter_error_done(struct filter_error *);
void filter_free(struct filter *);
struct filter *filter_clone(const struct filter *);
/* ANDs two filters (both taken; either may be NULL). */
struct filter *filter_and(struct filter *, struct filter *);
struct filter *filter_states(uint32_t mask);

/* NULL matches all. Not changed by evaluation but for small per-call caches
 * inside filter_regex, so: one thread evaluates. */
bool filter_eval(
    const struct filter *, const struct row *, const struct view_ctx *);
unsigned filter_needs(const struct filter *);
/* True if the answer can change with time alone (age<10s). */
bool filter_volatile(const struct filter *);
/* States that can match at all: for the kernel's mask. */
uint32_t filter_states_possible(const struct filter *);
/* Back to text, parenthesised; parse(to_text(f)) equals f. */
void filter_to_text(const struct filter *, struct buf *);

#endif
