/* SPDX-License-Identifier: ISC */
#ifndef MODEL_COLUMN_H
#define MODEL_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/need.h"
#include "model/table.h"

/*
 * THE column table: one accessor serves paint, sort, filter, CSV, JSON,
 * --columns, the manual and the completions.
 */
enum value_type {
	VAL_NONE,
	VAL_UINT,     /* plain number */
	VAL_BYTES,    /* u: bytes */
	VAL_RATE,     /* d: bytes a second */
	VAL_DURATION, /* u: nanoseconds */
	VAL_TEXT,     /* s: clean UTF-8, borrowed */
	VAL_ADDR,     /* ep, family: address with port */
	VAL_STATE,    /* u: enum sock_state */
	VAL_BOOL
};

struct value {
	enum value_type type;
	union {
		uint64_t u;
		double d;
		const char *s;
		struct {
			const struct endpoint *ep;
			uint8_t family;
		};
	};
};

/* What accessors may look at beside the row; borrowed, never NULL. */
struct view_ctx {
	struct table *table;
	bool numeric_ports; /* no service names */
	/* Ports stay numbers, and a listener's `local` names its service
	 * beside: "*:22 ssh". The deck's way; lists replace the number. */
	bool names_beside;
	bool resolve; /* host names where known */
	bool ascii;
};

enum column_flag {
	COL_RIGHT = 1 << 0,    /* numbers */
	COL_FLEX = 1 << 1,     /* takes what width is left */
	COL_DESC = 1 << 2,     /* first sort is descending */
	COL_DECK = 1 << 3,     /* shown in the deck by default */
	COL_LIST = 1 << 4,     /* shown in `list` by default */
	COL_VOLATILE = 1 << 5, /* changes with time alone (age) */
	COL_WORD = 1 << 6,     /* a bare word of a filter searches here */
	COL_OWNER = 1 << 7,    /* of the owner: a filter asks every holder */
	COL_ATLEAST = 1 << 8   /* a lower bound unless ROW_BORN (age) */
};

struct column {
	const char *name;  /* config, --columns, filter field */
	const char *alias; /* another spelling accepted, or NULL */
	const char *title; /* heading */
	const char *help;  /* one sentence, no full stop */
	enum value_type type;
	uint8_t width, minwidth; /* in the deck; list measures content */
	unsigned flags;          /* enum column_flag */
	unsigned need;           /* enum need */
	/* False: no value ("-"). Text is borrowed until the next merge. */
	bool (*get)(
	    const struct row *, const struct view_ctx *, struct value *);
	/* Puts the cell's text; NULL: by type (value_put). */
	void (*put)(const struct row *, const struct view_ctx *, struct buf *);
	/* Reads what a filter compares with, where the type alone does not
	 * tell (words of an enumeration); NULL: by type. */
	bool (*parse)(const char *, struct value *);
	/* With parse: what it takes, for the error message. */
	const char *takes;
};

extern const struct column columns[]; /* name == NULL ends it */
extern const size_t ncolumns;

const struct column *column_find(const char *name); /* name or alias */
/* Nearest known name for "did you mean", or NULL. */
const char *column_nearest(const char *);
/* The cell's text: the column's own put, or its value's, or "-". */
void column_put(const struct column *, const struct row *,
    const struct view_ctx *, struct buf *);
/* The row tells what an address alone does not (v6only, interface); NULL is
 * fine. */
void value_put(const struct value *, const struct view_ctx *,
    const struct row *, struct buf *);
/*
 * One end of a socket as every output shows it: IPv6 in brackets, "*" for the
 * wildcard of a dual-stack socket ("0.0.0.0" is IPv4's, "[::]" that of an
 * IPv6-only one), "%eth0" when bound to an interface, a host's name where it
 * is asked for and known; the port as a number, as a name unless
 * ctx.numeric_ports, "*" for none.
 */
void column_put_endpoint(const struct row *, bool peer, bool port,
    const struct view_ctx *, struct buf *);
/* Order of two values of one type: <0, 0, >0. No value sorts last. */
int value_cmp(const struct value *, const struct value *);

/* A set of columns, in order: "pid,process,local" or "+rtt,-user" (changes
 * to the default given). */
#define COLUMN_SET_MAX 128
struct column_set {
	const struct column *col[COLUMN_SET_MAX];
	size_t n;
};
void column_set_default(struct column_set *, unsigned flag); /* COL_DECK.. */
int column_set_parse(struct column_set *, const char *, char **cause);
unsigned column_set_needs(const struct column_set *);

#endif
