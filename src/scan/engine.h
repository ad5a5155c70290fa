/* SPDX-License-Identifier: ISC */
#ifndef SCAN_ENGINE_H
#define SCAN_ENGINE_H

#include "model/scan_ports.h"
#include "model/target.h"
#include "scan/tech.h"

/*
 * The engine: which probe is next (a seeded order of hosts, of ports within a
 * host; a bounded number of hosts at once, so that memory does not grow with
 * their number), what is unanswered, when it is asked again, and what silence
 * means. The loop is epoll: replies, results, expiries, sending as the pace
 * permits, progress.
 *
 * Order and shards: a probe's number is (position of its host in the order of
 * hosts) * ports + (position of its port in that host's order); shard I of N
 * takes those that are I modulo N. So N runs with one seed cover each once.
 */

/* What the engine tells; the receiver writes it to the parent. */
struct engine_sink {
	void (*event)(void *arg, struct scan_event *); /* seq, t_us are set by
							* the receiver */
	/* Bytes that wait for the parent: above half of the queue the engine
	 * stops probing, nothing is ever dropped. */
	bool (*full)(void *arg);
	void *arg;
};

struct engine_plan {
	const struct scan_spec *spec;     /* borrowed */
	const struct target_set *targets; /* sealed */
	const struct scan_port *port;
	uint32_t nports, ncommon; /* scan_ports_list() */
	unsigned how;             /* enum scan_how, chosen */
	uint64_t seed;
	uint32_t max_fds; /* descriptors that probes may take */
};

struct engine *engine_new(const struct engine_plan *, struct priv *,
    const struct engine_sink *, char **cause); /* NULL and a sentence */
void engine_free(struct engine *);
/* Runs until all is settled or engine_stop(): 0, or -errno and a sentence. */
int engine_run(struct engine *, char **cause);
void engine_stop(struct engine *);
/* Nothing new is sent; what comes is taken; what was under way meanwhile is
 * asked again afterwards (so is what a suspended machine missed). */
void engine_pause(struct engine *, bool);
/* What it comes to, into an end event: packets, hosts. */
void engine_sum(const struct engine *, struct scan_event *end);

#endif
