/* SPDX-License-Identifier: ISC */
/*
 * The mapping from socket inodes to their holders. It knows nothing of /proc.
 */
#include "config.h"

#include "collect/owner_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

#define NONE UINT32_MAX

static uint64_t
hold_key(const void *arg, uint32_t i)
{
	const struct owner_map *m = arg;

	return m->hold[i].inode;
}

void
owner_map_init(struct owner_map *m, pid_t (*pid_of)(const void *, uint32_t),
    const void *arg)
{
	*m = (struct owner_map){ .free_hold = NONE,
		.free_shared = NONE,
		.pid_of = pid_of,
		.arg = arg };
	hash_init(&m->by_inode, hold_key, m);
}

static void
shared_clear(struct hold_shared *s)
{
	free(s->at);
	free(s->cache);
	*s = (struct hold_shared){ 0 };
}

void
owner_map_done(struct owner_map *m)
{
	size_t i;

	for (i = 0; i < m->nshared; i++)
		shared_clear(&m->shared[i]);
	free(m->shared);
	free(m->hold);
	hash_done(&m->by_inode);
}

void
owner_map_reserve(struct owner_map *m, size_t more)
{
	/* Exactly: a first scan is most of what there will ever be. */
	if (m->n == 0 && more > m->cap) {
		m->hold = xreallocarray(m->hold, more, sizeof(*m->hold));
		m->cap = more;
	}
	hash_reserve(&m->by_inode, m->by_inode.n + more);
}

static uint32_t
shared_new(struct owner_map *m)
{
	uint32_t i = m->free_shared;

	if (i != NONE) {
		m->free_shared = m->shared[i].cap;
		m->shared[i].cap = 0;
		return i;
	}
	m->shared = array_grow(
	    m->shared, &m->shared_cap, m->nshared + 1, sizeof(*m->shared));
	m->shared[m->nshared] = (struct hold_shared){ 0 };
	return (uint32_t)m->nshared++;
}

static void
shared_drop(struct owner_map *m, uint32_t i)
{
	shared_clear(&m->shared[i]);
	m->shared[i].cap = m->free_shared;
	m->free_shared = i;
}

static void
shared_changed(struct hold_shared *s)
{
	free(s->cache);
	s->cache = NULL;
}

static int
holder_cmp(const struct holder *a, const struct holder *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->fd != b->fd)
		return a->fd < b->fd ? -1 : 1;
	return 0;
}

static void
shared_add(struct hold_shared *s, struct holder h)
{
	size_t cap = s->cap;
	uint32_t i;

	s->at = array_grow(s->at, &cap, (size_t)s->n + 1, sizeof(*s->at));
	s->cap = (uint32_t)cap;
	/* Processes are scanned in order of pid: mostly at the end. */
	for (i = s->n; i > 0 && holder_cmp(&h, &s->at[i - 1]) < 0; i--)
		s->at[i] = s->at[i - 1];
	s->at[i] = h;
	s->n++;
	shared_changed(s);
}

/* The second holder has come. */
static void
hold_share(struct owner_map *m, struct hold *hold)
{
	struct holder first = { .pid = m->pid_of(m->arg, hold->proc),
		.proc = hold->proc,
		.fd = hold->fd };
	uint32_t i = shared_new(m);

	shared_add(&m->shared[i], first);
	hold->proc = HOLD_SHARED;
	hold->fd = (int32_t)i;
}

void
owner_map_add(struct owner_map *m, uint32_t inode, struct holder h)
{
	uint32_t i = hash_find(&m->by_inode, inode);
	struct hold *hold;

	m->changes++;
	if (i != HASH_NONE) {
		hold = &m->hold[i];
		if (hold->proc != HOLD_SHARED)
			hold_share(m, hold);
		shared_add(&m->shared[hold->fd], h);
		return;
	}
	if (m->free_hold != NONE) {
		i = m->free_hold;
		m->free_hold = (uint32_t)m->hold[i].fd;
	} else {
		m->hold =
		    array_grow(m->hold, &m->cap, m->n + 1, sizeof(*m->hold));
		i = (uint32_t)m->n++;
	}
	m->hold[i] = (struct hold){ inode, h.proc, h.fd };
	hash_add(&m->by_inode, inode, i);
}

static void
hold_drop(struct owner_map *m, uint32_t i)
{
	hash_remove(&m->by_inode, m->hold[i].inode);
	m->hold[i].inode = 0;
	m->hold[i].fd = (int32_t)m->free_hold;
	m->free_hold = i;
}

static void
shared_remove(struct owner_map *m, struct hold *hold, uint32_t proc)
{
	uint32_t k = (uint32_t)hold->fd, i, n = 0;
	struct hold_shared *s = &m->shared[k];

	for (i = 0; i < s->n; i++)
		if (s->at[i].proc != proc)
			s->at[n++] = s->at[i];
	if (n == s->n)
		return;
	s->n = n;
	shared_changed(s);
	if (n > 1)
		return;
	if (n == 1) {
		hold->proc = s->at[0].proc;
		hold->fd = s->at[0].fd;
	}
	shared_drop(m, k);
	if (n == 0)
		hold_drop(m, (uint32_t)(hold - m->hold));
}

void
owner_map_remove(struct owner_map *m, uint32_t proc)
{
	uint32_t i;

	m->changes++;
	for (i = 0; i < m->n; i++) {
		struct hold *hold = &m->hold[i];

		if (hold->inode == 0)
			continue;
		if (hold->proc == proc)
			hold_drop(m, i);
		else if (hold->proc == HOLD_SHARED)
			shared_remove(m, hold, proc);
	}
}

bool
owner_map_has(const struct owner_map *m, uint32_t inode, struct holder h)
{
	const struct hold *hold = owner_map_find(m, inode);
	const struct hold_shared *s;
	uint32_t i;

	if (hold == NULL)
		return false;
	if (hold->proc != HOLD_SHARED)
		return hold->proc == h.proc && hold->fd == h.fd;
	s = &m->shared[hold->fd];
	for (i = 0; i < s->n; i++)
		if (s->at[i].proc == h.proc && s->at[i].fd == h.fd)
			return true;
	return false;
}

const struct hold *
owner_map_find(const struct owner_map *m, uint32_t inode)
{
	uint32_t i = hash_find(&m->by_inode, inode);

	return i == HASH_NONE ? NULL : &m->hold[i];
}

size_t
owner_map_memory(const struct owner_map *m)
{
	size_t n, i;

	n = m->cap * sizeof(*m->hold) + m->by_inode.cap * sizeof(uint32_t) +
	    m->shared_cap * sizeof(*m->shared);
	for (i = 0; i < m->nshared; i++)
		n += m->shared[i].at == NULL
			 ? 0
			 : m->shared[i].cap * sizeof(struct holder);
	return n;
}
