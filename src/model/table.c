/* SPDX-License-Identifier: ISC */
/*
 * Merging a reading into the rows. Identity is (namespace, cookie); what is
 * remembered over readings (owner, history, birth, rates) hangs on that. One
 * thread; takes time from the readings alone, never from a clock.
 */
#include "config.h"

#include "model/table_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/xmalloc.h"

#define FRESH_NS (3 * NS_PER_S)
/* In how many readings with holes in a row a socket may be missing. */
#define MISSED_MAX 2

struct table *
table_new(void)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->priv = xcalloc(1, sizeof(*t->priv));
	t->fresh_ns = FRESH_NS;
	t->names = names_new();
	heard_init(&t->heard);
	table_rows_init(t);
	table_ends_init(t);
	return t;
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	table_index_done(t);
	table_ends_done(t);
	table_rows_done(t);
	names_free(t->names);
	heard_done(&t->heard);
	free(t->priv);
	free(t);
}

struct row *
table_find(const struct table *t, struct sock_key key)
{
	uint32_t slot = hash_find(&t->priv->by_key, table_key64(key));

	return slot == HASH_NONE ? NULL : table_row_at(t->priv, slot);
}

/* A live row comes (+1) or goes (-1), as its record has it. */
static void
count(struct table *t, const struct sock_rec *rec, int sign)
{
	uint32_t d = (uint32_t)sign;

	t->by_state[rec->state] += d;
	if (rec->proto == SOCK_TCP)
		t->tcp += d;
	else
		t->udp += d;
	if (rec->family == 4)
		t->v4 += d;
	else
		t->v6 += d;
	t->live += (size_t)(ptrdiff_t)sign;
}

static void
history_add(struct table *t, struct row *r, uint64_t mono_ns, uint8_t state)
{
	struct history *h = r->history;

	if (h == NULL) {
		h = r->history = xcalloc(1, sizeof(*h));
		t->priv->nhistories++;
		h->at[0].mono_ns = t->epoch_ns + r->born_ds * NS_PER_DS;
		h->at[0].state = r->rec.state;
		h->n = 1;
	}
	if (h->n == nitems(h->at)) {
		memmove(&h->at[1], &h->at[2],
		    (nitems(h->at) - 2) * sizeof(h->at[0]));
		h->n--;
	}
	h->at[h->n].mono_ns = mono_ns;
	h->at[h->n].state = state;
	h->n++;
}

static void
row_born(struct merge *m, struct row *r, uint32_t age_ds)
{
	r->born_ds = m->now_ds > age_ds ? m->now_ds - age_ds : 0;
	m->stats->added++;
	m->stats->membership = true;
	if (m->silent)
		return;
	m->t->opened_total++;
	r->flags |= ROW_BORN;
	table_mark(m->t, r, ROW_NEW);
}

static void
row_gone(struct merge *m, struct row *r)
{
	struct table *t = m->t;

	if ((r->flags & (ROW_GONE | ROW_DROP)) != 0)
		return;
	count(t, &r->rec, -1);
	m->stats->removed++;
	m->stats->membership = true;
	t->priv->indexed = false;
	r->flags &= (uint16_t)~ROW_RATES;
	r->rx_bps = r->tx_bps = 0;
	r->gone_ds = m->now_ds;
	if (m->silent) {
		table_mark(t, r, ROW_DROP);
		return;
	}
	t->closed_total++;
	table_mark(t, r, ROW_GONE);
	table_ends_take(t, r);
}

/* The socket is there after all: a reading missed it. A key made of the
 * tuple may also be a new socket's with the same tuple. */
static void
row_revive(struct merge *m, struct row *r, const struct sock_rec *rec)
{
	count(m->t, &r->rec, 1);
	m->stats->membership = true;
	m->t->priv->indexed = false;
	r->flags &= (uint16_t) ~(ROW_GONE | ROW_ENDED);
	r->gone_ds = 0;
	if ((rec->flags & SOCKF_SYNTH_KEY) == 0 || rec->inode == 0 ||
	    r->rec.inode == 0 || rec->inode == r->rec.inode) {
		m->t->closed_total--;
		return;
	}
	free(r->history);
	if (r->history != NULL)
		m->t->priv->nhistories--;
	r->history = NULL;
	r->flags &= (uint16_t)~ROW_CHANGED;
	owners_done(&r->owners);
	memset(&r->owners, 0, sizeof(r->owners));
	row_born(m, r, 0);
	m->stats->added--;
}

