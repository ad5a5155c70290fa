/* SPDX-License-Identifier: ISC */
/* Merging: identity, owners, tombstones, rates under odd clocks, pairs. */
#include "config.h"

#include "rows_help.h"
#include "seed.h"

#include <math.h>

#include "model/summary.h"
#include "model/table.h"

#define KEYS  200
#define MARKS (ROW_NEW | ROW_CHANGED | ROW_GONE | ROW_RATES | ROW_BORN)

static struct sock_key
key(uint64_t cookie)
{
	return (struct sock_key){ .cookie = cookie, .netns = 1 };
}

static struct merge_stats
merge(struct table *t, struct snap *s)
{
	struct merge_stats st;

	table_merge(t, s, &st);
	snap_free(s);
	return st;
}

static struct merge_stats
merge_one(struct table *t, uint64_t at, unsigned flags, struct sock_rec rec)
{
	struct snap *s = help_snap(at, flags);

	help_put(s, rec);
	return merge(t, s);
}

static void
test_first_reading_is_not_new(void **state)
{
	struct table *t = table_new();
	struct merge_stats st;
	struct snap *s;

	(void)state;
	st = merge_one(t, 5 * SEC, 0, help_rec(1));
	assert_int_equal(st.added, 1);
	assert_true(st.membership);
	assert_int_equal(table_find(t, key(1))->flags, 0);
	assert_int_equal(t->opened_total, 0);

	s = help_snap(7 * SEC, SNAP_DELTA);
	help_put(s, help_rec(2));
	st = merge(t, s);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->live, 2);
	assert_int_equal(
	    table_find(t, key(2))->flags & MARKS, ROW_NEW | ROW_BORN);
	assert_int_equal(t->opened_total, 1);
	assert_int_equal(t->opened_per_s, 1); /* half a socket a second */
	assert_int_equal(row_age_ns(t, table_find(t, key(1))), 2 * SEC);
	assert_int_equal(row_age_ns(t, table_find(t, key(2))), 0);

	/* Nothing happened: nothing to do. */
	st = merge(t, help_snap(8 * SEC, SNAP_DELTA));
	assert_false(st.membership || st.values);
	assert_true((table_find(t, key(2))->flags & ROW_NEW) != 0);
	merge(t, help_snap(10 * SEC, SNAP_DELTA));
	assert_int_equal(table_find(t, key(2))->flags, ROW_BORN);
	table_free(t);
}

static void
test_owner_stays_through_time_wait(void **state)
{
	struct table *t = table_new();
	struct sock_rec rec = help_rec(1);
	struct snap *s = help_snap(SEC, SNAP_OWNERS);
	const struct row *r, *before;
	struct history *h;

	(void)state;
	help_own(help_put(s, rec), 812, "nginx");
	merge(t, s);
	before = table_find(t, key(1));
	assert_string_equal(before->owners.proc->comm, "nginx");

	rec.state = SOCK_FIN_WAIT_2;
	rec.inode = 0;
	rec.flags |= SOCKF_ORPHAN;
	merge_one(t, 2 * SEC, SNAP_DELTA | SNAP_OWNERS, rec);
	rec.state = SOCK_TIME_WAIT;
	merge_one(t, 3 * SEC, SNAP_OWNERS, rec);
	r = table_find(t, key(1));
	assert_ptr_equal(r, before);
	assert_int_equal(r->rec.state, SOCK_TIME_WAIT);
	assert_string_equal(r->owners.proc->comm, "nginx");
	assert_true((r->flags & ROW_CHANGED) != 0);
	h = r->history;
	assert_int_equal(h->n, 3);
	assert_int_equal(h->at[0].state, SOCK_ESTABLISHED);
	assert_int_equal(h->at[1].state, SOCK_FIN_WAIT_2);
	assert_int_equal(h->at[2].state, SOCK_TIME_WAIT);
	assert_int_equal(h->at[2].mono_ns, 3 * SEC);
	assert_int_equal(t->by_state[SOCK_TIME_WAIT], 1);
	assert_int_equal(t->by_state[SOCK_ESTABLISHED], 0);
	table_free(t);
}

