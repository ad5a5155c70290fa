/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_FIREWALL_H
#define COLLECT_FIREWALL_H

#include "model/conflict.h"

/*
 * Asks nft(8), and where rules are iptables's iptables-save(8), for the NAT
 * rules of the network namespace the calling thread is in, and adds to ns
 * those that take the port's traffic. The programs are run by absolute paths
 * compiled in, without an environment; what they print is bounded in time and
 * size. 0; or -errno and a sentence that says why it is not known.
 */
int firewall_read(
    const struct conflict_query *, struct conflict_ns *, char **cause);

#endif
