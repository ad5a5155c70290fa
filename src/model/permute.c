/* SPDX-License-Identifier: ISC */
/* A seeded order of 0 .. n-1, by number: nothing is kept of it. */
#include "config.h"

#include "model/permute.h"

#include "base/array.h"
#include "base/hash.h"

/* Four make it look random (Luby and Rackoff, 1988) if halves are wide; a
 * handful of hosts has halves of one or two bits and needs more. */
#define ROUNDS 8

/* The golden ratio's bits: no two keys of one seed are near each other. */
#define KEY_STEP UINT64_C(0x9e3779b97f4a7c15)

void
permute_init(struct permute *p, uint64_t n, uint64_t seed)
{
	size_t i;

	p->n = n;
	p->half = 1;
	while (p->half < 32 && n > UINT64_C(1) << (2 * p->half))
		p->half++;
	p->mask = (uint32_t)((UINT64_C(1) << p->half) - 1);
	for (i = 0; i < nitems(p->key); i++)
		p->key[i] = hash_mix(seed + (i + 1) * KEY_STEP);
}

static uint64_t
feistel(const struct permute *p, uint64_t x)
{
	uint32_t left = (uint32_t)(x >> p->half), right, next;
	unsigned i;

	right = (uint32_t)x & p->mask;
	for (i = 0; i < ROUNDS; i++) {
		next = left ^ ((uint32_t)hash_mix(p->key[i % nitems(p->key)] +
						  ((uint64_t)i << 32 | right)) &
				  p->mask);
		left = right;
		right = next;
	}
	return (uint64_t)left << p->half | right;
}

uint64_t
permute_at(const struct permute *p, uint64_t i)
{
	/* The domain has less than four times n: so many steps on average. */
	do
		i = feistel(p, i);
	while (i >= p->n);
	return i;
}
