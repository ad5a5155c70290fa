/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_TAG_CACHE_H
#define COLLECT_TAG_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What owner_ops.find() answered in the last reading, in the order of that
 * dump: 8 bytes a socket read one after the other, where each look-up in a
 * table of 100,000 costs several cache misses. Good as long as the owner
 * source says that nothing changed.
 */
struct tag_cache {
	struct tag_at {
		uint32_t inode, tag;
	} * at;
	size_t n, cap;
	size_t get, put; /* positions in this reading; put <= get */
	uint64_t epoch;
	bool filling;
};

void tag_cache_done(struct tag_cache *);
/* epoch: owner_ops.epoch() now. */
void tag_cache_begin(struct tag_cache *, uint64_t epoch);
/* False: not known, it must be asked for and told by tag_cache_put(). */
bool tag_cache_get(struct tag_cache *, uint32_t inode, uint32_t *tag);
void tag_cache_put(struct tag_cache *, uint32_t inode, uint32_t tag);
void tag_cache_end(struct tag_cache *);
size_t tag_cache_memory(const struct tag_cache *);

#endif
