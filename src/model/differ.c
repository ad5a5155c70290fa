/* SPDX-License-Identifier: ISC */
/*
 * What the last reading said, a digest a socket. Entries stay where they are
 * and each knows which one followed it in the last dump, so that the record
 * expected next is at hand without a lookup; only what came, went or moved
 * costs one. Runs in the collector's thread and knows no table.
 */
#include "config.h"

#include "model/differ.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"

/* How often a socket may be missing from partial readings before it is
 * called gone: a warning that never ends must not keep it for ever. */
#define MISSED_MAX  2
#define MISSED_FREE 3 /* the entry is not in use */

#define NEXT_BITS 29
#define NEXT_NONE ((UINT32_C(1) << NEXT_BITS) - 1)

struct entry {
	uint64_t cookie;
	uint64_t digest;
	uint32_t netns;
	uint32_t next : NEXT_BITS; /* free entries: the next free one */
	uint32_t turn : 1;         /* of the reading it was last seen in */
	uint32_t missed : 2;
};

struct differ {
	struct entry *entry;
	size_t n, cap; /* entries in use or free */
	size_t live, seen;
	uint32_t free, last, first;
	uint32_t turn;
	bool open; /* between begin and end */
	uint64_t seed;
	struct hash by_key;
};

_Static_assert(sizeof(struct entry) == 24, "an entry costs 24 bytes");

static uint64_t
key64(uint64_t cookie, uint32_t netns)
{
	return cookie ^ hash_mix(netns);
}

static uint64_t
key_of_entry(const void *arg, uint32_t i)
{
	const struct differ *d = arg;

	return key64(d->entry[i].cookie, d->entry[i].netns);
}

static inline uint64_t
rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

/*
 * 64 bits of a record: four lanes of multiply and rotate, as in the usual fast
 * hashes. A change that goes unnoticed has a chance of 2^-64.
 */
static uint64_t
digest(const struct sock_rec *rec, uint64_t tag, uint64_t seed)
{
	static const uint64_t odd[4] = { UINT64_C(0x9e3779b97f4a7c15),
		UINT64_C(0xc2b2ae3d27d4eb4f), UINT64_C(0x165667b19e3779f9),
		UINT64_C(0xd6e8feb86659fd93) };
	uint64_t word[sizeof(*rec) / 8], lane[4], h;
	size_t i;

	memcpy(word, rec, sizeof(word));
	lane[0] = seed + odd[1];
	lane[1] = seed ^ odd[2];
	lane[2] = tag + odd[3];
	lane[3] = rotl(tag, 32) ^ odd[0];
	for (i = 0; i < nitems(word); i += 4) {
		lane[0] = rotl(lane[0] + word[i] * odd[0], 31) * odd[1];
		lane[1] = rotl(lane[1] + word[i + 1] * odd[0], 31) * odd[1];
		lane[2] = rotl(lane[2] + word[i + 2] * odd[0], 31) * odd[1];
		lane[3] = rotl(lane[3] + word[i + 3] * odd[0], 31) * odd[1];
	}
	h = rotl(lane[0], 1) + rotl(lane[1], 7) + rotl(lane[2], 12) +
	    rotl(lane[3], 18);
	for (i = 0; i < nitems(lane); i++)
		h = (h ^ rotl(lane[i] * odd[1], 31) * odd[0]) * odd[0] + odd[3];
	return hash_mix(h);
}

struct differ *
differ_new(void)
{
	struct differ *d = xcalloc(1, sizeof(*d));

	d->free = d->first = d->last = NEXT_NONE;
	hash_init(&d->by_key, key_of_entry, d);
	return d;
}

void
differ_free(struct differ *d)
{
	if (d == NULL)
		return;
	hash_done(&d->by_key);
	free(d->entry);
	free(d);
}

void
differ_begin(struct differ *d)
{
	size_t i;

	/* The reading before was given up halfway: what it saw counts as not
	 * seen yet. */
	if (d->open)
		for (i = 0; i < d->n; i++)
			d->entry[i].turn = d->turn & 1;
	d->turn ^= 1;
	d->open = true;
	d->seen = 0;
	d->last = NEXT_NONE;
}

