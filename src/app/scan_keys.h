/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_KEYS_H
#define APP_SCAN_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/*
 * Keys that are pressed while a scan runs: single ones, not echoed. The
 * terminal is as it was before whenever somebody else has it: stopped (Ctrl-Z),
 * in the background, at the end.
 */
struct scan_keys;

struct scan_keys_ops {
	void (*key)(void *arg, char);
	/* About to be stopped: what is drawn must go; and back again. */
	void (*stopped)(void *arg);
	void (*back)(void *arg);
};

/* NULL: standard input is no terminal, or not ours. */
struct scan_keys *scan_keys_new(
    uv_loop_t *, const struct scan_keys_ops *, void *arg);
void scan_keys_free(struct scan_keys *); /* gives the terminal back */
/* From a place where nothing else may be done. */
void scan_keys_restore(void);

#endif
