/* SPDX-License-Identifier: ISC */
/*
 * Ends that the kernel told of, between readings: they add what no reading
 * sees and never make the table differ from what the last reading says.
 */
#include "config.h"

#include "base/hash.h"
#include "model/table.h"
#include "rows_help.h"
#include "seed.h"

static struct sock_end
end_of(uint64_t cookie, uint64_t mono_ns)
{
	struct sock_end e = { .mono_ns = mono_ns };

	e.rec = help_rec(cookie);
	e.rec.inode = e.rec.uid = 0;
	e.rec.state = SOCK_CLOSED;
	e.rec.known = KNOWN_IFACE | KNOWN_TCP | KNOWN_BYTES;
	e.rec.bytes_received = 4242;
	e.rec.rtt_us = 77;
	e.tcp_info_len = 8;
	e.tcp_info[0] = 7;
	return e;
}

static void
reading(struct table *t, uint64_t at, unsigned flags, const uint64_t *cookie,
    size_t n, uint8_t state)
{
	struct snap *s = help_snap(at, flags);
	struct snap_sock *k;
	size_t i;

	for (i = 0; i < n; i++) {
		k = help_put(s, help_rec(cookie[i]));
		k->rec.state = state;
		if (state == SOCK_TIME_WAIT)
			k->rec.inode = 0;
		else
			help_own(k, 812, "nginx");
	}
	if (state != SOCK_TIME_WAIT)
		s->flags |= SNAP_OWNERS;
	table_merge(t, s, NULL);
	snap_free(s);
}

/* A socket that was seen: its row goes when a reading says so, with its last
 * figures, the moment, and the owner it had. */
static void
known(void **state)
{
	static const uint64_t two[] = { 1, 2 };
	struct table *t = table_new();
	struct sock_end e = end_of(1, 12 * SEC);
	struct row *r;

	(void)state;
	reading(t, 10 * SEC, 0, two, 2, SOCK_ESTABLISHED);
	table_end(t, &e);
	table_end(t, &e); /* told twice is told once */
	r = table_find(t, sock_key(&e.rec));
	assert_int_equal(r->flags & (ROW_GONE | ROW_ENDED), ROW_ENDED);
	assert_int_equal(t->live, 2);
	reading(t, 14 * SEC, 0, two + 1, 1, SOCK_ESTABLISHED);
	assert_int_equal(t->live, 1);
	assert_true((r->flags & ROW_GONE) != 0);
	assert_int_equal(r->rec.state, SOCK_ESTABLISHED);
	assert_int_equal(r->rec.bytes_received, 4242);
	assert_int_equal(r->rec.rtt_us, 77);
	assert_int_equal(r->ext->tcp_info_len, 8);
	assert_true((r->rec.known & KNOWN_UID) != 0); /* as it was read */
	assert_string_equal(r->owners.proc->comm, "nginx");
	assert_int_equal(row_age_ns(t, r), 2 * SEC);
	assert_int_equal(t->closed_total, 1);
	assert_int_equal(t->nclosed, 0); /* still shown as gone */
	table_free(t);
}

