/* SPDX-License-Identifier: ISC */
/* The columns chooser's list: what is on, in which order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/chooser.h"

#include "seed.h"

static void
start(struct chooser *ch, const char *spec)
{
	struct column_set set;
	char *cause = NULL;

	column_set_default(&set, COL_DECK);
	assert_int_equal(column_set_parse(&set, spec, &cause), 0);
	chooser_init(ch, &set);
}

static void
expect(const struct chooser *ch, const char *want)
{
	struct buf out = { 0 };

	chooser_put(ch, &out);
	assert_string_equal(out.data, want);
	buf_done(&out);
}

static size_t
place(const struct chooser *ch, const char *name)
{
	size_t i;

	for (i = 0; i < ch->n; i++)
		if (strcmp(ch->at[i].col->name, name) == 0)
			return i;
	fail_msg("no column %s", name);
	return 0;
}

static void
test_all_are_there(void **state)
{
	struct chooser ch;
	size_t i, j;

	(void)state;
	start(&ch, "pid,local");
	assert_int_equal(ch.n, ncolumns);
	for (i = 0; i < ch.n; i++)
		for (j = i + 1; j < ch.n; j++)
			assert_ptr_not_equal(ch.at[i].col, ch.at[j].col);
	expect(&ch, "pid,local");
	chooser_done(&ch);
}

static void
test_toggle(void **state)
{
	struct chooser ch;
	size_t i;

	(void)state;
	start(&ch, "pid,local");
	i = place(&ch, "rtt");
	assert_true(chooser_toggle(&ch, i));
	assert_int_equal(place(&ch, "rtt"), i);
	expect(&ch, "pid,local,rtt");
	assert_true(chooser_toggle(&ch, 0));
	expect(&ch, "local,rtt");
	assert_true(chooser_toggle(&ch, 0));
	expect(&ch, "pid,local,rtt");
	chooser_done(&ch);
}

static void
test_last_stays(void **state)
{
	struct chooser ch;

	(void)state;
	start(&ch, "pid");
	assert_false(chooser_toggle(&ch, 0));
	assert_false(chooser_toggle(&ch, ch.n));
	expect(&ch, "pid");
	chooser_done(&ch);
}

static void
test_move(void **state)
{
	struct chooser ch;

	(void)state;
	start(&ch, "pid,local,peer");
	assert_int_equal(chooser_move(&ch, 0, -1), 0);
	assert_int_equal(chooser_move(&ch, 0, 1), 1);
	expect(&ch, "local,pid,peer");
	assert_int_equal(chooser_move(&ch, 2, -1), 1);
	expect(&ch, "local,peer,pid");
	assert_int_equal(chooser_move(&ch, ch.n - 1, 1), ch.n - 1);
	assert_int_equal(chooser_move(&ch, ch.n, 1), ch.n);
	chooser_done(&ch);
}

/* Whatever is done: as many columns, each once, and the text parses back. */
static void
test_random(void **state)
{
	struct column_set set;
	struct chooser ch;
	struct buf out = { 0 };
	uint64_t seed = seed_begin("test_chooser");
	char *cause = NULL;
	size_t i, j, on;

	(void)state;
	start(&ch, "pid,local,peer");
	for (i = 0; i < 2000; i++) {
		j = (size_t)seed_next(&seed) % ch.n;
		if (seed_next(&seed) % 2)
			(void)chooser_toggle(&ch, j);
		else
			(void)chooser_move(
			    &ch, j, seed_next(&seed) % 2 ? 1 : -1);
	}
	for (i = on = 0; i < ch.n; i++) {
		on += ch.at[i].on;
		for (j = i + 1; j < ch.n; j++)
			assert_ptr_not_equal(ch.at[i].col, ch.at[j].col);
	}
	chooser_put(&ch, &out);
	column_set_default(&set, COL_DECK);
	assert_int_equal(column_set_parse(&set, out.data, &cause), 0);
	assert_int_equal(set.n, on);
	buf_done(&out);
	chooser_done(&ch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_there),
		cmocka_unit_test(test_toggle),
		cmocka_unit_test(test_last_stays),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
