/* SPDX-License-Identifier: ISC */
#ifndef UI_PAINT_H
#define UI_PAINT_H

#include "ui/ui.h"

/* Signs that have an ASCII twin. */
enum glyph {
	GLYPH_HLINE,
	GLYPH_VLINE,
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_TEE,
	GLYPH_OPEN,
	GLYPH_CLOSED,
	GLYPH_BRANCH,
	GLYPH_LAST,
	GLYPH_UP,
	GLYPH_DOWN,
	GLYPH_DOT,
	GLYPH_N
};
const char *glyph(enum glyph);
/* v of 0..1 as one of eight steps. */
const char *glyph_spark(double v);

/* Parts that ui_paint() puts together. */
void header_draw(struct ui *);
void filter_line_draw(struct ui *);
void filter_error_draw(struct ui *); /* over the titles */
/* The command of the function bar's label at column x, or NULL. */
const char *bar_command(const struct ui *, int x);
/* Lines the header needs just now. */
int header_lines(const struct ui *);
void layout_update(struct ui *);

/* The table pane (pane_table.c). */
extern const struct pane_ops pane_table_ops;

#endif
