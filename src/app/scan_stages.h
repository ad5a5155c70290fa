/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_STAGES_H
#define APP_SCAN_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "app/scan_engine.h"
#include "app/stage_hosts.h"
#include "model/scan.h"

/*
 * A scan as a chain of jobs: the ports first; then what is asked about what
 * they found, while they are still being looked for. To whoever starts it, it
 * is one job, with the events and controls of app/scan_job.h:
 *
 * - events are numbered anew, in one stream, which begins with the first
 *   stage's hello and has one end;
 * - "host_end" comes when all stages are done with a host: so what is left of
 *   a scan that was cut off (model/scan_left.h) is judged as before;
 * - facts come right before the "service" that they belong to;
 * - "progress" is of all: phase says how far the later stages are.
 *
 * spec.how says which stages there are (SCAN_PROBE: services, SCAN_OS: which
 * system, with what the
 * first one takes beside it). Of a scan with one stage events pass as they come.
 */
struct scan_stages;

struct scan_stages_ops {
	void (*event)(void *arg, const struct scan_event *);
	/* Once, after the last event. It may be freed from within. */
	void (*ended)(void *arg, struct scan_stages *);
	/* The hello of a later stage's worker, which is no event of the
	 * stream: for its sandbox. NULL: not of interest. */
	void (*hello)(void *arg, const struct scan_event *);
};

/* As scan_job_start(). program: NULL, or for tests another worker. */
int scan_stages_start(uv_loop_t *, const struct scan_spec *,
    const char *program, const struct scan_stages_ops *, void *arg,
    struct scan_stages **ret, char **cause);
void scan_stages_free(struct scan_stages *);
void scan_stages_leave(struct scan_stages *);
void scan_stages_stop(struct scan_stages *);
void scan_stages_pause(struct scan_stages *, bool);

/* All stages together. Of several that failed the first counts. */
enum scan_job_state scan_stages_state(const struct scan_stages *);
enum scan_exit scan_stages_error(const struct scan_stages *);
const char *scan_stages_cause(const struct scan_stages *);
int scan_stages_signal(const struct scan_stages *);
/* The first stage that runs; 0: none. Then all that run, at most n. */
pid_t scan_stages_pid(const struct scan_stages *);
size_t scan_stages_pids(const struct scan_stages *, pid_t *, size_t n);

/* -- a stage ---------------------------------------------------------------- */

struct stage;
struct stage_def {
	const char *name; /* "services": in a phase, before a cause */
	unsigned how;     /* enum scan_how: wanted, and its worker's "tech" */
	const struct scan_engine *engine;
	/*
	 * Each event of the stages before it about this host, "host_end" as the
	 * first stage tells it: what is to be asked about it goes by
	 * stage_ask(). Its worker is started for the first question.
	 */
	void (*heed)(
	    struct stage *, struct stage_host *, const struct scan_event *);
	/* The event that answers a question: of the port that was asked about,
	 * unless it is the host's alone (by_host). */
	enum scan_event_type answer;
	bool by_host;
	/* What is said if the first worker's hello does not have `how`; NULL: it
	 * takes no right. */
	const char *no_right;
};
/* In their order (scan_stage_table.c). The first has no questions: the request
 * says it all. */
#define SCAN_STAGES 4
extern const struct stage_def scan_stage_defs[SCAN_STAGES];

/* ask.addr and host are filled in. A port that is asked about twice is asked
 * about once. */
void stage_ask(struct stage *, struct stage_host *, struct scan_ask);

/* What is wanted; it has no lists. */
const struct scan_spec *stage_spec(const struct stage *);

#endif
