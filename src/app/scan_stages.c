/* SPDX-License-Identifier: ISC */
/* A scan as a chain of jobs: see scan_stages.h. */
#include "config.h"

#include "app/scan_stages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/scan_engine.h"
#include "app/stage_hosts.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "know/state.h"

#define PROGRESS_NS 100000000 /* between two that are told */

struct stage {
	struct scan_stages *all;
	const struct stage_def *def;
	const struct scan_engine *engine;
	void *job;   /* NULL: not started. Kept when it is over: how its
		      * process is waited for is said at the end. */
	bool wanted; /* it is part of this scan */
	bool started;
	bool over;  /* no event will come of it */
	bool ended; /* its end event came */
	bool went;  /* it was told that it knows all */
	uint64_t asked, told;
	uint64_t shift_us;       /* of its clock to the scan's */
	struct scan_event *fact; /* that wait for their service */
	size_t nfact, cap_fact;
};

struct scan_stages {
	const struct scan_stages_ops *ops;
	void *arg;
	uv_loop_t *loop;
	struct scan_spec spec; /* of the later stages: no lists */
	char *program;
	struct stage stage[SCAN_STAGES];
	bool chain; /* more than one is wanted */
	bool stopping, paused, freed, told;
	unsigned depth; /* calls of ours that are under way */
	uint64_t began_ns, progress_ns;
	uint64_t seq, t_us;              /* next; last */
	struct scan_event progress, end; /* of the first stage, as it told */
	struct scan_event out;           /* that is told */
	enum scan_job_state state;
	enum scan_exit error;
	char *cause;
	int signal;

	struct stage_hosts hosts;
};

/* -- what is told ----------------------------------------------------------- */

/* In the stream; the caller looks whether it was freed meanwhile. */
static void
emit(struct scan_stages *s, const struct scan_event *e)
{
	if (s->freed)
		return;
	s->out = *e;
	s->out.seq = s->seq++;
	if (s->out.t_us < s->t_us)
		s->out.t_us = s->t_us;
	s->t_us = s->out.t_us;
	s->ops->event(s->arg, &s->out);
}

static uint64_t
now_us(const struct scan_stages *s)
{
	return (clock_mono_ns() - s->began_ns) / 1000;
}

/* Hosts whose ports are told, and which are not over yet; *upto becomes the
 * first of their positions, if that is lower. */
static uint64_t
held(const struct scan_stages *s, uint64_t *upto)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s->hosts.nhost; i++) {
		if (!s->hosts.host[i]->over)
			continue;
		n++;
		if (s->hosts.host[i]->pos < *upto)
			*upto = s->hosts.host[i]->pos;
	}
	return n;
}

static void
put_phase(const struct scan_stages *s, struct scan_event *e)
{
	const struct stage *t;
	struct buf b = { 0 };

	if (!s->stage[0].over)
		buf_puts(&b, e->progress.phase);
	for (t = s->stage + 1; t < s->stage + SCAN_STAGES; t++) {
		if (t->told < t->asked)
			buf_printf(&b, "%s%s %" PRIu64 "/%" PRIu64,
			    b.len > 0 ? ", " : "", t->def->name, t->told,
			    t->asked);
		/* The ports are done: what is left is what is counted. */
		if (s->stage[0].over) {
			e->progress.done += t->told;
			e->progress.probes += t->asked;
		}
	}
	if (b.len > 0)
		(void)strlcpy(
		    e->progress.phase, b.data, sizeof(e->progress.phase));
	buf_done(&b);
}

/* How far all of it is. last: as the first stage saw it. */
static void
tell_progress(struct scan_stages *s, bool last)
{
	const uint64_t now = clock_mono_ns();
	struct scan_event e = s->progress;
	uint64_t n;

	if (e.type != SCAN_EV_PROGRESS ||
	    (!last && now < s->progress_ns + PROGRESS_NS))
		return;
	s->progress_ns = now;
	n = held(s, &e.progress.hosts_upto);
	e.progress.hosts_done -=
	    n < e.progress.hosts_done ? n : e.progress.hosts_done;
	if (!last) {
		if (s->stage[0].over) {
			e.progress.done = e.progress.probes = 0;
			e.progress.rate = 0;
			e.progress.left_ms = UINT64_MAX;
			e.progress.phase[0] = '\0';
		}
		put_phase(s, &e);
	}
	e.progress.paused = s->paused;
	e.t_us = now_us(s);
	emit(s, &e);
}

