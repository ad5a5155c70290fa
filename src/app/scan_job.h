/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_JOB_H
#define APP_SCAN_JOB_H

#include <sys/types.h>
#include <uv.h>

#include "model/scan.h"

/*
 * A scan as its parent sees it: one worker (sockdeck-scan(8)) on a loop, its
 * lines as events. Nothing it sends is believed: a line that is none, events
 * that are missing or out of order end it. A job without an end event failed,
 * whatever its exit status.
 */
struct scan_job;

enum scan_job_state {
	SCAN_JOB_STARTING, /* no hello yet */
	SCAN_JOB_RUNNING,
	SCAN_JOB_STOPPING, /* asked to; events still come */
	SCAN_JOB_DONE,
	SCAN_JOB_STOPPED, /* because it was asked to, or had to be killed */
	SCAN_JOB_FAILED
};

struct scan_job_ops {
	/* An event of the worker, checked and clean; borrowed. A pass of the
	 * loop reads at most 64 KiB of them. */
	void (*event)(void *arg, const struct scan_event *);
	/* Once, after the last event: DONE, STOPPED, FAILED. The job may be
	 * freed from within. */
	void (*ended)(void *arg, struct scan_job *);
};

/*
 * Starts it; the spec is read before this returns (spec.parent is filled in).
 * program: NULL, or for tests another worker than scan_job_program()'s. 0, or
 * -errno and a sentence: nothing was started, nothing is called.
 */
int scan_job_start(uv_loop_t *, const struct scan_spec *, const char *program,
    const struct scan_job_ops *, void *arg, struct scan_job **ret,
    char **cause);
/* Kills it if it still runs; nothing is called any more. Its memory goes when
 * the loop has run once more. NULL is none. */
void scan_job_free(struct scan_job *);
/* Likewise, in a program that ends: nobody waits for its exit. */
void scan_job_leave(struct scan_job *);

/* Asks for its end: within 4 s it is over. Again: it is killed at once. */
void scan_job_stop(struct scan_job *);
void scan_job_pause(struct scan_job *, bool);
/* Of one that was asked for SCAN_PROBE: one more port; no more. */
void scan_job_ask(struct scan_job *, const struct scan_ask *);
void scan_job_go(struct scan_job *);

enum scan_job_state scan_job_state(const struct scan_job *);
/* Of one that ended: what its exit status says; why, in a sentence ("" if all
 * is done), the job's. */
enum scan_exit scan_job_error(const struct scan_job *);
const char *scan_job_cause(const struct scan_job *);
/* The signal it died of, before its last line and not by us; 0: none. */
int scan_job_signal(const struct scan_job *);
/* Events of a later version: ignored, but counted. */
uint64_t scan_job_unknown(const struct scan_job *);
pid_t scan_job_pid(const struct scan_job *); /* 0: it is over */

/*
 * Where the worker is: beside our own executable (a build tree), if that is
 * as hard to change as we are and we have no more rights than who called us;
 * else where it was installed. No variable of the environment, no PATH. The
 * caller's to free; NULL and a sentence.
 */
char *scan_job_program(char **cause);

#endif
