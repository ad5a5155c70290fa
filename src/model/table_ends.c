/* SPDX-License-Identifier: ISC */
/*
 * Ends that the kernel told of, between two readings. They never remove a
 * row: what is there is what the last reading says, whatever was told, lost
 * or told twice. An end only adds what no reading can know: the last figures,
 * the moment, and sockets that came and went in between.
 */
#include "config.h"

#include "model/table_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

#define ENDS_MAX 65536

void
sock_ends_done(struct sock_ends *ends)
{
	free(ends->end);
	*ends = (struct sock_ends){ 0 };
}

static uint64_t
key_of_end(const void *arg, uint32_t i)
{
	const struct table_priv *p = arg;

	return table_key64(sock_key(&p->end[i].rec));
}

void
table_ends_init(struct table *t)
{
	hash_init(&t->priv->by_end, key_of_end, t->priv);
}

void
table_ends_done(struct table *t)
{
	hash_done(&t->priv->by_end);
	free(t->priv->end);
}

bool
table_ends_pending(const struct table *t, struct sock_key key)
{
	const struct table_priv *p = t->priv;

	return p->nends > 0 &&
	       hash_find(&p->by_end, table_key64(key)) != HASH_NONE;
}

void
sock_end_apply(const struct sock_end *e, struct sock_rec *rec)
{
	const struct sock_rec *last = &e->rec;

	if ((last->known & KNOWN_TCP) != 0) {
		rec->rtt_us = last->rtt_us;
		rec->rttvar_us = last->rttvar_us;
		rec->cwnd = last->cwnd;
		rec->mss = last->mss;
		rec->retrans_total = last->retrans_total;
	}
	if ((last->known & KNOWN_BYTES) != 0) {
		rec->bytes_sent = last->bytes_sent;
		rec->bytes_received = last->bytes_received;
	}
	rec->known |= last->known & (KNOWN_TCP | KNOWN_BYTES);
}

void
sock_end_ext(const struct sock_end *e, struct sock_ext *ext)
{
	ext->tcp_info_len = e->tcp_info_len;
	memcpy(ext->tcp_info, e->tcp_info, sizeof(ext->tcp_info));
}

/* The last figures become the row's, whose state and owner stay. */
static void
apply(struct table *t, struct row *r, const struct sock_end *e)
{
	uint32_t ds = table_ds(t, e->mono_ns);

	sock_end_apply(e, &r->rec);
	if (e->tcp_info_len > 0) {
		if (r->ext == NULL) {
			r->ext = xcalloc(1, sizeof(*r->ext));
			t->priv->nexts++;
		}
		sock_end_ext(e, r->ext);
	}
	r->flags |= ROW_ENDED;
	if (ds < r->gone_ds && ds >= r->born_ds)
		r->gone_ds = ds;
}

/* The last one takes the place of the one that leaves. */
static void
remove_end(struct table_priv *p, uint32_t i)
{
	uint32_t last = (uint32_t)p->nends - 1;

	(void)hash_remove(&p->by_end, key_of_end(p, i));
	if (i != last) {
		(void)hash_remove(&p->by_end, key_of_end(p, last));
		p->end[i] = p->end[last];
		hash_add(&p->by_end, key_of_end(p, i), i);
	}
	p->nends--;
}

void
table_ends_take(struct table *t, struct row *r)
{
	struct table_priv *p = t->priv;
	uint32_t i;

	if (p->nends == 0)
		return;
	i = hash_find(&p->by_end, table_key64(sock_key(&r->rec)));
	if (i == HASH_NONE)
		return;
	apply(t, r, &p->end[i]);
	remove_end(p, i);
}

void
table_end(struct table *t, const struct sock_end *e)
{
	struct sock_key key = sock_key(&e->rec);
	struct table_priv *p = t->priv;
	struct row *r = table_find(t, key);

	if (r != NULL && (r->flags & ROW_GONE) != 0) {
		apply(t, r, e);
		return;
	}
	if (r != NULL)
		r->flags |= ROW_ENDED;
	if (table_ends_pending(t, key))
		return;
	if (p->nends == ENDS_MAX) {
		t->ends_lost += r == NULL;
		return;
	}
	p->end =
	    array_grow(p->end, &p->ends_cap, p->nends + 1, sizeof(*p->end));
	p->end[p->nends] = *e;
	hash_add(&p->by_end, table_key64(key), (uint32_t)p->nends++);
}

/* It came after one reading and went before the next. */
static void
add_unseen(struct merge *m, const struct sock_end *e)
{
	struct table *t = m->t;
	struct row *r = table_row_alloc(t);

	r->rec = e->rec;
	r->flags = ROW_GONE | ROW_UNSEEN;
	r->born_ds = table_ds(t, t->priv->last_ns);
	r->gone_ds = m->now_ds;
	apply(t, r, e);
	t->opened_total++;
	t->closed_total++;
	table_closed_add(t, r);
}

/*
 * What is left of a socket that no reading saw: it got its cookie only when
 * it was gone, and so did its TIME-WAIT. The addresses must do, and that it is
 * new. True: it lives on.
 */
static bool
left_over(struct merge *m, const struct sock_end *e)
{
	struct row *r = table_same_tuple(m->t, &e->rec);
	/* The reading before may have begun before the end, and seen what is
	 * left after it. */
	uint32_t since = table_ds(m->t, m->t->priv->last_ns);

	if (r == NULL || r->born_ds < since || r->rec.inode != 0 ||
	    (r->flags & ROW_ENDED) != 0 ||
	    (r->rec.state != SOCK_TIME_WAIT && r->rec.state != SOCK_FIN_WAIT_2))
		return false;
	r->flags |= ROW_ENDED;
	return true;
}

/*
 * What began before an end and ended after it may list the socket or not: it
 * says nothing. Nor does a reading with holes, or one after which nothing is
 * called new.
 */
void
table_ends_settle(struct merge *m)
{
	struct table_priv *p = m->t->priv;
	const struct sock_end *e;
	size_t i, n = 0, before = p->nends;

	if (before == 0 || (m->snap->flags & SNAP_HOLES) != 0)
		return;
	for (i = 0; i < before; i++) {
		e = &p->end[i];
		if (e->mono_ns >= m->snap->mono_ns)
			p->end[n++] = *e;
		else if (!m->silent &&
			 table_find(m->t, sock_key(&e->rec)) == NULL &&
			 !left_over(m, e))
			add_unseen(m, e);
	}
	p->nends = n;
	hash_clear(&p->by_end);
	for (i = 0; i < n; i++)
		hash_add(&p->by_end, key_of_end(p, (uint32_t)i), (uint32_t)i);
	if (n == 0) {
		free(p->end);
		p->end = NULL;
		p->ends_cap = 0;
	}
}