static void
test_owner_replaced_only_when_looked_for(void **state)
{
	struct table *t = table_new();
	struct sock_rec rec = help_rec(1);
	struct snap *s = help_snap(SEC, SNAP_OWNERS);

	(void)state;
	help_own(help_put(s, rec), 1, "a");
	merge(t, s);
	merge_one(t, 2 * SEC, 0, rec); /* nobody looked */
	assert_string_equal(table_find(t, key(1))->owners.proc->comm, "a");
	s = help_snap(3 * SEC, SNAP_OWNERS);
	help_own(help_put(s, rec), 2, "b");
	assert_true(merge(t, s).values);
	assert_string_equal(table_find(t, key(1))->owners.proc->comm, "b");
	merge_one(t, 4 * SEC, SNAP_OWNERS, rec); /* looked, found none */
	assert_null(table_find(t, key(1))->owners.proc);
	table_free(t);
}

static void
test_history_keeps_first_and_newest(void **state)
{
	struct table *t = table_new();
	struct sock_rec rec = help_rec(1);
	const struct history *h;
	uint64_t i;

	(void)state;
	for (i = 0; i < 40; i++) {
		rec.state = i % 2 == 0 ? SOCK_ESTABLISHED : SOCK_CLOSE_WAIT;
		merge_one(t, (i + 1) * SEC, 0, rec);
	}
	h = table_find(t, key(1))->history;
	assert_int_equal(h->n, 12);
	assert_int_equal(h->at[0].mono_ns, SEC);
	assert_int_equal(h->at[0].state, SOCK_ESTABLISHED);
	assert_int_equal(h->at[11].mono_ns, 40 * SEC);
	assert_int_equal(h->at[11].state, SOCK_CLOSE_WAIT);
	assert_int_equal(h->at[1].mono_ns, 30 * SEC);
	assert_int_equal(row_state_age_ns(t, table_find(t, key(1))), 0);
	table_free(t);
}

static void
test_tombstone_then_closed(void **state)
{
	struct table *t = table_new();
	struct merge_stats st;
	struct snap *s;
	const struct row *r;

	(void)state;
	merge_one(t, SEC, 0, help_rec(1));
	r = table_find(t, key(1));
	s = help_snap(2 * SEC, SNAP_DELTA);
	snap_add_gone(s, key(1));
	snap_add_gone(s, key(99)); /* never heard of */
	st = merge(t, s);
	assert_int_equal(st.removed, 1);
	assert_true(st.membership);
	assert_ptr_equal(table_find(t, key(1)), r);
	assert_true((r->flags & ROW_GONE) != 0);
	assert_int_equal(t->n, 1);
	assert_int_equal(t->live, 0);
	assert_int_equal(t->tcp, 0);
	assert_int_equal(t->closed_per_s, 1);
	assert_int_equal(t->nclosed, 0);

	assert_false(table_tick(t, 3 * SEC));
	assert_true(table_tick(t, 5 * SEC));
	assert_int_equal(t->n, 0);
	assert_null(table_find(t, key(1)));
	assert_int_equal(t->nclosed, 1);
	assert_ptr_equal(t->closed[0], r);
	assert_int_equal(row_age_ns(t, r), SEC);
	table_closed_clear(t);
	assert_int_equal(t->nclosed, 0);
	table_free(t);
}

static void
test_closed_ring_is_bounded(void **state)
{
	struct table *t = table_new();
	uint64_t i;

	(void)state;
	t->fresh_ns = 0;
	table_set_closed_max(t, 10);
	for (i = 1; i <= 100; i++) {
		merge_one(t, i * SEC, 0, help_rec(i));
		assert_true(t->nclosed <= 10);
	}
	assert_int_equal(t->closed[t->nclosed - 1]->rec.cookie, 99);
	assert_int_equal(t->n, 1);
	table_set_closed_max(t, 2);
	assert_int_equal(t->nclosed, 2);
	table_set_closed_max(t, 0);
	merge_one(t, 200 * SEC, 0, help_rec(500));
	assert_int_equal(t->nclosed, 0);
	table_free(t);
}

