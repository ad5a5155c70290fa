/* SPDX-License-Identifier: ISC */
/* Filtering and sorting against the plain order of value_cmp(). */
#include "config.h"

#include "rows_help.h"
#include "seed.h"

#include "model/view.h"

#define ROWS 3000
/* More different texts than view_sort.c sorts by themselves. */
#define TEXTS 6000

static const char *const words[] = { "nginx", "Nginx", "nginx-worker-process",
	"nginx-worker-Process", "nginx-worker-process-2", "sshd", "a", "",
	"postgres: checkpointer", "postgres: walwriter", "postgres: autovacuum",
	"PostgreS: walwriter", "zebra" };

/* Every kind of value, some missing. */
static struct table *
table_filled(uint64_t *seed, size_t n)
{
	struct table *t = table_new();
	struct snap *s = help_snap(SEC, SNAP_OWNERS | SNAP_DELTA);
	struct snap_sock *k;
	struct sock_rec r;
	uint64_t x;
	size_t i, j;

	for (i = 1; i <= n; i++) {
		x = seed_next(seed);
		r = help_rec(i);
		r.local.port = (uint16_t)(x % 50);
		r.recvq = (uint32_t)(x >> 8 & 3) << (x >> 20 & 31);
		r.state = (uint8_t)(1 + (x >> 16) % 11);
		if ((x >> 30 & 3) == 0)
			r.known &= (uint16_t)~KNOWN_QUEUES;
		if ((x >> 32 & 1) != 0) {
			r.family = 6;
			for (j = 0; j < 16; j++)
				r.peer.addr[j] =
				    (uint8_t)((seed_next(seed) & 7) < 2);
		} else {
			r.peer.addr[(x >> 34) & 3] = (uint8_t)(x >> 40 & 3);
		}
		r.peer.port = (uint16_t)(x >> 50 & 3);
		k = help_put(s, r);
		if ((x >> 56) % 5 != 0)
			help_own(k, (pid_t)(x >> 58),
			    words[x % (sizeof(words) / sizeof(*words))]);
	}
	table_merge(t, s, NULL);
	snap_free(s);
	return t;
}

static int
order(const struct view *v, const struct row *a, const struct row *b)
{
	struct value va, vb;
	size_t i;
	int r;

	for (i = 0; i < v->nsort; i++) {
		if (!v->sort[i].col->get(a, &v->ctx, &va))
			va.type = VAL_NONE;
		if (!v->sort[i].col->get(b, &v->ctx, &vb))
			vb.type = VAL_NONE;
		r = value_cmp(&va, &vb);
		/* No value is last both ways. */
		if (va.type != VAL_NONE && vb.type != VAL_NONE &&
		    v->sort[i].desc)
			r = -r;
		if (r != 0)
			return r;
	}
	return a->seq < b->seq ? -1 : 1;
}

static void
expect_sorted(const struct view *v, const char *what)
{
	size_t i;

	for (i = 1; i < v->n; i++)
		if (order(v, v->row[i - 1], v->row[i]) >= 0)
			fail_msg("sorted by %s: rows %zu and %zu (seq %u, %u)",
			    what, i - 1, i, v->row[i - 1]->seq, v->row[i]->seq);
}

static void
test_every_column_sorts(void **state)
{
	uint64_t seed = seed_begin(__func__);
	struct table *t = table_filled(&seed, ROWS);
	const struct column *c;
	char *cause = NULL, spec[80];
	struct view v;
	int desc;

	(void)state;
	view_init(&v, t);
	for (c = columns; c->name != NULL; c++)
		for (desc = 0; desc < 2; desc++) {
			snprintf(spec, sizeof(spec), "%s%s", desc ? "-" : "",
			    c->name);
			assert_int_equal(view_sort_parse(&v, spec, &cause), 0);
			view_build(&v);
			assert_int_equal(v.n, ROWS);
			expect_sorted(&v, spec);
		}
	view_done(&v);
	table_free(t);
}

