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
#define NUMBER_MAX 20
#define AIR_MAX    8
#define CUT_MIN    6 /* a last column narrower than this is left out */

void
table_cols_done(struct table_cols *t)
{
	buf_done(&t->text);
	free(t->cell);
	memset(t, 0, sizeof *t);
}

void
table_cols_begin(struct table_cols *t, const struct column_set *set,
    const struct column *sorted, int screen_w)
{
	if (t->n != set->n || t->screen_w != screen_w || t->sorted != sorted ||
	    memcmp(t->col, set->col, set->n * sizeof set->col[0]) != 0) {
		memcpy(t->col, set->col, sizeof t->col);
		memset(t->content, 0, sizeof t->content);
		memset(t->core, 0, sizeof t->core);
		t->n = set->n;
		t->sorted = sorted;
		t->screen_w = screen_w;
	}
	buf_reset(&t->text);
}

void
table_cols_seen(struct table_cols *t, size_t i, int width, int core_width)
{
	if (width > t->content[i])
		t->content[i] = width;
	if (core_width > t->core[i])
		t->core[i] = core_width;
}

static int
title_width(const struct column *c, const struct column *sorted)
{
	return (int)text_width(c->title) + (c == sorted ? 1 : 0);
}

/* Bounds what was seen to what a column may take. */
static int
bounded(
    const struct table_cols *t, size_t i, int w, const struct column *sorted)
{
	const struct column *c = t->col[i];
	int max, title = title_width(c, sorted);

	if (c->type == VAL_ADDR)
		max = ADDR_MAX;
	else if (c->flags & COL_FLEX)
		max = FLEX_MAX;
	else if (c->flags & COL_RIGHT)
		max = NUMBER_MAX;
	else
		max = c->width * 2;
	w = w > max ? max : w;
	return w < title ? title : w;
}

/* What it would take if there were room. */
static int
natural(const struct table_cols *t, size_t i, const struct column *sorted)
{
	return bounded(t, i, t->content[i], sorted);
}

/* The same without what may go first: the name beside a port. */
static int
core(const struct table_cols *t, size_t i, const struct column *sorted)
{
	return bounded(t, i, t->core[i], sorted);
}

/*
 * The least that is still readable. Numbers and states are never cut; what
 * does not fit even so is a matter of scrolling.
 */
static int
least(const struct table_cols *t, size_t i, const struct column *sorted)
{
	const struct column *c = t->col[i];
	int min, w = core(t, i, sorted);

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

/* How narrow a column may become in a pass of shrink(). */
static int
floor_of(const struct table_cols *t, size_t i, const struct column *sorted,
    int pass, int w)
{
	int f = w;

	if (pass == 0)
		f = core(t, i, sorted);
	else if (pass == 2 || (t->col[i]->flags & COL_FLEX))
		f = least(t, i, sorted);
	return f < w ? f : w;
}

/*
 * Takes what is too much from the columns that can give, in proportion to
 * what they can: first names beside ports, then from those that flow, then
 * from the rest.
 */
static void
shrink(
    const struct table_cols *t, int *w, const struct column *sorted, int excess)
{
	int pass, spare, give, taken;
	size_t i;

	for (pass = 0; pass < 3 && excess > 0; pass++) {
		spare = 0;
		for (i = 0; i < t->n; i++)
			spare += w[i] - floor_of(t, i, sorted, pass, w[i]);
		if (spare <= 0)
			continue;
		taken = 0;
		for (i = 0; i < t->n; i++) {
			give = w[i] - floor_of(t, i, sorted, pass, w[i]);
			if (excess < spare)
				give = (give * excess + spare - 1) / spare;
			if (give > excess - taken)
				give = excess - taken;
			w[i] -= give;
			taken += give;
		}
		excess -= taken;
	}
}

static int
grow(struct table_cols *t, size_t k, int to, int left)
{
	int more = to - t->at[k].w;

	if (more > left)
		more = left;
	if (more <= 0)
		return left;
	t->at[k].w += more;
	return left - more;
}

/*
 * What is left over (a column that did not fit leaves a gap) goes first to
 * those that were cut, then as air to those that flow.
 */
static void
spread(struct table_cols *t, const struct column *sorted, int left)
{
	size_t k, flex = 0;
	int share;

	for (k = 0; k < t->nat; k++)
		left = grow(t, k, core(t, t->at[k].i, sorted), left);
	for (k = 0; k < t->nat; k++)
		left = grow(t, k, natural(t, t->at[k].i, sorted), left);
	for (k = 0; k < t->nat; k++)
		if (t->col[t->at[k].i]->flags & COL_FLEX)
			flex++;
	for (k = 0; k < t->nat && flex > 0 && left > 0; k++) {
		if ((t->col[t->at[k].i]->flags & COL_FLEX) == 0)
			continue;
		share = left / (int)flex--;
		/* More than this would only pull the line apart. */
		if (share > AIR_MAX)
			share = AIR_MAX;
		t->at[k].w += share;
		left -= share;
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
		if (w[i] > room &&
		    (room < CUT_MIN || (t->col[i]->flags & COL_RIGHT))) {
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
	/* The room behind the last column's gap is free as well. */
	spread(t, sorted, room + (t->nat > 0 && room >= 0 ? 1 : 0));
	for (k = 0; k < t->nat; k++) {
		t->at[k].x = x;
		x += t->at[k].w + 1;
	}
}