static void
test_hold_keeps_rows(void **state)
{
	struct table *t = table_new();
	const struct row *r;
	uint64_t i;

	(void)state;
	t->fresh_ns = 0;
	table_set_closed_max(t, 0);
	merge_one(t, SEC, 0, help_rec(1));
	r = table_find(t, key(1));
	table_hold(t);
	for (i = 2; i < 50; i++)
		merge_one(t, i * SEC, 0, help_rec(i));
	assert_null(table_find(t, key(1)));
	assert_int_equal(r->rec.cookie, 1); /* ASan tells the rest */
	assert_true((r->flags & ROW_GONE) != 0);
	table_release(t);
	table_free(t);
}

static void
test_found_again(void **state)
{
	struct table *t = table_new();
	struct sock_rec rec = help_rec(1);
	const struct row *r;

	(void)state;
	merge_one(t, SEC, 0, rec);
	merge(t, help_snap(2 * SEC, 0));
	assert_int_equal(t->closed_total, 1);
	merge_one(t, 3 * SEC, 0, rec);
	r = table_find(t, key(1));
	assert_int_equal(r->flags & (ROW_GONE | ROW_NEW), 0);
	assert_int_equal(t->closed_total, 0);
	assert_int_equal(t->closed_per_s, 0);
	assert_int_equal(t->live, 1);
	merge(t, help_snap(10 * SEC, SNAP_DELTA));
	assert_int_equal(t->n, 1); /* the mark of then does not drop it */

	/* /proc/net has no cookies: the same tuple may be another socket. */
	rec.flags |= SOCKF_SYNTH_KEY;
	merge_one(t, 11 * SEC, 0, rec);
	merge(t, help_snap(12 * SEC, 0));
	rec.inode++;
	merge_one(t, 13 * SEC, 0, rec);
	assert_true((table_find(t, key(1))->flags & ROW_NEW) != 0);
	assert_int_equal(t->live, 1);
	table_free(t);
}

static void
test_holes_keep(void **state)
{
	struct table *t = table_new();
	uint64_t i;

	(void)state;
	merge_one(t, SEC, 0, help_rec(1));
	for (i = 2; i < 4; i++) {
		merge(t, help_snap(i * SEC, SNAP_HOLES));
		assert_int_equal(t->live, 1);
	}
	/* A warning that never ends does not keep the dead for ever. */
	merge(t, help_snap(4 * SEC, SNAP_HOLES));
	assert_int_equal(t->live, 0);
	table_free(t);
}

/* A warning alone (an owner that could not be read) keeps nobody. */
static void
test_partial_is_no_hole(void **state)
{
	struct table *t = table_new();

	(void)state;
	merge_one(t, SEC, 0, help_rec(1));
	merge(t, help_snap(2 * SEC, SNAP_PARTIAL));
	assert_int_equal(t->live, 0);
	table_free(t);
}

static void
test_recorded_ages(void **state)
{
	struct table *t = table_new();
	struct snap *s = help_snap(1000 * SEC, 0);

	(void)state;
	help_put(s, help_rec(1))->age_ds = 50;
	help_put(s, help_rec(2))->age_ds = 6000;
	help_put(s, help_rec(3));
	merge(t, s);
	assert_int_equal(row_age_ns(t, table_find(t, key(1))), 5 * SEC);
	assert_int_equal(row_age_ns(t, table_find(t, key(2))), 600 * SEC);
	assert_int_equal(row_age_ns(t, table_find(t, key(3))), 0);
	table_free(t);
}

