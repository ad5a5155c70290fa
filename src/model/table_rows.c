/* SPDX-License-Identifier: ISC */
/*
 * The life of rows: slabs they come from, marks that fade, tombstones, the
 * closed ones that are kept a while. Rows are found by their slot, which is
 * theirs for life, so nothing but the array of pointers is ever moved.
 */
#include "config.h"

#include "model/table_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

#define CLOSED_MAX 1000

void
row_list_add(struct row_list *l, struct row *r)
{
	l->row = array_grow(l->row, &l->cap, l->n + 1, sizeof(struct row *));
	l->row[l->n++] = r;
}

void
row_list_done(struct row_list *l)
{
	free(l->row);
	memset(l, 0, sizeof(*l));
}

static uint64_t
key_of_row(const void *arg, uint32_t slot)
{
	const struct table_priv *p = arg;

	return table_key64(sock_key(&table_row_at(p, slot)->rec));
}

void
table_rows_init(struct table *t)
{
	struct table_priv *p = t->priv;

	p->free = HASH_NONE;
	p->closed_max = CLOSED_MAX;
	hash_init(&p->by_key, key_of_row, p);
}

/* The array of pointers grows by an eighth: at a hundred thousand rows half
 * of it in reserve would be felt. */
void
table_rows_reserve(struct table *t, size_t n)
{
	struct table_priv *p = t->priv;

	if (n <= p->row_cap)
		return;
	if (n < p->row_cap + p->row_cap / 8 + 64)
		n = p->row_cap + p->row_cap / 8 + 64;
	t->row = xreallocarray(t->row, n, sizeof(struct row *));
	p->row_cap = n;
}

struct row *
table_row_alloc(struct table *t)
{
	struct table_priv *p = t->priv;
	uint32_t slot = p->free;
	struct row *r;

	if (slot != HASH_NONE) {
		r = table_row_at(p, slot);
		p->free = r->seq;
	} else {
		slot = (uint32_t)p->used++;
		if (slot / TABLE_CHUNK == p->nchunks) {
			p->chunk = xreallocarray(
			    p->chunk, p->nchunks + 1, sizeof(*p->chunk));
			p->chunk[p->nchunks++] = xreallocarray(
			    NULL, TABLE_CHUNK, sizeof(struct row));
		}
		r = table_row_at(p, slot);
	}
	memset(r, 0, sizeof(*r));
	r->slot = slot;
	r->seq = p->next_seq++;
	return r;
}

/* Zeroed but for its slot and seq, and in the array; not in the hash. */
struct row *
table_row_new(struct table *t)
{
	struct row *r = table_row_alloc(t);

	table_rows_reserve(t, t->n + 1);
	t->row[t->n++] = r;
	return r;
}

static void
row_clear(struct row *r)
{
	owners_done(&r->owners);
	free(r->ext);
	free(r->history);
}

static void
row_free(struct table *t, struct row *r)
{
	struct table_priv *p = t->priv;

	if (p->holds > 0) {
		row_list_add(&p->parked, r);
		return;
	}
	if (r->history != NULL)
		p->nhistories--;
	if (r->ext != NULL)
		p->nexts--;
	row_clear(r);
	memset(&r->owners, 0, sizeof(r->owners));
	r->ext = NULL;
	r->history = NULL;
	r->seq = p->free;
	p->free = r->slot;
}

void
table_hold(struct table *t)
{
	t->priv->holds++;
}

void
table_release(struct table *t)
{
	struct table_priv *p = t->priv;
	size_t i;

	if (p->holds == 0 || --p->holds > 0)
		return;
	for (i = 0; i < p->parked.n; i++)
		row_free(t, p->parked.row[i]);
	row_list_done(&p->parked);
}

static void
closed_drop(struct table *t, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	for (i = 0; i < n; i++)
		row_free(t, t->closed[i]);
	t->nclosed -= n;
	memmove(t->closed, t->closed + n, t->nclosed * sizeof(*t->closed));
}

void
table_closed_add(struct table *t, struct row *r)
{
	struct table_priv *p = t->priv;

	if (p->closed_max == 0) {
		row_free(t, r);
		return;
	}
	if (t->nclosed >= p->closed_max)
		closed_drop(t, t->nclosed - p->closed_max / 2);
	t->closed = array_grow(
	    t->closed, &p->closed_cap, t->nclosed + 1, sizeof(*t->closed));
	t->closed[t->nclosed++] = r;
}

void
table_closed_clear(struct table *t)
{
	closed_drop(t, t->nclosed);
}

