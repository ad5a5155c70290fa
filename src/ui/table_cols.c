/* SPDX-License-Identifier: ISC */
/*
 * Widths of the table's columns. Pure arithmetic: nothing is drawn here.
 */
#include "config.h"

#include "ui/table_cols.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define ADDR_MAX   53 /* an IPv6 address with port */
#define ADDR_LEAST 18
#define FLEX_MAX   60
#define FLEX_LEAST 10
#define CUT_MIN    6 /* a last column narrower than this is left out */

void
table_cols_done(struct table_cols *t)
{
	buf_done(&t->text);
	free(t->cell);
	memset(t, 0, sizeof *t);
}

void
table_cols_begin(
    struct table_cols *t, const struct column_set *set, int screen_w)
{
	if (t->n != set->n || t->screen_w != screen_w ||
	    memcmp(t->col, set->col, set->n * sizeof set->col[0]) != 0) {
		memcpy(t->col, set->col, sizeof t->col);
		memset(t->content, 0, sizeof t->content);
		t->n = set->n;
		t->screen_w = screen_w;
	}
	buf_reset(&t->text);
}

void
table_cols_seen(struct table_cols *t, size_t i, int width)
{
	if (width > t->content[i])
		t->content[i] = width;
}

static int
title_width(const struct column *c, const struct column *sorted)
{
	return (int)text_width(c->title) + (c == sorted ? 1 : 0);
}

/* What it would take if there were room. */
static int
natural(const struct table_cols *t, size_t i, const struct column *sorted)
{
	const struct column *c = t->col[i];
	int w = t->content[i], max, title = title_width(c, sorted);

	if (c->type == VAL_ADDR)
		max = ADDR_MAX;
	else if (c->flags & COL_FLEX)
		max = FLEX_MAX;
	else if (c->flags & COL_RIGHT)
		max = 20;
	else
		max = c->width * 2;
	w = w > max ? max : w;
	return w < title ? title : w;
}

/*
 * The least that is still readable. Numbers and states are never cut; what
 * does not fit even so is a matter of scrolling.
 */
static int
least(const struct table_cols *t, size_t i, const struct column *sorted)
{
	const struct column *c = t->col[i];
	int min, w = natural(t, i, sorted);

	if ((c->flags & COL_RIGHT) || c->type == VAL_STATE)
		return w;
	if (c->type == VAL_ADDR)
		min = ADDR_LEAST;
	else if (c->flags & COL_FLEX)
		min = FLEX_LEAST;
	else
		min = c->width;
	return w < min ? w : min;
}

/*
 * Takes what is too much from the columns that can give, in proportion to
 * what they can: first from those that flow, then from the rest.
 */
static void
shrink(
    const struct table_cols *t, int *w, const struct column *sorted, int excess)
{
	bool flex;
	int pass, spare, give, taken;
	size_t i;

	for (pass = 0; pass < 2 && excess > 0; pass++) {
		spare = 0;
		for (i = 0; i < t->n; i++) {
			flex = (t->col[i]->flags & COL_FLEX) != 0;
			if (flex == (pass == 0))
				spare += w[i] - least(t, i, sorted);
		}
		if (spare <= 0)
			continue;
		taken = 0;
		for (i = 0; i < t->n; i++) {
			flex = (t->col[i]->flags & COL_FLEX) != 0;
			if (flex != (pass == 0))
				continue;
			give = w[i] - least(t, i, sorted);
			give = excess >= spare
				   ? give
				   : (give * excess + spare - 1) / spare;
			if (give > excess - taken)
				give = excess - taken;
			w[i] -= give;
			taken += give;
		}
		excess -= taken;
	}
}

/* What is left over goes to those that flow, the last of them most. */
static void
spread(struct table_cols *t, int left)
{
	size_t k, flex = 0;
	int share;

	for (k = 0; k < t->nat; k++)
		if (t->col[t->at[k].i]->flags & COL_FLEX)
			flex++;
	for (k = 0; k < t->nat && flex > 0 && left > 0; k++) {
		if ((t->col[t->at[k].i]->flags & COL_FLEX) == 0)
			continue;
		share = flex == 1 ? left : left / (int)flex;
		/* More air than this would only pull the line apart. */
		if (share > 8)
			share = 8;
		t->at[k].w += share;
		left -= share;
		flex--;
	}
}

void
table_cols_lay(
    struct table_cols *t, int x, int skip, const struct column *sorted)
{
	int w[COLUMN_SET_MAX], sum = 0, room = t->screen_w - x;
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		w[i] = natural(t, i, sorted);
		sum += w[i] + 1;
	}
	if (sum - 1 > room)
		shrink(t, w, sorted, sum - 1 - room);
	t->nat = 0;
	t->more_left = skip > 0;
	t->more_right = false;
	for (i = (size_t)skip; i < t->n; i++) {
		if (w[i] > room && room < CUT_MIN) {
			t->more_right = true;
			break;
		}
		t->at[t->nat].i = i;
		t->at[t->nat].w = w[i] < room ? w[i] : room;
		if (w[i] > room)
			t->more_right = true;
		t->nat++;
		room -= w[i] + 1;
		if (room <= 0) {
			t->more_right |= i + 1 < t->n;
			break;
		}
	}
	spread(t, room);
	for (k = 0; k < t->nat; k++) {
		t->at[k].x = x;
		x += t->at[k].w + 1;
	}
}
