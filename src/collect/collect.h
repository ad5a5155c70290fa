/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "collect/source.h"

/*
 * A collector reads whole readings: source, owners, names, joined into a
 * snap. One-shot use calls collect_read() directly; the deck runs one in a
 * thread of its own (collector_start), because a dump happens inside
 * send(2) and cannot be made not to block.
 */
struct collect_opts {
	const char *from;  /* a recording or ss -D dump; NULL: the kernel */
	bool force_procfs; /* tests: never netlink */
	bool delta;        /* through a differ */
};
struct collect;

/* Tries netlink, then /proc/net. */
int collect_open(
    struct collect **ret, const struct collect_opts *, char **cause);
/* With a source (taken over) and a kind of owners of one's own; tests. */
struct owner_ops;
struct collect *collect_with(
    struct source *, const struct owner_ops *, bool delta);
int collect_read(
    struct collect *, const struct request *, struct snap **ret, char **cause);
void collect_close(struct collect *);
size_t collect_memory(const struct collect *);

/* A request as the thread owns it: strings and filter are copied. */
struct collector;
struct sample {
	struct snap *snap; /* NULL: failed, see cause */
	char *cause;
	uint64_t cost_ns; /* wall time of the reading */
};
void sample_free(struct sample *);

/*
 * Takes over the collect. wake is called in the collector's thread when a
 * sample waits: it must only poke the loop (uv_async_send). All signals are
 * blocked in the thread.
 */
int collector_start(
    struct collector **ret, struct collect *, void (*wake)(void *), void *arg);
/* Asks for a reading. If one is under way, one more follows with the newest
 * request; never two queued. */
void collector_request(struct collector *, const struct request *);
/* The sample that waits (the caller's), or NULL. */
struct sample *collector_take(struct collector *);
bool collector_busy(const struct collector *);
/* Never waits longer than the reading under way; the thread is detached if
 * the kernel does not come back within 200 ms. */
void collector_stop(struct collector *);

#endif
