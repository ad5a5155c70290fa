/* SPDX-License-Identifier: ISC */
#ifndef MODEL_COPYLINE_H
#define MODEL_COPYLINE_H

#include "model/column.h"

/*
 * What of a row can be copied, each as one line without a newline, so that
 * pasting it never runs anything by itself. What is meant for a shell (and
 * what a process calls itself) is quoted for it.
 */
struct copy_form {
	const char *name;  /* `:copy NAME` */
	const char *title; /* in the menu */
	/* False: the row has none of it (no peer, owner not known). */
	bool (*put)(const struct row *, const struct view_ctx *, struct buf *);
};

extern const struct copy_form copy_forms[]; /* name == NULL ends it */

const struct copy_form *copy_form_find(const char *name);
/* One word for a POSIX shell: as it is if harmless, else in single quotes. */
void copy_shell_word(struct buf *, const char *, size_t len);

#endif
