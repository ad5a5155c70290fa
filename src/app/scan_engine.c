/* SPDX-License-Identifier: ISC */
/* sockdeck-scan (app/scan_job.h) as who does a stage's work. */
#include "config.h"

#include "app/scan_engine.h"

#include <stdlib.h>

#include "app/scan_job.h"
#include "base/xmalloc.h"

struct worker {
	struct scan_job *job;
	void (*event)(void *, const struct scan_event *);
	void (*ended)(void *);
	void *arg;
};

static void
on_event(void *arg, const struct scan_event *e)
{
	const struct worker *w = arg;

	w->event(w->arg, e);
}

static void
on_ended(void *arg, struct scan_job *job)
{
	const struct worker *w = arg;

	(void)job;
	w->ended(w->arg);
}

static int
worker_start(uv_loop_t *loop, const struct scan_spec *spec, const char *program,
    void (*event)(void *, const struct scan_event *), void (*ended)(void *),
    void *arg, void **ret, char **cause)
{
	static const struct scan_job_ops ops = { on_event, on_ended };
	struct worker *w = xcalloc(1, sizeof(*w));
	int r;

	w->event = event;
	w->ended = ended;
	w->arg = arg;
	r = scan_job_start(loop, spec, program, &ops, w, &w->job, cause);
	if (r < 0)
		free(w);
	else
		*ret = w;
	return r;
}

static void
worker_ask(void *job, const struct scan_ask *ask)
{
	scan_job_ask(((struct worker *)job)->job, ask);
}

static void
worker_go(void *job)
{
	scan_job_go(((struct worker *)job)->job);
}

static void
worker_stop(void *job)
{
	scan_job_stop(((struct worker *)job)->job);
}

static void
worker_pause(void *job, bool pause)
{
	scan_job_pause(((struct worker *)job)->job, pause);
}

/* No event comes any more: what is told them may go. */
static void
worker_free(void *job, bool leave)
{
	struct worker *w = job;

	if (leave)
		scan_job_leave(w->job);
	else
		scan_job_free(w->job);
	free(w);
}

static enum scan_job_state
worker_state(const void *job)
{
	return scan_job_state(((const struct worker *)job)->job);
}

static enum scan_exit
worker_error(const void *job)
{
	return scan_job_error(((const struct worker *)job)->job);
}

static const char *
worker_cause(const void *job)
{
	return scan_job_cause(((const struct worker *)job)->job);
}

static int
worker_signal(const void *job)
{
	return scan_job_signal(((const struct worker *)job)->job);
}

static pid_t
worker_pid(const void *job)
{
	return scan_job_pid(((const struct worker *)job)->job);
}

const struct scan_engine scan_engine_worker = {
	.start = worker_start,
	.ask = worker_ask,
	.go = worker_go,
	.stop = worker_stop,
	.pause = worker_pause,
	.free = worker_free,
	.state = worker_state,
	.error = worker_error,
	.cause = worker_cause,
	.signal = worker_signal,
	.pid = worker_pid,
};
