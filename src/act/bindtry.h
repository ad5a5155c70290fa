/* SPDX-License-Identifier: ISC */
#ifndef ACT_BINDTRY_H
#define ACT_BINDTRY_H

#include "model/conflict.h"

/*
 * Makes the attempts that are planned in ns, in the network namespace the
 * calling thread is in. TCP sockets listen as well: two that set
 * SO_REUSEADDR may both be bound, but not both listen. Where another socket
 * has the port SO_REUSEADDR is tried, too, but for TCP alone: a UDP socket
 * bound beside another (and any with SO_REUSEPORT) would take what is meant
 * for that one. Where the wildcard is in use, attempts for each address of
 * the machine (ns->addr) are added, to say what is left.
 */
void bindtry_run(const struct conflict_query *, struct conflict_ns *);

#endif
