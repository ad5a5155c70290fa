/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_FILES_H
#define APP_SCAN_FILES_H

#include "app/scan_plan.h"
#include "cli/args.h"
#include "model/scan_journal.h"
#include "model/scan_merge.h"

/*
 * Journals of scans (model/scan_journal.h) on the disk: --resume FILE, which is
 * begun or gone on with, and --merge FILE.., which are read.
 */
struct scan_file;

/*
 * Opens it and takes it for us alone. If a scan is in it, the plan becomes what
 * is left of that: built is whether the arguments named targets, which then
 * must be that scan's, so that one command line begins and goes on. An enum
 * status; not STATUS_OK: a sentence, and nothing was written.
 */
int scan_file_open(const char *path, const struct args *, bool built,
    struct scan_plan *, struct scan_file **ret, char **cause);
void scan_file_free(struct scan_file *); /* what was not flushed is lost */

bool scan_file_is_over(const struct scan_file *); /* nothing is left to do */
bool scan_file_is_new(const struct scan_file *);
/* A new one: says what is scanned; else: cuts off a torn line. */
int scan_file_begin(
    struct scan_file *, const struct journal_asked *, char **cause);
/* All events that are in it. 0 or -errno, and a sentence. */
int scan_file_replay(struct scan_file *, scan_take, void *arg, char **cause);
/* One more event, and what came so far into the file. 0 or -errno, once: then
 * nothing is written any more. */
void scan_file_event(struct scan_file *, const struct scan_event *);
int scan_file_flush(struct scan_file *);

/* Wall clock, since 1970. */
int64_t scan_file_began(const struct scan_file *);
/* It was begun with -n. */
bool scan_file_no_dns(const struct scan_file *);

/* Reads those of --merge, and says when the first of them was begun (or written,
 * if none knows more). An enum status, and a sentence. */
int scan_files_merge(const struct args *, struct scan_merge **ret,
    int64_t *began_s, char **cause);

#endif
