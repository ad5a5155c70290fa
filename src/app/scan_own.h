/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_OWN_H
#define APP_SCAN_OWN_H

#include "app/scan_plan.h"
#include "model/table.h"

/*
 * --self: this machine's own addresses, and what of its ports is asked for,
 * added to a plan that was built. The table has a reading of the network
 * namespace netns, in which the caller is: the scan is held against it
 * afterwards (model/scan_self.h), so it should have its owners.
 *
 * Where the user names no technique, it is SYN where that can be had, else
 * connect, and UDP; where no ports are named, scan_self_ports(). *left_out:
 * addresses that are too many. 0, or enum status and a sentence.
 */
int scan_own_plan(struct scan_plan *, const struct args *, const struct table *,
    uint32_t netns, size_t *left_out, char **cause);

/* The addresses that this network namespace has; the array is the caller's. */
struct scan_addr *scan_own_addrs(size_t *n);

#endif