/* All stages are done with it. */
static void
tell_host_end(struct scan_stages *s, struct stage_host *h, uint64_t t_us)
{
	struct scan_event e = {
		.type = SCAN_EV_HOST_END, .addr = h->addr, .t_us = t_us
	};

	e.host_end.pos = h->pos;
	e.host_end.probes = h->probes;
	e.host_end.tcp = h->tcp;
	e.host_end.udp = h->udp;
	e.host_end.timeout = h->timeout;
	stage_host_remove(&s->hosts, h);
	emit(s, &e);
}

/* -- the end ---------------------------------------------------------------- */

static void
free_at_last(struct scan_stages *s)
{
	size_t i;

	if (s->depth > 0 || !s->freed)
		return;
	for (i = 0; i < SCAN_STAGES; i++)
		free(s->stage[i].fact);
	stage_hosts_done(&s->hosts);
	scan_spec_done(&s->spec);
	free(s->program);
	free(s->cause);
	free(s);
}

static void
end_free(struct scan_stages *s, bool leave)
{
	struct stage *t;

	if (s == NULL || s->freed)
		return;
	s->freed = true;
	for (t = s->stage; t < s->stage + SCAN_STAGES; t++) {
		if (t->job != NULL)
			t->engine->free(t->job, leave);
		t->job = NULL;
	}
	free_at_last(s);
}

void
scan_stages_free(struct scan_stages *s)
{
	end_free(s, false);
}

void
scan_stages_leave(struct scan_stages *s)
{
	end_free(s, true);
}

/* The first reason counts; that it was stopped is less than that it failed. */
static void
note_end(struct scan_stages *s, const struct stage *t,
    enum scan_job_state state, enum scan_exit error, const char *cause, int sig)
{
	if (state == SCAN_JOB_DONE || s->state == SCAN_JOB_FAILED ||
	    s->state == state)
		return;
	s->state = state;
	s->error = error;
	s->signal = sig;
	free(s->cause);
	if (t == s->stage)
		s->cause = xstrdup(cause);
	else
		xasprintf(&s->cause, "%s: %s", t->def->name, cause);
}

/* The stream's last event, if all stages had theirs. */
static void
tell_end(struct scan_stages *s)
{
	struct scan_event e = s->end;
	const struct stage *t;

	for (t = s->stage; t < s->stage + SCAN_STAGES; t++)
		if (t->started && !t->ended)
			return;
	if (e.type != SCAN_EV_END)
		return;
	tell_progress(s, true);
	e.end.error = (int)s->error;
	(void)strlcpy(
	    e.end.cause, s->cause == NULL ? "" : s->cause, sizeof(e.end.cause));
	e.t_us = now_us(s);
	emit(s, &e);
}

/* Those whose turn has come are told that they know all; or all is over. */
static void
go_on(struct scan_stages *s)
{
	struct stage *t;

	for (t = s->stage; t < s->stage + SCAN_STAGES; t++) {
		if (t->over)
			continue;
		if (t->job != NULL) {
			if (t != s->stage && !t->went && t->engine->go != NULL)
				t->engine->go(t->job);
			t->went = true;
			return;
		}
		t->over = true;
	}
	if (s->told || s->freed)
		return;
	s->told = true;
	if (s->state <= SCAN_JOB_STOPPING)
		s->state = SCAN_JOB_DONE;
	if (s->chain)
		tell_end(s);
	if (!s->freed)
		s->ops->ended(s->arg, s);
}

static void
on_ended(void *arg)
{
	struct stage *t = arg;
	struct scan_stages *s = t->all;
	const struct scan_engine *g = t->engine;
	void *job = t->job;
	char *cause;

	s->depth++;
	note_end(
	    s, t, g->state(job), g->error(job), g->cause(job), g->signal(job));
	if (g->state(job) == SCAN_JOB_DONE && t->told < t->asked) {
		xasprintf(&cause, "%" PRIu64 " of %" PRIu64 " are missing",
		    t->asked - t->told, t->asked);
		note_end(s, t, SCAN_JOB_FAILED, SCAN_EXIT_FAILED, cause, 0);
		free(cause);
	}
	t->over = true;
	go_on(s);
	s->depth--;
	free_at_last(s);
}

/* -- questions -------------------------------------------------------------- */

static void on_event(void *, const struct scan_event *);

