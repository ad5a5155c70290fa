/* SPDX-License-Identifier: ISC */
#ifndef UI_MENU_H
#define UI_MENU_H

#include <stdbool.h>
#include <stddef.h>

struct ui;

/*
 * A list to choose one thing from, in a popup. It owns its items and knows
 * what to do when one is chosen; rows that change meanwhile do not matter.
 */
struct menu_item {
	char *label;       /* clean */
	char *note;        /* clean, dim, to the right; or NULL */
	char *value;       /* for the one who chooses; any bytes; or NULL */
	int id;            /* the same, as a number */
	bool marked;       /* what is in force now */
	struct menu *menu; /* the one it is in */
};
struct menu {
	char *title;
	/* Letters and digits go to the item that begins so, by label or by id;
	 * lower-case j k g q and capital G stay what they are. */
	bool typing;
	bool explains; /* the whole note of the item stands beneath the list */
	char typed[16];
	void *arg; /* the opener's, given back to release() with the menu's
		    * end; NULL: no more */
	void (*release)(struct ui *, void *arg);
	struct menu_item *item;
	size_t n, cap;
	/* Chosen; the popup is closed already. The menu dies afterwards. */
	void (*choose)(struct ui *, const struct menu_item *);
	/* Each may be NULL: the cursor came to an item; left without choice
	 * (before: the item marked when it was opened, or NULL). */
	void (*preview)(struct ui *, const struct menu_item *);
	void (*cancel)(struct ui *, const struct menu_item *before);
};

struct menu *menu_new(
    const char *title, void (*choose)(struct ui *, const struct menu_item *));
/* The item, valid until the next menu_add(). */
struct menu_item *menu_add(
    struct menu *, const char *label, const char *note, const char *value);
void menu_free(struct menu *);
/* Shows it (and takes it); the cursor stands on the marked item. An empty
 * menu is not shown: the sentence goes to the status line. */
void menu_open(struct ui *, struct menu *, const char *if_empty);

/* What `@NAME` stands for: a filter kept under this name, or NULL. */
const char *menu_filter_named(const struct ui *, const char *name);

#endif
