/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_TOLD_H
#define APP_SCAN_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "model/scan_report.h"

/*
 * Which hosts of a scan are to be told, in the order in which they were over,
 * each once. All zero is none yet; the hosts are the report's.
 */
struct scan_told {
	struct report_host **over;
	size_t n, cap, next; /* those before `next` are told */
	bool *has;           /* by report_host.order */
	size_t cap_has;
};

/* It is over. false: it is there already. */
bool scan_told_add(struct scan_told *, struct report_host *);
bool scan_told_has(const struct scan_told *, const struct report_host *);
/* The next to be told, which t->next++ takes; NULL: none. */
struct report_host *scan_told_next(const struct scan_told *);
void scan_told_done(struct scan_told *);

#endif
