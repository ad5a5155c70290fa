/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_NETNS_H
#define COLLECT_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snap.h"

/*
 * Network namespaces: which there are, what they are called, and entering
 * them one after the other with the calling thread alone. Nothing stays open
 * between readings: a socket or descriptor would keep a namespace alive that
 * its user has deleted.
 */
struct netns {
	uint32_t id;      /* inode number of its nsfs file */
	bool many;        /* one of several that are read */
	const char *name; /* clean: "web", "default", "pid 812 (nginx)" */
};

/*
 * Calls fn inside each namespace that spec names: NULL the current one (not
 * even entered), a name under /run/netns, "default" (that of pid 1), a
 * process's number, an absolute path, "net:[4026531840]" (its number, as the
 * links in /proc have it), several of the former with commas, each with a name
 * of the caller's if it likes ("web,client=812"), or "all". Names new to the
 * snap's reader, counts and warnings go to the snap. Afterwards the thread is in
 * its own namespace again. fn: 0 or -errno with a sentence.
 *
 * 0 if one was read; -errno and a sentence when the only one named cannot be
 * found, entered or read.
 */
struct netns_names; /* which names were sent already */
struct netns_names *netns_names_new(void);
void netns_names_free(struct netns_names *);
int netns_each(const char *spec, struct netns_names *, struct snap *,
    int (*fn)(void *arg, const struct netns *, char **cause), void *arg,
    char **cause);

/* Number of the calling thread's own namespace; 0: /proc does not tell. */
uint32_t netns_self(void);

#endif
