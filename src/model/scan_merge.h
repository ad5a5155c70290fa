/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_MERGE_H
#define MODEL_SCAN_MERGE_H

#include "model/scan_journal.h"

/*
 * One scan of the journals (or --jsonl files) of its shards, wherever and
 * whenever they ran: `sockdeck scan --merge FILE..`. For each file
 * scan_merge_file(), its bytes, scan_merge_file_end(); then scan_merge_end(),
 * and scan_merge_tell() tells the whole as one worker would have.
 */
struct scan_merge;

struct scan_merge *scan_merge_new(void);
void scan_merge_free(struct scan_merge *);

void scan_merge_file(struct scan_merge *, const char *where);
/*
 * 0, or -EBADMSG and a sentence that names the file: it is no journal, it is
 * of another scan (seed, number of shards, plan) than the first, or its shard
 * is there already.
 */
int scan_merge_feed(
    struct scan_merge *, const char *data, size_t len, char **cause);
int scan_merge_file_end(struct scan_merge *, char **cause);
/* All files are read. 0, or -EBADMSG and a sentence: there is nothing. */
int scan_merge_end(struct scan_merge *, char **cause);

/* Which shards are missing, or are not finished, in a sentence; "": none. The
 * merge's. */
const char *scan_merge_missing(const struct scan_merge *);
/* hello, start, hosts by address with their ports, end: whose error is
 * SCAN_EXIT_FAILED if something is missing. */
void scan_merge_tell(struct scan_merge *, scan_take, void *arg);

/* Of the first file that says so; NULL, "", 0: none does. */
const struct scan_spec *scan_merge_asked(const struct scan_merge *);
const char *scan_merge_command(const struct scan_merge *);
int64_t scan_merge_began(const struct scan_merge *); /* the earliest */

#endif