/* The reading came first. */
static void
told_late(void **state)
{
	static const uint64_t one[] = { 1 };
	struct table *t = table_new();
	struct sock_end e = end_of(1, 12 * SEC);
	struct row *r;

	(void)state;
	reading(t, 10 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	reading(t, 14 * SEC, 0, one, 0, SOCK_ESTABLISHED);
	r = table_find(t, sock_key(&e.rec));
	table_end(t, &e);
	assert_int_equal(r->rec.bytes_received, 4242);
	assert_int_equal(row_age_ns(t, r), 2 * SEC);
	reading(t, 16 * SEC, 0, one, 0, SOCK_ESTABLISHED);
	reading(t, 30 * SEC, 0, one, 0, SOCK_ESTABLISHED);
	assert_int_equal(t->nclosed, 1);
	assert_int_equal(t->closed_total, 1);
	table_free(t);
}

static void
never_seen(void **state)
{
	static const uint64_t one[] = { 1 };
	struct table *t = table_new();
	struct sock_end e = end_of(9, 12 * SEC), late = end_of(8, 14 * SEC);
	struct row *r;

	(void)state;
	reading(t, 10 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	table_end(t, &e);
	table_end(t, &late);
	assert_int_equal(t->nclosed, 0);
	/* It began before the late one's end, and says nothing of it. */
	reading(t, 14 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	assert_int_equal(t->nclosed, 1);
	r = t->closed[0];
	assert_int_equal(r->rec.cookie, 9);
	assert_int_equal(r->flags & (ROW_GONE | ROW_UNSEEN | ROW_BORN),
	    ROW_GONE | ROW_UNSEEN);
	assert_int_equal(r->rec.known & (KNOWN_UID | KNOWN_INODE), 0);
	assert_null(r->owners.proc);
	assert_int_equal(row_age_ns(t, r), 2 * SEC); /* at most */
	assert_int_equal(t->opened_total, 1);
	assert_int_equal(t->closed_total, 1);
	assert_null(table_find(t, sock_key(&e.rec)));
	reading(t, 16 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	assert_int_equal(t->nclosed, 2);
	table_free(t);
}

/* Before the first reading, or while other sockets were asked for: nothing is
 * called opened or closed then. A reading with holes says nothing. */
static void
silence(void **state)
{
	static const uint64_t one[] = { 1 };
	struct table *t = table_new();
	struct sock_end e = end_of(9, 9 * SEC);

	(void)state;
	table_end(t, &e);
	reading(t, 10 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	assert_int_equal(t->nclosed, 0);
	e = end_of(8, 11 * SEC);
	table_end(t, &e);
	reading(t, 12 * SEC, SNAP_HOLES, one, 1, SOCK_ESTABLISHED);
	assert_int_equal(t->nclosed, 0);
	reading(t, 14 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	assert_int_equal(t->nclosed, 1);
	e = end_of(7, 15 * SEC);
	table_end(t, &e);
	reading(t, 16 * SEC, SNAP_RESCOPE, one, 1, SOCK_ESTABLISHED);
	reading(t, 18 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	assert_int_equal(t->nclosed, 1);
	table_free(t);
}

/* What is left in TIME-WAIT is no closed socket: under the cookie it had if
 * a reading saw it, else under another one. */
static void
lives_on(void **state)
{
	static const uint64_t one[] = { 1 };
	struct table *t = table_new();
	struct sock_end e = end_of(1, 12 * SEC);
	struct snap *s;
	struct snap_sock *k;
	struct row *r;

	(void)state;
	reading(t, 10 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	table_end(t, &e);
	reading(t, 14 * SEC, 0, one, 1, SOCK_TIME_WAIT);
	r = table_find(t, sock_key(&e.rec));
	assert_int_equal(r->flags & (ROW_GONE | ROW_ENDED), ROW_ENDED);
	assert_int_equal(r->rec.state, SOCK_TIME_WAIT);
	assert_string_equal(r->owners.proc->comm, "nginx");

	e = end_of(2, 15 * SEC);
	table_end(t, &e);
	s = help_snap(16 * SEC, SNAP_DELTA);
	k = help_put(s, help_rec(2));
	k->rec.cookie = 1002;
	k->rec.inode = 0;
	k->rec.state = SOCK_TIME_WAIT;
	table_merge(t, s, NULL);
	snap_free(s);
	assert_int_equal(t->nclosed, 0);
	assert_int_equal(t->live, 2);
	assert_true((t->row[t->n - 1]->flags & ROW_ENDED) != 0);
	/* When that is over, it is closed: once, and then. */
	s = help_snap(76 * SEC, SNAP_DELTA);
	snap_add_gone(s, (struct sock_key){ .cookie = 1002, .netns = 1 });
	table_merge(t, s, NULL);
	snap_free(s);
	assert_int_equal(t->row[t->n - 1]->gone_ds, 660);
	assert_int_equal(t->live, 1);
	/* The reading had begun when it ended, and saw what was left. */
	s = help_snap(76 * SEC + SEC / 2, SNAP_DELTA);
	k = help_put(s, help_rec(3));
	k->rec.cookie = 1003;
	k->rec.inode = 0;
	k->rec.state = SOCK_TIME_WAIT;
	e = end_of(3, 76 * SEC + SEC * 3 / 4);
	table_end(t, &e);
	table_merge(t, s, NULL);
	snap_free(s);
	r = t->row[t->n - 1];
	assert_int_equal(r->rec.cookie, 1003);
	s = help_snap(77 * SEC, SNAP_DELTA);
	table_merge(t, s, NULL);
	snap_free(s);
	assert_int_equal(t->nclosed, 0);
	assert_int_equal(r->flags & (ROW_GONE | ROW_ENDED), ROW_ENDED);
	/* An older TIME-WAIT with the same addresses is another's. */
	e = end_of(1, 77 * SEC + 1);
	e.rec.cookie = 555;
	table_end(t, &e);
	s = help_snap(78 * SEC, SNAP_DELTA);
	table_merge(t, s, NULL);
	snap_free(s);
	assert_int_equal(t->closed[t->nclosed - 1]->rec.cookie, 555);
	table_free(t);
}

/* Whatever is told, lost, told twice or made up: after each reading the rows
 * are those of the reading. */
static void
table_is_the_reading(void **state)
{
	struct table *t = table_new();
	uint64_t seed = seed_begin("table_is_the_reading"), x, at = 10 * SEC,
		 cookie[40];
	bool open[200] = { false };
	struct sock_end e;
	size_t i, n, round;

	(void)state;
	for (round = 0; round < 500; round++) {
		for (i = 0; i < 30; i++) {
			(void)seed_next(&seed);
			x = hash_mix(seed);
			open[x % 200] = !open[x % 200] && (x >> 20) % 2 != 0;
			if ((x >> 30) % 3 != 0) {
				e = end_of(x % 200 + 1, at + (x >> 40) % SEC);
				table_end(t, &e);
			}
		}
		at += SEC / 2;
		for (i = n = 0; i < 200 && n < 40; i++)
			if (open[i])
				cookie[n++] = i + 1;
		reading(t, at, 0, cookie, n, SOCK_ESTABLISHED);
		assert_int_equal(t->live, n);
		for (i = 0; i < n; i++) {
			e = end_of(cookie[i], 0);
			assert_non_null(table_find(t, sock_key(&e.rec)));
		}
	}
	assert_true(t->nclosed > 0);
	table_free(t);
}

static void
bounded(void **state)
{
	static const uint64_t one[] = { 1 };
	struct table *t = table_new();
	struct sock_end e;
	uint64_t i;

	(void)state;
	reading(t, 10 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	for (i = 0; i < 70000; i++) {
		e = end_of(100 + i, 11 * SEC);
		table_end(t, &e);
	}
	assert_int_equal(t->ends_lost, 70000 - 65536);
	reading(t, 12 * SEC, 0, one, 1, SOCK_ESTABLISHED);
	assert_true(t->nclosed <= 1000);
	assert_int_equal(t->closed_total, 65536);
	assert_true(table_memory(t) < 2000000);
	table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(told_late),
		cmocka_unit_test(never_seen),
		cmocka_unit_test(silence),
		cmocka_unit_test(lives_on),
		cmocka_unit_test(table_is_the_reading),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
