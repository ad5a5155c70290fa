/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_HERE_H
#define APP_SCAN_HERE_H

#include "app/scan_plan.h"
#include "cli/out_scan.h"

/* `scan --self` on the command line: the sockets of this machine are read,
 * scanned, and held against what was found. */
struct scan_here;

/* Reads, and adds addresses and ports to a plan that was built. 0, or enum
 * status and a sentence. */
int scan_here_plan(struct scan_here **ret, struct scan_plan *,
    const struct args *, char **cause);
/* The scan is over: reads again, and puts what it comes to into the view,
 * which borrows it. began_ns: when it began. Likewise. */
int scan_here_compare(struct scan_here *, const struct scan_plan *,
    struct out_scan_view *, uint64_t began_ns, char **cause);
void scan_here_free(struct scan_here *); /* NULL is fine */

#endif
