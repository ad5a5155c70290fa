/* SPDX-License-Identifier: ISC */
/* The list behind the columns chooser; drawing is the setup pane's. */
#include "config.h"

#include "model/chooser.h"

#include <stdlib.h>

#include "base/xmalloc.h"

static bool
has(const struct column_set *set, const struct column *col)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->col[i] == col)
			return true;
	return false;
}

static size_t
count_on(const struct chooser *ch)
{
	size_t i, n = 0;

	for (i = 0; i < ch->n; i++)
		n += ch->at[i].on;
	return n;
}

void
chooser_init(struct chooser *ch, const struct column_set *shown)
{
	const struct column *col;
	size_t i;

	ch->n = 0;
	ch->at = xcalloc(ncolumns + shown->n, sizeof(*ch->at));
	for (i = 0; i < shown->n; i++)
		ch->at[ch->n++] =
		    (struct choice){ .col = shown->col[i], .on = true };
	for (col = columns; col->name != NULL; col++)
		if (!has(shown, col))
			ch->at[ch->n++] = (struct choice){ .col = col };
}

void
chooser_done(struct chooser *ch)
{
	free(ch->at);
	*ch = (struct chooser){ 0 };
}

bool
chooser_toggle(struct chooser *ch, size_t i)
{
	size_t on = count_on(ch);

	if (i >= ch->n || (ch->at[i].on && on == 1) ||
	    (!ch->at[i].on && on == COLUMN_SET_MAX))
		return false;
	ch->at[i].on = !ch->at[i].on;
	return true;
}

size_t
chooser_move(struct chooser *ch, size_t i, int dir)
{
	size_t to = dir < 0 ? i - 1 : i + 1;
	struct choice moved;

	if (i >= ch->n || (dir < 0 && i == 0) || to >= ch->n)
		return i;
	moved = ch->at[i];
	ch->at[i] = ch->at[to];
	ch->at[to] = moved;
	return to;
}

void
chooser_put(const struct chooser *ch, struct buf *out)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < ch->n; i++) {
		if (!ch->at[i].on)
			continue;
		buf_printf(out, "%s%s", comma, ch->at[i].col->name);
		comma = ",";
	}
}
