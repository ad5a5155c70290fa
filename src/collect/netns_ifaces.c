/* SPDX-License-Identifier: ISC */
/*
 * Interface names. An interface that cannot be found (it went away) is tried
 * again when a socket still has it in the next reading.
 */
#include "config.h"

#include "collect/netns_ifaces.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"

struct netns_ifaces {
	uint64_t *key; /* netns << 32 | ifindex */
	size_t n, cap;
	size_t told; /* those before are */
	struct hash by_key;
	uint64_t last;
};

static uint64_t
iface_key(const void *arg, uint32_t i)
{
	const struct netns_ifaces *ni = arg;

	return ni->key[i];
}

struct netns_ifaces *
netns_ifaces_new(void)
{
	struct netns_ifaces *ni = xcalloc(1, sizeof(*ni));

	hash_init(&ni->by_key, iface_key, ni);
	return ni;
}

void
netns_ifaces_free(struct netns_ifaces *ni)
{
	if (ni == NULL)
		return;
	hash_done(&ni->by_key);
	free(ni->key);
	free(ni);
}

void
netns_ifaces_want(struct netns_ifaces *ni, uint32_t netns, uint32_t ifindex)
{
	uint64_t key = (uint64_t)netns << 32 | ifindex;

	if (key == ni->last)
		return;
	ni->last = key;
	if (hash_find(&ni->by_key, key) != HASH_NONE)
		return;
	ni->key = array_grow(ni->key, &ni->cap, ni->n + 1, sizeof(*ni->key));
	ni->key[ni->n] = key;
	hash_add(&ni->by_key, key, (uint32_t)ni->n++);
}

void
netns_ifaces_tell(struct netns_ifaces *ni, struct snap *snap)
{
	char raw[IF_NAMESIZE], *name;
	size_t keep = ni->told, i;
	uint64_t key;

	for (i = ni->told; i < ni->n; i++) {
		key = ni->key[i];
		(void)hash_remove(&ni->by_key, key);
		if (if_indextoname((uint32_t)key, raw) == NULL)
			continue;
		name = text_clean(raw, strnlen(raw, sizeof(raw)));
		snap_add_name(snap, NAME_IFACE, (uint32_t)(key >> 32),
		    (uint32_t)key, name);
		free(name);
		ni->key[keep] = key;
		hash_add(&ni->by_key, key, (uint32_t)keep++);
	}
	ni->n = ni->told = keep;
	ni->last = 0;
}
