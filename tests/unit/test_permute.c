/* SPDX-License-Identifier: ISC */
/* A seeded order: each number once, and none is favoured. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/hash.h"
#include "model/permute.h"

static void
check_bijection(uint64_t n, uint64_t seed)
{
	unsigned char *seen = calloc(1, n);
	struct permute p;
	uint64_t i, at;

	assert_non_null(seen);
	permute_init(&p, n, seed);
	for (i = 0; i < n; i++) {
		at = permute_at(&p, i);
		assert_true(at < n);
		assert_int_equal(seen[at], 0);
		seen[at] = 1;
	}
	free(seen);
}

static void
test_bijection(void **state)
{
	static const uint64_t large[] = { 1000, 1024, 1025, 4095, 4096, 4097,
		65535, 65536, 65537, 1000003 };
	uint64_t n, seed;
	size_t i;

	(void)state;
	for (n = 1; n <= 300; n++)
		for (seed = 0; seed < 8; seed++)
			check_bijection(n, seed);
	for (i = 0; i < nitems(large); i++)
		check_bijection(large[i], 42 + i);
}

/* The same order for the same seed, on every machine: shards rest on it. */
static void
test_fixed(void **state)
{
	static const uint64_t want[] = { 622, 439, 855, 92, 488, 919, 742,
		976 };
	struct permute p;
	size_t i;

	(void)state;
	permute_init(&p, 1000, 7);
	for (i = 0; i < nitems(want); i++)
		assert_int_equal(permute_at(&p, i), want[i]);
}

/*
 * Over many seeds each place is taken by each number equally often: Pearson's
 * chi-squared over all cells of a place, and its mean over the places. With
 * k degrees it has the mean k and the deviation sqrt(2k).
 */
static double
chi_squared(uint64_t n, uint64_t place, uint64_t step, unsigned seeds)
{
	unsigned *count = calloc(n, sizeof(*count)), s;
	double want = (double)seeds / (double)n, sum = 0, d;
	struct permute p;
	uint64_t i;

	assert_non_null(count);
	for (s = 0; s < seeds; s++) {
		permute_init(&p, n, (uint64_t)s * step);
		count[permute_at(&p, place)]++;
	}
	for (i = 0; i < n; i++) {
		d = count[i] - want;
		sum += d * d / want;
	}
	free(count);
	return sum;
}

static void
test_even(void **state)
{
	static const uint64_t sizes[] = { 2, 3, 4, 5, 7, 10, 16, 17, 64, 100,
		257 };
	static const uint64_t steps[] = { 1, UINT64_C(1) << 40 };
	uint64_t n;
	size_t i, j, k;
	double x, k_n;

	(void)state;
	for (i = 0; i < nitems(sizes); i++)
		for (j = 0; j < nitems(steps); j++)
			for (k = 0; k < 2; k++) {
				n = sizes[i];
				x = chi_squared(
				    n, k == 0 ? 0 : n - 1, steps[j], 20000);
				/* 8 deviations: (x-k)^2 < 64 * 2k */
				k_n = (double)(n - 1);
				if (x > k_n &&
				    (x - k_n) * (x - k_n) > 128 * (k_n + 4))
					fail_msg("n %u step %u place %u: %f",
					    (unsigned)n, (unsigned)j,
					    (unsigned)k, x);
			}
}

/* Neighbours in the order are no neighbours in the range: a /24 is not swept
 * one address after the other. */
static void
test_scattered(void **state)
{
	struct permute p;
	unsigned near = 0, fixed = 0;
	uint64_t i, a, b;

	(void)state;
	permute_init(&p, 65536, 1);
	for (i = 0; i + 1 < 65536; i++) {
		a = permute_at(&p, i);
		b = permute_at(&p, i + 1);
		near += (a > b ? a - b : b - a) < 256;
		fixed += a == i;
	}
	/* 511 of 65536 by chance, one fixed point. */
	assert_in_range(near, 350, 700);
	assert_true(fixed < 12);
}

/* 2^48 hosts need no more than 512 do. */
static void
test_large(void **state)
{
	struct permute p;
	uint64_t n = UINT64_C(1) << 48, i, back = 0, at;

	(void)state;
	permute_init(&p, n, 3);
	for (i = 0; i < 1000; i++) {
		at = permute_at(&p, n - 1 - i);
		assert_true(at < n);
		back += at < n / 2;
	}
	assert_in_range(back, 400, 600);
	permute_init(&p, UINT64_MAX, 3);
	assert_true(permute_at(&p, UINT64_MAX - 1) < UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bijection),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_even),
		cmocka_unit_test(test_scattered),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