static void
test_several_columns(void **state)
{
	static const char *const specs[] = { "state,-lport", "process,-peer",
		"-process,pid,-recvq,peer", "proto,family,state,-user",
		"-peer, lport" };
	uint64_t seed = seed_begin(__func__);
	struct table *t = table_filled(&seed, ROWS);
	char *cause = NULL;
	struct view v;
	size_t i;

	(void)state;
	view_init(&v, t);
	view_build(&v);
	expect_sorted(&v, "nothing");
	for (i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
		assert_int_equal(view_sort_parse(&v, specs[i], &cause), 0);
		view_build(&v);
		expect_sorted(&v, specs[i]);
	}
	view_done(&v);
	table_free(t);
}

/* Long texts with long common beginnings, many alike. */
static void
test_long_texts(void **state)
{
	struct table *t = table_new();
	struct snap *s = help_snap(SEC, SNAP_OWNERS);
	uint64_t seed = seed_begin(__func__), i, x;
	char text[80], *cause = NULL;
	struct view v;
	size_t n;

	(void)state;
	for (i = 1; i <= TEXTS; i++) {
		x = seed_next(&seed);
		n = 60 + x % 12;
		memset(text, 'x', n);
		text[n] = '\0';
		text[(x >> 8) % n] = "xXya"[x >> 16 & 3];
		text[(x >> 20) % n] = "xXyz"[x >> 26 & 3];
		help_own(help_put(s, help_rec(i)), 1, text);
	}
	table_merge(t, s, NULL);
	snap_free(s);
	view_init(&v, t);
	assert_int_equal(view_sort_parse(&v, "process", &cause), 0);
	view_build(&v);
	expect_sorted(&v, "process");
	assert_int_equal(view_sort_parse(&v, "-process", &cause), 0);
	view_build(&v);
	expect_sorted(&v, "-process");
	view_done(&v);
	table_free(t);
}

static void
test_sort_errors(void **state)
{
	static const struct {
		const char *text, *cause;
	} bad[] = {
		{ "porocess", "sort: no column is called \"porocess\"; did you "
			      "mean process?" },
		{ "pid,", "sort: a column's name is missing" },
		{ "-", "sort: a column's name is missing" },
		{ "\033[m", "sort: no column is called \"\\x1b[m\"" },
		{ "pid,pid,pid,pid,pid", "sort: more than 4 columns" },
	};
	struct table *t = table_new();
	struct view v;
	char *cause;
	size_t i;

	(void)state;
	view_init(&v, t);
	assert_int_equal(view_sort_parse(&v, "-rx", &cause), 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cause = NULL;
		assert_true(view_sort_parse(&v, bad[i].text, &cause) < 0);
		assert_string_equal(cause, bad[i].cause);
		free(cause);
		/* What was there stays. */
		assert_int_equal(v.nsort, 1);
		assert_ptr_equal(v.sort[0].col, column_find("rx"));
	}
	assert_int_equal(view_needs(&v) & NEED_TCPINFO, NEED_TCPINFO);
	assert_int_equal(view_sort_parse(&v, "", &cause), 0);
	assert_int_equal(v.nsort, 0);
	view_done(&v);
	table_free(t);
}

static void
test_filter_and_counts(void **state)
{
	uint64_t seed = 1;
	struct table *t = table_filled(&seed, 500);
	struct filter *f = filter_states(
	    SOCK_STATE_BIT(SOCK_ESTABLISHED) | SOCK_STATE_BIT(SOCK_LISTEN));
	struct filter *g = filter_states(SOCK_STATE_BIT(SOCK_LISTEN));
	struct merge_stats st;
	struct snap *s;
	struct view v;

	(void)state;
	view_init(&v, t);
	v.filter = f;
	view_build(&v);
	assert_int_equal(v.matched,
	    t->by_state[SOCK_ESTABLISHED] + t->by_state[SOCK_LISTEN]);
	assert_int_equal(v.n, v.matched);
	assert_int_equal(v.of, 500);
	v.toggles = g;
	view_build(&v);
	assert_int_equal(v.matched, t->by_state[SOCK_LISTEN]);
	v.toggles = v.filter = NULL;

	/* Tombstones are shown only when asked for, and never counted. */
	s = help_snap(2 * SEC, SNAP_DELTA);
	snap_add_gone(s, (struct sock_key){ .cookie = 3, .netns = 1 });
	table_merge(t, s, &st);
	snap_free(s);
	view_update(&v, &st);
	assert_int_equal(v.n, 499);
	assert_int_equal(
	    view_find(&v, (struct sock_key){ .cookie = 3, .netns = 1 }), -1);
	v.show_gone = true;
	view_build(&v);
	assert_int_equal(v.n, 500);
	assert_int_equal(v.matched, 499);
	assert_int_equal(v.of, 499);
	assert_int_equal(
	    view_find(&v, (struct sock_key){ .cookie = 3, .netns = 1 }), 2);

	assert_true(table_tick(t, 9 * SEC));
	view_build(&v);
	assert_int_equal(v.n, 499);
	view_build_from(&v, t->closed, t->nclosed);
	assert_int_equal(v.n, 1);
	assert_int_equal(v.matched, 1);
	assert_int_equal(v.row[0]->rec.cookie, 3);
	view_done(&v);
	filter_free(f);
	filter_free(g);
	table_free(t);
}