static void
row_state(struct merge *m, struct row *r, uint8_t state)
{
	history_add(m->t, r, m->snap->mono_ns, state);
	r->changed_ds = m->now_ds;
	table_mark(m->t, r, ROW_CHANGED);
	if (r->rec.state == SOCK_LISTEN || state == SOCK_LISTEN)
		m->t->priv->indexed = false;
}

/*
 * A socket without an inode (TIME-WAIT, orphan) has no holder any more: the
 * last known one is kept. So it is when nobody looked. True if they changed.
 */
static bool
row_owners(struct merge *m, struct row *r, struct snap_sock *s)
{
	bool changed;

	if (s->owners.proc == NULL &&
	    (s->rec.inode == 0 || (m->snap->flags & SNAP_OWNERS) == 0))
		return false;
	changed = !owners_eq(&r->owners, &s->owners);
	owners_done(&r->owners);
	r->owners = s->owners;
	memset(&s->owners, 0, sizeof(s->owners));
	return changed;
}

/* True if there is anything to show anew. */
static bool
row_ext(struct table *t, struct row *r, struct snap_sock *s)
{
	bool changed = s->ext != NULL || r->ext != NULL;

	if (s->ext != NULL && r->ext != NULL)
		changed = memcmp(s->ext, r->ext, sizeof(*s->ext)) != 0;
	if (r->ext != NULL)
		t->priv->nexts--;
	if (s->ext != NULL)
		t->priv->nexts++;
	free(r->ext);
	r->ext = s->ext;
	s->ext = NULL;
	return changed;
}

static bool
same_tuple(const struct sock_rec *a, const struct sock_rec *b)
{
	return memcmp(&a->local, &b->local, sizeof(a->local)) == 0 &&
	       memcmp(&a->peer, &b->peer, sizeof(a->peer)) == 0 &&
	       a->family == b->family;
}

static void
row_update(struct merge *m, struct row *r, struct snap_sock *s)
{
	struct table *t = m->t;
	float rx = r->rx_bps, tx = r->tx_bps;
	unsigned known = r->flags & ROW_RATES;
	bool changed = memcmp(&r->rec, &s->rec, sizeof(r->rec)) != 0;

	if ((r->flags & ROW_GONE) != 0)
		row_revive(m, r, &s->rec);
	/* Twice in one reading: the last one counts, the rate is the
	 * first one's. */
	if ((r->flags & ROW_SEEN) == 0)
		table_rate_row(t, r, &s->rec, m->interval);
	if (r->rec.state != s->rec.state)
		row_state(m, r, s->rec.state);
	if (!same_tuple(&r->rec, &s->rec))
		t->priv->indexed = false;
	if (changed) {
		count(t, &r->rec, -1);
		count(t, &s->rec, 1);
		r->rec = s->rec;
	}
	changed |= row_owners(m, r, s);
	changed |= row_ext(t, r, s);
	changed |= r->rx_bps < rx || r->rx_bps > rx || r->tx_bps < tx ||
		   r->tx_bps > tx || (r->flags & ROW_RATES) != known;
	r->missed = 0;
	r->flags |= ROW_SEEN;
	if (changed) {
		m->stats->changed++;
		m->stats->values = true;
	}
}

static void
row_add(struct merge *m, struct snap_sock *s)
{
	struct table *t = m->t;
	struct row *r = table_row_new(t);

	r->rec = s->rec;
	r->owners = s->owners;
	memset(&s->owners, 0, sizeof(s->owners));
	(void)row_ext(t, r, s);
	hash_add(&t->priv->by_key, table_key64(sock_key(&r->rec)), r->slot);
	count(t, &r->rec, 1);
	t->priv->indexed = false;
	row_born(m, r, s->age_ds);
	r->flags |= ROW_SEEN;
	if (table_ends_pending(t, sock_key(&r->rec)))
		r->flags |= ROW_ENDED;
	if ((r->rec.known & KNOWN_BYTES) != 0)
		row_list_add(&t->priv->active, r);
}

