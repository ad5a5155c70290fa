/* SPDX-License-Identifier: ISC */
/* The hash against the simplest thing that could be right. */
#include "config.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/hash.h"
#include "seed.h"

#define UNIVERSE 512

static uint64_t
key_of(const void *arg, uint32_t value)
{
	const uint64_t *keys = arg;

	return keys[value];
}

/* Values are indexes of keys[]; in[] tells which are in. */
static void
against_oracle(uint64_t *keys, uint64_t *seed)
{
	bool in[UNIVERSE] = { false };
	size_t n = 0, i, step;
	struct hash h;
	bool was;

	hash_init(&h, key_of, keys);
	assert_int_equal(hash_find(&h, keys[0]), HASH_NONE);
	assert_false(hash_remove(&h, keys[0]));
	for (step = 0; step < 20000; step++) {
		i = seed_next(seed) % UNIVERSE;
		switch (seed_next(seed) % 3) {
		case 0:
			if (!in[i]) {
				hash_add(&h, keys[i], (uint32_t)i);
				in[i] = true;
				n++;
			}
			break;
		case 1:
			was = hash_remove(&h, keys[i]);
			if (was != in[i])
				fail_msg("step %zu: remove %zu said %d", step,
				    i, was);
			n -= in[i];
			in[i] = false;
			break;
		default:
			break;
		}
		assert_int_equal(hash_find(&h, keys[i]), in[i] ? i : HASH_NONE);
		assert_int_equal(h.n, n);
		if (step % 500 == 0)
			for (i = 0; i < UNIVERSE; i++)
				if (hash_find(&h, keys[i]) !=
				    (in[i] ? i : HASH_NONE))
					fail_msg("step %zu: key %zu", step, i);
		if (seed_next(seed) % 4096 == 0) {
			hash_clear(&h);
			memset(in, 0, sizeof(in));
			n = 0;
		}
	}
	assert_true(h.cap <= 2048);
	hash_done(&h);
	assert_int_equal(hash_find(&h, keys[0]), HASH_NONE);
}

static void
random_keys(void **state)
{
	uint64_t seed = seed_begin(__func__), keys[UNIVERSE];
	size_t i;

	(void)state;
	for (i = 0; i < UNIVERSE; i++)
		keys[i] = seed_next(&seed);
	against_oracle(keys, &seed);
}

static void
neighbouring_keys(void **state)
{
	uint64_t seed = seed_begin(__func__), keys[UNIVERSE];
	size_t i;

	(void)state;
	for (i = 0; i < UNIVERSE; i++)
		keys[i] = i;
	against_oracle(keys, &seed);
	for (i = 0; i < UNIVERSE; i++)
		keys[i] = (uint64_t)i << 55;
	against_oracle(keys, &seed);
}

/* The inverse of hash_mix(), so that all keys want the same slot. */
static uint64_t
unmix(uint64_t x)
{
	x ^= x >> 31 ^ x >> 62;
	x *= UINT64_C(0x319642b2d24d8ec3);
	x ^= x >> 27 ^ x >> 54;
	x *= UINT64_C(0x96de1b173f119089);
	x ^= x >> 30 ^ x >> 60;
	return x;
}

static void
colliding_keys(void **state)
{
	uint64_t seed = seed_begin(__func__), keys[UNIVERSE];
	size_t i;

	(void)state;
	for (i = 0; i < UNIVERSE; i++) {
		keys[i] = unmix((uint64_t)(i + 1) << 32 | 0xffffffff);
		assert_true(hash_mix(keys[i]) ==
			    ((uint64_t)(i + 1) << 32 | 0xffffffff));
	}
	against_oracle(keys, &seed);
}

static void
growth(void **state)
{
	static uint64_t keys[100000];
	struct hash h;
	uint32_t i;
	size_t cap;

	(void)state;
	for (i = 0; i < nitems(keys); i++)
		keys[i] = i * 2 + 1;
	hash_init(&h, key_of, keys);
	hash_reserve(&h, nitems(keys));
	cap = h.cap;
	for (i = 0; i < nitems(keys); i++)
		hash_add(&h, keys[i], i);
	assert_int_equal(h.cap, cap);
	assert_true(h.n * 8 <= h.cap * 5);
	for (i = 0; i < nitems(keys); i++) {
		assert_int_equal(hash_find(&h, keys[i]), i);
		assert_int_equal(hash_find(&h, keys[i] + 1), HASH_NONE);
	}
	for (i = 0; i < nitems(keys); i++)
		assert_true(hash_remove(&h, keys[i]));
	assert_int_equal(h.n, 0);
	for (i = 0; i < h.cap; i++)
		assert_int_equal(h.slot[i], HASH_NONE);
	hash_done(&h);
}

static void
bytes(void **state)
{
	char s[40];
	uint64_t seen[40];
	size_t i, j;

	(void)state;
	memset(s, 'a', sizeof(s));
	for (i = 0; i < sizeof(s); i++) {
		seen[i] = hash_bytes(s, i, 1);
		assert_true(seen[i] == hash_bytes(s, i, 1));
		assert_true(seen[i] != hash_bytes(s, i, 2));
		for (j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
	for (i = 0; i < sizeof(s); i++) {
		uint64_t before = hash_bytes(s, sizeof(s), 0);

		s[i] ^= 1;
		assert_true(before != hash_bytes(s, sizeof(s), 0));
	}
	/* not aligned: the sanitizer looks on */
	assert_true(hash_bytes(s + 1, 17, 0) == hash_bytes(s + 1, 17, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_keys),
		cmocka_unit_test(neighbouring_keys),
		cmocka_unit_test(colliding_keys),
		cmocka_unit_test(growth),
		cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
