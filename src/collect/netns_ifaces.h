/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_NETNS_IFACES_H
#define COLLECT_NETNS_IFACES_H

#include <stdint.h>

#include "model/snap.h"

/*
 * Names of the interfaces that sockets are bound to, each looked up once and
 * inside its own namespace.
 */
struct netns_ifaces;

struct netns_ifaces *netns_ifaces_new(void);
void netns_ifaces_free(struct netns_ifaces *);
/* Notes that a socket has it. Cheap when it is known already. */
void netns_ifaces_want(struct netns_ifaces *, uint32_t netns, uint32_t ifindex);
/* Looks up what is new, in the namespace the thread is in: call it there. */
void netns_ifaces_tell(struct netns_ifaces *, struct snap *);

#endif
