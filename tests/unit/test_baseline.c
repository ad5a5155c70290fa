/* SPDX-License-Identifier: ISC */
/* What changed since: new, gone, another state; identity is the key. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xmalloc.h"
#include "model/baseline.h"

static struct row rows[64];
static struct row *ptr[64];

static void
table_of(struct table *t, size_t n)
{
	size_t i;

	memset(t, 0, sizeof(*t));
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < n; i++) {
		rows[i].rec.cookie = 100 + i;
		rows[i].rec.netns = 1;
		rows[i].rec.state = SOCK_ESTABLISHED;
		ptr[i] = &rows[i];
	}
	t->row = ptr;
	t->n = n;
}

static void
expect(const struct diff *d, size_t added, size_t gone, size_t changed)
{
	assert_int_equal(d->count[DIFF_NEW], added);
	assert_int_equal(d->count[DIFF_GONE], gone);
	assert_int_equal(d->count[DIFF_CHANGED], changed);
	assert_int_equal(d->n, added + gone + changed);
}

static void
test_nothing_changed(void **state)
{
	struct timespec wall = { .tv_sec = 1234 };
	struct diff d = { 0 };
	struct baseline *b;
	struct table t;

	(void)state;
	table_of(&t, 10);
	b = baseline_new(&t, wall);
	assert_int_equal(baseline_time(b).tv_sec, 1234);
	assert_int_equal(baseline_size(b), 10);
	baseline_diff(b, &t, &d);
	expect(&d, 0, 0, 0);
	diff_done(&d);
	baseline_free(b);
}

static void
test_changes(void **state)
{
	struct diff d = { 0 };
	struct baseline *b;
	struct table t;

	(void)state;
	table_of(&t, 10);
	rows[3].owners.n = 1;
	rows[3].owners.proc = proc_new(42, 7);
	b = baseline_new(&t, (struct timespec){ 0 });
	owners_done(&rows[3].owners);
	/* 3 goes, 9 becomes another socket, 5 changes its state; the same
	 * cookie in another namespace is another socket. */
	ptr[3] = ptr[8];
	t.n = 9;
	ptr[8] = &rows[9];
	rows[9].rec.netns = 2;
	rows[5].rec.state = SOCK_CLOSE_WAIT;
	baseline_diff(b, &t, &d);
	expect(&d, 1, 2, 1);
	assert_ptr_equal(d.line[0].row, &rows[9]);
	assert_int_equal(d.line[1].kind, DIFF_GONE);
	assert_int_equal(d.line[1].row->rec.cookie, 103);
	assert_int_equal(d.line[1].row->owners.proc->pid, 42);
	assert_int_equal(d.line[1].was, SOCK_ESTABLISHED);
	assert_int_equal(d.line[3].kind, DIFF_CHANGED);
	assert_ptr_equal(d.line[3].row, &rows[5]);
	assert_int_equal(d.line[3].was, SOCK_ESTABLISHED);
	/* Asked once more, the same. */
	baseline_diff(b, &t, &d);
	expect(&d, 1, 2, 1);
	diff_done(&d);
	baseline_free(b);
}

/* What is on its way out counts as gone, and is no part of a baseline. */
static void
test_tombstones(void **state)
{
	struct diff d = { 0 };
	struct baseline *b;
	struct table t;

	(void)state;
	table_of(&t, 4);
	rows[0].flags |= ROW_GONE;
	b = baseline_new(&t, (struct timespec){ 0 });
	assert_int_equal(baseline_size(b), 3);
	rows[1].flags |= ROW_GONE;
	baseline_diff(b, &t, &d);
	expect(&d, 0, 1, 0);
	diff_done(&d);
	baseline_free(b);
	baseline_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_tombstones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
