/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SNAP_H
#define MODEL_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "model/names.h"
#include "model/proc.h"
#include "model/sock.h"
#include "model/tcp_limits.h"

/*
 * One reading. Whole (every socket there is), or with SNAP_DELTA only what is
 * new or changed since the reading before, and the keys of what is gone: then
 * a reading of 100,000 unchanged sockets is an empty one. A snap and all in
 * it change owner as one.
 */
struct snap_sock {
	struct sock_rec rec;
	struct owners owners;
	struct sock_ext *ext; /* NULL unless NEED_EXT; malloc'd */
	uint32_t age_ds;      /* recordings: age then, 0.1 s; 0: not told */
};

enum snap_flag {
	SNAP_DELTA = 1 << 0,
	SNAP_PARTIAL = 1 << 1, /* something could not be read; see warnings */
	SNAP_PRIVILEGED = 1 << 2, /* every process's descriptors are readable */
	SNAP_OWNERS = 1 << 3,     /* owners were looked for */
	SNAP_END = 1 << 4,        /* a recording has no further reading */
	SNAP_RESCOPE = 1 << 5,    /* the request asked for other sockets than
				   * before: who comes or goes now was not
				   * opened or closed */
	SNAP_HOLES = 1 << 6       /* sockets that are there may be missing: what
				   * is not listed must not be called gone */
};

enum snap_source {
	SOURCE_NETLINK,
	SOURCE_PROCFS,
	SOURCE_FILE
};
const char *snap_source_name(enum snap_source); /* "netlink" "procfs" .. */
/* Why owners are not to be seen, or what would show them; NULL: not known.
 * remedy may be NULL, and is what is returned where there is one. */
const char *snap_hidden_why(
    enum snap_source, bool privileged, const char *remedy);

struct pressure;
struct snap {
	uint64_t seq;     /* 1, 2, .. */
	uint64_t mono_ns; /* when the reading began, CLOCK_MONOTONIC */
	struct timespec wall;
	uint64_t cost_dump_ns, cost_owners_ns; /* CPU time it took */
	unsigned flags;                        /* enum snap_flag */
	enum snap_source source;

	struct snap_sock *sock;
	size_t n, cap;
	struct sock_key *gone; /* SNAP_DELTA only */
	size_t ngone, gone_cap;
	size_t total; /* sockets there are, listed here or not */

	struct name *name; /* new names */
	size_t nnames, names_cap;

	/* net.ipv4.ip_local_port_range, for `autobound`; 0: not known */
	uint16_t ephemeral_lo, ephemeral_hi;
	/* Of the namespace of the socket that was read whole; netns 0: not
	 * read. */
	struct tcp_limits limits;
	uint32_t netns_seen;    /* namespaces read */
	uint32_t netns_failed;  /* found, but not to be entered */
	uint32_t hidden_owners; /* sockets with an inode, no holder found */
	uint32_t hidden_procs; /* processes whose descriptors we may not read */
	char *remedy;   /* what would show them; NULL: nothing is hidden */
	char **warning; /* sentences, clean, no newline */
	size_t nwarnings;
	char *host;                /* clean */
	struct pressure *pressure; /* NEED_PRESSURE; else NULL */
};

struct snap *snap_new(void);
void snap_free(struct snap *); /* NULL is fine */
/* Room for one more; zeroed. Valid until the next snap_add(). */
struct snap_sock *snap_add(struct snap *);
void snap_add_gone(struct snap *, struct sock_key);
void snap_add_name(struct snap *, enum name_kind, uint32_t netns, uint64_t id,
    const char *text);
/* Sets SNAP_PARTIAL and keeps the sentence (cleaned), once. */
void snap_warn(struct snap *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

#endif