static void
test_rescope_is_silent(void **state)
{
	struct table *t = table_new();
	struct snap *s;

	(void)state;
	merge_one(t, SEC, 0, help_rec(1));
	s = help_snap(2 * SEC, SNAP_DELTA | SNAP_RESCOPE);
	help_put(s, help_rec(2));
	snap_add_gone(s, key(1));
	merge(t, s);
	assert_int_equal(t->n, 1);
	assert_int_equal(t->nclosed, 0);
	assert_int_equal(t->opened_total + t->closed_total, 0);
	assert_int_equal(table_find(t, key(2))->flags, 0);
	table_free(t);
}

static void
test_duplicates_last_wins(void **state)
{
	struct table *t = table_new();
	struct sock_rec rec = help_rec(1);
	struct snap *s;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		s = help_snap((uint64_t)(i + 1) * SEC, 0);
		rec.recvq = 1;
		help_own(help_put(s, rec), 1, "a");
		rec.recvq = 2;
		help_own(help_put(s, rec), 2, "b");
		merge(t, s);
		assert_int_equal(t->n, 1);
		assert_int_equal(t->tcp, 1);
		assert_int_equal(table_find(t, key(1))->rec.recvq, 2);
	}
	table_free(t);
}

static struct sock_rec
bytes_rec(uint64_t cookie, uint64_t received, uint64_t sent)
{
	struct sock_rec r = help_rec(cookie);

	r.known |= KNOWN_BYTES;
	r.bytes_received = received;
	r.bytes_sent = sent;
	return r;
}

static void
expect_rates(const struct table *t, bool known, double rx, double tx)
{
	const struct row *r = table_find(t, key(1));

	assert_int_equal((r->flags & ROW_RATES) != 0, known);
	assert_true(fabs((double)r->rx_bps - rx) < 0.01);
	assert_true(fabs((double)r->tx_bps - tx) < 0.01);
	assert_true(isfinite(t->rx_bps) && t->rx_bps >= 0);
	assert_true(fabs(t->rx_bps - rx) < 0.01);
}

static void
test_rates(void **state)
{
	struct table *t = table_new();
	struct snap *s;

	(void)state;
	merge_one(t, SEC, SNAP_DELTA, bytes_rec(1, 1000, 10));
	expect_rates(t, false, 0, 0);
	assert_false(t->rates_known);
	merge_one(t, 3 * SEC, SNAP_DELTA, bytes_rec(1, 3000, 20));
	expect_rates(t, true, 1000, 5);
	assert_true(t->rates_known);
	/* Not mentioned: stands still. */
	s = help_snap(5 * SEC, SNAP_DELTA);
	assert_true(merge(t, s).values);
	expect_rates(t, true, 0, 0);
	assert_false(merge(t, help_snap(7 * SEC, SNAP_DELTA)).values);
	expect_rates(t, true, 0, 0);
	/* Since the last reading, not since it was last mentioned. */
	merge_one(t, 9 * SEC, SNAP_DELTA, bytes_rec(1, 4000, 20));
	expect_rates(t, true, 500, 0);
	/* Counters that went down, counters not told. */
	merge_one(t, 11 * SEC, SNAP_DELTA, bytes_rec(1, 100, 30));
	expect_rates(t, false, 0, 0);
	merge_one(t, 13 * SEC, SNAP_DELTA, bytes_rec(1, 200, 40));
	expect_rates(t, true, 50, 5);
	merge_one(t, 15 * SEC, SNAP_DELTA, help_rec(1));
	expect_rates(t, false, 0, 0);
	merge_one(t, 17 * SEC, SNAP_DELTA, bytes_rec(1, 9000, 40));
	expect_rates(t, false, 0, 0);
	/* A new one that then stands still has a rate of 0, not none. */
	merge(t, help_snap(19 * SEC, SNAP_DELTA));
	expect_rates(t, true, 0, 0);
	s = help_snap(21 * SEC, SNAP_DELTA);
	snap_add_gone(s, key(1));
	merge(t, s);
	expect_rates(t, false, 0, 0);
	table_free(t);
}

