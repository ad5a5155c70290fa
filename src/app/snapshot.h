/* SPDX-License-Identifier: ISC */
#ifndef APP_SNAPSHOT_H
#define APP_SNAPSHOT_H

#include "ui/ui.h"

/*
 * What the deck shows, to a file: the same forms as `sockdeck list`, told by
 * the name's ending (.json .jsonl .csv .txt; none: JSON). path NULL:
 * sockdeck-YYYYmmdd-HHMMSS.json in the current directory. Never replaces a
 * file. *wrote: a sentence for the status line.
 */
int snapshot_write(
    const struct ui *, const char *path, char **wrote, char **cause);

#endif
