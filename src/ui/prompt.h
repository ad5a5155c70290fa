/* SPDX-License-Identifier: ISC */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

struct ui;
struct prompt;
struct prompt_lists;

/*
 * The line editor at the filter line or the bottom: a mode of the same loop,
 * never modal. changed() is called at each keystroke (live filter), done()
 * once: with the text, or with NULL when it was left by Esc.
 */
struct prompt_spec {
	const char *label;   /* "/" ":" "Find: " */
	const char *history; /* list this line joins: "filter", "command" */
	const char *initial;
	void (*changed)(struct ui *, const char *text);
	void (*done)(struct ui *, const char *text);
	/* Tab: the word the text should become, or NULL: none; malloc'd. */
	char *(*complete)(struct ui *, const char *text);
	bool filter_line; /* where the filter stands, else at the bottom */
	/* What was wrong with this text: above the line (of a prompt at the
	 * bottom) until it is edited; or NULL. */
	const char *note;
};

/* Texts are copied; all but label may be NULL. */
void prompt_open(struct ui *, const struct prompt_spec *);
bool prompt_is_open(const struct ui *);
bool prompt_key(struct ui *, int code); /* true: taken */
void prompt_paste(struct ui *, const char *text, size_t len);
void prompt_close(struct ui *);                 /* as by Esc */
const char *prompt_text(const struct ui *);     /* while open */
void prompt_set(struct ui *, const char *text); /* cursor to the end */
bool prompt_on_filter_line(const struct ui *);
void prompt_draw(struct ui *); /* part of ui_paint() */
void prompt_lists_free(struct prompt_lists *);

#endif