static void
test_update_does_no_more(void **state)
{
	static const struct merge_stats nothing = { 0 },
					values = { .values = true },
					rows = { .membership = true };
	uint64_t seed = 2;
	struct table *t = table_filled(&seed, 50);
	struct view v;
	char *cause;

	(void)state;
	view_init(&v, t);
	view_build(&v);
	v.n = 7; /* a mark: is it built? */
	view_update(&v, &nothing);
	assert_int_equal(v.n, 7);
	view_update(&v, &values);
	assert_int_equal(v.n, 7);
	assert_int_equal(view_sort_parse(&v, "recvq", &cause), 0);
	view_update(&v, &nothing);
	assert_int_equal(v.n, 7);
	view_update(&v, &values);
	assert_int_equal(v.n, 50);
	v.n = 7;
	view_update(&v, &rows);
	assert_int_equal(v.n, 50);
	v.n = 7;
	view_update(&v, NULL);
	assert_int_equal(v.n, 50);
	view_done(&v);
	table_free(t);
}

static void
test_frozen_rows_stay_readable(void **state)
{
	uint64_t seed = 3, i;
	struct table *t = table_filled(&seed, 50);
	struct merge_stats st;
	struct row *first;
	struct snap *s;
	struct view v;

	(void)state;
	t->fresh_ns = 0;
	table_set_closed_max(t, 0);
	view_init(&v, t);
	view_build(&v);
	first = v.row[0];
	view_freeze(&v, true);
	for (i = 2; i < 6; i++) {
		s = help_snap(i * SEC, 0); /* all are gone */
		help_put(s, help_rec(1000 + i));
		table_merge(t, s, &st);
		snap_free(s);
		view_update(&v, &st);
		view_build(&v);
	}
	assert_int_equal(v.n, 50);
	assert_ptr_equal(v.row[0], first);
	for (i = 0; i < v.n; i++)
		assert_int_equal(v.row[i]->rec.cookie, i + 1);
	assert_int_equal(view_find(&v, sock_key(&first->rec)), 0);
	view_freeze(&v, false);
	assert_int_equal(v.n, 1);
	view_freeze(&v, true);
	view_done(&v);
	table_free(t);
}

/* A reading in which nothing that is sorted by changes moves no row. */
static void
test_order_is_stable(void **state)
{
	uint64_t seed = seed_begin(__func__), i;
	struct table *t = table_filled(&seed, 400);
	struct row *before[400];
	struct sock_rec rec;
	struct snap *s;
	struct view v;
	char *cause;

	(void)state;
	view_init(&v, t);
	assert_int_equal(view_sort_parse(&v, "-state", &cause), 0);
	view_build(&v);
	memcpy(before, v.row, sizeof(before));
	s = help_snap(2 * SEC, SNAP_DELTA);
	for (i = 400; i > 0; i -= 8) {
		rec = table_find(t, (struct sock_key){ i, 1 })->rec;
		rec.recvq++;
		help_put(s, rec);
	}
	table_merge(t, s, NULL);
	snap_free(s);
	view_build(&v);
	assert_memory_equal(before, v.row, sizeof(before));
	view_done(&v);
	table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_column_sorts),
		cmocka_unit_test(test_several_columns),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_sort_errors),
		cmocka_unit_test(test_filter_and_counts),
		cmocka_unit_test(test_update_does_no_more),
		cmocka_unit_test(test_frozen_rows_stay_readable),
		cmocka_unit_test(test_order_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