/* A key that needs another column asks for a reading at once. */
static void
test_rates_of_short_intervals(void **state)
{
	struct table *t = table_new();
	uint64_t i, ms = SEC / 1000;

	(void)state;
	merge_one(t, SEC, SNAP_DELTA, bytes_rec(1, 1000, 0));
	merge_one(t, SEC + 50 * ms, SNAP_DELTA, bytes_rec(1, 9000, 0));
	expect_rates(t, false, 0, 0);
	merge_one(t, 3 * SEC + 50 * ms, SNAP_DELTA, bytes_rec(1, 11000, 0));
	expect_rates(t, true, 1000, 0);
	/* Told or not, it keeps what was measured. */
	merge(t, help_snap(3 * SEC + 80 * ms, SNAP_DELTA));
	expect_rates(t, true, 1000, 0);
	merge_one(t, 5 * SEC + 80 * ms, SNAP_DELTA, bytes_rec(1, 13000, 0));
	expect_rates(t, true, 1000, 0);
	merge_one(t, 5 * SEC + 90 * ms, SNAP_DELTA, bytes_rec(1, 13900, 0));
	expect_rates(t, true, 1000, 0);
	merge(t, help_snap(7 * SEC + 90 * ms, SNAP_DELTA));
	expect_rates(t, true, 0, 0);
	/* Short intervals that are the usual ones are measured. */
	for (i = 1; i < 30; i++)
		merge_one(t, 8 * SEC + i * 100 * ms, SNAP_DELTA,
		    bytes_rec(1, 20000 + i * 100, 0));
	expect_rates(t, true, 1000, 0);
	table_free(t);
}

static void
test_rates_of_whole_readings(void **state)
{
	struct table *t = table_new();
	struct merge_stats st;

	(void)state;
	merge_one(t, SEC, 0, bytes_rec(1, 0, 0));
	st = merge_one(t, 2 * SEC, 0, bytes_rec(1, 500, 0));
	assert_true(st.values);
	expect_rates(t, true, 500, 0);
	merge_one(t, 3 * SEC, 0, bytes_rec(1, 500, 0));
	expect_rates(t, true, 0, 0);
	st = merge_one(t, 4 * SEC, 0, bytes_rec(1, 500, 0));
	assert_false(st.values);
	merge_one(t, 5 * SEC, 0, bytes_rec(1, UINT64_MAX, 0));
	expect_rates(t, true, table_find(t, key(1))->rx_bps,
	    table_find(t, key(1))->tx_bps);
	table_free(t);
}

/* Ten years either way, no time at all, a long gap: no nonsense, and right
 * again after it. */
static void
test_odd_clocks(void **state)
{
	static const int64_t jump[] = { 0, 1, -1, 5, 3600, -3600, 315360000,
		-315360000, INT64_C(3153600000) };
	struct table *t;
	uint64_t at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jump) / sizeof(*jump); i++) {
		t = table_new();
		at = 400000000 * SEC;
		merge_one(t, at, SNAP_DELTA, bytes_rec(1, 0, 0));
		at += SEC;
		merge_one(t, at, SNAP_DELTA, bytes_rec(1, 1000, 0));
		expect_rates(t, true, 1000, 0);
		at += (uint64_t)(jump[i] * (int64_t)SEC);
		merge_one(t, at, SNAP_DELTA, bytes_rec(1, 2000, 0));
		expect_rates(t, jump[i] == 1, jump[i] == 1 ? 1000 : 0, 0);
		assert_true(
		    row_age_ns(t, table_find(t, key(1))) < (uint64_t)1 << 62);
		at += SEC;
		merge_one(t, at, SNAP_DELTA, bytes_rec(1, 2500, 0));
		expect_rates(t, true, 500, 0);

		/* No tombstone stays because the clock went back. */
		merge(t, help_snap(at + SEC, 0));
		merge(t, help_snap(at - 1000 * SEC, SNAP_DELTA));
		assert_int_equal(t->live, 0);
		merge(t, help_snap(at - 996 * SEC, SNAP_DELTA));
		assert_int_equal(t->n, 0);
		table_free(t);
	}
}

