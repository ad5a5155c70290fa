/* SPDX-License-Identifier: ISC */
#ifndef UI_GRID_H
#define UI_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "ui/pane.h"
#include "ui/theme.h"

/*
 * A pane that is a list of lines in columns under a caption: the closed
 * sockets, the differences. Widths come from what was seen and only grow.
 */
#define GRID_COLS_MAX 12
enum grid_flag {
	GRID_RIGHT = 1 << 0,
	GRID_FLEX = 1 << 1, /* gives way when there is no room */
	GRID_WIDE = 1 << 2, /* only on wide screens */
	GRID_ADDR = 1 << 3  /* cut in the middle: the port stays */
};
struct grid_col {
	const char *title;
	int min;
	unsigned flags;
};
struct grid {
	const struct grid_col *col; /* title NULL ends */
	/* The text of line i in column c. */
	void (*cell)(struct pane *, int i, size_t c, struct buf *);
	enum theme_role (*role)(struct pane *, int i);
	int foot; /* lines at the pane's bottom that are not the list's */
	int w[GRID_COLS_MAX], screen_w;
};

/* Lines above the list: caption, titles. */
#define GRID_HEAD 2
/* p->n lines; empty says why there are none. */
void grid_draw(
    struct grid *, struct pane *, const char *caption, const char *empty);
void grid_move(struct pane *, enum pane_move);
/* As pane_ops.find. */
bool grid_find(struct grid *, struct pane *, const char *text, bool next);
/* The line under the mouse, or -1. */
int grid_line_at(const struct pane *, int y);

#endif
