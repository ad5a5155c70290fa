/* SPDX-License-Identifier: ISC */
/* Users by number, each looked up and told once. */
#include "config.h"

#include "collect/user_names.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "collect/procfs.h"

struct user_names {
	struct user_cache *cache;
	uint32_t *uid;
	size_t n, cap;
	size_t told; /* those before are */
	struct hash by_uid;
	uint64_t last;
};

static uint64_t
uid_key(const void *arg, uint32_t i)
{
	const struct user_names *un = arg;

	return un->uid[i];
}

struct user_names *
user_names_new(void)
{
	struct user_names *un = xcalloc(1, sizeof(*un));

	un->cache = user_cache_new();
	un->last = UINT64_MAX;
	hash_init(&un->by_uid, uid_key, un);
	return un;
}

void
user_names_free(struct user_names *un)
{
	if (un == NULL)
		return;
	user_cache_free(un->cache);
	hash_done(&un->by_uid);
	free(un->uid);
	free(un);
}

void
user_names_want(struct user_names *un, uint32_t uid)
{
	if (uid == un->last)
		return;
	un->last = uid;
	if (hash_find(&un->by_uid, uid) != HASH_NONE)
		return;
	un->uid = array_grow(un->uid, &un->cap, un->n + 1, sizeof(*un->uid));
	un->uid[un->n] = uid;
	hash_add(&un->by_uid, uid, (uint32_t)un->n++);
}

void
user_names_tell(struct user_names *un, struct snap *snap)
{
	for (; un->told < un->n; un->told++)
		snap_add_name(snap, NAME_USER, 0, un->uid[un->told],
		    user_cache_name(un->cache, un->uid[un->told]));
}
