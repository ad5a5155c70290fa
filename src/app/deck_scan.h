/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_SCAN_H
#define APP_DECK_SCAN_H

#include <uv.h>

#include "cli/args.h"
#include "ui/scan.h"
#include "ui/ui.h"

/*
 * The deck's scans (struct scan_services): a line is parsed as the command line's
 * own, a job is a worker on the deck's loop, its events go to ui_scan_event().
 */
struct deck_scans;
/* done is called after a pass of the loop in which something came. All are
 * borrowed until it is freed. */
struct deck_scans *deck_scans_new(uv_loop_t *, struct ui *, const struct args *,
    void (*done)(void *), void *arg);
/* Every worker ends; the loop must still run until it is closed. */
void deck_scans_stop(struct deck_scans *); /* NULL is fine */
void deck_scans_free(struct deck_scans *);

/* Borrowed, as long as they are there. */
const struct scan_services *deck_scans_services(struct deck_scans *);

#endif
