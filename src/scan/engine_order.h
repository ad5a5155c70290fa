/* SPDX-License-Identifier: ISC */
#ifndef SCAN_ENGINE_ORDER_H
#define SCAN_ENGINE_ORDER_H

#include "model/permute.h"
#include "scan/engine.h"

/*
 * Which probe is when, as arithmetic: nothing is kept of it. Hosts have
 * positions 0, 1, .. in a seeded order; ports have positions in an order of
 * each host's own. Probe number = host's position * ports + port's position.
 */
struct order {
	const struct engine_plan *plan;
	uint64_t nhosts;
	uint32_t nports; /* what numbers are made with: at least 1 */
	uint32_t shard, nshards;
	struct permute hosts;
	uint32_t *by_number; /* -r: ports in order of their number; or NULL */
};
struct order_ports { /* of one host */
	struct permute common, rest;
};

void order_init(struct order *, const struct engine_plan *);
void order_done(struct order *);
uint64_t order_host(const struct order *, uint64_t pos); /* target_at() */
void order_ports(const struct order *, uint64_t pos, struct order_ports *);
/* Index into the plan's ports. */
uint32_t order_port(
    const struct order *, const struct order_ports *, uint32_t pos);
/* The first position of a port that is this shard's; nports or more: none. */
uint32_t order_first(const struct order *, uint64_t pos);
/* And how far it is to the next one. */
uint32_t order_step(const struct order *);
uint32_t order_share(const struct order *, uint64_t pos); /* how many */
/* The next host from pos on that has a share; nhosts: none. */
uint64_t order_next_host(const struct order *, uint64_t pos);
uint64_t order_probes(const struct order *);   /* of this shard, in all */
uint64_t order_hosts_of(const struct order *); /* hosts that have a share */

#endif
