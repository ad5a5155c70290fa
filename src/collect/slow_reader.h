/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_SLOW_READER_H
#define COLLECT_SLOW_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reads that may never come back: /proc/PID/cmdline waits for the process's
 * memory, which may lie on a dead file server. A helper thread does them; one
 * that takes longer than the budget is given up, thread and all.
 */
#define SLOW_BUDGET_MS 200
#define SLOW_STUCK_MAX \
	4 /* threads given up at a time; then nothing is read \
	   */

struct slow_job {
	pid_t pid;
	ssize_t len; /* bytes read, or -errno; -ETIMEDOUT: given up */
	char *data;  /* malloc'd, room for one more byte; NULL if len < 0 */
};

/* Reads at most size bytes of what belongs to pid; in the helper thread. */
typedef ssize_t (*slow_read_fn)(void *arg, pid_t pid, char *buf, size_t size);

struct slow_reader;
/* arg must live until every read has come back: it is freed by arg_free,
 * after the last thread has let go of it. */
struct slow_reader *slow_reader_new(
    slow_read_fn, void *arg, void (*arg_free)(void *), size_t size);
void slow_reader_free(struct slow_reader *);
void slow_reader_run(struct slow_reader *, struct slow_job *, size_t n);
/* Threads that never came back. */
unsigned slow_reader_stuck(const struct slow_reader *);

#endif
