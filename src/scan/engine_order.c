/* SPDX-License-Identifier: ISC */
/* The order of probes, and which of them are this shard's. */
#include "config.h"

#include "scan/engine_order.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/xmalloc.h"

static int
port_cmp(const void *a, const void *b, void *arg)
{
	const struct scan_port *port = arg;
	const struct scan_port *x = &port[*(const uint32_t *)a];
	const struct scan_port *y = &port[*(const uint32_t *)b];

	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

void
order_init(struct order *o, const struct engine_plan *plan)
{
	struct scan_port *port;
	uint32_t i;

	*o = (struct order){ .plan = plan };
	o->nhosts = target_count(plan->targets);
	o->nports = plan->nports > 0 ? plan->nports : 1;
	o->nshards = plan->spec->nshards > 0 ? plan->spec->nshards : 1;
	o->shard = plan->spec->nshards > 0 ? plan->spec->shard : 0;
	if (o->nhosts > 0)
		permute_init(&o->hosts, o->nhosts, plan->seed);
	if (!plan->spec->in_order || plan->nports == 0)
		return;
	o->by_number = xreallocarray(NULL, plan->nports, sizeof(uint32_t));
	for (i = 0; i < plan->nports; i++)
		o->by_number[i] = i;
	port = xreallocarray(NULL, plan->nports, sizeof(*port));
	for (i = 0; i < plan->nports; i++)
		port[i] = plan->port[i];
	qsort_r(o->by_number, plan->nports, sizeof(uint32_t), port_cmp, port);
	free(port);
}

void
order_done(struct order *o)
{
	free(o->by_number);
	o->by_number = NULL;
}

uint64_t
order_host(const struct order *o, uint64_t pos)
{
	return o->plan->spec->in_order ? pos : permute_at(&o->hosts, pos);
}

void
order_ports(const struct order *o, uint64_t pos, struct order_ports *p)
{
	const struct engine_plan *plan = o->plan;
	uint64_t seed = hash_mix(plan->seed ^ hash_mix(pos + 1));

	if (plan->ncommon > 0)
		permute_init(&p->common, plan->ncommon, seed);
	if (plan->nports > plan->ncommon)
		permute_init(&p->rest, plan->nports - plan->ncommon, ~seed);
}

uint32_t
order_port(const struct order *o, const struct order_ports *p, uint32_t pos)
{
	uint32_t ncommon = o->plan->ncommon;

	if (o->by_number != NULL)
		return o->by_number[pos];
	if (pos < ncommon)
		return (uint32_t)permute_at(&p->common, pos);
	return ncommon + (uint32_t)permute_at(&p->rest, pos - ncommon);
}

uint32_t
order_first(const struct order *o, uint64_t pos)
{
	uint64_t n = o->nshards, number = pos % n * (o->nports % n) % n;

	return (uint32_t)((o->shard + n - number) % n);
}

uint32_t
order_step(const struct order *o)
{
	return o->nshards;
}

uint32_t
order_share(const struct order *o, uint64_t pos)
{
	uint32_t first = order_first(o, pos);

	return first >= o->nports ? 0
				  : (o->nports - first - 1) / o->nshards + 1;
}

uint64_t
order_next_host(const struct order *o, uint64_t pos)
{
	uint64_t next;

	if (pos >= o->nhosts)
		return o->nhosts;
	next = pos + order_first(o, pos) / o->nports;
	return next < o->nhosts ? next : o->nhosts;
}

uint64_t
order_probes(const struct order *o)
{
	/* 2^48 hosts, 2^17 ports. */
	unsigned __int128 all = (unsigned __int128)o->nhosts * o->nports;

	if (all <= o->shard)
		return 0;
	all = (all - o->shard - 1) / o->nshards + 1;
	return all > UINT64_MAX ? UINT64_MAX : (uint64_t)all;
}

uint64_t
order_hosts_of(const struct order *o)
{
	return o->nports >= o->nshards ? o->nhosts : order_probes(o);
}
