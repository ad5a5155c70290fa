/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_REST_H
#define MODEL_SCAN_REST_H

#include "model/scan.h"

struct scan_report;

/*
 * What is left of a scan whose worker is gone: the same spec, with the same
 * order, less what its report has settled. What was settled and never told
 * (a closed port of a host that is not over) is asked once more. Fills
 * spec.seed, plan, done, hosts_done; nothing was heard of it: changes nothing.
 */
void scan_rest(struct scan_spec *, const struct scan_report *);

#endif
