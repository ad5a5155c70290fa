/* SPDX-License-Identifier: ISC */
#ifndef MODEL_EXPECT_H
#define MODEL_EXPECT_H

#include "model/compare.h"

/*
 * The listeners that there should be, as a person writes them: a line each,
 *
 *	PROTO ADDRESS:PORT [PROCESS] [user=NAME] [optional]	# comment
 *
 * PROTO is tcp or udp. ADDRESS is as `list` shows it, or * for the wildcard of
 * either family or both. PORT is a number, a range (32768-60999: any number
 * of sockets, one at least) or *. Without PROCESS any program will do; a name
 * with blanks stands in double quotes. An optional line may have no socket.
 */
#define EXPECT_MAX_BYTES (1u << 20)
#define EXPECT_MAX_LINES 20000

struct expect_entry {
	char *text;           /* the line, clean, without comment */
	unsigned line;        /* its number */
	uint8_t proto;        /* enum sock_proto */
	char *addr;           /* as compare_item's; "*": see above */
	uint16_t lo, hi;      /* ports */
	char *process, *user; /* NULL: any */
	bool optional;
	bool met;
};
struct expect {
	struct expect_entry *entry;
	size_t n, cap;
};

enum expect_kind {
	EXPECT_MISSING,
	EXPECT_UNEXPECTED,
	EXPECT_CHANGED
};
struct expect_line {
	enum expect_kind kind;
	const struct expect_entry *entry; /* NULL: unexpected */
	const struct compare_item *item;  /* NULL: missing */
	unsigned fields;                  /* CHANGED: enum compare_field */
};
struct expect_result {
	struct expect_line *line;
	size_t n, cap;
	size_t unknown; /* met, but the program or user that is asked for
			 * cannot be seen */
};

/* 0, or -EINVAL and a sentence with the line's number. *e is to be done with
 * in either case. */
int expect_parse(struct expect *e, const char *text, size_t len, char **cause);
void expect_done(struct expect *);
void expect_run(
    struct expect *, struct compare_side *now, struct expect_result *);
void expect_result_done(struct expect_result *);
/* What was expected of a field (a bit's number). */
void expect_field_put(unsigned bit, const struct expect_entry *, struct buf *);

#endif
