/* SPDX-License-Identifier: ISC */
/*
 * Rates: what the byte counters gained between two readings, by the
 * monotonic clock. Where time or counters make no sense there is no rate; a
 * rate is never negative, infinite or not a number.
 */
#include "config.h"

#include "model/table_priv.h"

/* A reading sooner than this after the last (asked for by hand, or by a new
 * column) is no measure: what was measured before it stays. */
#define SHORT_NS (NS_PER_S / 5)
/* A gap of more than this many periods (stopped, suspended) has no rate. */
#define GAP_PERIODS 3

double
table_rate_interval(struct table *t, uint64_t mono_ns)
{
	struct table_priv *p = t->priv;
	uint64_t gap, period = p->period_ns;
	bool held = p->rates_held;

	p->rates_held = false;
	if (!p->read || mono_ns <= p->last_ns)
		return 0;
	gap = mono_ns - p->last_ns;
	/* Never twice in a row: a short interval may be the usual one. */
	if (gap < SHORT_NS && (period == 0 || gap < period / 2) && !held) {
		p->rates_held = true;
		return 0;
	}
	/* Up at once, down slowly: a reading asked for by hand in between
	 * does not make the next one a gap. */
	p->period_ns = gap >= period ? gap : period - (period - gap) / 8;
	if (period != 0 && gap / GAP_PERIODS > period)
		return 0;
	return (double)gap / (double)NS_PER_S;
}

static void
rate_unknown(struct row *r)
{
	r->rx_bps = r->tx_bps = 0;
	r->flags &= (uint16_t)~ROW_RATES;
}

/* Before the row's record is replaced by the new one. */
void
table_rate_row(
    struct table *t, struct row *r, const struct sock_rec *now, double interval)
{
	const struct sock_rec *was = &r->rec;

	if ((now->known & KNOWN_BYTES) != 0)
		row_list_add(&t->priv->active, r);
	if (t->priv->rates_held)
		return;
	if (interval <= 0 || (was->known & now->known & KNOWN_BYTES) == 0 ||
	    now->bytes_received < was->bytes_received ||
	    now->bytes_sent < was->bytes_sent) {
		rate_unknown(r);
		return;
	}
	r->rx_bps =
	    (float)((double)(now->bytes_received - was->bytes_received) /
		    interval);
	r->tx_bps =
	    (float)((double)(now->bytes_sent - was->bytes_sent) / interval);
	r->flags |= ROW_RATES;
}

/*
 * Whoever was told of in the reading before and not in this one did not
 * change: its rate is 0 now (known: there was an interval) or unknown.
 */
void
table_rate_finish(struct table *t, double interval, bool known,
    struct row_list *was_active, struct merge_stats *stats)
{
	struct table_priv *p = t->priv;
	struct row *r;
	size_t i, n = 0;

	for (i = 0; i < was_active->n; i++) {
		r = was_active->row[i];
		if ((r->flags & (ROW_SEEN | ROW_GONE | ROW_DROP)) != 0)
			continue;
		if (p->rates_held) {
			row_list_add(&p->active, r);
			continue;
		}
		if (r->rx_bps > 0 || r->tx_bps > 0 ||
		    ((r->flags & ROW_RATES) != 0) != known)
			stats->values = true;
		rate_unknown(r);
		if (known)
			r->flags |= ROW_RATES;
		else
			row_list_add(&p->active, r);
	}
	row_list_done(was_active);
	if (p->rates_held)
		return;

	t->rates_known = interval > 0;
	t->rx_bps = t->tx_bps = 0;
	for (i = 0; i < p->active.n; i++) {
		r = p->active.row[i];
		if ((r->flags & (ROW_GONE | ROW_DROP)) != 0)
			continue;
		t->rx_bps += (double)r->rx_bps;
		t->tx_bps += (double)r->tx_bps;
		p->active.row[n++] = r;
	}
	p->active.n = n;
}
