/* SPDX-License-Identifier: ISC */
#ifndef UI_TABLE_COLS_H
#define UI_TABLE_COLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/column.h"

/*
 * Which columns are on the screen, where and how wide. Widths come from the
 * content seen so far and only grow, so that the table does not wobble.
 */
struct table_cols {
	const struct column *col[COLUMN_SET_MAX]; /* that was laid out */
	size_t n;
	int content[COLUMN_SET_MAX]; /* widest cell seen .. */
	int core[COLUMN_SET_MAX];    /* .. without names beside ports */
	const struct column *sorted;
	int screen_w;

	struct {
		size_t i; /* in col[] */
		int x, w;
	} at[COLUMN_SET_MAX];
	size_t nat; /* columns on the screen */
	bool more_left, more_right;

	/* The visible cells' text, each ended by NUL; line after line. */
	struct buf text;
	size_t *cell, cells_cap;
};

void table_cols_done(struct table_cols *);
/* Forgets what another set of columns, order or screen was like. */
void table_cols_begin(struct table_cols *, const struct column_set *,
    const struct column *sorted, int screen_w);
void table_cols_seen(struct table_cols *, size_t i, int width, int core);
/* Puts them from x on, the first `skip` left out; sorted gets room for its
 * arrow. */
void table_cols_lay(
    struct table_cols *, int x, int skip, const struct column *sorted);

#endif
