/* SPDX-License-Identifier: ISC */
/*
 * The list of processes that owner_procfs.c keeps: who came, who went.
 */
#include "config.h"

#include "collect/owner_procs.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/xmalloc.h"

static pid_t
slot_pid(const void *arg, uint32_t i)
{
	const struct owner_procs *t = arg;

	return t->slot[i].stat.pid;
}

void
owner_procs_init(struct owner_procs *t)
{
	*t = (struct owner_procs){ .free_slot = UINT32_MAX, .serial = 1 };
	owner_map_init(&t->map, slot_pid, t);
}

void
owner_procs_done(struct owner_procs *t)
{
	size_t i;

	for (i = 0; i < t->nslots; i++)
		proc_unref(t->slot[i].proc);
	owner_map_done(&t->map);
	free(t->slot);
	free(t->order);
	free(t->order_next);
	free(t->pid);
}

static uint32_t
slot_new(struct owner_procs *t, pid_t pid)
{
	uint32_t i = t->free_slot;

	if (i != UINT32_MAX)
		t->free_slot = t->slot[i].serial;
	else {
		t->slot = array_grow(
		    t->slot, &t->slots_cap, t->nslots + 1, sizeof(*t->slot));
		i = (uint32_t)t->nslots++;
	}
	t->slot[i] = (struct slot){ .flags = SLOT_UNREAD };
	t->slot[i].stat.pid = pid;
	return i;
}

void
slot_forget_fds(struct owner_procs *t, uint32_t i)
{
	if (t->slot[i].nfd > 0)
		owner_map_remove(&t->map, i);
	t->slot[i].nfd = 0;
}

void
slot_forget_text(struct owner_procs *t, uint32_t i)
{
	proc_unref(t->slot[i].proc);
	t->slot[i].proc = NULL;
	t->slot[i].serial = ++t->serial;
}

static void
slot_free(struct owner_procs *t, uint32_t i)
{
	slot_forget_fds(t, i);
	proc_unref(t->slot[i].proc);
	t->slot[i] = (struct slot){ .serial = t->free_slot };
	t->free_slot = i;
}

void
slot_replaced(struct owner_procs *t, uint32_t i)
{
	pid_t pid = t->slot[i].stat.pid;

	slot_forget_fds(t, i);
	proc_unref(t->slot[i].proc);
	t->slot[i] =
	    (struct slot){ .flags = SLOT_UNREAD, .serial = ++t->serial };
	t->slot[i].stat.pid = pid;
}

static void
order_swap(struct owner_procs *t, size_t n)
{
	uint32_t *old = t->order;
	size_t cap = t->order_cap;

	t->order = t->order_next;
	t->order_cap = t->order_next_cap;
	t->norder = n;
	t->order_next = old;
	t->order_next_cap = cap;
}

/* Both lists are in order of pid. */
void
owner_procs_listed(struct owner_procs *t)
{
	size_t i = 0, k, n = 0;

	t->order_next = array_grow(t->order_next, &t->order_next_cap,
	    t->npids + 1, sizeof(*t->order_next));
	for (k = 0; k < t->npids; k++) {
		while (
		    i < t->norder && t->slot[t->order[i]].stat.pid < t->pid[k])
			slot_free(t, t->order[i++]);
		if (i < t->norder && t->slot[t->order[i]].stat.pid == t->pid[k])
			t->order_next[n++] = t->order[i++];
		else
			t->order_next[n++] = slot_new(t, t->pid[k]);
	}
	while (i < t->norder)
		slot_free(t, t->order[i++]);
	order_swap(t, n);
}

size_t
owner_procs_memory(const struct owner_procs *t)
{
	return owner_map_memory(&t->map) + t->slots_cap * sizeof(*t->slot) +
	       (t->order_cap + t->order_next_cap) * sizeof(*t->order) +
	       t->pids_cap * sizeof(*t->pid);
}
