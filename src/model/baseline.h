/* SPDX-License-Identifier: ISC */
#ifndef MODEL_BASELINE_H
#define MODEL_BASELINE_H

#include <stddef.h>
#include <time.h>

#include "model/table.h"

/*
 * What was there at one moment, to be compared with what is there now.
 * Sockets are told apart by their key: a restarted server is one gone and
 * one new.
 */
struct baseline;

enum diff_kind {
	DIFF_NEW,
	DIFF_GONE,
	DIFF_CHANGED, /* another state */
	DIFF_NKINDS
};
struct diff_line {
	enum diff_kind kind;
	struct row *row; /* of the table; gone: as it was (the baseline's) */
	uint8_t was;     /* enum sock_state; gone: the state it was in */
};
struct diff {
	struct diff_line *line; /* new, then gone, then changed */
	size_t n, cap;
	size_t count[DIFF_NKINDS];
};

struct baseline *baseline_new(const struct table *, struct timespec wall);
void baseline_free(struct baseline *);
struct timespec baseline_time(const struct baseline *);
size_t baseline_size(const struct baseline *);
/* Lines are borrowed until the next table_merge(). */
void baseline_diff(struct baseline *, const struct table *, struct diff *);
void diff_done(struct diff *);

#endif
