/* SPDX-License-Identifier: ISC */
#ifndef UI_PANE_H
#define UI_PANE_H

#include <stdbool.h>

#include "ui/keys.h"

struct ui;

/* A rectangle of the screen that draws itself and takes keys. */
struct pane;
struct pane_ops {
	const char *name;
	enum keymap map; /* looked up before MAP_GLOBAL */
	void (*draw)(struct pane *);
	/* Characters no key binding wanted (a list's type-ahead); may be
	 * NULL. True: taken. */
	bool (*key)(struct pane *, int key);
	/* A mouse event inside, pane coordinates; may be NULL. */
	bool (*mouse)(struct pane *, int y, int x, unsigned long buttons);
	void (*free)(struct pane *);
};

/* Where a pane goes: the table fills what the others leave. */
enum pane_place { PLACE_MAIN, PLACE_SIDE, PLACE_POPUP };

struct pane {
	const struct pane_ops *ops;
	struct ui *ui;
	enum pane_place place;
	int y, x, h, w; /* set by the layout */
	int want_h, want_w; /* PLACE_POPUP: size wished for */
	int top, at;	/* scroll and cursor, for lists */
	void *priv;
};

#endif
