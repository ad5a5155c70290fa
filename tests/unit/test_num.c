/* SPDX-License-Identifier: ISC */
/* Numbers are taken whole, within limits, or not at all. */
#include "config.h"

#include <inttypes.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/num.h"
#include "seed.h"

#define NS_PER_S UINT64_C(1000000000)

static void
whole_numbers(void **state)
{
	static const char *const bad[] = { "", " ", "-1", "+1", " 1", "1 ",
		"1x", "0x10", "1.0", "1e3", "18446744073709551616",
		"99999999999999999999999", "\xd9\xa1" };
	uint64_t n = 7;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		if (num_u64(bad[i], 0, UINT64_MAX, &n) || n != 7)
			fail_msg("'%s' was taken", bad[i]);
	assert_true(num_u64("0", 0, 0, &n));
	assert_int_equal(n, 0);
	assert_true(num_u64("0022", 0, 65535, &n));
	assert_int_equal(n, 22);
	assert_true(num_u64("18446744073709551615", 0, UINT64_MAX, &n));
	assert_true(n == UINT64_MAX);
	n = 7;
	assert_false(num_u64("0", 1, 65535, &n));
	assert_false(num_u64("65536", 1, 65535, &n));
	assert_int_equal(n, 7);
	assert_true(num_u64("1", 1, 65535, &n));
	assert_true(num_u64("65535", 1, 65535, &n));
}

static void
hexadecimal(void **state)
{
	static const char *const bad[] = { "", "0x", "x1", "-1", "1g", " f",
		"0x 1", "10000000000000000", "0xx1" };
	uint64_t n = 7;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		if (num_hex_u64(bad[i], UINT64_MAX, &n) || n != 7)
			fail_msg("'%s' was taken", bad[i]);
	assert_true(num_hex_u64("0100007F", UINT32_MAX, &n));
	assert_int_equal(n, 0x0100007f);
	assert_true(num_hex_u64("0Xff", 255, &n));
	assert_int_equal(n, 255);
	assert_false(num_hex_u64("100", 255, &n));
	assert_true(num_hex_u64("ffffffffffffffff", UINT64_MAX, &n));
	assert_true(n == UINT64_MAX);
}

static void
check_double(const char *s, double want)
{
	double d = -7;

	if (!num_double(s, -1e300, 1e300, &d) || d < want || d > want)
		fail_msg("'%s' is %.17g, not %.17g", s, d, want);
}

static void
fractions(void **state)
{
	static const char *const bad[] = { "", ".", "-", "+1", " 1", "1 ",
		"1,5", "inf", "nan", "0x1p3", "1e", "1e+", "--1", "1.2.3",
		"1e999" };
	uint64_t seed = seed_begin(__func__);
	double d = 7;
	char s[64];
	size_t i;

	(void)state;
	/* Where the locale is installed, a comma is no decimal point. */
	setlocale(LC_ALL, "de_DE.UTF-8");
	for (i = 0; i < nitems(bad); i++)
		if (num_double(bad[i], -1e300, 1e300, &d) || d < 7 || d > 7)
			fail_msg("'%s' was taken", bad[i]);
	check_double("0", 0);
	check_double("1.5", 1.5);
	check_double(".5", 0.5);
	check_double("5.", 5);
	check_double("-2.25", -2.25);
	check_double("1e3", 1000);
	check_double("1E-3", 0.001);
	check_double("0.1", 0.1);
	check_double("123456789012345678901234567890", 1.2345678901234568e29);
	check_double("0.000000000000000000000000000000000000000001", 1e-42);
	setlocale(LC_ALL, "C");
	assert_false(num_double("-1", 0, 10, &d));
	assert_false(num_double("11", 0, 10, &d));
	/* What was written with 15 digits comes back. */
	for (i = 0; i < 20000; i++) {
		double in = (double)(seed_next(&seed) >> 11) / 1e6;

		snprintf(s, sizeof(s), "%.15g", in);
		check_double(s, strtod(s, NULL));
	}
}

static void
times(void **state)
{
	static const struct {
		const char *s;
		uint64_t ns;
	} good[] = {
		{ "0", 0 },
		{ "2", 2 * NS_PER_S },
		{ "0.5", NS_PER_S / 2 },
		{ "1ns", 1 },
		{ "3us", 3000 },
		{ "250ms", NS_PER_S / 4 },
		{ "2s", 2 * NS_PER_S },
		{ "1.5m", 90 * NS_PER_S },
		{ "1min", 60 * NS_PER_S },
		{ "3h", 10800 * NS_PER_S },
		{ "2d", 172800 * NS_PER_S },
	};
	static const char *const bad[] = { "", "s", "-1s", "1 s", "1S", "1sec",
		"1h30", "1e30", "300000d", "1s ", "ms" };
	uint64_t ns;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(good); i++)
		if (!num_duration(good[i].s, &ns) || ns != good[i].ns)
			fail_msg("'%s' is %" PRIu64, good[i].s, ns);
	ns = 7;
	for (i = 0; i < nitems(bad); i++)
		if (num_duration(bad[i], &ns) || ns != 7)
			fail_msg("'%s' was taken", bad[i]);
}

static void
sizes(void **state)
{
	static const struct {
		const char *s;
		double d;
	} good[] = {
		{ "0", 0 },
		{ "10", 10 },
		{ "1.5k", 1500 },
		{ "1K", 1000 },
		{ "1M", 1e6 },
		{ "1m", 1e6 },
		{ "2G", 2e9 },
		{ "1T", 1e12 },
		{ "1Ki", 1024 },
		{ "1Mi", 1048576 },
		{ "1KiB", 1024 },
		{ "5B", 5 },
		{ "1M/s", 1e6 },
		{ "1MB/s", 1e6 },
		{ "1Mbps", 1e6 },
		{ "3bps", 3 },
		{ "1e3", 1000 },
	};
	static const char *const bad[] = { "", "k", "-1", "1 k", "1kk", "1i",
		"1KiBs", "1/m", "1kb/h", "1x", "1.5k ", "1bbps" };
	double d;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(good); i++)
		if (!num_size(good[i].s, &d) || d < good[i].d || d > good[i].d)
			fail_msg("'%s' is %g", good[i].s, d);
	d = 7;
	for (i = 0; i < nitems(bad); i++)
		if (num_size(bad[i], &d) || d < 7 || d > 7)
			fail_msg("'%s' was taken", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(fractions),
		cmocka_unit_test(times),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
