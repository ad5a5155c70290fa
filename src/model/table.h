/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/ends.h"
#include "model/heard.h"
#include "model/snap.h"

/*
 * The rows: every socket known, with identity across readings. A row never
 * moves in memory while its socket lives (rows come from slabs), so a
 * struct row * may be kept until the next table_merge(), a sock_key for ever.
 */
struct history { /* state changes seen, oldest first, newest last */
	struct {
		uint64_t mono_ns;
		uint8_t state;
	} at[12];
	uint8_t n; /* when full, at[1] goes: the first and the newest stay */
};

enum row_flag {
	ROW_NEW = 1 << 0,     /* appeared less than table.fresh_ns ago (never
			       * set for the first reading) */
	ROW_CHANGED = 1 << 1, /* state changed less than table.fresh_ns ago */
	ROW_GONE = 1 << 2,    /* closed; shown until fresh_ns have passed */
	ROW_TAGGED = 1 << 3,
	ROW_RATES = 1 << 4,  /* rx_bps, tx_bps are known */
	ROW_BORN = 1 << 5,   /* birth was seen: age is exact, not "at least" */
	ROW_UNSEEN = 1 << 6, /* of `closed`: no reading ever saw it, the kernel
			      * told of its end; its age is "at most" */
	ROW_ENDED = 1 << 7,  /* its end was told: it is closed, or what is left
			      * of it (TIME-WAIT) */
	/* bits 12 to 15 are table.c's own */
	ROW_ALERT = 1 << 8, /* a rule for alerts matches it */
	ROW_SCAN = 1 << 9   /* of a scan that this program does */
};

struct row {
	struct sock_rec rec;
	struct owners owners; /* last known, kept when the inode becomes 0 */
	struct sock_ext *ext;
	struct history *history; /* NULL until the state changed once */
	float rx_bps, tx_bps;    /* bytes a second */
	uint32_t born_ds, changed_ds, gone_ds; /* 0.1 s since table's epoch */
	uint32_t seq;    /* order of first appearance: the stable tie-break */
	uint16_t flags;  /* enum row_flag */
	uint16_t missed; /* readings with holes in a row without it */
	uint32_t slot;   /* the table's own: where the row lives */
};

struct merge_stats {
	uint32_t added, removed; /* sockets that came and went */
	uint32_t changed;        /* rows of which anything changed */
	bool membership;         /* the set of rows or tombstones changed */
	bool values;             /* something in a row changed, rates too */
};

struct table {
	struct row **row;      /* all rows with tombstones, in order of seq */
	size_t n, live;        /* live: without tombstones */
	uint64_t epoch_ns;     /* ages count from here: the first reading, or
				* the oldest birth recorded in it */
	uint64_t now_ns;       /* of the newest reading */
	uint64_t fresh_ns;     /* how long new and gone rows stay marked; 3 s */
	double rx_bps, tx_bps; /* totals; 0 unless rates_known */
	bool rates_known;      /* the newest two readings allow rates */
	uint32_t opened_per_s, closed_per_s;
	uint64_t opened_total, closed_total;
	uint32_t by_state[SOCK_NSTATES]; /* live rows */
	uint32_t tcp, udp, v4, v6;
	size_t total;                        /* as the last snap said */
	uint16_t ephemeral_lo, ephemeral_hi; /* of the last snap that knew */
	struct tcp_limits limits; /* likewise; netns 0: never known */
	struct names *names;      /* owned */
	struct heard heard;       /* what listeners answered */
	/* Closed rows, newest last, bounded; each a row of its own. */
	struct row **closed;
	size_t nclosed;
	uint64_t ends_lost; /* closed unseen, and too many to be listed */
	struct table_priv *priv;
};

struct table *table_new(void);
void table_free(struct table *);
/*
 * Takes everything out of the snap (which the caller still frees). A
 * recording read from a file is a snap like any other. stats may be NULL.
 */
void table_merge(struct table *, struct snap *, struct merge_stats *stats);
/*
 * The same a part at a time, for one who has other things to do meanwhile:
 * step until it says that all is merged. The snap and the stats stay where
 * they are until then, and are of no use before. In between every row can be
 * looked at and found, some as the reading before had them.
 */
void table_merge_begin(
    struct table *, struct snap *, struct merge_stats *stats);
bool table_merge_step(struct table *, size_t sockets);
/*
 * The kernel told of a socket's end. That is kept until a reading that began
 * later shows that it is gone (it goes to `closed`, with its last figures,
 * whether a reading ever saw it or not) or lives on in TIME-WAIT.
 */
void table_end(struct table *, const struct sock_end *);
/* Ages marks and drops tombstones without a reading; true if rows went. */
bool table_tick(struct table *, uint64_t now_ns);
/* While held, no row's memory is given back, whatever is merged: for a view
 * that is frozen. As often released as held. */
void table_hold(struct table *);
void table_release(struct table *);
/* Also finds a tombstone: see ROW_GONE. */
struct row *table_find(const struct table *, struct sock_key);
/* The other end of a connection within this machine (same namespace, tuple
 * swapped), or NULL. The index behind it is built when first asked. */
struct row *table_pair(struct table *, const struct row *);
/* The LISTEN row that a connection was accepted from: same local port and
 * address (or wildcard, dual-stack counts); NULL if there is none. */
struct row *table_listener(struct table *, const struct row *);
/* Came in and no program took it yet: the handshake goes on, or it waits in
 * the accept queue. Closing it would have taken it to another state. */
bool row_unaccepted(const struct row *);
void table_closed_clear(struct table *);
/* The oldest half of `closed` goes when it is full. */
void table_set_closed_max(struct table *, size_t);
size_t table_memory(const struct table *);

/* Age of a row, state's age; ns. */
uint64_t row_age_ns(const struct table *, const struct row *);
uint64_t row_state_age_ns(const struct table *, const struct row *);

#endif
