/* SPDX-License-Identifier: ISC */
#ifndef MODEL_CHOOSER_H
#define MODEL_CHOOSER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/column.h"

/*
 * Choosing columns and their order: every column there is, those shown
 * first. Turning one on or off leaves the list as it is, so that nothing
 * jumps under the cursor.
 */
struct choice {
	const struct column *col;
	bool on;
};
struct chooser {
	struct choice *at;
	size_t n;
};

void chooser_init(struct chooser *, const struct column_set *shown);
void chooser_done(struct chooser *);
/* False: refused, it is the last one on or there would be too many. */
bool chooser_toggle(struct chooser *, size_t);
/* Up (-1) or down (1) by one; the new place. At an end: the old one. */
size_t chooser_move(struct chooser *, size_t, int dir);
/* "proto,state,local": what options.columns takes. */
void chooser_put(const struct chooser *, struct buf *);

#endif