/* As many as max; returns how many. */
static size_t
merge_socks(struct merge *m, size_t max)
{
	struct snap *snap = m->snap;
	size_t n = snap->n - m->socks < max ? snap->n - m->socks : max, i;
	struct snap_sock *s;
	struct row *r;

	for (i = 0; i < n; i++) {
		s = &snap->sock[m->socks++];
		if (s->rec.state >= SOCK_NSTATES)
			s->rec.state = SOCK_STATE_UNKNOWN;
		r = table_find(m->t, sock_key(&s->rec));
		if (r == NULL)
			row_add(m, s);
		else
			row_update(m, r, s);
	}
	return n;
}

/* Whole readings: who was not in it is gone or, if it has holes, missing. */
static void
merge_unseen(struct merge *m)
{
	struct table *t = m->t;
	bool holes = (m->snap->flags & SNAP_HOLES) != 0;
	struct row *r;
	size_t i;

	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if ((r->flags & (ROW_SEEN | ROW_GONE)) != 0)
			continue;
		if (!holes || r->missed >= MISSED_MAX)
			row_gone(m, r);
		else
			r->missed++;
	}
}

static void
merge_gone(struct merge *m, size_t max)
{
	struct row *r;

	for (; m->gone < m->snap->ngone && max > 0; max--) {
		r = table_find(m->t, m->snap->gone[m->gone++]);
		if (r != NULL)
			row_gone(m, r);
	}
}

static void
merge_names(struct table *t, const struct snap *snap)
{
	const struct name *n;
	size_t i;

	for (i = 0; i < snap->nnames; i++) {
		n = &snap->name[i];
		names_set(t->names, n->kind, n->netns, n->id, n->text);
	}
	if (snap->ephemeral_hi != 0) {
		t->ephemeral_lo = snap->ephemeral_lo;
		t->ephemeral_hi = snap->ephemeral_hi;
	}
	if (snap->limits.netns != 0)
		t->limits = snap->limits;
}

/* Sockets a second, by whatever time passed since the reading before. */
static uint32_t
per_second(uint32_t n, uint64_t ns)
{
	double d = (double)n * (double)NS_PER_S / (double)ns + 0.5;

	return d < (double)UINT32_MAX ? (uint32_t)d : UINT32_MAX;
}

static void
merge_pace(struct merge *m)
{
	struct table *t = m->t;
	struct table_priv *p = t->priv;
	uint64_t now = m->snap->mono_ns;
	uint64_t opened = t->opened_total - m->opened;
	/* One that was found again takes its closing back. */
	uint64_t closed =
	    t->closed_total > m->closed ? t->closed_total - m->closed : 0;

	if (!p->read || m->silent) {
		t->opened_per_s = t->closed_per_s = 0;
	} else if (now > p->last_ns) {
		t->opened_per_s =
		    per_second((uint32_t)opened, now - p->last_ns);
		t->closed_per_s =
		    per_second((uint32_t)closed, now - p->last_ns);
	}
	p->read = true;
	p->last_ns = t->now_ns = now;
}

/* The marks of this reading go. */
static void
clear_seen(struct table *t, const struct snap *snap)
{
	struct row *r;
	size_t i;

	if (snap->n >= t->n / 4) {
		for (i = 0; i < t->n; i++)
			t->row[i]->flags &= (uint16_t)~ROW_SEEN;
		return;
	}
	for (i = 0; i < snap->n; i++) {
		r = table_find(t, sock_key(&snap->sock[i].rec));
		if (r != NULL)
			r->flags &= (uint16_t)~ROW_SEEN;
	}
}

/* Time is counted from the first reading, or from the birth of the oldest
 * socket in it if that is recorded. */
