/* SPDX-License-Identifier: ISC */
/*
 * One array, read and rewritten in place. The kernel lists sockets in the
 * same order each time: what is expected next is there, or a few places on
 * when some were closed. A new socket mostly means a new epoch as well.
 */
#include "config.h"

#include "collect/tag_cache.h"

#include <stdlib.h>

#include "base/xmalloc.h"

#define LOOK_AHEAD 4

void
tag_cache_done(struct tag_cache *c)
{
	free(c->at);
	*c = (struct tag_cache){ 0 };
}

void
tag_cache_begin(struct tag_cache *c, uint64_t epoch)
{
	c->filling = c->epoch != epoch || c->n == 0;
	c->epoch = epoch;
	c->get = c->put = 0;
	if (c->filling)
		c->n = 0;
}

bool
tag_cache_get(struct tag_cache *c, uint32_t inode, uint32_t *tag)
{
	size_t i, end;

	if (c->filling)
		return false;
	end = c->n - c->get < LOOK_AHEAD ? c->n : c->get + LOOK_AHEAD;
	for (i = c->get; i < end; i++) {
		if (c->at[i].inode != inode)
			continue;
		*tag = c->at[i].tag;
		c->at[c->put++] = c->at[i];
		c->get = i + 1;
		return true;
	}
	return false;
}

void
tag_cache_put(struct tag_cache *c, uint32_t inode, uint32_t tag)
{
	if (c->filling) {
		if (c->n == c->cap) {
			c->cap += c->cap / 8 + 64;
			c->at = xreallocarray(c->at, c->cap, sizeof(*c->at));
		}
		c->put = ++c->n;
	} else if (c->put < c->get)
		c->put++; /* where one was that is gone */
	else
		return;
	c->at[c->put - 1] = (struct tag_at){ .inode = inode, .tag = tag };
}

void
tag_cache_end(struct tag_cache *c)
{
	c->n = c->put;
}

size_t
tag_cache_memory(const struct tag_cache *c)
{
	return c->cap * sizeof(*c->at);
}
