/* SPDX-License-Identifier: ISC */
/* A reading taken over in parts leaves the same rows as one taken whole. */
#include "config.h"

#include "seed.h"

#include "rows_help.h"

#include "model/table.h"

#define KEYS 200

static struct sock_key
key(uint64_t cookie)
{
	return (struct sock_key){ .cookie = cookie, .netns = 1 };
}

/* Some of the keys, changed or gone; the same for the same seed. */
static struct snap *
random_snap(uint64_t *seed, uint64_t at, bool delta)
{
	struct snap *s = help_snap(at, delta ? SNAP_DELTA : 0);
	struct sock_rec rec;
	uint64_t i, x;

	for (i = 1; i <= KEYS; i++) {
		x = seed_next(seed) % 100;
		if (x < 30)
			continue;
		if (x < 40) {
			if (delta)
				snap_add_gone(s, key(i));
			continue;
		}
		rec = help_rec(i);
		rec.known |= KNOWN_BYTES;
		rec.bytes_sent = rec.bytes_received = at / 1000 + x;
		if (x > 90)
			rec.state = SOCK_FIN_WAIT_1;
		if (x % 2 == 0)
			help_own(help_put(s, rec), (pid_t)x, "x");
		else
			help_put(s, rec);
	}
	return s;
}

static void
same_rows(const struct table *a, const struct table *b)
{
	const struct row *r, *q;
	size_t i;

	assert_int_equal(a->n, b->n);
	assert_int_equal(a->live, b->live);
	assert_int_equal(a->nclosed, b->nclosed);
	assert_int_equal(a->opened_total, b->opened_total);
	assert_int_equal(a->closed_total, b->closed_total);
	assert_memory_equal(a->by_state, b->by_state, sizeof(a->by_state));
	for (i = 0; i < a->n; i++) {
		r = a->row[i];
		q = b->row[i];
		assert_memory_equal(&r->rec, &q->rec, sizeof(r->rec));
		assert_int_equal(r->flags, q->flags);
		assert_int_equal(r->born_ds, q->born_ds);
		assert_int_equal(r->gone_ds, q->gone_ds);
		assert_memory_equal(&r->rx_bps, &q->rx_bps, sizeof(r->rx_bps));
		assert_true(
		    (r->owners.proc == NULL) == (q->owners.proc == NULL));
		if (r->owners.proc != NULL)
			assert_int_equal(
			    r->owners.proc->pid, q->owners.proc->pid);
	}
}

static void
test_steps_are_as_good(void **state)
{
	uint64_t seed = seed_begin(__func__), other, at = SEC;
	struct table *whole = table_new(), *parts = table_new();
	struct merge_stats a, b;
	struct snap *s, *p;
	size_t round, step;
	bool delta;

	(void)state;
	for (round = 0; round < 60; round++) {
		delta = seed_next(&seed) % 2 == 0;
		at += seed_next(&seed) % (2 * SEC);
		other = seed;
		s = random_snap(&seed, at, delta);
		p = random_snap(&other, at, delta);
		table_merge(whole, s, &a);
		table_merge_begin(parts, p, &b);
		for (step = 1; !table_merge_step(parts, step); step += 3) {
			/* In between nothing is lost, and no row goes. */
			assert_false(table_tick(parts, at + 100 * SEC));
			if (p->n > 0)
				assert_non_null(table_find(
				    parts, sock_key(&p->sock[0].rec)));
		}
		assert_memory_equal(&a, &b, sizeof(a));
		same_rows(whole, parts);
		snap_free(s);
		snap_free(p);
	}
	assert_true(table_merge_step(parts, 1)); /* nothing to do */
	table_free(whole);
	table_free(parts);
}

static void
test_given_up_halfway(void **state)
{
	uint64_t seed = seed_begin(__func__);
	struct table *t = table_new();
	struct snap *s = random_snap(&seed, SEC, true);

	(void)state;
	table_merge(t, s, NULL);
	snap_free(s);
	s = random_snap(&seed, 2 * SEC, true);
	table_merge_begin(t, s, NULL);
	assert_false(table_merge_step(t, 10));
	table_free(t); /* the program ends: nothing leaks */
	snap_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps_are_as_good),
		cmocka_unit_test(test_given_up_halfway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