static void
test_pace_by_interval(void **state)
{
	struct table *t = table_new();
	struct snap *s;
	uint64_t i;

	(void)state;
	merge(t, help_snap(SEC, SNAP_DELTA));
	s = help_snap(SEC + SEC / 4, SNAP_DELTA);
	for (i = 1; i <= 10; i++)
		help_put(s, help_rec(i));
	merge(t, s);
	assert_int_equal(t->opened_per_s, 40);
	s = help_snap(SEC + SEC / 4 + 5 * SEC, SNAP_DELTA);
	for (i = 1; i <= 10; i++)
		snap_add_gone(s, key(i));
	merge(t, s);
	assert_int_equal(t->opened_per_s, 0);
	assert_int_equal(t->closed_per_s, 2);
	assert_int_equal(t->closed_total, 10);
	table_free(t);
}

static struct sock_rec
conn(uint64_t cookie, unsigned family, const char *local, uint16_t lport,
    const char *peer, uint16_t pport)
{
	struct sock_rec r = help_rec(cookie);

	r.family = (uint8_t)family;
	memset(&r.local, 0, sizeof(r.local));
	memset(&r.peer, 0, sizeof(r.peer));
	/* "m": IPv4-mapped 127.0.0.1; "4": 127.0.0.1; "6": ::1; "": any. */
	if (*local == 'm' || *peer == 'm') {
		r.local.addr[10] = r.local.addr[11] = 0xff;
		r.peer.addr[10] = r.peer.addr[11] = 0xff;
		r.local.addr[12] = r.peer.addr[12] = 127;
		r.local.addr[15] = r.peer.addr[15] = 1;
	}
	if (*local == '4')
		r.local.addr[0] = 127, r.local.addr[3] = 1;
	if (*peer == '4')
		r.peer.addr[0] = 127, r.peer.addr[3] = 1;
	if (*local == '6')
		r.local.addr[15] = 1;
	if (*peer == '6')
		r.peer.addr[15] = 1;
	r.local.port = lport;
	r.peer.port = pport;
	if (pport == 0)
		r.state = SOCK_LISTEN;
	return r;
}

static void
test_pairs(void **state)
{
	struct table *t = table_new();
	struct snap *s = help_snap(SEC, SNAP_DELTA);
	struct sock_rec far = conn(7, 4, "4", 5000, "4", 80);
	struct row *client, *server;

	(void)state;
	help_put(s, conn(1, 4, "4", 4000, "4", 80)); /* client */
	help_put(s, conn(2, 6, "m", 80, "m", 4000)); /* its server, mapped */
	help_put(s, conn(3, 6, "6", 4001, "6", 81));
	help_put(s, conn(4, 6, "6", 81, "6", 4001));
	help_put(s, conn(5, 4, "4", 9, "4", 9)); /* connected to itself */
	help_put(s, conn(6, 4, "4", 80, "4", 5000));
	far.netns = 2; /* the other end's tuple, but elsewhere */
	help_put(s, far);
	merge(t, s);
	client = table_find(t, key(1));
	server = table_find(t, key(2));
	assert_ptr_equal(table_pair(t, client), server);
	assert_ptr_equal(table_pair(t, server), client);
	assert_ptr_equal(
	    table_pair(t, table_find(t, key(3))), table_find(t, key(4)));
	assert_null(table_pair(t, table_find(t, key(5))));
	assert_null(table_pair(t, table_find(t, key(6))));

	s = help_snap(2 * SEC, SNAP_DELTA);
	snap_add_gone(s, key(2));
	merge(t, s);
	assert_null(table_pair(t, client));
	table_free(t);
}

