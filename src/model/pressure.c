/* SPDX-License-Identifier: ISC */
/* What was read of the machine's limits, and how full is full. */
#include "config.h"

#include "model/pressure.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/xmalloc.h"

static void
unknown_gauge(struct pressure_gauge *g)
{
	g->value = g->limit = PRESSURE_UNKNOWN;
}

struct pressure *
pressure_new(void)
{
	struct pressure *p = xcalloc(1, sizeof(*p));
	size_t i;

	for (i = 0; i < PRESSURE_NKINDS; i++)
		unknown_gauge(&p->gauge[i]);
	for (i = 0; i < PRESSURE_NCOUNTERS; i++)
		p->counter[i] = PRESSURE_UNKNOWN;
	p->tcp_mem_middle = PRESSURE_UNKNOWN;
	return p;
}

void
pressure_free(struct pressure *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->nns; i++)
		free(p->ns[i].ports);
	for (i = 0; i < p->nprocs; i++)
		free(p->proc[i].comm);
	free(p->ns);
	free(p->proc);
	free(p);
}

struct pressure_ns *
pressure_add_ns(struct pressure *p, uint32_t netns)
{
	struct pressure_ns *ns;
	size_t i;

	p->ns = array_grow(p->ns, &p->ns_cap, p->nns + 1, sizeof(*p->ns));
	ns = &p->ns[p->nns++];
	*ns = (struct pressure_ns){ .netns = netns };
	ns->ports = xcalloc(1, sizeof(*ns->ports));
	unknown_gauge(&ns->time_wait);
	unknown_gauge(&ns->conntrack);
	for (i = 0; i < PRESSURE_NCOUNTERS; i++)
		ns->counter[i] = PRESSURE_UNKNOWN;
	return ns;
}

const struct pressure_ns *
pressure_find_ns(const struct pressure *p, uint32_t netns)
{
	size_t i;

	for (i = 0; p != NULL && i < p->nns; i++)
		if (p->ns[i].netns == netns)
			return &p->ns[i];
	return NULL;
}

static bool
is_known(const struct pressure_gauge *g)
{
	return g->value != PRESSURE_UNKNOWN && g->limit != PRESSURE_UNKNOWN;
}

int
pressure_percent(const struct pressure_gauge *g)
{
	double share;

	if (!is_known(g))
		return -1;
	if (g->limit == 0)
		return g->value > 0 ? 100 : 0;
	share = (double)g->value / (double)g->limit * 100;
	return share > 999 ? 999 : (int)share;
}

int
pressure_gauge_cmp(
    const struct pressure_gauge *a, const struct pressure_gauge *b)
{
	bool ka = is_known(a), kb = is_known(b);
	double sa, sb;

	if (ka != kb)
		return ka ? -1 : 1;
	if (ka) {
		sa = (double)a->value / (a->limit > 0 ? (double)a->limit : 0.5);
		sb = (double)b->value / (b->limit > 0 ? (double)b->limit : 0.5);
		if (sa != sb)
			return sa > sb ? -1 : 1;
	}
	return (a->value < b->value) - (a->value > b->value);
}

const char *
pressure_verdict_name(enum pressure_verdict v)
{
	static const char *const names[] = { [PRESSURE_FULL] = "full",
		[PRESSURE_HIGH] = "high",
		[PRESSURE_OK] = "ok",
		[PRESSURE_NOT_KNOWN] = "-" };

	return names[v];
}
