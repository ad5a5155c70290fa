/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_EVENTS_H
#define COLLECT_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/ends.h"

/*
 * What readings do not see: sockets that close, told by the kernel the moment
 * they do (sock_diag's groups SKNLGRP_INET_TCP_DESTROY and the others of
 * linux/sock_diag.h). Listening needs no privilege; entering another
 * namespace does. A thread of its own reads them, since the kernel keeps only
 * so many; it sleeps while nothing closes.
 */
struct events_opts {
	const char *netns; /* as struct request's; borrowed until the close */
	size_t max;        /* kept until they are taken: the newest ones */
	int rcvbuf;        /* bytes; 0: as much as is allowed */
};

struct events_stats {
	uint64_t told;     /* by the kernel */
	uint64_t unbound;  /* of these, never had an address: not handed on */
	uint64_t lost;     /* the kernel dropped, or beyond `max` */
	uint64_t overruns; /* times that the kernel ran out of room */
	uint64_t strays; /* messages of others than the kernel, or malformed */
	unsigned netns;  /* namespaces listened to */
	unsigned failed; /* namespaces that cannot be listened to */
};

struct events;
/* 0, or -errno and a sentence: nothing can be listened to. */
int events_open(struct events **ret, const struct events_opts *, char **cause);
/* Other namespaces may be there: looks for them, in the thread. An open one
 * would keep a namespace alive that its user has deleted. */
void events_renew(struct events *);
/* Readable while there is something to take. */
int events_fd(const struct events *);
/* All that came since it was last called; sock_ends_done() by the caller. */
void events_take(struct events *, struct sock_ends *ret);
void events_stats(struct events *, struct events_stats *ret);
void events_close(struct events *); /* NULL is fine */

#endif
