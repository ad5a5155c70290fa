/* SPDX-License-Identifier: ISC */
#ifndef CLI_OUT_SCAN_OS_H
#define CLI_OUT_SCAN_OS_H

#include "cli/out_scan.h"

/* Which system a host runs (scan -O), for the forms of out_scan.h. */

/* Lines of a host's report: "OS details: .."; nothing, if it was not asked. */
void out_os_text(
    struct buf *, const struct out_scan_view *, const struct report_host *);
/* Members of a host's object. */
void out_os_json(struct json *, const struct report_host *);
/* Elements of a <host>. */
void out_os_xml(
    struct buf *, const struct out_scan_view *, const struct report_host *);
/* "\tOS: Linux .." */
void out_os_grep(struct buf *, const struct report_host *);

#endif
