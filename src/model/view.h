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
	size_t nsort;                 /* 0: order of appearance */
	const struct filter *filter;  /* borrowed; NULL: all */
	const struct filter *toggles; /* borrowed; ANDed: t u l e o 4 6 */
	bool show_gone;               /* tombstones too */
	bool frozen; /* a question is open: see view_freeze() */
	bool held;   /* view.c's own: the table keeps the rows for us */
	struct row **row;
	size_t n, cap;
	size_t matched, of; /* live rows that match, live rows there are */
};

void view_init(struct view *, struct table *);
void view_done(struct view *);
/* "pid,-rx" */
int view_sort_parse(struct view *, const char *, char **cause);
/* Filters and sorts anew (not while frozen). */
void view_build(struct view *);
/* The same with other rows than the table's live ones: table.closed, a
 * baseline's. Tombstones count as rows here. */
void view_build_from(struct view *, struct row *const *, size_t n);
/* After a merge: does no more than the stats ask for. NULL: builds. */
void view_update(struct view *, const struct merge_stats *);
/*
 * Order and rows stay as they are, and every row stays readable whatever is
 * merged, until it is thawed, which builds anew. The rows' contents go on
 * living: a socket that closes meanwhile shows ROW_GONE.
 */
void view_freeze(struct view *, bool);
/* Index of the row with this key, or -1. */
ptrdiff_t view_find(const struct view *, struct sock_key);
unsigned view_needs(const struct view *);

#endif
