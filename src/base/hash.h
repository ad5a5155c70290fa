/* SPDX-License-Identifier: ISC */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Open addressing from a 64-bit key to a 32-bit value (an index into an array
 * of the caller's). The caller keeps the key beside its value and hands a
 * function that reads it back, so that a slot costs four bytes.
 */
#define HASH_NONE UINT32_MAX

struct hash {
	uint32_t *slot;
	size_t n, cap;
	uint64_t (*key_of)(const void *arg, uint32_t value);
	const void *arg;
};

void hash_init(
    struct hash *, uint64_t (*key_of)(const void *, uint32_t), const void *arg);
void hash_done(struct hash *);
void hash_clear(struct hash *);
uint32_t hash_find(const struct hash *, uint64_t key); /* or HASH_NONE */
/* The key must not be there yet. */
void hash_add(struct hash *, uint64_t key, uint32_t value);
bool hash_remove(struct hash *, uint64_t key);
void hash_reserve(struct hash *, size_t n);

uint64_t hash_mix(uint64_t); /* a good 64-bit finaliser */
uint64_t hash_bytes(const void *, size_t, uint64_t seed);

#endif
