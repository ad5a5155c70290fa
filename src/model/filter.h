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
#define FILTER_MAX 4096
#define FILTER_DEPTH_MAX 64

enum filter_kind {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
	FILTER_TRUE,
	FILTER_STATES,	/* states: mask of SOCK_STATE_BIT() */
	FILTER_HOST,	/* side, net: address prefix and/or port */
	FILTER_PORT,	/* side, op, port */
	FILTER_IFACE,	/* dev = NAME or number */
	FILTER_MARK,	/* fwmark = VALUE/MASK */
	FILTER_CGROUP,	/* cgroup PATH (by id in the kernel) */
	FILTER_AUTOBOUND, /* local port in the ephemeral range */
	FILTER_COLUMN,	/* col op arg */
	FILTER_WORD	/* text in any COL_WORD column */
};

enum filter_op {
	OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE,
	OP_MATCH, /* ~ substring, or ~^.. with regular-expression characters:
		   * PCRE2, case-insensitive, bounded */
	OP_NOMATCH /* !~ */
};

enum filter_side { SIDE_LOCAL, SIDE_PEER, SIDE_EITHER };

struct filter {
	enum filter_kind kind;
	enum filter_op op;
	enum filter_side side;
	struct filter *lhs, *rhs; /* AND OR; NOT: lhs */
	uint32_t states;
	struct {
		uint8_t addr[16];
		uint8_t family;  /* 4, 6; 0: any address */
		uint8_t prefix;  /* bits */
		int32_t port;	 /* -1: any */
	} net;
	uint16_t port, port_hi; /* port_hi: "port:8000-8100", else == port */
	uint32_t mark, mask;
	uint64_t cgroup; /* id; 0: not resolved, compare paths */
	uint32_t ifindex; /* 0: by name */
	const struct column *col;
	struct value arg;
	char *text; /* as typed (owned); arg.s points into it */
	char *lower;
	struct filter_regex *re; /* owned */
};

struct filter_error {
	size_t offset, len;   /* where in the input: for a caret */
	char *message;	      /* one sentence; the caller's */
	const char *nearest;  /* "did you mean", or NULL; static */
};

/*
 * 0 and *ret (the caller's; NULL for an empty input: everything matches), or
 * -EINVAL and *err. Numbers of interfaces and ids of cgroups are looked up
 * later by the collector (filter_kernel in collect), names here by the
 * service table.
 */
int filter_parse(const char *, struct filter **ret, struct filter_error *err);
void filter_error_done(struct filter_error *);
void filter_free(struct filter *);
struct filter *filter_clone(const struct filter *);
/* ANDs two filters (both taken; either may be NULL). */
struct filter *filter_and(struct filter *, struct filter *);
struct filter *filter_states(uint32_t mask);

/* NULL matches all. Not changed by evaluation but for small per-call caches
 * inside filter_regex, so: one thread evaluates. */
bool filter_eval(const struct filter *, const struct row *,
    const struct view_ctx *);
unsigned filter_needs(const struct filter *);
/* True if the answer can change with time alone (age<10s). */
bool filter_volatile(const struct filter *);
/* States that can match at all: for the kernel's mask. */
uint32_t filter_states_possible(const struct filter *);
/* Back to text, parenthesised; parse(to_text(f)) equals f. */
void filter_to_text(const struct filter *, struct buf *);

#endif
