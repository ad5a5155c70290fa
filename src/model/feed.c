/* SPDX-License-Identifier: ISC */
/*
 * The stream of events. What was told of a row is remembered in its flags
 * (ROW_ENDED), so that the kernel's word and a reading's never make two.
 */
#include "config.h"

#include "model/feed.h"

#include <string.h>

#include "base/array.h"

#define NS_PER_DS UINT64_C(100000000)

const char *
feed_kind_name(enum feed_kind kind)
{
	static const char *const name[] = { [FEED_OPENED] = "opened",
		[FEED_CLOSED] = "closed",
		[FEED_ALERT] = "alert",
		[FEED_LOST] = "lost" };

	return name[kind];
}

static bool
wanted(const struct feed *f, const struct row *row)
{
	return filter_eval(f->filter, row, f->ctx);
}

static void
put_hit(void *arg, const struct alert_hit *hit)
{
	struct feed *f = arg;
	const struct feed_event ev = { .kind = FEED_ALERT,
		.row = hit->row,
		.mono_ns = f->now_ns,
		.rule = hit->rule,
		.count = hit->count };

	if (hit->row == NULL || wanted(f, hit->row))
		f->put(f->arg, &ev);
}

static void
put_row(struct feed *f, enum feed_kind kind, const struct row *row,
    uint64_t mono_ns)
{
	const struct feed_event ev = { .kind = kind,
		.row = row,
		.was = (enum sock_state)row->rec.state,
		.mono_ns = mono_ns,
		.count = 1 };

	if (wanted(f, row))
		f->put(f->arg, &ev);
}

static uint32_t
to_ds(const struct table *t, uint64_t mono_ns)
{
	return mono_ns > t->epoch_ns
		   ? (uint32_t)((mono_ns - t->epoch_ns) / NS_PER_DS)
		   : 0;
}

/* The row as it is known, with the last figures; the table's stays. */
static void
put_end(struct feed *f, const struct row *known, const struct sock_end *e)
{
	struct table *t = f->ctx->table;
	struct sock_ext ext = { 0 };
	struct row row = { 0 };
	struct feed_event ev = { .kind = FEED_CLOSED,
		.row = &row,
		.told = true,
		.mono_ns = e->mono_ns,
		.count = 1 };

	if (known != NULL) {
		row = *known;
		if (known->ext != NULL)
			ext = *known->ext;
		ev.was = (enum sock_state)known->rec.state;
		sock_end_apply(e, &row.rec);
	} else {
		row.rec = e->rec;
		row.flags = ROW_UNSEEN;
		row.born_ds = to_ds(t, t->now_ns);
		ev.listener = table_listener(t, &row);
	}
	if (e->tcp_info_len > 0)
		sock_end_ext(e, &ext);
	row.ext = known != NULL && known->ext == NULL && e->tcp_info_len == 0
		      ? NULL
		      : &ext;
	row.flags = (uint16_t)((row.flags & ~(unsigned)ROW_RATES) | ROW_GONE);
	row.gone_ds = to_ds(t, e->mono_ns);
	/* It matches as it was, too: `state established`. */
	if (known == NULL ? wanted(f, &row) : wanted(f, known)) {
		row.rec.state = e->rec.state;
		f->put(f->arg, &ev);
	}
	row.rec.state = e->rec.state;
	f->now_ns = e->mono_ns;
	if (known == NULL)
		alerts_check_row(
		    f->alerts, &row, f->ctx, e->mono_ns, put_hit, f);
}

void
feed_end(struct feed *f, const struct sock_end *e)
{
	struct table *t = f->ctx->table;
	const struct row *known = table_find(t, sock_key(&e->rec));

	/* Before the first reading nothing is known of anything. */
	if (f->read && (known == NULL || (known->flags & ROW_ENDED) == 0))
		put_end(f, known, e);
	table_end(t, e);
}

void
feed_lost(struct feed *f, uint64_t count, uint64_t mono_ns)
{
	const struct feed_event ev = {
		.kind = FEED_LOST, .mono_ns = mono_ns, .count = count
	};

	if (count > 0)
		f->put(f->arg, &ev);
}

/* A reading says so alone: the kernel did not, or not yet. */
static bool
ended_unheard(const struct feed *f, const struct row *row)
{
	const struct table *t = f->ctx->table;
	uint32_t now = to_ds(t, t->now_ns);
	bool gone = (row->flags & ROW_GONE) != 0;

	if ((row->flags & ROW_ENDED) != 0 ||
	    (!gone && row->rec.state != SOCK_TIME_WAIT))
		return false;
	if (!f->told)
		return true;
	/* Its word may be on the way: until the next reading. */
	return (gone ? row->gone_ds : row->changed_ds) < now &&
	       row->born_ds < now;
}

static bool
fresh(const struct feed *f, const struct row *row)
{
	return row->seq >= f->next &&
	       (row->flags & (ROW_GONE | ROW_ENDED)) == 0 &&
	       row->rec.state != SOCK_TIME_WAIT;
}

void
feed_merged(struct feed *f, bool owners)
{
	struct table *t = f->ctx->table;
	uint32_t next = f->next;
	struct row *row;
	size_t i;

	f->now_ns = t->now_ns;
	for (i = 0; i < t->n; i++) {
		row = t->row[i];
		if (row->seq >= next)
			next = row->seq + 1;
		if (!f->read) {
			/* What is over already is no news. */
			if (row->rec.state == SOCK_TIME_WAIT)
				row->flags |= ROW_ENDED;
			continue;
		}
		if (fresh(f, row))
			put_row(f, FEED_OPENED, row, t->now_ns);
		else if (ended_unheard(f, row)) {
			put_row(f, FEED_CLOSED, row,
			    (row->flags & ROW_GONE) != 0
				? t->epoch_ns + row->gone_ds * NS_PER_DS
				: t->now_ns);
			row->flags |= ROW_ENDED;
		}
	}
	f->next = next;
	f->read = true;
	(void)alerts_check(f->alerts, f->ctx, owners, t->now_ns, put_hit, f);
}
