/* SPDX-License-Identifier: ISC */
#ifndef ACT_FACTS_H
#define ACT_FACTS_H

#include "model/act.h"
#include "model/table.h"

/*
 * What follows from hitting a process: found out from /proc and systemd's
 * unit files, no other program is asked. It may take long (a command line
 * that hangs when read), so the deck does it in a thread: a job has its own
 * copy of what it needs.
 */
struct facts_job;

/* root: where /proc and the unit directories lie, "" for this machine;
 * borrowed until the job is freed. */
struct facts_job *facts_job_new(const struct act *, const char *root);
/* Finds out; may block, in any thread. */
void facts_job_run(struct facts_job *);
/* Into the act it was made from, and in words. The table knows who holds the
 * connection that this session came in by. Once. */
void facts_job_apply(struct facts_job *, struct act *, const struct table *);
void facts_job_free(struct facts_job *);

#endif