static void
test_listeners(void **state)
{
	struct table *t = table_new();
	struct snap *s = help_snap(SEC, SNAP_DELTA | SNAP_OWNERS);
	struct sock_rec only = conn(3, 6, "", 82, "", 0);

	(void)state;
	only.known |= KNOWN_V6ONLY;
	only.flags |= SOCKF_V6ONLY;
	help_put(s, conn(1, 4, "", 80, "", 0));  /* 0.0.0.0:80 */
	help_put(s, conn(2, 6, "", 81, "", 0));  /* [::]:81, both families */
	help_put(s, only);                       /* [::]:82, IPv6 only */
	help_put(s, conn(4, 4, "4", 80, "", 0)); /* 127.0.0.1:80 */
	help_put(s, conn(10, 4, "4", 80, "4", 1000));
	help_put(s, conn(11, 6, "m", 81, "m", 1001));
	help_put(s, conn(12, 4, "4", 82, "4", 1002));
	help_put(s, conn(13, 6, "6", 82, "6", 1003));
	help_put(s, conn(14, 4, "4", 1000, "4", 80));
	help_put(s, conn(15, 4, "4", 81, "4", 1004));
	/* Two workers on one port: the one of the connection's process. */
	help_own(help_put(s, conn(20, 4, "", 90, "", 0)), 1, "w");
	help_own(help_put(s, conn(21, 4, "", 90, "", 0)), 2, "w");
	help_put(s, conn(22, 4, "4", 90, "4", 1005));
	merge(t, s);
	assert_ptr_equal(
	    table_listener(t, table_find(t, key(10))), table_find(t, key(4)));
	assert_ptr_equal(
	    table_listener(t, table_find(t, key(11))), table_find(t, key(2)));
	assert_null(table_listener(t, table_find(t, key(12))));
	assert_ptr_equal(
	    table_listener(t, table_find(t, key(13))), table_find(t, key(3)));
	assert_null(table_listener(t, table_find(t, key(14))));
	assert_ptr_equal(
	    table_listener(t, table_find(t, key(15))), table_find(t, key(2)));
	assert_null(table_listener(t, table_find(t, key(1))));
	assert_ptr_equal(
	    table_listener(t, table_find(t, key(22))), table_find(t, key(20)));
	s = help_snap(2 * SEC, SNAP_DELTA | SNAP_OWNERS);
	help_put(s, conn(22, 4, "4", 90, "4", 1005))->owners =
	    (struct owners){ .proc =
				 proc_ref(table_find(t, key(21))->owners.proc),
		    .fd = 9,
		    .n = 1 };
	merge(t, s);
	assert_ptr_equal(
	    table_listener(t, table_find(t, key(22))), table_find(t, key(21)));

	/* A listener that comes, or stops listening, is noticed. */
	merge_one(t, 3 * SEC, SNAP_DELTA, conn(5, 4, "", 82, "", 0));
	assert_ptr_equal(
	    table_listener(t, table_find(t, key(12))), table_find(t, key(5)));
	only = conn(5, 4, "", 82, "", 0);
	only.state = SOCK_CLOSED;
	merge_one(t, 4 * SEC, SNAP_DELTA, only);
	assert_null(table_listener(t, table_find(t, key(12))));
	table_free(t);
}

static void
test_summary(void **state)
{
	struct table *t = table_new();
	struct snap *s = help_snap(SEC, 0);
	struct sock_rec r;
	struct summary sum;

	(void)state;
	help_put(s, help_rec(1));
	r = help_rec(2);
	r.state = SOCK_TIME_WAIT;
	r.inode = 0;
	help_put(s, r);
	r = help_rec(3);
	r.state = SOCK_FIN_WAIT_1;
	r.inode = 0;
	r.family = 6;
	help_put(s, r);
	r = help_rec(4);
	r.proto = SOCK_UDP;
	r.state = SOCK_UNCONNECTED;
	help_put(s, r);
	help_put(s, conn(5, 4, "", 80, "", 0));
	merge(t, s);
	summary_of(&sum, t->row, t->n);
	assert_int_equal(sum.total, 5);
	assert_int_equal(sum.tcp, 4);
	assert_int_equal(sum.tcp_estab, 1);
	assert_int_equal(sum.tcp_timewait, 1);
	assert_int_equal(sum.tcp_closed, 1);
	assert_int_equal(sum.tcp_orphaned, 1);
	assert_int_equal(sum.tcp_transport.v4, 2);
	assert_int_equal(sum.tcp_transport.v6, 1);
	assert_int_equal(sum.udp_transport.v4, 1);
	assert_int_equal(sum.listeners, 2);
	table_free(t);
}