static uint32_t
entry_new(struct differ *d, const struct sock_rec *rec)
{
	uint32_t i = d->free;
	struct entry *e;

	if (i != NEXT_NONE) {
		d->free = d->entry[i].next;
	} else {
		if (d->n == d->cap) {
			/* By an eighth: this is the largest array there is
			 * beside the rows. */
			d->cap += d->cap / 8 + 64;
			d->entry =
			    xreallocarray(d->entry, d->cap, sizeof(*d->entry));
		}
		i = (uint32_t)d->n++;
	}
	e = &d->entry[i];
	e->cookie = rec->cookie;
	e->netns = rec->netns;
	e->next = NEXT_NONE;
	e->missed = 0;
	e->digest = 0;
	hash_add(&d->by_key, key64(rec->cookie, rec->netns), i);
	d->live++;
	return i;
}

/* Where this record's entry should be: after the one of the record before. */
static uint32_t
predict(const struct differ *d, const struct sock_rec *rec)
{
	uint32_t i;

	i = d->last == NEXT_NONE ? d->first : d->entry[d->last].next;
	if (i == NEXT_NONE || d->entry[i].cookie != rec->cookie ||
	    d->entry[i].netns != rec->netns ||
	    d->entry[i].missed == MISSED_FREE)
		return NEXT_NONE;
	return i;
}

/* The next dump will have this one here, most likely. */
static void
link_after_last(struct differ *d, uint32_t i, bool fresh)
{
	uint32_t next = d->first;

	if (d->last == NEXT_NONE) {
		d->first = i;
	} else {
		next = d->entry[d->last].next;
		d->entry[d->last].next = i;
	}
	/* One in between: the prediction goes on after it. */
	if (fresh)
		d->entry[i].next = next;
}

/* A second time in one reading: a duplicate, or holders that were found
 * later. Says nothing of the order. */
static bool
told_again(struct entry *e, uint64_t sum)
{
	if (e->digest == sum)
		return false;
	e->digest = sum;
	return true;
}

bool
differ_seen(struct differ *d, const struct sock_rec *rec, uint64_t owner_tag)
{
	uint64_t sum = digest(rec, owner_tag, d->seed);
	uint32_t i = predict(d, rec);
	struct entry *e;
	bool fresh = false;

	if (i == NEXT_NONE) {
		i = hash_find(&d->by_key, key64(rec->cookie, rec->netns));
		fresh = i == HASH_NONE;
		if (fresh)
			i = entry_new(d, rec);
		else if (d->entry[i].turn == d->turn)
			return told_again(&d->entry[i], sum);
		link_after_last(d, i, fresh);
	}
	e = &d->entry[i];
	d->last = i;
	if (fresh || e->turn != d->turn) {
		e->turn = d->turn & 1;
		e->missed = 0;
		d->seen++;
	}
	return told_again(e, sum) || fresh;
}

static void
entry_drop(struct differ *d, uint32_t i, struct snap *snap)
{
	struct entry *e = &d->entry[i];

	snap_add_gone(
	    snap, (struct sock_key){ .cookie = e->cookie, .netns = e->netns });
	hash_remove(&d->by_key, key64(e->cookie, e->netns));
	/* A prediction may still lead here: MISSED_FREE stops it. */
	e->missed = MISSED_FREE;
	e->next = d->free;
	d->free = i;
	d->live--;
}

void
differ_end(struct differ *d, struct snap *snap, bool partial)
{
	struct entry *e;
	size_t i;

	if (d->last != NEXT_NONE)
		d->entry[d->last].next = NEXT_NONE;
	for (i = 0; d->seen < d->live && i < d->n; i++) {
		e = &d->entry[i];
		if (e->missed == MISSED_FREE || e->turn == d->turn)
			continue;
		if (partial && e->missed < MISSED_MAX) {
			e->missed++;
			e->turn = d->turn & 1;
			d->seen++;
		} else {
			entry_drop(d, (uint32_t)i, snap);
		}
	}
	d->open = false;
	snap->flags |= SNAP_DELTA;
	snap->total = d->live;
}

/* Another seed, and no digest is right any more; who is gone is still known
 * to be. */
void
differ_reset(struct differ *d)
{
	d->seed += UINT64_C(0x9e3779b97f4a7c15);
}

size_t
differ_memory(const struct differ *d)
{
	return sizeof(*d) + d->cap * sizeof(*d->entry) +
	       d->by_key.cap * sizeof(*d->by_key.slot);
}
