/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_OWNER_MAP_H
#define COLLECT_OWNER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hash.h"

/*
 * Socket inode -> who holds it, in 12 bytes and a hash slot for the usual
 * socket with one holder. Processes are numbers of the caller's.
 */
struct hold {
	uint32_t inode; /* 0: free */
	uint32_t proc;  /* HOLD_SHARED: fd is an index into shared[] */
	int32_t fd;
};
#define HOLD_SHARED UINT32_MAX

struct holder {
	pid_t pid;
	uint32_t proc;
	int32_t fd;
};

/* A socket with several: ordered by pid, then fd. */
struct hold_shared {
	struct holder *at;
	uint32_t n, cap; /* n 0: free, cap the next free one */
	void *cache;     /* the caller's; freed with free(3) at any change */
	uint64_t cache_tag;
};

struct owner_map {
	struct hold *hold;
	size_t n, cap;
	uint32_t free_hold, free_shared; /* UINT32_MAX: none */
	struct hold_shared *shared;
	size_t nshared, shared_cap;
	uint64_t changes; /* made so far */
	struct hash by_inode;
	pid_t (*pid_of)(const void *arg, uint32_t proc);
	const void *arg;
};

/* The map must not move in memory afterwards. */
void owner_map_init(struct owner_map *,
    pid_t (*pid_of)(const void *arg, uint32_t proc), const void *arg);
void owner_map_done(struct owner_map *);
void owner_map_reserve(struct owner_map *, size_t more);
void owner_map_add(struct owner_map *, uint32_t inode, struct holder);
/* Everything this process holds is forgotten. */
void owner_map_remove(struct owner_map *, uint32_t proc);
/* Borrowed until the next change; NULL: no holder. */
const struct hold *owner_map_find(const struct owner_map *, uint32_t inode);
/* Whether this one is a holder. */
bool owner_map_has(const struct owner_map *, uint32_t inode, struct holder);
size_t owner_map_memory(const struct owner_map *);

#endif
