/* SPDX-License-Identifier: ISC */
#ifndef CLI_OUT_SCAN_SERVICE_H
#define CLI_OUT_SCAN_SERVICE_H

#include "cli/out_scan.h"
#include "model/finding.h"

/* What is behind a port (scan -sV), for the forms of out_scan.h. Where both
 * engines have said something the better one is told, and the other beside it,
 * by its name. */

/* The better one; false: nothing was asked, or told yet. */
bool out_service_get(const struct report_host *, const struct report_port *,
    struct service_info *ret);
/* What is wrong with it; 0 unless that is asked for. */
size_t out_service_findings(const struct out_scan_view *,
    const struct service_info *, const struct report_port *,
    struct finding[FINDINGS_MAX]);
/* Lines below a port's: "|  .." */
void out_service_put_details(struct buf *, const struct out_scan_view *,
    const struct report_host *, const struct report_port *);
/* "Findings: 1 high, 2 low", if they are asked for. */
void out_service_put_findings(struct buf *, const struct out_scan_view *);
/* "Service Info: .." of a host, or nothing. */
void out_service_put_host(
    struct buf *, const struct out_scan_view *, const struct report_host *);

/* Members of a port's object. */
void out_service_json(struct json *, const struct out_scan_view *,
    const struct report_host *, const struct report_port *);
/* One answer, as an object; table: the name where it has none. */
void out_service_json_info(
    struct json *, const struct service_info *, const char *table);
/* Elements within <port>. */
void out_service_xml(struct buf *, const struct out_scan_view *,
    const struct report_host *, const struct report_port *);
/* "service/rpc/version/" */
void out_service_grep(struct buf *, const struct scan_report *,
    const struct report_host *, const struct report_port *);

/* out_scan_xml.c: ` name="value"`; a text. */
void out_xml_attr(struct buf *, const char *name, const char *value);
void out_xml_text(struct buf *, const char *);

#endif
