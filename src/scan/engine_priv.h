/* SPDX-License-Identifier: ISC */
#ifndef SCAN_ENGINE_PRIV_H
#define SCAN_ENGINE_PRIV_H

#include <netinet/in.h>

#include "base/clock.h"
#include "base/hash.h"
#include "scan/engine.h"
#include "scan/engine_order.h"
#include "scan/links.h"
#include "scan/method.h"
#include "scan/pace.h"
#include "scan/wheel.h"

/* What the files of the engine share; nobody else includes this. */

#define NSLOTS   1024  /* hosts at once */
#define NPROBES  65536 /* unanswered at once */
#define NMETHODS 16
/* Neighbours that are looked for by the kernel, at once: its table holds 1,024
 * (net.ipv4.neigh.default.gc_thresh3), all namespaces' together, and a full one
 * cuts the machine off. Each that is not there stays in it for 3 s. */
#define NEIGHBOURS 128
#define BATCH      128 /* packets before what came is looked at */
#define MS         UINT64_C(1000000)
#define SECOND     UINT64_C(1000000000)
#define NONE       UINT32_MAX
#define LANES      2 /* of a host: TCP and pings; UDP */

/* A technique that is open. */
struct engine_tech {
	const struct tech_ops *ops;
	void *arg;
	uint64_t tick; /* when its tick() is due; UINT64_MAX: not at all */
	bool flush;    /* send() put something off */
};
struct engine_method {
	const struct method *m;
	uint8_t tech;     /* index of engine_tech */
	uint8_t families; /* it is used for; method_family() */
};

enum probe_where {
	PROBE_FREE,
	PROBE_SENDING, /* in send() */
	PROBE_WAITING, /* in the wheel */
	PROBE_QUEUED,  /* in its host's lane, to be sent */
	PROBE_KEPT     /* by its technique, after silence() */
};
struct engine_probe {
	struct probe p;         /* first: techniques have pointers to it */
	struct wheel_link link; /* of the wheel, or of a lane */
	uint64_t last;          /* when the last packet went */
	uint8_t where;          /* enum probe_where */
	uint8_t mute;           /* tries that stayed unanswered */
	bool kept;              /* its technique's pace, not ours */
};

enum slot_stage {
	SLOT_FREE,
	SLOT_ASKED, /* is it there? */
	SLOT_PORTS
};
struct lane {
	uint32_t next;       /* position of the next port */
	bool rest;           /* the common ones were asked for */
	uint32_t head, tail; /* probes to be sent */
	struct pace pace;
};
struct slot {
	struct host host;
	uint8_t stage;   /* enum slot_stage */
	bool neighbour;  /* the kernel looks for it, see NEIGHBOURS */
	bool closing;    /* ends as soon as nobody looks at it */
	uint8_t ping;    /* next method that is asked with */
	uint32_t out;    /* probes that are not settled */
	uint32_t active; /* index in engine.active */
	uint32_t left, settled[LANES], unsent;
	uint64_t began, sent;
	struct order_ports order;
	uint64_t *done; /* bit an index of ports: settled before; or NULL */
	struct lane lane[LANES];
};

/* struct scan_done, sorted. */
struct engine_done {
	uint64_t pos;
	const char *ports;
};

struct engine_watcher {
	engine_ready ready;
	void *arg;
};

struct engine {
	struct engine_plan plan;
	const struct scan_spec *spec;
	struct priv *priv;
	struct engine_sink sink;
	struct order order;
	struct pace_limits limits, host_limits;
	int max_retries;
	uint32_t max_parallel;
	uint64_t host_timeout; /* ns; 0: none */
	uint8_t secret[16];

	int epfd;
	struct engine_watcher *watcher; /* by descriptor */
	size_t nwatcher;

	struct engine_tech tech[NMETHODS];
	struct engine_method method[NMETHODS];
	uint8_t ntech, nmethod;
	bool has[LANES];    /* ports of it are asked for */
	uint8_t link_pings; /* families that neighbours are asked in */

	struct slot *slot;
	uint32_t free_slot[NSLOTS], nfree_slot;
	uint32_t active[NSLOTS], nactive, turn;
	struct hash by_addr; /* addresses -> slots */

	struct engine_probe *probe;
	uint32_t *free_probe, nfree_probe, nprobe;
	struct hash by_key;
	struct wheel wheel;

