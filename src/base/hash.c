/* SPDX-License-Identifier: ISC */
/*
 * Open addressing with linear probing. A slot holds the value alone; the key
 * is read back from the caller's array. Removal shifts the rest of the run
 * back, so there are no tombstones and a table that lives for days stays as
 * fast as a new one.
 */
#include "config.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xmalloc.h"

#define HASH_MIN_CAP 16

void
hash_init(
    struct hash *h, uint64_t (*key_of)(const void *, uint32_t), const void *arg)
{
	*h = (struct hash){ .key_of = key_of, .arg = arg };
}

void
hash_done(struct hash *h)
{
	free(h->slot);
	h->slot = NULL;
	h->n = h->cap = 0;
}

void
hash_clear(struct hash *h)
{
	h->n = 0;
	if (h->cap > 0)
		memset(h->slot, 0xff, h->cap * sizeof(*h->slot));
}

/* The first free slot for a key; there always is one. */
static size_t
free_slot(const struct hash *h, uint64_t key)
{
	size_t mask = h->cap - 1, i = hash_mix(key) & mask;

	while (h->slot[i] != HASH_NONE)
		i = (i + 1) & mask;
	return i;
}

static void
resize(struct hash *h, size_t cap)
{
	uint32_t *old = h->slot;
	size_t n = h->cap, i;

	h->slot = xreallocarray(NULL, cap, sizeof(*h->slot));
	h->cap = cap;
	memset(h->slot, 0xff, cap * sizeof(*h->slot));
	for (i = 0; i < n; i++)
		if (old[i] != HASH_NONE)
			h->slot[free_slot(h, h->key_of(h->arg, old[i]))] =
			    old[i];
	free(old);
}

/* At most five slots of eight are used. */
void
hash_reserve(struct hash *h, size_t n)
{
	size_t cap = h->cap > 0 ? h->cap : HASH_MIN_CAP;

	if (n > UINT32_MAX)
		fatal("%s: %zu keys", __func__, n);
	while (cap / 8 * 5 < n)
		cap *= 2;
	if (cap != h->cap)
		resize(h, cap);
}

/* The slot of a key, or cap. */
static size_t
find_slot(const struct hash *h, uint64_t key)
{
	size_t mask = h->cap - 1, i;

	if (h->n == 0)
		return h->cap;
	for (i = hash_mix(key) & mask; h->slot[i] != HASH_NONE;
	     i = (i + 1) & mask)
		if (h->key_of(h->arg, h->slot[i]) == key)
			return i;
	return h->cap;
}

uint32_t
hash_find(const struct hash *h, uint64_t key)
{
	size_t i = find_slot(h, key);

	return i == h->cap ? HASH_NONE : h->slot[i];
}

void
hash_add(struct hash *h, uint64_t key, uint32_t value)
{
	if (value == HASH_NONE)
		fatal("%s: value out of range", __func__);
	hash_reserve(h, h->n + 1);
	h->slot[free_slot(h, key)] = value;
	h->n++;
}

bool
hash_remove(struct hash *h, uint64_t key)
{
	size_t mask = h->cap - 1, hole = find_slot(h, key), i, home;

	if (hole == h->cap)
		return false;
	/* Whoever is further from home than the hole is, moves into it. */
	for (i = (hole + 1) & mask; h->slot[i] != HASH_NONE;
	     i = (i + 1) & mask) {
		home = hash_mix(h->key_of(h->arg, h->slot[i])) & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			h->slot[hole] = h->slot[i];
			hole = i;
		}
	}
	h->slot[hole] = HASH_NONE;
	h->n--;
	return true;
}

uint64_t
hash_mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return x;
}

uint64_t
hash_bytes(const void *data, size_t n, uint64_t seed)
{
	const unsigned char *p = data;
	uint64_t h = hash_mix(seed ^ n), word;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = hash_mix(h ^ word) + UINT64_C(0x9e3779b97f4a7c15);
	}
	if (n > 0) {
		word = 0;
		memcpy(&word, p, n);
		h = hash_mix(h ^ word);
	}
	return h;
}