/* Counters and rows against a plain recount. */
static void
check(const struct table *t, const uint8_t *state, size_t round)
{
	uint32_t by[SOCK_NSTATES] = { 0 };
	const struct row *r;
	size_t i, live = 0, n = 0;

	for (i = 0; i < KEYS; i++) {
		r = table_find(t, key(i + 1));
		if (state[i] == 0) {
			if (r != NULL && (r->flags & ROW_GONE) == 0)
				fail_msg("round %zu: %zu lives", round, i);
			continue;
		}
		live++;
		by[state[i]]++;
		if (r == NULL || (r->flags & ROW_GONE) != 0 ||
		    r->rec.state != state[i])
			fail_msg("round %zu: %zu is wrong", round, i);
	}
	assert_int_equal(t->live, live);
	assert_int_equal(t->tcp, live);
	assert_memory_equal(t->by_state, by, sizeof(by));
	for (i = 0; i < t->n; i++) {
		n += (t->row[i]->flags & ROW_GONE) == 0;
		assert_ptr_equal(
		    table_find(t, sock_key(&t->row[i]->rec)), t->row[i]);
		if (i > 0)
			assert_true(t->row[i]->seq > t->row[i - 1]->seq);
		assert_int_equal(t->row[i]->flags & 0x5000, 0);
	}
	assert_int_equal(n, live);
}

static void
test_churn(void **state)
{
	uint64_t seed = seed_begin(__func__), x, at = SEC;
	uint8_t now[KEYS] = { 0 }, was;
	struct table *t = table_new();
	struct sock_rec rec;
	struct snap *s;
	size_t round, i;
	bool whole;

	(void)state;
	table_set_closed_max(t, 50);
	for (round = 0; round < 500; round++) {
		whole = seed_next(&seed) % 3 == 0;
		at += seed_next(&seed) % (2 * SEC);
		s = help_snap(at, whole ? 0 : SNAP_DELTA);
		for (i = 0; i < KEYS; i++) {
			was = now[i];
			x = seed_next(&seed) % 100;
			if (x < 6 || (round % 100 == 99 && x < 80))
				now[i] = was == 0 ? SOCK_ESTABLISHED : 0;
			else if (x < 12 && was != 0)
				now[i] = (uint8_t)(1 + x % 9);
			if (now[i] == 0) {
				if (was != 0 && !whole)
					snap_add_gone(s, key(i + 1));
				continue;
			}
			if (!whole && now[i] == was && x < 90)
				continue;
			rec = bytes_rec(i + 1, round * x, round);
			rec.state = now[i];
			help_put(s, rec);
		}
		merge(t, s);
		check(t, now, round);
		assert_true(t->rx_bps >= 0 && isfinite(t->rx_bps));
		assert_true(t->nclosed <= 50);
	}
	table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_reading_is_not_new),
		cmocka_unit_test(test_owner_stays_through_time_wait),
		cmocka_unit_test(test_owner_replaced_only_when_looked_for),
		cmocka_unit_test(test_history_keeps_first_and_newest),
		cmocka_unit_test(test_tombstone_then_closed),
		cmocka_unit_test(test_closed_ring_is_bounded),
		cmocka_unit_test(test_hold_keeps_rows),
		cmocka_unit_test(test_found_again),
		cmocka_unit_test(test_holes_keep),
		cmocka_unit_test(test_partial_is_no_hole),
		cmocka_unit_test(test_recorded_ages),
		cmocka_unit_test(test_rescope_is_silent),
		cmocka_unit_test(test_duplicates_last_wins),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_rates_of_short_intervals),
		cmocka_unit_test(test_rates_of_whole_readings),
		cmocka_unit_test(test_odd_clocks),
		cmocka_unit_test(test_pace_by_interval),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_churn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
