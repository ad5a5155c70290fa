/* SPDX-License-Identifier: ISC */
/* What is told as new, changed or gone, against a plain list. */
#include "config.h"

#include "rows_help.h"
#include "seed.h"

#include "model/differ.h"

#define KEYS 300

static void
test_unchanged_is_silent(void **state)
{
	struct differ *d = differ_new();
	struct snap *s;
	uint64_t i;
	int k;

	(void)state;
	for (k = 0; k < 4; k++) {
		s = help_snap((uint64_t)k * SEC, 0);
		differ_begin(d);
		for (i = 1; i <= 100; i++) {
			struct sock_rec r = help_rec(i);

			assert_int_equal(differ_seen(d, &r, 7), k == 0);
		}
		differ_end(d, s, false);
		assert_int_equal(s->ngone, 0);
		assert_int_equal(s->total, 100);
		assert_true((s->flags & SNAP_DELTA) != 0);
		snap_free(s);
	}
	differ_free(d);
}

static void
test_each_byte_counts(void **state)
{
	struct differ *d = differ_new();
	struct sock_rec r = help_rec(1), x;
	struct snap *s = help_snap(0, 0);
	size_t i, key = offsetof(struct sock_rec, netns);

	(void)state;
	differ_begin(d);
	assert_true(differ_seen(d, &r, 0));
	for (i = sizeof(r.cookie); i < sizeof(r); i++) {
		if (i >= key && i < key + sizeof(r.netns))
			continue;
		x = r;
		((unsigned char *)&x)[i] ^= 1;
		if (!differ_seen(d, &x, 0))
			fail_msg("a change of byte %zu was not seen", i);
		assert_true(differ_seen(d, &r, 0));
		assert_false(differ_seen(d, &r, 0));
	}
	assert_true(differ_seen(d, &r, 1)); /* the holder */
	differ_end(d, s, false);
	assert_int_equal(s->total, 1);
	snap_free(s);
	differ_free(d);
}

static void
read_keys(struct differ *d, const uint64_t *cookie, size_t n, bool partial,
    struct snap *s, size_t *told)
{
	struct sock_rec r;
	size_t i;

	*told = 0;
	differ_begin(d);
	for (i = 0; i < n; i++) {
		r = help_rec(cookie[i]);
		*told += differ_seen(d, &r, 0);
	}
	differ_end(d, s, partial);
}

static void
test_partial_keeps_for_a_while(void **state)
{
	static const uint64_t all[] = { 1, 2, 3 }, two[] = { 1, 3 };
	static const size_t gone[] = { 0, 0, 1, 0 };
	struct differ *d = differ_new();
	struct snap *s = help_snap(0, 0);
	size_t told, i;

	(void)state;
	read_keys(d, all, 3, false, s, &told);
	snap_free(s);
	for (i = 0; i < 4; i++) {
		s = help_snap(0, 0);
		read_keys(d, two, 2, true, s, &told);
		assert_int_equal(told, 0);
		assert_int_equal(s->ngone, gone[i]);
		assert_int_equal(s->total, i < 2 ? 3 : 2);
		snap_free(s);
	}
	s = help_snap(0, 0);
	read_keys(d, all, 3, true, s, &told);
	assert_int_equal(told, 1); /* 2 is new again */
	snap_free(s);
	differ_free(d);
}

static void
test_reset_and_given_up(void **state)
{
	static const uint64_t all[] = { 1, 2, 3 }, two[] = { 3, 1 };
	struct differ *d = differ_new();
	struct snap *s = help_snap(0, 0);
	struct sock_rec r = help_rec(1);
	size_t told;

	(void)state;
	read_keys(d, all, 3, false, s, &told);
	snap_free(s);

	/* A reading that breaks off, then one that tells all. */
	differ_begin(d);
	assert_false(differ_seen(d, &r, 0));
	differ_reset(d);
	s = help_snap(0, 0);
	read_keys(d, two, 2, false, s, &told);
	assert_int_equal(told, 2);
	assert_int_equal(s->ngone, 1);
	assert_int_equal(s->gone[0].cookie, 2);
	assert_int_equal(s->gone[0].netns, 1);
	snap_free(s);
	differ_free(d);
}