static uint64_t
epoch_of(const struct snap *snap)
{
	uint64_t age = 0;
	size_t i;

	for (i = 0; i < snap->n; i++)
		if (snap->sock[i].age_ds > age)
			age = snap->sock[i].age_ds;
	age *= NS_PER_DS;
	return age < snap->mono_ns ? snap->mono_ns - age : 0;
}

/* Then no time has passed: the epoch goes back with it, ages stay. */
static void
clock_went_back(struct table *t, uint64_t by_ns)
{
	t->epoch_ns -= by_ns < t->epoch_ns ? by_ns : t->epoch_ns;
}

void
table_merge_begin(struct table *t, struct snap *snap, struct merge_stats *stats)
{
	struct table_priv *p = t->priv;
	struct merge *m = &p->merge;
	size_t want;

	if (m->snap != NULL)
		fatal("%s: the one before is not yet done", __func__);
	memset(m, 0, sizeof(*m));
	m->t = t;
	m->snap = snap;
	m->stats = stats != NULL ? stats : &m->unused;
	memset(m->stats, 0, sizeof(*m->stats));
	m->opened = t->opened_total;
	m->closed = t->closed_total;
	m->was_active = p->active;
	memset(&p->active, 0, sizeof(p->active));
	if (!p->read)
		t->epoch_ns = epoch_of(snap);
	else if (snap->mono_ns < p->last_ns)
		clock_went_back(t, p->last_ns - snap->mono_ns);
	m->silent = !p->read || (snap->flags & SNAP_RESCOPE) != 0;
	m->now_ds = table_ds(t, snap->mono_ns);
	m->advanced = p->read && snap->mono_ns > p->last_ns;
	m->interval = table_rate_interval(t, snap->mono_ns);

	merge_names(t, snap);
	want = snap->total > snap->n ? snap->total : snap->n;
	if (want > t->n + snap->n)
		want = t->n + snap->n;
	hash_reserve(&p->by_key, want);
	table_rows_reserve(t, want);
}

static void
merge_finish(struct merge *m)
{
	struct table *t = m->t;
	struct snap *snap = m->snap;
	bool delta = (snap->flags & SNAP_DELTA) != 0;

	if (!delta)
		merge_unseen(m);
	/* Not in a partial reading: not known to stand still. */
	table_rate_finish(
	    t, m->interval, m->advanced && delta, &m->was_active, m->stats);
	clear_seen(t, snap);
	table_ends_settle(m);
	merge_pace(m);
	t->total = snap->total != 0 || delta ? snap->total : snap->n;
	if (table_age(t, snap->mono_ns))
		m->stats->membership = true;
	m->snap = NULL;
}

bool
table_merge_step(struct table *t, size_t sockets)
{
	struct merge *m = &t->priv->merge;

	if (m->snap == NULL)
		return true;
	sockets -= merge_socks(m, sockets);
	merge_gone(m, sockets);
	if (m->socks < m->snap->n || m->gone < m->snap->ngone)
		return false;
	merge_finish(m);
	return true;
}

void
table_merge(struct table *t, struct snap *snap, struct merge_stats *stats)
{
	table_merge_begin(t, snap, stats);
	(void)table_merge_step(t, SIZE_MAX);
}

bool
table_tick(struct table *t, uint64_t now_ns)
{
	/* Rows on their way stay where they are. */
	return t->priv->merge.snap == NULL && table_age(t, now_ns);
}

uint64_t
row_age_ns(const struct table *t, const struct row *r)
{
	uint32_t end =
	    (r->flags & ROW_GONE) != 0 ? r->gone_ds : table_ds(t, t->now_ns);

	return end > r->born_ds ? (end - r->born_ds) * NS_PER_DS : 0;
}

uint64_t
row_state_age_ns(const struct table *t, const struct row *r)
{
	uint32_t since = r->history != NULL ? r->changed_ds : r->born_ds;
	uint32_t end =
	    (r->flags & ROW_GONE) != 0 ? r->gone_ds : table_ds(t, t->now_ns);

	return end > since ? (end - since) * NS_PER_DS : 0;
}
