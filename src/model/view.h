/* SPDX-License-Identifier: ISC */
#ifndef MODEL_VIEW_H
#define MODEL_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "model/column.h"
#include "model/filter.h"

/*
 * What is shown of a table: filtered, sorted. Rows are borrowed until the
 * next table_merge(). Sorting reads each key once and sorts the keys
 * (radix); ties stay in order of first appearance, so rows never swap for
 * nothing.
 */
#define VIEW_SORT_MAX 4
struct view_sort {
	const struct column *col;
	bool desc;
};

struct view {
	struct view_ctx ctx;
	struct view_sort sort[VIEW_SORT_MAX];
	size_t nsort; /* 0: order of appearance */
	const struct filter *filter; /* borrowed; NULL: all */
	const struct filter *toggles; /* borrowed; ANDed: t u l e o 4 6 */
	bool show_gone; /* tombstones too */
	bool frozen;	/* a question is open: order and rows stay */
	struct row **row;
	size_t n, cap;
	size_t matched, of; /* live rows that match, live rows there are */
};

void view_init(struct view *, struct table *);
void view_done(struct view *);
/* "pid,-rx" */
int view_sort_parse(struct view *, const char *, char **cause);
/* Filters and sorts anew. */
void view_build(struct view *);
/* After a merge: does no more than the stats ask for. */
void view_update(struct view *, const struct merge_stats *);
/* Index of the row with this key, or -1. */
ptrdiff_t view_find(const struct view *, struct sock_key);
unsigned view_needs(const struct view *);

#endif
