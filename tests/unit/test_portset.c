/* SPDX-License-Identifier: ISC */
/* Sets of ports and how the kernel writes them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/portset.h"

static bool
parse(struct portset *s, const char *text)
{
	memset(s, 0, sizeof(*s));
	return portset_parse(s, text, strlen(text));
}

static void
test_lists(void **state)
{
	static const char *const wrong[] = { "a", "80,", ",80", "80-", "-80",
		"80-79", "65536", "80 81", "1-2-3", "80,,81", "99999999999" };
	static struct portset s;
	size_t i;

	(void)state;
	assert_true(parse(&s, "\n"));
	assert_int_equal(portset_count(&s, 0, 65535), 0);
	assert_true(parse(&s, ""));
	assert_true(parse(&s, "8080,9148-9200\n"));
	assert_true(portset_has(&s, 8080));
	assert_false(portset_has(&s, 8081));
	assert_true(portset_has(&s, 9148));
	assert_true(portset_has(&s, 9200));
	assert_false(portset_has(&s, 9201));
	assert_int_equal(portset_count(&s, 0, 65535), 54);
	assert_int_equal(portset_count(&s, 9190, 9210), 11);
	assert_true(parse(&s, "0-65535"));
	assert_int_equal(portset_count(&s, 0, 65535), 65536);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(parse(&s, wrong[i]));
		assert_int_equal(portset_count(&s, 0, 65535), 0);
	}
	assert_true(portset_add(&s, 7));
	assert_false(portset_add(&s, 7));
}

static bool
range(const char *text, uint16_t *lo, uint16_t *hi)
{
	return portset_parse_range(text, strlen(text), lo, hi);
}

static void
test_ranges(void **state)
{
	static const char *const wrong[] = { "", "80", "0\t10", "10\t9", "10\t",
		"\t10", "10\t20\t30", "10-20x", "10-65536", "10--20", "a-b" };
	uint16_t lo = 1, hi = 2;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(range(wrong[i], &lo, &hi));
	assert_int_equal(lo, 1);
	assert_int_equal(hi, 2);
	assert_true(range("32768\t60999\n", &lo, &hi));
	assert_int_equal(lo, 32768);
	assert_int_equal(hi, 60999);
	assert_true(range("8000-8100", &lo, &hi));
	assert_int_equal(lo, 8000);
	assert_int_equal(hi, 8100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
