/* SPDX-License-Identifier: ISC */
#ifndef UI_SETUP_H
#define UI_SETUP_H

#include <stddef.h>

#include "model/chooser.h"
#include "model/option.h"
#include "ui/pane.h"

/* The setup screen in two: the pane (pane_setup.c) and what its tabs list
 * and change (setup_tabs.c). For these two alone. */
struct setup;
struct setup_tab {
	const char *title;
	const char *keys; /* what Enter does here */
	int (*count)(const struct setup *);
	void (*draw)(struct pane *, int y, int i, unsigned attr);
	const char *(*name)(const struct setup *, int i);
	const char *(*help)(const struct setup *, int i);
	void (*enter)(struct pane *, int i); /* NULL: nothing */
};
enum {
	SETUP_COLUMNS,
	SETUP_SETTINGS,
	SETUP_KEYS,
	SETUP_NTABS
};
extern const struct setup_tab setup_tabs[SETUP_NTABS];

struct setup {
	size_t tab;
	struct {
		int at, top;
	} kept[SETUP_NTABS]; /* where the other tabs stand */
	struct chooser columns;
	const struct option_def *asked; /* while a prompt asks for its value */
};

#define SETUP_MARK_W 4 /* of "[x] " */

/* The selected column's place: up (-1) or down (1). */
void setup_columns_move(struct pane *, int dir);
void setup_columns_default(struct pane *);

#endif
