/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_NETNS_IDLE_H
#define COLLECT_NETNS_IDLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a namespace has none of, by the counters of /proc/net/sockstat: far
 * cheaper than a dump. False: it has some, or nobody knows.
 */
struct netns_idle {
	bool tcp; /* no TCP socket of either family but bound ones */
	bool udp4, udp6;
};

/* Of the namespace the calling thread is in. */
void netns_idle_read(struct netns_idle *);
/* The texts of sockstat and sockstat6, terminated. */
void netns_idle_parse(
    const char *sockstat, const char *sockstat6, struct netns_idle *);

#endif
