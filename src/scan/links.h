/* SPDX-License-Identifier: ISC */
#ifndef SCAN_LINKS_H
#define SCAN_LINKS_H

#include "model/target.h"
#include "scan/tech.h"

/*
 * This machine's addresses, its links and what is on them: by getifaddrs(3),
 * /proc/net/route and /proc/net/ipv6_route, read once. That takes a netlink
 * socket and files, so it is done before the sandbox closes (worker_plan());
 * what comes later asks the kernel by connect(2) of a UDP socket, which sends
 * nothing.
 */
struct links;

struct links *links_new(void); /* never NULL; empty if nothing can be read */
void links_free(struct links *);

/* Fills src, ifindex, on_link and local of a host that is to be scanned. 0, or
 * -errno: there is no way to it from here. */
int links_host(struct links *, struct host *);
/* The interface that has this address; 0: none. */
uint32_t links_index(const struct links *, const uint8_t addr6[16]);
/* The Ethernet address of an interface, 6 bytes; NULL: it has none. */
const uint8_t *links_mac(const struct links *, uint32_t ifindex);
/* Takes the broadcast addresses of the links out of what is scanned. */
void links_exclude_broadcast(const struct links *, struct target_set *);

#endif