void
table_set_closed_max(struct table *t, size_t max)
{
	t->priv->closed_max = max;
	if (t->nclosed > max)
		closed_drop(t, t->nclosed - max);
}

void
table_mark(struct table *t, struct row *r, unsigned flags)
{
	r->flags |= flags;
	if ((r->flags & ROW_LISTED) != 0)
		return;
	r->flags |= ROW_LISTED;
	row_list_add(&t->priv->fresh, r);
}

/* A clock that jumps makes every mark old: none may stay for years. */
static bool
expired(uint32_t since_ds, uint32_t now_ds, uint64_t fresh_ds)
{
	return now_ds < since_ds || now_ds == UINT32_MAX ||
	       now_ds - since_ds >= fresh_ds;
}

/* One pass over the pointers: the order of seq stays. */
static void
drop_rows(struct table *t, size_t ndrop)
{
	struct table_priv *p = t->priv;
	size_t i, n = 0, before = t->n;
	bool rehash = ndrop > before / 2;
	struct row *r;

	for (i = 0; i < before; i++) {
		r = t->row[i];
		if ((r->flags & ROW_DROP) == 0) {
			t->row[n++] = r;
			continue;
		}
		r->flags &= (uint16_t)~ROW_DROP;
		if (!rehash)
			hash_remove(&p->by_key, table_key64(sock_key(&r->rec)));
		if ((r->flags & ROW_GONE) != 0)
			table_closed_add(t, r);
		else
			row_free(t, r);
	}
	t->n = n;
	if (rehash) {
		hash_clear(&p->by_key);
		for (i = 0; i < n; i++)
			hash_add(&p->by_key,
			    table_key64(sock_key(&t->row[i]->rec)),
			    t->row[i]->slot);
	}
}

bool
table_age(struct table *t, uint64_t now_ns)
{
	struct table_priv *p = t->priv;
	uint64_t fresh_ds = t->fresh_ns / NS_PER_DS;
	uint32_t now = table_ds(t, now_ns);
	size_t i, n = 0, ndrop = 0;
	unsigned flags;
	struct row *r;

	for (i = 0; i < p->fresh.n; i++) {
		r = p->fresh.row[i];
		flags = r->flags;
		if ((flags & ROW_NEW) != 0 &&
		    expired(r->born_ds, now, fresh_ds))
			flags &= ~(unsigned)ROW_NEW;
		if ((flags & ROW_CHANGED) != 0 &&
		    expired(r->changed_ds, now, fresh_ds))
			flags &= ~(unsigned)ROW_CHANGED;
		if ((flags & ROW_GONE) != 0 &&
		    expired(r->gone_ds, now, fresh_ds))
			flags |= ROW_DROP;
		if ((flags & ROW_DROP) == 0 &&
		    (flags & (ROW_NEW | ROW_CHANGED | ROW_GONE)) != 0) {
			p->fresh.row[n++] = r;
		} else {
			flags &= ~(unsigned)ROW_LISTED;
			ndrop += (flags & ROW_DROP) != 0;
		}
		r->flags = (uint16_t)flags;
	}
	p->fresh.n = n;
	if (n == 0)
		row_list_done(&p->fresh);
	if (ndrop > 0)
		drop_rows(t, ndrop);
	return ndrop > 0;
}

void
table_rows_done(struct table *t)
{
	struct table_priv *p = t->priv;
	size_t i;

	for (i = 0; i < t->n; i++)
		row_clear(t->row[i]);
	for (i = 0; i < t->nclosed; i++)
		row_clear(t->closed[i]);
	for (i = 0; i < p->parked.n; i++)
		row_clear(p->parked.row[i]);
	for (i = 0; i < p->nchunks; i++)
		free(p->chunk[i]);
	free(p->chunk);
	free(t->row);
	free(t->closed);
	row_list_done(&p->fresh);
	row_list_done(&p->active);
	row_list_done(&p->merge.was_active);
	row_list_done(&p->parked);
	hash_done(&p->by_key);
}

size_t
table_memory(const struct table *t)
{
	const struct table_priv *p = t->priv;

	return sizeof(*t) + sizeof(*p) + p->used * sizeof(struct row) +
	       (p->row_cap + p->closed_cap + p->fresh.cap + p->active.cap +
		   p->parked.cap) *
		   sizeof(struct row *) +
	       (p->by_key.cap + p->pair.cap + p->listen.cap + p->by_end.cap) *
		   sizeof(uint32_t) +
	       p->listeners_cap * sizeof(*p->listener) +
	       p->nexts * sizeof(struct sock_ext) +
	       p->ends_cap * sizeof(*p->end) +
	       p->nhistories * sizeof(struct history);
}
