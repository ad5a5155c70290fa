/* SPDX-License-Identifier: ISC */
#ifndef MODEL_PERMUTE_H
#define MODEL_PERMUTE_H

#include <stdint.h>

/*
 * A seeded order of 0 .. n-1 that costs no memory: a Feistel network on the
 * next even number of bits, walked until it falls into the range (cycle
 * walking: Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
 */
struct permute {
	uint64_t n;
	uint32_t half, mask; /* bits of a half; its mask */
	uint64_t key[4];
};

void permute_init(struct permute *, uint64_t n, uint64_t seed);
uint64_t permute_at(const struct permute *, uint64_t i); /* i < n */

#endif