/* 0; else it failed, and that was noted. */
static int
stage_start(struct stage *t)
{
	struct scan_stages *s = t->all;
	struct scan_spec spec = s->spec; /* it has no lists */
	char *cause = NULL;
	int r;

	spec.how = t->def->how;
	t->shift_us = now_us(s);
	r = t->engine->start(
	    s->loop, &spec, s->program, on_event, on_ended, t, &t->job, &cause);
	if (r < 0) {
		t->job = NULL;
		t->over = true;
		note_end(s, t, SCAN_JOB_FAILED, SCAN_EXIT_FAILED, cause, 0);
		free(cause);
		return r;
	}
	t->started = true;
	if (s->paused)
		t->engine->pause(t->job, true);
	return 0;
}

void
stage_ask(struct stage *t, struct stage_host *h, struct scan_ask ask)
{
	struct scan_stages *s = t->all;
	const struct stage_question q = { .addr = h->addr,
		.port = t->def->by_host ? 0 : ask.port,
		.proto = t->def->by_host ? 0 : ask.proto,
		.stage = (unsigned)(t - t->all->stage) };

	if (!stage_question_add(&s->hosts, &q))
		return;
	h->waits++;
	t->asked++;
	if (s->stopping || t->over || (t->job == NULL && stage_start(t) < 0))
		return; /* it stays without an answer, and the host not over */
	ask.addr = h->addr;
	if (h->name != NULL)
		(void)strlcpy(ask.host, h->name, sizeof(ask.host));
	t->engine->ask(t->job, &ask);
}

const struct scan_spec *
stage_spec(const struct stage *t)
{
	return &t->all->spec;
}

/* What an event is an answer to; NULL: nothing was asked. */
static struct stage_question *
answered(const struct stage *t, const struct scan_event *e)
{
	struct stage_question q = { .addr = e->addr,
		.stage = (unsigned)(t - t->all->stage) };

	if (t->def->by_host)
		;
	else if (e->type == SCAN_EV_FACT) {
		q.port = e->fact.port;
		q.proto = e->fact.proto;
	} else {
		q.port = e->service.port;
		q.proto = e->service.proto;
	}
	return stage_question_find(&t->all->hosts, &q);
}

/* -- what the stages tell --------------------------------------------------- */

static void
heed_all(struct stage *from, struct stage_host *h, const struct scan_event *e)
{
	struct scan_stages *s = from->all;
	struct stage *t;

	for (t = from + 1; t < s->stage + SCAN_STAGES; t++)
		if (t->wanted && t->def->heed != NULL)
			t->def->heed(t, h, e);
}

/* A name that an address was asked for by: the first. */
static void
heed_target(struct scan_stages *s, const struct scan_event *e)
{
	struct stage_host *h;

	if (e->target.error[0] != '\0' || e->target.exclude ||
	    e->addr.family == 0)
		return;
	h = stage_host_get(&s->hosts, &e->addr);
	if (h != NULL && h->name == NULL)
		h->name = xstrdup(e->target.name);
}

static void
heed_port(struct stage_host *h, const struct scan_event *e)
{
	if (e->port.state == SCAN_OPEN_FILTERED &&
	    h->nsilent++ < SCAN_PROBE_SILENT_MAX)
		h->silent[h->nsilent - 1] = e->port.port;
	if (e->port.proto != SOCK_TCP)
		return;
	h->told++;
	if (e->port.state == SCAN_OPEN && h->open < 0)
		h->open = e->port.port;
	else if (e->port.state == SCAN_CLOSED && h->closed < 0)
		h->closed = e->port.port;
}

/* One of a host, before the others are told of it. */
static void
first_host_end(struct scan_stages *s, const struct scan_event *e)
{
	struct stage_host *h = stage_host_get(&s->hosts, &e->addr);

	if (h == NULL) {
		emit(s, e);
		return;
	}
	h->over = true;
	h->pos = e->host_end.pos;
	h->probes = e->host_end.probes;
	h->tcp = e->host_end.tcp;
	h->udp = e->host_end.udp;
	h->timeout = e->host_end.timeout;
	heed_all(s->stage, h, e);
	if (h->waits == 0)
		tell_host_end(s, h, e->t_us);
}

/* A stage that this machine has no right to is left out: the rest is done. */
static void
first_hello(struct scan_stages *s, const struct scan_event *e)
{
	struct scan_event note = { .type = SCAN_EV_NOTE };
	struct stage *t;

	emit(s, e);
	for (t = s->stage + 1; t < s->stage + SCAN_STAGES; t++) {
		if (!t->wanted || t->def->no_right == NULL ||
		    (e->hello.how & t->def->how) != 0)
			continue;
		t->wanted = false;
		note.t_us = e->t_us;
		note.note.warning = true;
		(void)strlcpy(
		    note.note.text, t->def->no_right, sizeof(note.note.text));
		emit(s, &note);
	}
}

