/* SPDX-License-Identifier: ISC */
#ifndef APP_SNAPSHOT_H
#define APP_SNAPSHOT_H

#include <uv.h>

#include "ui/ui.h"

/*
 * What the deck shows, to a file: the same forms as `sockdeck list`, told by
 * the name's ending (.json .jsonl .csv .txt; none: JSON). path NULL:
 * sockdeck-YYYYmmdd-HHMMSS.json in the current directory. Never replaces a
 * file. The rows are taken at once; a thread of the pool writes them, then
 * the status line says how it went and done() is called.
 */
int snapshot_write(uv_loop_t *, struct ui *, const char *path, char **cause,
    void (*done)(void *arg), void *arg);

#endif
