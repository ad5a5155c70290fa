/* SPDX-License-Identifier: ISC */
#ifndef MODEL_PRESSURE_H
#define MODEL_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/json.h"
#include "know/pressure.h"
#include "model/portset.h"
#include "model/table.h"

/*
 * How near the machine is to its limits. struct pressure is what the
 * collector read beside the sockets (NEED_PRESSURE); the rest is counted from
 * the rows. Nothing here is called 0 that is not known.
 */
#define PRESSURE_UNKNOWN UINT64_MAX

struct pressure_gauge {
	uint64_t value, limit; /* or PRESSURE_UNKNOWN */
};

struct pressure_ns {
	uint32_t netns;
	struct port_limits *ports; /* owned */
	struct pressure_gauge time_wait, conntrack;
	uint64_t counter[PRESSURE_NCOUNTERS]; /* or PRESSURE_UNKNOWN */
};

struct pressure_proc {
	pid_t pid;
	uint64_t start;
	char *comm; /* clean, owned */
	struct pressure_gauge fds;
};

struct pressure {
	uint64_t mono_ns;
	uint32_t page_size;
	/* Of the machine; others stay unknown. */
	struct pressure_gauge gauge[PRESSURE_NKINDS];
	uint64_t counter[PRESSURE_NCOUNTERS];
	uint64_t tcp_mem_middle; /* tcp_mem's second mark */
	struct pressure_ns *ns;
	size_t nns, ns_cap;
	struct pressure_proc *proc; /* the fullest, first the worst */
	size_t nprocs;
	uint32_t procs_seen, procs_hidden; /* hidden: not to be counted */
};

struct pressure *pressure_new(void);   /* everything unknown */
void pressure_free(struct pressure *); /* NULL is fine */
struct pressure_ns *pressure_add_ns(struct pressure *, uint32_t netns);
const struct pressure_ns *pressure_find_ns(
    const struct pressure *, uint32_t netns);
/* 0.. (100: full), or -1: not known. A limit of 0 is full at 1. */
int pressure_percent(const struct pressure_gauge *);
/* Worse first: by share of the limit, then by value. For qsort(3). */
int pressure_gauge_cmp(
    const struct pressure_gauge *, const struct pressure_gauge *);

enum pressure_verdict {
	PRESSURE_FULL,
	PRESSURE_HIGH,
	PRESSURE_OK,
	PRESSURE_NOT_KNOWN
};
const char *pressure_verdict_name(enum pressure_verdict);

struct pressure_item {
	enum pressure_kind kind;
	enum pressure_verdict verdict;
	struct pressure_gauge gauge;
	uint64_t events;  /* times it was met since the counters began, or
			  * PRESSURE_UNKNOWN */
	double events_ps; /* now, a second; negative: not known */
	bool hit;         /* .. and these mean that it is full */
	uint32_t netns;   /* 0: the machine's */
	uint32_t waiting; /* EPHEMERAL: of these, in TIME-WAIT */
	uint8_t family;   /* EPHEMERAL, ACCEPT, SYN: */
	struct endpoint local, peer;
	pid_t pid; /* FDS, or the listener's owner; 0: none */
	char *comm;
	uint64_t middle; /* TCP_MEM */
};

struct pressure_event {
	enum pressure_counter counter;
	uint32_t netns; /* 0: the machine's */
	uint64_t total;
	double per_s; /* negative: not known */
};

/*
 * Two readings and what they amount to. The items point into nothing: they
 * are good until the next build.
 */
struct pressure_view {
	struct pressure *now, *before; /* owned; NULL: none yet */
	uint32_t page_size;            /* 0: not known */
	struct pressure_item *item;    /* worst first */
	size_t n, cap;
	struct pressure_event *event; /* all that are known */
	size_t nevents, events_cap;
	uint32_t more[PRESSURE_NKINDS]; /* beyond those listed */
	uint32_t procs_hidden;
	bool read; /* now is there: else only what rows tell */
};

void pressure_view_init(struct pressure_view *);
void pressure_view_done(struct pressure_view *);
/* A new reading, taken over; NULL (a recording): none. */
void pressure_view_take(struct pressure_view *, struct pressure *);
/* The items, of the newest reading and these rows (all there are: a filtered
 * table would make full look empty). At most `top` (> 0) of each kind. */
void pressure_view_build(struct pressure_view *, struct table *, size_t top);

/* "ephemeral ports 10.0.0.5 to 10.0.0.9:443"; names for netns where there are
 * several. */
void pressure_put_what(const struct pressure_view *,
    const struct pressure_item *, const struct names *, struct buf *);
void pressure_put_value(const struct pressure_view *,
    const struct pressure_item *, struct buf *); /* "-" */
void pressure_put_limit(
    const struct pressure_view *, const struct pressure_item *, struct buf *);
void pressure_put_percent(const struct pressure_item *, struct buf *);
/* "[####......]", so many signs between the brackets; blank if unknown. */
void pressure_put_bar(const struct pressure_item *, size_t width, struct buf *);
/* "ListenOverflows 10, 2/s: handshakes that .." */
void pressure_put_event(const struct pressure_view *,
    const struct pressure_event *, const struct names *, struct buf *);
/* What happens when it is full, the setting, how often it was. Sentences. */
void pressure_put_meaning(const struct pressure_item *, struct buf *);
/* A filter that shows the sockets behind it; false: there are none. */
bool pressure_put_filter(const struct pressure_item *, struct buf *);
/* The members "pressure" and "events" of list -s --json. */
void pressure_json(
    struct json *, const struct pressure_view *, const struct names *);

#endif
