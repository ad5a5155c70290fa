/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_SCAN_SAVE_H
#define APP_DECK_SCAN_SAVE_H

#include <uv.h>

#include "cli/out_scan.h"
#include "ui/ui.h"

/*
 * Writes what was found into a new file, in the form its name ends with: what
 * the command line's -oN, -oX, -oG, --json, --jsonl would have written. The
 * text is made at once, the writing is a thread's; the status line says when
 * it is done, and then done is called. 0, or -errno and a sentence.
 */
int scan_save(uv_loop_t *, struct ui *, const struct out_scan_view *,
    const char *path, char **cause, void (*done)(void *), void *arg);

#endif
