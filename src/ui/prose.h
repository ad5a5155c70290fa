/* SPDX-License-Identifier: ISC */
#ifndef UI_PROSE_H
#define UI_PROSE_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/pane.h"
#include "ui/theme.h"

/*
 * Text with headings and labels, broken at words to a pane's width: what the
 * detail and the help pane show.
 */
struct prose_item {
	char *label; /* NULL: a heading, or the label above goes on */
	char *text;  /* clean; "" is an empty line */
	bool heading;
	bool verbatim;        /* a line as it is, never broken */
	enum theme_role role; /* of the text */
	int label_w; /* columns for labels, the same in all of a section */
};
struct prose_line { /* one line on the screen */
	size_t item, start, len;
	bool label; /* the item's label stands in front */
};
struct prose {
	bool by_section; /* labels of each section make their own column */
	struct prose_item *item;
	size_t n, cap;
	struct prose_line *line;
	size_t nlines, lines_cap;
	int label_w;  /* columns, without the gap */
	size_t found; /* the line that prose_find() went to last */
	char *match;  /* lower case; marked where it stands, or NULL */
	/* Draws the line of a verbatim item instead; may be NULL. */
	void (*draw_verbatim)(struct pane *, int y, size_t item);
};

void prose_init(struct prose *);
void prose_done(struct prose *);
void prose_clear(struct prose *); /* keeps match */
/* Text must be clean; it is copied, and made ASCII where the terminal is. */
void prose_heading(struct prose *, const char *);
void prose_pair(struct prose *, const char *label, const char *);
/* A line that is not broken: text drawn or laid out by hand. */
void prose_verbatim(struct prose *, const char *);
/* What was added last looks like this. */
void prose_role(struct prose *, enum theme_role);
/* Lines it takes at this width. */
int prose_measure(struct prose *, int width);
/* Breaks the text, sets the pane's n, draws what is in sight. */
void prose_draw(struct prose *, struct pane *);
/* How many lines it takes in this width. */
int prose_lines(struct prose *, int width);
/* Scrolls to the next line with this text; see pane_ops.find. */
bool prose_find(struct prose *, struct pane *, const char *, bool next);
/* How much of s, in bytes, fits into a line of this width when broken at a
 * blank; at least one character. */
size_t prose_break(const char *s, int width);

/* ASCII letters in lower case, for text_contains(); the caller's. */
char *prose_lower(const char *);

#endif
