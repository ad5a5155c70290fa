/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_NAMES_H
#define APP_SCAN_NAMES_H

#include <uv.h>

#include "model/scan_report.h"

/*
 * Reverse names of the hosts of a scan, looked up in threads of their own, so
 * that a name server that hangs holds up neither the scan nor its end.
 */
struct scan_names;

/* done: something was learned of one (its rdns is set, if it has a name). */
struct scan_names *scan_names_new(
    uv_loop_t *, void (*done)(void *arg, struct report_host *), void *arg);
/* Nothing is called any more; threads that hang are left behind. */
void scan_names_free(struct scan_names *);
/* The host must outlive the names. */
void scan_names_ask(struct scan_names *, struct report_host *);
/* Whether a host is worth waiting for: its name was asked for, did not come,
 * and may still come soon. */
bool scan_names_wait(struct scan_names *, const struct report_host *);
/* Name servers do not answer: the first time this is so. */
bool scan_names_dead(struct scan_names *);

#endif
