/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_RECORD_H
#define COLLECT_RECORD_H

#include "model/column.h"
#include "model/snap.h"

/*
 * --record FILE: JSON Lines. A reading is a head line
 *   {"schema":1,"reading":N,"host":..,"time":..,"source":..,..}
 * and one S object (interface.md section 4) a socket. `list --json` documents
 * are read by the same reader (source_replay).
 */
struct recorder;
int recorder_open(struct recorder **ret, const char *path, char **cause);
/* One reading: every live row of the table. */
int recorder_write(struct recorder *, const struct snap *head,
    const struct view_ctx *, char **cause);
int recorder_close(struct recorder *, char **cause); /* flush errors tell */

#endif
