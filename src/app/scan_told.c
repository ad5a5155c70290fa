/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "app/scan_told.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

bool
scan_told_has(const struct scan_told *t, const struct report_host *h)
{
	return h->order < t->cap_has && t->has[h->order];
}

bool
scan_told_add(struct scan_told *t, struct report_host *h)
{
	const size_t was = t->cap_has;

	if (scan_told_has(t, h))
		return false;
	t->has = array_grow(
	    t->has, &t->cap_has, (size_t)h->order + 1, sizeof(*t->has));
	memset(t->has + was, 0, (t->cap_has - was) * sizeof(*t->has));
	t->has[h->order] = true;
	t->over = array_grow(
	    t->over, &t->cap, t->n + 1, sizeof(struct report_host *));
	t->over[t->n++] = h;
	return true;
}

struct report_host *
scan_told_next(const struct scan_told *t)
{
	return t->next < t->n ? t->over[t->next] : NULL;
}

void
scan_told_done(struct scan_told *t)
{
	free(t->over);
	free(t->has);
	memset(t, 0, sizeof(*t));
}