	struct pace pace;
	uint64_t now;     /* while sending */
	uint64_t blocked; /* until then the machine had no room */
	unsigned blocked_row;
	uint32_t nclosing, nneighbours; /* slots */
	uint64_t next_host;             /* position */
	struct engine_done *done;

	/* Time that passed while we were not running, or paused, does not count
	 * for deadlines: they are of now - gap. */
	uint64_t gap, loop_at, boot_gap, paused_at;
	bool stopped, paused, brake; /* brake: conntrack is nearly full */
	uint64_t conntrack_at, progress_at, rate_at, rate_sent, rate_done;
	double rate, done_rate; /* packets, ports a second */
	bool changed;           /* since the last progress */

	uint64_t total, ndone, nsent, nreceived, nanswers, nlost, nopen;
	uint64_t hosts, hosts_done, hosts_up;
	uint64_t *notes; /* hashes of those told */
	size_t nnotes, cap_notes;
	struct { /* of hosts and probes that could not be sent to */
		int error;
		uint64_t n;
	} unsent[8];
	struct scan_event ev;
};

static inline struct engine_probe *
probe_of(struct probe *p)
{
	return (struct engine_probe *)(void *)p;
}
static inline uint32_t
probe_index(const struct engine *e, const struct engine_probe *p)
{
	return (uint32_t)(p - e->probe);
}
static inline struct engine_tech *
probe_tech(struct engine *e, const struct engine_probe *p)
{
	return &e->tech[e->method[p->p.method].tech];
}
static inline int
lane_of(uint8_t proto)
{
	return proto == IPPROTO_UDP;
}
static inline struct lane *
probe_lane(struct engine *e, const struct engine_probe *p)
{
	return &e->slot[p->p.slot].lane[lane_of(p->p.proto)];
}
/* Unanswered, or to be sent. */
static inline uint32_t
probes_out(const struct engine *e)
{
	return e->nprobe - e->nfree_probe;
}
/* Deadlines are in this time, ms. */
static inline uint32_t
engine_ms(const struct engine *e, uint64_t now)
{
	return (uint32_t)((now - e->gap) / MS);
}

/* engine_probe.c */
void probes_init(struct engine *, uint64_t now);
void probes_done(struct engine *);
/* NULL: all are taken. */
struct engine_probe *probe_new(struct engine *, uint32_t slot, uint8_t method,
    uint8_t proto, uint16_t port);
void probe_free(struct engine *, struct engine_probe *);
void probe_queue(struct engine *, struct engine_probe *, bool first);
struct engine_probe *probe_dequeue(struct engine *, struct lane *);
/* Its packet left: waits for an answer. */
void probe_wait(struct engine *, struct engine_probe *, uint64_t now);
/* What is due: repeats, and what silence means. */
void probes_expire(struct engine *, uint64_t now);
/* All that wait are asked again. */
void probes_again(struct engine *);
/* It cannot be sent: no verdict. */
void probe_unsendable(struct engine *, struct engine_probe *, int error);

/* engine_host.c */
void hosts_init(struct engine *);
void hosts_done(struct engine *);
void hosts_fill(struct engine *, uint64_t now); /* free slots */
void slot_up(
    struct engine *, struct slot *, const struct answer *, uint64_t rtt_ns);
void slot_resolved(struct engine *, struct slot *);
/* After a probe is gone: the host may be through. */
void slot_check(struct engine *, struct slot *);
void hosts_reap(struct engine *); /* those that are through */
void slot_unreachable(struct engine *, struct slot *, int error);
void hosts_timeout(struct engine *, uint64_t now);
uint64_t hosts_upto(const struct engine *);
bool slot_is_done(const struct slot *, uint32_t index);

/* engine_send.c: as much as the paces permit; when to come again (ns). */
uint64_t engine_send(struct engine *, uint64_t now);
/* The method that ports of a lane are asked with; nmethod: none can. */
uint8_t lane_method(const struct engine *, const struct slot *, int lane);

/* engine_tell.c */
void tell_host(struct engine *, const struct slot *, bool up,
    const struct answer *, uint64_t rtt_ns);
void tell_host_end(struct engine *, const struct slot *, bool timeout);
void tell_port(struct engine *, const struct engine_probe *, enum scan_state,
    const struct answer *);
void tell_progress(struct engine *, uint64_t now, bool force);
void tell_unsent(struct engine *, const struct slot *, int error);
void tell_unsent_sum(struct engine *);

#endif
