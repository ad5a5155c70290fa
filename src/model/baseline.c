/* SPDX-License-Identifier: ISC */
/* A picture of the table, and what differs from it. No clock, no screen. */
#include "config.h"

#include "model/baseline.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"

struct baseline {
	struct timespec wall;
	struct row *row; /* rec and owners; the rest is not kept */
	size_t n;
	struct hash by_key;
};

static uint64_t
mix_key(const struct sock_rec *rec)
{
	return hash_mix(rec->cookie ^ ((uint64_t)rec->netns << 32));
}

static uint64_t
key_of(const void *arg, uint32_t i)
{
	const struct baseline *b = arg;

	return mix_key(&b->row[i].rec);
}

struct baseline *
baseline_new(const struct table *t, struct timespec wall)
{
	struct baseline *b = xcalloc(1, sizeof(*b));
	const struct row *row;
	size_t i;

	b->wall = wall;
	b->row = xcalloc(t->n + 1, sizeof(*b->row));
	hash_init(&b->by_key, key_of, b);
	hash_reserve(&b->by_key, t->n);
	for (i = 0; i < t->n; i++) {
		row = t->row[i];
		if ((row->flags & ROW_GONE) != 0 ||
		    hash_find(&b->by_key, mix_key(&row->rec)) != HASH_NONE)
			continue;
		b->row[b->n].rec = row->rec;
		b->row[b->n].born_ds = row->born_ds;
		b->row[b->n].changed_ds = row->changed_ds;
		b->row[b->n].flags = row->flags & ROW_BORN;
		owners_copy(&b->row[b->n].owners, &row->owners);
		hash_add(&b->by_key, mix_key(&row->rec), (uint32_t)b->n);
		b->n++;
	}
	return b;
}

void
baseline_free(struct baseline *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < b->n; i++)
		owners_done(&b->row[i].owners);
	hash_done(&b->by_key);
	free(b->row);
	free(b);
}

struct timespec
baseline_time(const struct baseline *b)
{
	return b->wall;
}

size_t
baseline_size(const struct baseline *b)
{
	return b->n;
}

static void
add(struct diff *d, enum diff_kind kind, struct row *row, uint8_t was)
{
	d->line = array_grow(d->line, &d->cap, d->n + 1, sizeof(*d->line));
	d->line[d->n++] =
	    (struct diff_line){ .kind = kind, .row = row, .was = was };
	d->count[kind]++;
}

void
baseline_diff(struct baseline *b, const struct table *t, struct diff *d)
{
	bool *seen = xcalloc(b->n + 1, sizeof(*seen));
	struct row *row;
	uint32_t at;
	size_t i;

	d->n = 0;
	for (i = 0; i < DIFF_NKINDS; i++)
		d->count[i] = 0;
	for (i = 0; i < t->n; i++) {
		row = t->row[i];
		if ((row->flags & ROW_GONE) != 0)
			continue;
		at = hash_find(&b->by_key, mix_key(&row->rec));
		if (at == HASH_NONE)
			add(d, DIFF_NEW, row, SOCK_STATE_UNKNOWN);
		else
			seen[at] = true;
	}
	for (i = 0; i < b->n; i++)
		if (!seen[i])
			add(d, DIFF_GONE, &b->row[i], b->row[i].rec.state);
	for (i = 0; i < t->n; i++) {
		row = t->row[i];
		if ((row->flags & ROW_GONE) != 0)
			continue;
		at = hash_find(&b->by_key, mix_key(&row->rec));
		if (at != HASH_NONE && b->row[at].rec.state != row->rec.state)
			add(d, DIFF_CHANGED, row, b->row[at].rec.state);
	}
	free(seen);
}

void
diff_done(struct diff *d)
{
	free(d->line);
	*d = (struct diff){ 0 };
}