/* What will be done: all of it. */
static void
first_start(struct scan_stages *s, const struct scan_event *e)
{
	struct scan_event all = *e;
	size_t i;

	for (i = 1; i < SCAN_STAGES; i++)
		if (s->stage[i].wanted)
			all.start.how |= scan_stage_defs[i].how;
	emit(s, &all);
}

/* The first stage's: its ports are asked about only after they were told. */
static void
first_event(struct scan_stages *s, const struct scan_event *e)
{
	struct stage_host *h = NULL;

	switch (e->type) {
	case SCAN_EV_HELLO:
		first_hello(s, e);
		return;
	case SCAN_EV_START:
		first_start(s, e);
		return;
	case SCAN_EV_HOST_END:
		first_host_end(s, e);
		return;
	case SCAN_EV_PROGRESS:
		s->progress = *e;
		tell_progress(s, false);
		return;
	case SCAN_EV_END:
		s->end = *e;
		return;
	case SCAN_EV_TARGET:
		heed_target(s, e);
		break;
	case SCAN_EV_HOST:
		if (!e->host.up &&
		    (h = stage_host_find(&s->hosts, &e->addr)) != NULL)
			stage_host_remove(&s->hosts, h);
		break;
	default:
		break;
	}
	emit(s, e);
	if (s->freed ||
	    (e->type != SCAN_EV_PORT && e->type != SCAN_EV_SERVICE) ||
	    (h = stage_host_get(&s->hosts, &e->addr)) == NULL)
		return;
	if (e->type == SCAN_EV_PORT)
		heed_port(h, e);
	heed_all(s->stage, h, e);
}

static void
fact_keep(struct stage *t, const struct scan_event *e)
{
	if (t->nfact >= SERVICE_FACTS_MAX || answered(t, e) == NULL)
		return;
	t->fact =
	    array_grow(t->fact, &t->cap_fact, t->nfact + 1, sizeof(*t->fact));
	t->fact[t->nfact++] = *e;
}

static void
facts_tell(struct stage *t, const struct scan_event *service)
{
	size_t i;

	for (i = 0; i < t->nfact; i++) {
		t->fact[i].t_us = service->t_us;
		if (t->fact[i].fact.port == service->service.port &&
		    t->fact[i].fact.proto == service->service.proto &&
		    scan_addr_eq(&t->fact[i].addr, &service->addr))
			emit(t->all, &t->fact[i]);
	}
	t->nfact = 0;
}

/* What was asked is answered: nothing else is believed. */
static void
take_answer(struct stage *t, const struct scan_event *e)
{
	struct scan_stages *s = t->all;
	struct stage_question *q = answered(t, e);
	struct scan_event shifted;
	struct stage_host *h;

	if (q == NULL)
		return;
	stage_question_remove(&s->hosts, q);
	t->told++;
	shifted = *e;
	shifted.t_us += t->shift_us;
	facts_tell(t, &shifted);
	emit(s, &shifted);
	h = stage_host_find(&s->hosts, &e->addr);
	if (s->freed || h == NULL)
		return;
	heed_all(t, h, &shifted);
	h->waits--;
	if (h->over && h->waits == 0)
		tell_host_end(s, h, shifted.t_us);
}

static void
later_event(struct stage *t, const struct scan_event *e)
{
	struct scan_stages *s = t->all;

	if (e->type == t->def->answer)
		take_answer(t, e);
	else if (e->type == SCAN_EV_FACT)
		fact_keep(t, e);
	else if (e->type == SCAN_EV_NOTE)
		emit(s, e);
	else if (e->type == SCAN_EV_PROGRESS)
		tell_progress(s, false);
	else if (e->type == SCAN_EV_HELLO && s->ops->hello != NULL)
		s->ops->hello(s->arg, e);
}

static void
on_event(void *arg, const struct scan_event *e)
{
	struct stage *t = arg;
	struct scan_stages *s = t->all;

	s->depth++;
	if (e->type == SCAN_EV_END)
		t->ended = true;
	if (t == s->stage && e->type == SCAN_EV_HELLO &&
	    s->state == SCAN_JOB_STARTING)
		s->state = SCAN_JOB_RUNNING;
	if (!s->chain)
		s->ops->event(s->arg, e);
	else if (t == s->stage)
		first_event(s, e);
	else
		later_event(t, e);
	s->depth--;
	free_at_last(s);
}

/* -- all of it -------------------------------------------------------------- */

