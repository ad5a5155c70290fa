/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_LEFT_H
#define MODEL_SCAN_LEFT_H

#include "model/scan.h"

/*
 * What a scan that is cut off has still to do: its events in, what is done out,
 * as a request has it. Kept are the ports of hosts that are not over, and the
 * positions of those that are, as far as one before them is not.
 */
struct scan_left;

struct scan_left *scan_left_new(void);
void scan_left_free(struct scan_left *);
/* Every event, in order; those of a resumed scan follow. */
void scan_left_feed(struct scan_left *, const struct scan_event *);
/*
 * Into what was asked: done, hosts_done, and names as the addresses that they
 * had, so that positions mean the same hosts. A target without an address
 * is left out, as it was; an exclude keeps its name beside its address.
 */
void scan_left_spec(const struct scan_left *, struct scan_spec *);

#endif
