/* SPDX-License-Identifier: ISC */
#ifndef MODEL_NARRATE_H
#define MODEL_NARRATE_H

#include "model/column.h"

/*
 * One socket's own story: what goes on with it just now, what is wrong, what
 * will happen and who must act. The numbers themselves are describe.h's, what
 * a state means in general is know/state.h's.
 */
enum narrate_kind {
	NARRATE_NOW,
	NARRATE_WRONG,
	NARRATE_NEXT, /* what follows, and who must act for it */
	NARRATE_DO,   /* what the reader could do */
	NARRATE_N
};
const char *narrate_label(enum narrate_kind); /* "Now", "Wrong", .. */

struct narrate_line {
	enum narrate_kind kind;
	char *text; /* clean; owned by the list */
};
struct narrate {
	struct narrate_line *line;
	size_t n, cap;
};
/* Appends; at least one line. */
void narrate_row(struct narrate *, const struct row *, const struct view_ctx *);
void narrate_done(struct narrate *);

#endif
