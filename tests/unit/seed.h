/* SPDX-License-Identifier: ISC */
/* Random tests: a seed that is printed, and can be given back as SEED. */
#ifndef TESTS_UNIT_SEED_H
#define TESTS_UNIT_SEED_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/hash.h"

static inline uint64_t
seed_begin(const char *test)
{
	const char *s = getenv("SEED");
	struct timespec ts;
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &ts);
	seed = s != NULL
		   ? strtoull(s, NULL, 0)
		   : hash_mix((uint64_t)ts.tv_sec ^ (uint64_t)ts.tv_nsec << 32);
	printf("%s: SEED=%" PRIu64 "\n", test, seed);
	return seed;
}

static inline uint64_t
seed_next(uint64_t *seed)
{
	*seed += UINT64_C(0x9e3779b97f4a7c15);
	return hash_mix(*seed);
}

#endif
