/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TABLE_PRIV_H
#define MODEL_TABLE_PRIV_H

#include "base/hash.h"
#include "model/table.h"

/*
 * What the table's own files share; nobody else includes it.
 * table.c: merging. table_rows.c: memory of rows, tombstones, closed ones.
 * table_rate.c: rates. table_index.c: pairs and listeners. table_ends.c: ends
 * that the kernel told of.
 */
enum row_mark {
	ROW_SEEN = 1 << 12,   /* in the reading being merged */
	ROW_LISTED = 1 << 13, /* in the list of marks to age */
	ROW_DROP = 1 << 14    /* leaves the table at the end of this pass */
};

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_DS UINT64_C(100000000)

struct row_list {
	struct row **row;
	size_t n, cap;
};

struct listener {
	struct row *row;
	uint64_t key;
};

/* A reading on its way into the rows. */
struct merge {
	struct table *t;
	struct snap *snap; /* borrowed; NULL: none is on its way */
	struct merge_stats *stats;
	struct merge_stats unused;
	bool silent; /* first reading, or other sockets were asked for */
	bool advanced;
	uint32_t now_ds;
	double interval; /* for rates; 0: none */
	uint64_t opened, closed;
	struct row_list was_active;
	size_t socks, gone; /* how many of them are merged */
};

struct table_priv {
	struct merge merge;
	struct row **chunk; /* slabs of TABLE_CHUNK rows, never moved */
	size_t nchunks, used, row_cap;
	uint32_t free; /* list through row.seq, HASH_NONE ends it */
	struct hash by_key;
	uint32_t next_seq;

	struct row_list fresh;  /* with marks that age, tombstones too */
	struct row_list active; /* whose counters were told last time */
	struct row_list parked; /* closed for good while the table was held */
	unsigned holds;
	size_t closed_cap, closed_max;
	size_t nexts, nhistories; /* for the memory figure, about */

	struct sock_end *end; /* not yet met by a reading that began later */
	size_t nends, ends_cap;
	struct hash by_end;

	bool read; /* there was a reading */
	uint64_t last_ns, period_ns;
	bool rates_held; /* this reading came too soon to measure */

	bool indexed;       /* the two below are as the rows are */
	struct hash pair;   /* tuple -> row.slot */
	struct hash listen; /* address and port -> first of its run */
	struct listener *listener;
	size_t nlisteners, listeners_cap;
};

#define TABLE_CHUNK 1024

static inline struct row *
table_row_at(const struct table_priv *p, uint32_t slot)
{
	return &p->chunk[slot / TABLE_CHUNK][slot % TABLE_CHUNK];
}

/* One-to-one within a namespace; between two of them a clash of 2^-64. */
static inline uint64_t
table_key64(struct sock_key key)
{
	return key.cookie ^ hash_mix(key.netns);
}

static inline uint32_t
table_ds(const struct table *t, uint64_t mono_ns)
{
	uint64_t ds;

	if (mono_ns <= t->epoch_ns)
		return 0;
	ds = (mono_ns - t->epoch_ns) / NS_PER_DS;
	return ds < UINT32_MAX ? (uint32_t)ds : UINT32_MAX;
}

void row_list_add(struct row_list *, struct row *);
void row_list_done(struct row_list *);

/* table_rows.c */
struct row *table_row_new(struct table *);
/* The same for `closed`: in no array. */
struct row *table_row_alloc(struct table *);
void table_closed_add(struct table *, struct row *);
void table_rows_reserve(struct table *, size_t);
void table_mark(struct table *, struct row *, unsigned flags);
/* Ages marks and drops what is due; true if rows went. */
bool table_age(struct table *, uint64_t now_ns);
void table_rows_init(struct table *);
void table_rows_done(struct table *);

/* table_rate.c */
/* What two readings allow: seconds between them, or 0: no rates. */
double table_rate_interval(struct table *, uint64_t mono_ns);
void table_rate_row(
    struct table *, struct row *, const struct sock_rec *, double interval);
void table_rate_finish(struct table *, double interval, bool known,
    struct row_list *was_active, struct merge_stats *);

/* table_ends.c */
void table_ends_init(struct table *);
void table_ends_done(struct table *);
/* Was its end told, and no reading began since? */
bool table_ends_pending(const struct table *, struct sock_key);
/* The row is gone: its last figures, and when it was. */
void table_ends_take(struct table *, struct row *);
/* A reading is merged that began at that time. */
void table_ends_settle(struct merge *);

/* table_index.c */
void table_index_done(struct table *);
/* A live row with these very addresses, or NULL. */
struct row *table_same_tuple(struct table *, const struct sock_rec *);

#endif
