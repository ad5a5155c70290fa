/* SPDX-License-Identifier: ISC */
/*
 * Keeps what collect.c has to ask the owner source for. A plain list: without
 * privilege it holds most sockets of the machine, each reading.
 */
#include "config.h"

#include "collect/unowned.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/xmalloc.h"

void
unowned_done(struct unowned *u)
{
	free(u->at);
	free(u->inode);
	free(u->uid);
	*u = (struct unowned){ 0 };
}

void
unowned_reset(struct unowned *u)
{
	/* Once all owners are known, hardly any of it is needed. */
	if (u->n < u->cap / 8)
		unowned_done(u);
	u->n = u->ninodes = 0;
}

void
unowned_restart(struct unowned *u)
{
	size_t i, keep = 0;

	for (i = 0; i < u->n; i++) {
		if (u->at[i].row == UNOWNED_NO_ROW)
			continue;
		u->at[keep] = u->at[i];
		u->at[keep++].counted = true;
	}
	u->n = keep;
}

struct unowned_sock *
unowned_add(struct unowned *u, const struct sock_rec *rec)
{
	struct unowned_sock *s;

	u->at = array_grow(u->at, &u->cap, u->n + 1, sizeof(*u->at));
	s = &u->at[u->n++];
	*s = (struct unowned_sock){
		.inode = rec->inode, .uid = rec->uid, .row = UNOWNED_NO_ROW
	};
	return s;
}

static int
pair_cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void
unowned_sort(struct unowned *u)
{
	uint64_t *pair;
	size_t i;

	u->ninodes = 0;
	if (u->n == 0)
		return;
	pair = xreallocarray(NULL, u->n, sizeof(*pair));
	for (i = 0; i < u->n; i++)
		pair[i] = (uint64_t)u->at[i].inode << 32 | u->at[i].uid;
	qsort(pair, u->n, sizeof(*pair), pair_cmp);
	u->inode = array_grow(u->inode, &u->inode_cap, u->n, sizeof(*u->inode));
	u->uid = array_grow(u->uid, &u->uid_cap, u->n, sizeof(*u->uid));
	for (i = 0; i < u->n; i++) {
		if (u->ninodes > 0 &&
		    u->inode[u->ninodes - 1] == (uint32_t)(pair[i] >> 32))
			continue;
		u->inode[u->ninodes] = (uint32_t)(pair[i] >> 32);
		u->uid[u->ninodes++] = (uint32_t)pair[i];
	}
	free(pair);
}

size_t
unowned_memory(const struct unowned *u)
{
	return u->cap * sizeof(*u->at) +
	       (u->inode_cap + u->uid_cap) * sizeof(uint32_t);
}