/* Holders found after the dump are told by a second look at the record. */
static void
test_told_twice(void **state)
{
	struct differ *d = differ_new();
	struct sock_rec r;
	struct snap *s;
	uint64_t i;
	int k;

	(void)state;
	for (k = 0; k < 3; k++) {
		s = help_snap(0, 0);
		differ_begin(d);
		for (i = 1; i <= 20; i++) {
			r = help_rec(i);
			assert_int_equal(
			    differ_seen(d, &r, k == 0 ? 0 : i), k == 0);
		}
		for (i = 20; i > 0 && k == 0; i--) {
			r = help_rec(i);
			assert_true(differ_seen(d, &r, i));
			assert_false(differ_seen(d, &r, i));
		}
		differ_end(d, s, false);
		assert_int_equal(s->total, 20);
		assert_int_equal(s->ngone, 0);
		snap_free(s);
	}
	differ_free(d);
}

static void
test_namespaces_are_apart(void **state)
{
	struct differ *d = differ_new();
	struct sock_rec a = help_rec(5), b = a;
	struct snap *s = help_snap(0, 0);

	(void)state;
	b.netns = 2;
	differ_begin(d);
	assert_true(differ_seen(d, &a, 0));
	assert_true(differ_seen(d, &b, 0));
	differ_end(d, s, false);
	assert_int_equal(s->total, 2);
	differ_begin(d);
	assert_false(differ_seen(d, &b, 0));
	differ_end(d, s, false);
	assert_int_equal(s->ngone, 1);
	assert_int_equal(s->gone[0].netns, 1);
	snap_free(s);
	differ_free(d);
}

/* Random coming, going, changing and reordering against arrays. */
static void
test_churn(void **state)
{
	struct differ *d = differ_new();
	uint32_t was[KEYS] = { 0 }, now[KEYS]; /* 0: not there, else a value */
	uint64_t seed = seed_begin(__func__), order[KEYS], x;
	size_t i, j, round, live, told, gone;
	struct sock_rec r;
	struct snap *s;

	(void)state;
	for (round = 0; round < 400; round++) {
		memcpy(now, was, sizeof(now));
		for (i = 0; i < KEYS; i++) {
			order[i] = i;
			x = seed_next(&seed) % 100;
			if (x < 5)
				now[i] = now[i] != 0 ? 0 : 1;
			else if (x < 10 && now[i] != 0)
				now[i]++;
			else if (round % 50 == 49)
				now[i] = 0;
		}
		for (i = 0; round % 3 == 0 && i < 20; i++) {
			j = seed_next(&seed) % KEYS;
			x = order[i];
			order[i] = order[j];
			order[j] = x;
		}
		s = help_snap(round * SEC, 0);
		differ_begin(d);
		for (i = 0, live = 0, told = 0; i < KEYS; i++) {
			j = order[i];
			if (now[j] == 0)
				continue;
			live++;
			r = help_rec(j + 1);
			r.recvq = now[j];
			if (differ_seen(d, &r, 0) != (was[j] != now[j]))
				fail_msg("round %zu key %zu: was %u is %u",
				    round, j, was[j], now[j]);
			told++;
		}
		differ_end(d, s, false);
		for (i = 0, gone = 0; i < KEYS; i++)
			gone += was[i] != 0 && now[i] == 0;
		assert_int_equal(s->total, live);
		assert_int_equal(s->ngone, gone);
		for (i = 0; i < s->ngone; i++)
			assert_true(was[s->gone[i].cookie - 1] != 0 &&
				    now[s->gone[i].cookie - 1] == 0);
		snap_free(s);
		memcpy(was, now, sizeof(was));
	}
	assert_true(differ_memory(d) < KEYS * 64 + 4096);
	differ_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unchanged_is_silent),
		cmocka_unit_test(test_each_byte_counts),
		cmocka_unit_test(test_partial_keeps_for_a_while),
		cmocka_unit_test(test_reset_and_given_up),
		cmocka_unit_test(test_told_twice),
		cmocka_unit_test(test_namespaces_are_apart),
		cmocka_unit_test(test_churn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
