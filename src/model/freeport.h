/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FREEPORT_H
#define MODEL_FREEPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/portset.h"

/*
 * Which ports are worth trying when one asks for free ones, and in which
 * order. What is handed out in the end is what the kernel let be bound; what
 * is passed over, and why, is counted, so that too few can be explained.
 */
struct freeport_ask {
	unsigned proto; /* enum sock_proto */
	uint16_t lo, hi;
	bool narrow;     /* lo, hi were asked for: lowest first, else from
			  * a start that the seed decides, and round */
	bool registered; /* also ports that belong to a known service */
	bool ephemeral;  /* also those the kernel hands out itself */
	bool reserved;   /* also ip_local_reserved_ports */
	uint64_t seed;
};

enum freeport_passed {
	FREEPORT_HELD,      /* the bind failed: in use */
	FREEPORT_DENIED,    /* the bind failed: not permitted */
	FREEPORT_EPHEMERAL, /* not tried .. */
	FREEPORT_RESERVED,
	FREEPORT_REGISTERED,
	FREEPORT_NPASSED
};
extern const char *const freeport_passed_names[FREEPORT_NPASSED]; /* JSON */

struct freeport {
	struct freeport_ask ask;
	const struct port_limits *limits; /* borrowed */
	uint32_t start, done, n;          /* place in the range */
	uint32_t passed[FREEPORT_NPASSED];
};

/* A single port is asked for by its number: nothing is avoided then. */
void freeport_init(
    struct freeport *, const struct freeport_ask *, const struct port_limits *);
/* The next to try; false: there is none. Each is handed out once. */
bool freeport_next(struct freeport *, uint16_t *port);
/* The bind of it failed: error is -errno. False: not for the port's sake, and
 * another would not do better. */
bool freeport_failed(struct freeport *, int error);
/* "3 in use, 28232 in the ephemeral range (--ephemeral takes these)"; nothing
 * if none was passed over. */
void freeport_put_passed(const struct freeport *, struct buf *);

/* "8000-8100/udp", "8080", "/udp", "1024-": ports and protocol into the ask,
 * which has its defaults already. 0, or -EINVAL and a sentence. */
int freeport_parse(struct freeport_ask *, const char *, char **cause);

#endif
