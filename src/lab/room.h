/* SPDX-License-Identifier: ISC */
#ifndef LAB_ROOM_H
#define LAB_ROOM_H

#include <stdbool.h>
#include <sys/types.h>

#include "model/lab.h"

/*
 * The building: a network namespace for the wire, one for each host, and two
 * pairs of virtual Ethernet devices: each host's eth0 ends at the wire.
 */

/* Name of the wire's end towards a host. */
const char *room_wire_name(enum lab_host);

/* From the wire's namespace: the pair whose far end, eth0, is in the network
 * namespace of this process; whatever had the name before goes away. */
int room_link(enum lab_host, pid_t, char **cause);

/* In a host's namespace: addresses, eth0 and lo up, and no offloading, since
 * what the wire shows must be what TCP sent. *ipv6: there is IPv6. */
int room_host(enum lab_host, bool *ipv6, char **cause);

#endif
