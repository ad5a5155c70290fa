/* SPDX-License-Identifier: ISC */
/*
 * What is shown of a table: filter, then sort, from the least significant
 * column to the first. The table's rows come in order of appearance, and
 * sorting is stable, so that is the last tie-break for nothing.
 */
#include "config.h"

#include "model/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/view_sort.h"

void
view_init(struct view *v, struct table *t)
{
	*v = (struct view){ .ctx = { .table = t } };
}

void
view_done(struct view *v)
{
	if (v->held)
		table_release(v->ctx.table);
	free(v->row);
	v->row = NULL;
	v->n = v->cap = 0;
	v->held = v->frozen = false;
}

/* One item: "pid" or "-rx". */
static int
sort_item(const char *item, struct view_sort *ret, char **cause)
{
	const char *name = item, *near;

	ret->desc = *name == '-';
	if (*name == '-' || *name == '+')
		name++;
	ret->col = column_find(name);
	if (ret->col != NULL)
		return 0;
	near = *name != '\0' ? column_nearest(name) : NULL;
	if (*name == '\0')
		xasprintf(cause, "sort: a column's name is missing");
	else if (near != NULL)
		xasprintf(cause,
		    "sort: no column is called \"%s\"; did you mean %s?", name,
		    near);
	else
		xasprintf(cause, "sort: no column is called \"%s\"", name);
	return -EINVAL;
}

int
view_sort_parse(struct view *v, const char *text, char **cause)
{
	struct view_sort sort[VIEW_SORT_MAX];
	const char *p = text, *end;
	char *item;
	size_t n = 0, len;
	int r = 0;

	p += strspn(p, " \t");
	if (*p == '\0') {
		v->nsort = 0;
		return 0;
	}
	for (;; p = end + 1) {
		p += strspn(p, " \t");
		end = p + strcspn(p, ",");
		for (len = (size_t)(end - p); len > 0; len--)
			if (p[len - 1] != ' ' && p[len - 1] != '\t')
				break;
		if (n == VIEW_SORT_MAX) {
			xasprintf(cause, "sort: more than %d columns",
			    (int)VIEW_SORT_MAX);
			return -EINVAL;
		}
		/* It may be quoted in the sentence. */
		item = text_clean(p, len);
		r = sort_item(item, &sort[n++], cause);
		free(item);
		if (r != 0)
			return r;
		if (*end == '\0')
			break;
	}
	memcpy(v->sort, sort, n * sizeof(*sort));
	v->nsort = n;
	return 0;
}

static bool
matches(const struct view *v, const struct row *r)
{
	if (v->filter != NULL && !filter_eval(v->filter, r, &v->ctx))
		return false;
	return v->toggles == NULL || filter_eval(v->toggles, r, &v->ctx);
}

/* The rows of a hundred thousand sockets are not kept in reserve: the array
 * is as long as it may have to be, and shrinks when most of it is unused. */
static void
reserve(struct view *v, size_t n)
{
	if (n <= v->cap && v->cap / 4 <= n + 64)
		return;
	free(v->row);
	v->cap = n + n / 16 + 16;
	v->row = xreallocarray(NULL, v->cap, sizeof(*v->row));
}

static void
build(struct view *v, struct row *const *row, size_t n, bool gone)
{
	size_t i;
	struct row *r;

	reserve(v, n);
	v->n = v->matched = v->of = 0;
	for (i = 0; i < n; i++) {
		r = row[i];
		if ((r->flags & ROW_GONE) != 0 && !gone) {
			if (v->show_gone && matches(v, r))
				v->row[v->n++] = r;
			continue;
		}
		v->of++;
		if (!matches(v, r))
			continue;
		v->matched++;
		v->row[v->n++] = r;
	}
	for (i = v->nsort; i-- > 0;)
		view_sort_rows(v->row, v->n, &v->sort[i], &v->ctx);
}

void
view_build(struct view *v)
{
	if (!v->frozen)
		build(v, v->ctx.table->row, v->ctx.table->n, false);
}

void
view_build_from(struct view *v, struct row *const *row, size_t n)
{
	if (!v->frozen)
		build(v, row, n, true);
}

void
view_freeze(struct view *v, bool on)
{
	if (on == v->held)
		return;
	v->held = v->frozen = on;
	if (on) {
		table_hold(v->ctx.table);
	} else {
		table_release(v->ctx.table);
		view_build(v);
	}
}

void
view_update(struct view *v, const struct merge_stats *stats)
{
	bool filtered = v->filter != NULL || v->toggles != NULL;
	bool due;

	if (v->frozen) {
		view_freeze(v, true);
		return;
	}
	due = stats == NULL || stats->membership ||
	      (stats->values && (filtered || v->nsort > 0)) ||
	      (v->filter != NULL && filter_volatile(v->filter)) ||
	      (v->toggles != NULL && filter_volatile(v->toggles));
	/* A sort by age needs nothing: all rows age alike. */
	if (due)
		view_build(v);
}

ptrdiff_t
view_find(const struct view *v, struct sock_key key)
{
	const struct row *r = table_find(v->ctx.table, key);
	size_t i;

	if (r != NULL)
		for (i = 0; i < v->n; i++)
			if (v->row[i] == r)
				return (ptrdiff_t)i;
	/* A frozen view, or one of closed rows, has rows that the table
	 * does not find any more. */
	for (i = 0; r == NULL && i < v->n; i++)
		if (sock_key_eq(sock_key(&v->row[i]->rec), key))
			return (ptrdiff_t)i;
	return -1;
}

unsigned
view_needs(const struct view *v)
{
	unsigned need = 0;
	size_t i;

	for (i = 0; i < v->nsort; i++)
		need |= v->sort[i].col->need;
	if (v->filter != NULL)
		need |= filter_needs(v->filter);
	if (v->toggles != NULL)
		need |= filter_needs(v->toggles);
	return need;
}
