/* SPDX-License-Identifier: ISC */
#ifndef UI_GRID_H
#define UI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "ui/pane.h"
#include "ui/theme.h"

/*
 * A pane in the table's place that lists lines in columns under a caption: the
 * closed sockets, the differences. Widths come from what was seen and only
 * grow. The grid is the first member of the pane's priv, so that moves,
 * mouse and finding are here once for all of them.
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
	enum theme_role (*role)(struct pane *, int i); /* NULL: plain text */
	/* Makes the lines anew as things are now: p->n, and p->at where the
	 * line is that the cursor was on. */
	void (*refill)(struct pane *);
	/* The cursor was put on another line; NULL: nothing to remember. */
	void (*moved)(struct pane *);
	int foot; /* lines at the pane's bottom that are not the list's */
	int w[GRID_COLS_MAX], screen_w;
};

/* Lines above the list: caption, titles. */
#define GRID_HEAD 2
/* p->n lines; empty says why there are none. */
void grid_draw(
    struct grid *, struct pane *, const char *caption, const char *empty);
/* For pane_ops. */
void grid_move(struct pane *, enum pane_move);
bool grid_find(struct pane *, const char *text, bool next);
/* A press chooses the line, two are pane_ops.enter. */
bool grid_mouse(struct pane *, int y, int x, enum mouse_button);
/* Enter for lines that are sockets: the detail pane. */
void grid_enter_detail(struct pane *);

/* Opens such a pane with a priv of so many bytes, zeroed but for the grid; or
 * closes it if it is open: NULL. */
struct pane *grid_toggle(struct ui *, const struct pane_ops *,
    const struct grid *, size_t priv_size);
/* "15:04:05" of a moment, here; for cells and captions. */
void grid_put_clock(struct buf *, time_t);

#endif
