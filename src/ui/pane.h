/* SPDX-License-Identifier: ISC */
#ifndef UI_PANE_H
#define UI_PANE_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/keys.h"

struct row;
struct ui;

/* A rectangle of the screen that draws itself and takes keys. */
struct pane;
enum pane_move {
	PANE_UP,
	PANE_DOWN,
	PANE_PAGE_UP,
	PANE_PAGE_DOWN,
	PANE_HALF_UP,
	PANE_HALF_DOWN,
	PANE_TOP,
	PANE_BOTTOM,
	PANE_LEFT,
	PANE_RIGHT
};
struct pane_ops {
	const char *name;
	enum keymap map; /* looked up before MAP_GLOBAL; MAP_QUESTION: takes
			  * all keys and the mouse while it is open */
	/* True: a list, at is the line selected and top follows from it;
	 * false: a text, top is its first line shown. */
	bool cursor;
	/* Title for the border of PLACE_SIDE and PLACE_POPUP; NULL: name.
	 * Borrowed until the next call. */
	const char *(*title)(struct pane *);
	/* Sets p->n (lines there are) and draws lines top.. through
	 * pane_text(); border and background are there already. */
	void (*draw)(struct pane *);
	/* NULL: pane_move(), which does what n, top, at and h say. */
	void (*move)(struct pane *, enum pane_move);
	/* Each of these may be NULL. */
	/* The size it would like, at most this wide: sets want_h, want_w. */
	void (*wish)(struct pane *, int width);
	/* ui_tick(): time passed; see ui_wake(). */
	void (*tick)(struct pane *, uint64_t now_ns);
	/* Before any key binding; true: taken. */
	bool (*first)(struct pane *, int key);
	void (*enter)(struct pane *);  /* Enter; a list chooses, and closes */
	bool (*escape)(struct pane *); /* Esc; false: close me */
	/* F3: the next line with this text, at or (next) after the current
	 * one; false: there is none. */
	bool (*find)(struct pane *, const char *text, bool next);
	/* What it wants of a reading (enum need), beside what is shown in
	 * the table; may be NULL. */
	unsigned (*needs)(const struct pane *);
	/* A reading was merged; rows not in it are gone. May be NULL. */
	void (*changed)(struct pane *);
	/* Characters no key binding wanted (a list's type-ahead); may be
	 * NULL. True: taken. */
	bool (*key)(struct pane *, int key);
	/* A mouse event inside, pane coordinates; may be NULL. */
	bool (*mouse)(struct pane *, int y, int x, enum mouse_button);
	/* A pane in the table's place: the socket under its cursor, which
	 * ui_row() then answers; may be NULL. */
	struct row *(*row)(struct pane *);
	void (*free)(struct pane *);
};

/* Where a pane goes: the table fills what the others leave. */
enum pane_place {
	PLACE_MAIN,
	PLACE_SIDE,
	PLACE_POPUP
};

struct pane {
	const struct pane_ops *ops;
	struct ui *ui;
	enum pane_place place;
	int y, x, h, w; /* the inside, without border; set by the layout */
	enum {
		BORDER_NONE,
		BORDER_TOP,
		BORDER_LEFT,
		BORDER_BOX
	} border;
	bool hidden; /* another has its place */
	/* Size wished for; PLACE_SIDE: the width below which it goes under the
	 * table, and the height it would like there. 0: as it comes. */
	/* PLACE_SIDE below the table: want_h lines, its border with them. */
	int want_h, want_w;
	int top, at, n;    /* scroll, cursor and number of lines */
	struct pane *from; /* had the focus before; layout.c's */
	void *priv;
};

void pane_move(struct pane *, enum pane_move);
/* Keeps at and top within n and h: for draw(), once n is known. */
void pane_clamp(struct pane *);
/* ui_text() and ui_fill() in the pane's own coordinates, cut at its edge. */
void pane_text(
    struct pane *, int y, int x, int width, unsigned attr, const char *text);
void pane_fill(struct pane *, int y, int x, int width, unsigned attr);

#endif
