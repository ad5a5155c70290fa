/* SPDX-License-Identifier: ISC */
/*
 * Processes and the sets of them that hold a socket. What a cgroup path says
 * about unit and container is in proc_cgroup.c. No system calls here.
 */
#include "config.h"

#include "model/proc.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

struct proc *
proc_new(pid_t pid, uint64_t start)
{
	struct proc *p = xcalloc(1, sizeof(*p));

	p->pid = pid;
	p->start = start;
	p->comm = xstrdup("?");
	atomic_init(&p->refs, 1);
	return p;
}

struct proc *
proc_ref(struct proc *p)
{
	if (p != NULL)
		atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

void
proc_unref(struct proc *p)
{
	if (p == NULL)
		return;
	if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	free(p->comm);
	free(p->cmdline);
	free(p->user);
	free(p->exe);
	free(p->cwd);
	free(p->cgroup);
	free(p->unit);
	free(p->container);
	free(p->note);
	free(p);
}

void
owners_done(struct owners *o)
{
	uint32_t i;

	if (o->all != NULL)
		for (i = 0; i < o->n; i++)
			proc_unref(o->all[i].proc);
	free(o->all);
	proc_unref(o->proc);
	*o = (struct owners){ 0 };
}

void
owners_copy(struct owners *dst, const struct owners *src)
{
	uint32_t i;

	*dst = *src;
	proc_ref(dst->proc);
	dst->all = NULL;
	if (src->all == NULL)
		return;
	dst->all = xreallocarray(NULL, src->n, sizeof(*dst->all));
	for (i = 0; i < src->n; i++) {
		dst->all[i] = src->all[i];
		proc_ref(dst->all[i].proc);
	}
}

bool
owners_eq(const struct owners *a, const struct owners *b)
{
	uint32_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		struct owner x = owners_at(a, i), y = owners_at(b, i);

		if (x.proc != y.proc || x.fd != y.fd)
			return false;
	}
	return true;
}

struct owner
owners_at(const struct owners *o, uint32_t i)
{
	if (o->all != NULL)
		return o->all[i];
	return (struct owner){ .proc = o->proc, .fd = o->fd };
}

uint32_t
owners_procs(const struct owners *o)
{
	uint32_t i, n = o->proc != NULL;

	/* Ordered by pid: one process may have several descriptors. */
	for (i = 1; i < o->n; i++)
		n += owners_at(o, i).proc != owners_at(o, i - 1).proc;
	return n;
}