static struct scan_stages *
stages_new(uv_loop_t *loop, const struct scan_spec *spec, const char *program,
    const struct scan_stages_ops *ops, void *arg)
{
	const bool alone = (spec->nmap & SCAN_NMAP_ALONE) != 0;
	struct scan_stages *s = xcalloc(1, sizeof(*s));
	size_t i;

	s->ops = ops;
	s->arg = arg;
	s->loop = loop;
	s->program = program == NULL ? NULL : xstrdup(program);
	s->began_ns = clock_mono_ns();
	s->progress.type = s->end.type = SCAN_EV_NTYPES;
	stage_hosts_init(&s->hosts);
	scan_spec_init(&s->spec);
	s->spec.timing = spec->timing;
	s->spec.max_parallel = spec->max_parallel;
	s->spec.no_sandbox = spec->no_sandbox;
	s->spec.budget_ms = spec->budget_ms;
	s->spec.intensity = spec->intensity;
	s->spec.checks = spec->checks;
	s->spec.os_limit = spec->os_limit;
	memcpy(s->spec.probes, spec->probes, sizeof(s->spec.probes));
	s->spec.nmap = spec->nmap;
	buf_put(&s->spec.scripts, spec->scripts.data, spec->scripts.len);
	buf_put(&s->spec.script_args, spec->script_args.data,
	    spec->script_args.len);
	s->stage[0].started = true;
	for (i = 0; i < SCAN_STAGES; i++) {
		s->stage[i].all = s;
		s->stage[i].def = &scan_stage_defs[i];
		s->stage[i].engine = scan_stage_defs[i].engine;
		s->stage[i].wanted =
		    i == 0 ||
		    (!alone && (spec->how & scan_stage_defs[i].how) != 0);
		s->chain |= i > 0 && s->stage[i].wanted;
	}
	if (alone)
		s->stage[0].engine = &scan_engine_nmap;
	return s;
}

int
scan_stages_start(uv_loop_t *loop, const struct scan_spec *spec,
    const char *program, const struct scan_stages_ops *ops, void *arg,
    struct scan_stages **ret, char **cause)
{
	struct scan_stages *s = stages_new(loop, spec, program, ops, arg);
	struct scan_spec first = *spec; /* its lists are borrowed */
	size_t i;
	int r;

	for (i = 1; i < SCAN_STAGES; i++)
		if (s->stage[i].wanted)
			first.how &= ~scan_stage_defs[i].how;
	r = s->stage[0].engine->start(loop, &first, program, on_event, on_ended,
	    s->stage, &s->stage[0].job, cause);
	if (r < 0)
		scan_stages_free(s);
	else
		*ret = s;
	return r;
}

void
scan_stages_stop(struct scan_stages *s)
{
	struct stage *t;

	s->stopping = true;
	if (s->state < SCAN_JOB_STOPPING)
		s->state = SCAN_JOB_STOPPING;
	for (t = s->stage; t < s->stage + SCAN_STAGES; t++)
		if (t->job != NULL && !t->over)
			t->engine->stop(t->job);
}

void
scan_stages_pause(struct scan_stages *s, bool pause)
{
	struct stage *t;

	s->paused = pause;
	for (t = s->stage; t < s->stage + SCAN_STAGES; t++)
		if (t->job != NULL && !t->over)
			t->engine->pause(t->job, pause);
	if (s->chain && s->stage[0].over) {
		s->depth++;
		s->progress_ns = 0;
		tell_progress(s, false);
		s->depth--;
		free_at_last(s);
	}
}

enum scan_job_state
scan_stages_state(const struct scan_stages *s)
{
	return s->state;
}

enum scan_exit
scan_stages_error(const struct scan_stages *s)
{
	return s->error;
}

const char *
scan_stages_cause(const struct scan_stages *s)
{
	return s->cause == NULL ? "" : s->cause;
}

int
scan_stages_signal(const struct scan_stages *s)
{
	return s->signal;
}

size_t
scan_stages_pids(const struct scan_stages *s, pid_t *pids, size_t n)
{
	const struct stage *t;
	size_t k = 0;
	pid_t pid;

	for (t = s->stage; t < s->stage + SCAN_STAGES && k < n; t++) {
		pid = t->job == NULL || t->over ? 0 : t->engine->pid(t->job);
		if (pid != 0)
			pids[k++] = pid;
	}
	return k;
}

pid_t
scan_stages_pid(const struct scan_stages *s)
{
	pid_t pid;

	return scan_stages_pids(s, &pid, 1) == 1 ? pid : 0;
}
