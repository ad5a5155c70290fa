/* SPDX-License-Identifier: ISC */
/*
 * Scans of the deck: each a worker on its loop. The deck keeps the results
 * (ui/scan.h); here is what is needed to do it, to do it again and to save it.
 */
#include "config.h"

#include "app/deck_scan.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/deck_scan_line.h"
#include "app/deck_scan_save.h"
#include "app/scan_names.h"
#include "app/scan_own.h"
#include "app/scan_plan.h"
#include "app/scan_stages.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/netns.h"
#include "model/scan_left.h"

/* Two hosts with all their ports. */
#define PORTS_TOLD_MOST (2 * 65536)

struct job {
	struct deck_scans *all;
	unsigned id;
	char *line; /* as typed, clean */
	struct scan_typed typed;
	struct scan_plan planned;
	struct scan_stages *worker; /* NULL: none now */
	struct scan_left *left;     /* what it has still to do */
	uint64_t seed, plan;        /* of its start event .. */
	bool began;                 /* .. if it came */
	int64_t began_s;            /* wall clock, of the first run */
	enum out_scan_over over;
	char *cause;
};

struct deck_scans {
	uv_loop_t *loop;
	uv_prepare_t pass;
	struct ui *ui;
	const struct args *args;
	void (*done)(void *);
	void *arg;
	struct scan_names *names; /* of the hosts of all; NULL: none yet */
	struct job **job;
	size_t n, cap;
	unsigned last; /* id */
	struct scan_services services;
	bool news;
	char *option; /* given last by serve_option() */
};

/* -- jobs ----------------------------------------------------------------------- */

static struct job *
job_find(const struct deck_scans *d, unsigned id)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->job[i]->id == id)
			return d->job[i];
	return NULL;
}

static void
job_free(struct job *j)
{
	scan_stages_free(j->worker);
	scan_left_free(j->left);
	scan_plan_done(&j->planned);
	scan_typed_done(&j->typed);
	free(j->line);
	free(j->cause);
	free(j);
}

/* -- names of hosts ---------------------------------------------------------------- */

static void
on_name(void *arg, struct report_host *h)
{
	struct deck_scans *d = arg;

	(void)h;
	d->ui->dirty |= DIRTY_TABLE;
	d->news = true;
}

static void
name_ask(struct job *j, struct report_host *h)
{
	const struct args_scan *s = &j->typed.args.scan;
	struct deck_scans *d = j->all;

	if (s->no_dns || h->rdns != NULL || (!h->up && !s->all_dns))
		return;
	if (d->names == NULL)
		d->names = scan_names_new(d->loop, on_name, d);
	scan_names_ask(d->names, h);
}

/* The hosts of this job go, and what was asked about them; the others' are
 * asked for again. */
static void
names_without(struct deck_scans *d, const struct job *gone)
{
	struct scan_report *r;
	size_t i, k;

	scan_names_free(d->names);
	d->names = NULL;
	for (i = 0; i < d->n; i++) {
		r = ui_scan_report(d->ui, d->job[i]->id);
		for (k = 0; r != NULL && d->job[i] != gone && k < r->nhost; k++)
			name_ask(d->job[i], r->host[k]);
	}
}

/* -- what the worker tells -------------------------------------------------------- */

static void
on_event(void *arg, const struct scan_event *e)
{
	struct job *j = arg;
	struct report_host *h;

	j->all->news = true;
	scan_left_feed(j->left, e);
	if (e->type == SCAN_EV_START) {
		j->began = true;
		j->seed = e->start.seed;
		j->plan = e->start.plan;
	}
	ui_scan_event(j->all->ui, j->id, e);
	if (e->type != SCAN_EV_HOST)
		return;
	h = scan_report_host(ui_scan_report(j->all->ui, j->id), &e->addr);
	if (h != NULL)
		name_ask(j, h);
}

static void
on_ended(void *arg, struct scan_stages *worker)
{
	struct job *j = arg;
	enum scan_job_state state = scan_stages_state(worker);
	enum scan_gone how = SCAN_GONE_BROKEN;
	struct ui *ui = j->all->ui;

	j->all->news = true;
	free(j->cause);
	j->cause = xstrdup(scan_stages_cause(worker));
	j->over = state == SCAN_JOB_DONE      ? OUT_SCAN_OVER_DONE
		  : state == SCAN_JOB_STOPPED ? OUT_SCAN_OVER_STOPPED
					      : OUT_SCAN_OVER_FAILED;
	if (state == SCAN_JOB_DONE)
		how = SCAN_GONE_ENDED;
	/* As the kernel does when memory is short. A crash is another thing: it
	 * is not tried again until somebody says so. */
	else if (scan_stages_signal(worker) == SIGKILL)
		how = SCAN_GONE_KILLED;
	j->worker = NULL;
	ui_scan_gone(ui, j->id, how, j->cause);
	scan_stages_free(worker);
}

static void
on_pass(uv_prepare_t *h)
{
	struct deck_scans *d = h->data;

	if (!d->news)
		return;
	d->news = false;
	d->done(d->arg);
}

/* -- a job begins -------------------------------------------------------------------- */

static int
run(struct job *j, const struct scan_spec *spec, char **cause)
{
	static const struct scan_stages_ops ops = { .event = on_event,
		.ended = on_ended };
	struct deck_scans *d = j->all;
	int r;

	if (d->ui->readonly) {
		xasprintf(cause, "scan: refused, --readonly is on");
		return -EROFS;
	}
	r = scan_stages_start(d->loop, spec, NULL, &ops, j, &j->worker, cause);
	if (r < 0)
		return r;
	j->over = OUT_SCAN_OVER_NOT;
	return 0;
}

static int
plan_self(struct job *j, char **cause)
{
	struct deck_scans *d = j->all;
	size_t left_out;

	if (d->args->from != NULL || d->ui->netns != NULL) {
		xasprintf(cause,
		    "scan --self: what listens here is not what is shown: %s",
		    d->args->from != NULL ? "it is a recording"
					  : "it is another namespace (-N)");
		return -ENOTSUP;
	}
	if (d->ui->source.last_ns == 0) {
		xasprintf(cause, "scan --self: nothing was read yet: again "
				 "in a moment");
		return -EBUSY;
	}
	return scan_own_plan(&j->planned, &j->typed.args, d->ui->table,
		   netns_self(), &left_out, cause) == STATUS_OK
		   ? 0
		   : -EINVAL;
}

static int
plan(struct job *j, const char *line, bool sure, char **cause)
{
	const struct args *a = &j->typed.args;
	int r;

	if ((r = scan_typed_parse(&j->typed, line, cause)) < 0)
		return r;
	if (scan_plan_build(&j->planned, a, cause) != STATUS_OK)
		return -EINVAL;
	if (a->scan.self && (r = plan_self(j, cause)) < 0)
		return r;
	if (j->planned.hosts > SCAN_PLAN_ASK && !sure && !a->yes &&
	    (a->scan.how & SCAN_LIST) == 0) {
		xasprintf(cause,
		    "These are %llu addresses. Are all of them meant?",
		    (unsigned long long)j->planned.hosts);
		return -EAGAIN;
	}
	return 0;
}

/* "10.0.0.9", "10.0.0.9 +2", "hosts.txt": for a tab. */
static char *
what(const struct args *a)
{
	const char *first;
	struct buf b = { 0 };
	char *clean;
	size_t more;

	if (a->scan.self)
		return xstrdup("this machine");
	first = a->nwords > 0          ? a->word[0]
		: a->scan.list != NULL ? a->scan.list
				       : "-";
	clean = text_clean(first, strlen(first));
	buf_puts(&b, clean);
	free(clean);
	more = a->nwords > 0 ? a->nwords - 1 + (a->scan.list != NULL) : 0;
	if (more > 0)
		buf_printf(&b, " +%zu", more);
	return buf_steal(&b);
}

static void
fill(const struct job *j, struct scan_order *o)
{
	const struct scan_plan *p = &j->planned;

	o->id = j->id;
	o->what = what(&j->typed.args);
	o->targets = xstrndup(p->spec.targets.data, p->spec.targets.len);
	o->family = p->spec.family;
	o->worker = scan_stages_pid(j->worker);
	o->keep_closed = p->few_ports;
	o->self = j->typed.args.scan.self;
	o->checks = p->spec.checks;
	o->at_s = (int64_t)time(NULL);
	if (!o->self)
		return;
	o->netns = netns_self();
	o->asked = xcalloc(1, sizeof(*o->asked));
	*o->asked = *p->ports;
}

/* Closed ports are told, too: only so none is asked a second time when a scan
 * goes on. Of more than so many that would be more work than to ask again. */
static bool
tells_all(const struct scan_plan *p)
{
	uint64_t ports = p->ports != NULL ? scan_ports_count(p->ports) : 0;

	return p->few_ports ||
	       (ports > 0 && p->hosts <= PORTS_TOLD_MOST / ports);
}

static int
serve_start(void *arg, const char *line, bool sure, struct scan_order *ret,
    char **cause)
{
	struct deck_scans *d = arg;
	struct job *j = xcalloc(1, sizeof(*j));
	int r;

	j->all = d;
	j->line = text_clean(line, strlen(line));
	j->began_s = (int64_t)time(NULL);
	j->left = scan_left_new();
	r = plan(j, line, sure, cause);
	if (r == 0) {
		j->planned.spec.tell =
		    tells_all(&j->planned) ? SCAN_TELL_ALL : SCAN_TELL_SEEN;
		r = run(j, &j->planned.spec, cause);
	}
	if (r < 0) {
		job_free(j);
		return r;
	}
	j->id = ++d->last;
	d->job = array_grow(d->job, &d->cap, d->n + 1, sizeof(*d->job));
	d->job[d->n++] = j;
	fill(j, ret);
	return 0;
}

static int
serve_again(void *arg, unsigned id, bool rest, char **cause)
{
	struct deck_scans *d = arg;
	struct job *j = job_find(d, id);
	struct scan_spec spec;
	int r;

	if (!rest || !j->began) {
		names_without(d, j);
		j->began_s = (int64_t)time(NULL);
		scan_left_free(j->left);
		j->left = scan_left_new();
		j->began = false;
	}
	scan_spec_init(&spec);
	scan_spec_copy(&spec, &j->planned.spec);
	if (j->began) {
		scan_left_spec(j->left, &spec);
		spec.seeded = true;
		spec.seed = j->seed;
		spec.plan = j->plan;
	}
	r = run(j, &spec, cause);
	scan_spec_done(&spec);
	if (r == 0)
		ui_scan_worker(d->ui, id, scan_stages_pid(j->worker));
	return r;
}

/* -- and goes on ----------------------------------------------------------------------- */

static int
serve_op(void *arg, unsigned id, enum scan_op op, char **cause)
{
	struct deck_scans *d = arg;
	struct job *j = job_find(d, id);

	if (j->worker == NULL) {
		xasprintf(cause, "scan: its worker is gone");
		return -ESRCH;
	}
	if (op == SCAN_OP_STOP)
		scan_stages_stop(j->worker);
	else
		scan_stages_pause(j->worker, op == SCAN_OP_PAUSE);
	return 0;
}

static void
serve_forget(void *arg, unsigned id)
{
	struct deck_scans *d = arg;
	size_t i;

	for (i = 0; i < d->n && d->job[i]->id != id; i++)
		;
	if (i == d->n)
		return;
	names_without(d, d->job[i]);
	job_free(d->job[i]);
	memmove(
	    &d->job[i], &d->job[i + 1], (d->n - i - 1) * sizeof(struct job *));
	d->n--;
}

static int
serve_save(void *arg, unsigned id, struct scan_report *report, const char *path,
    char **cause)
{
	struct deck_scans *d = arg;
	struct job *j = job_find(d, id);
	struct out_scan_view view = { .args = &j->typed.args,
		.report = report,
		.ports = j->planned.ports,
		.began_s = j->began_s,
		.took_us = ui_scan_took_ns(d->ui, id) / 1000,
		.verbose = j->typed.args.scan.verbose,
		.checks = j->planned.spec.checks,
		.list_closed = j->planned.few_ports,
		.over = j->over,
		.cause = j->cause };
	char *command;
	int r;

	xasprintf(&command, "sockdeck scan %s", j->line);
	view.command = command;
	r = scan_save(d->loop, d->ui, &view, path, cause, d->done, d->arg);
	free(command);
	return r;
}

static const char *
serve_option(void *arg, size_t i, const char **takes, const char **help)
{
	struct deck_scans *d = arg;
	free(d->option);
	d->option = scan_typed_option(i, takes, help);
	return d->option;
}

/* -- all of them ------------------------------------------------------------------------ */

struct deck_scans *
deck_scans_new(uv_loop_t *loop, struct ui *ui, const struct args *args,
    void (*done)(void *), void *arg)
{
	struct deck_scans *d = xcalloc(1, sizeof(*d));

	d->loop = loop;
	d->ui = ui;
	d->args = args;
	d->done = done;
	d->arg = arg;
	d->services = (struct scan_services){ .start = serve_start,
		.again = serve_again,
		.op = serve_op,
		.forget = serve_forget,
		.save = serve_save,
		.option = serve_option,
		.arg = d };
	d->pass.data = d;
	(void)uv_prepare_init(loop, &d->pass);
	(void)uv_prepare_start(&d->pass, on_pass);
	return d;
}

const struct scan_services *
deck_scans_services(struct deck_scans *d)
{
	return &d->services;
}

void
deck_scans_stop(struct deck_scans *d)
{
	size_t i;

	if (d == NULL)
		return;
	(void)uv_prepare_stop(&d->pass);
	scan_names_free(d->names);
	d->names = NULL;
	for (i = 0; i < d->n; i++) {
		scan_stages_free(d->job[i]->worker);
		d->job[i]->worker = NULL;
	}
}

void
deck_scans_free(struct deck_scans *d)
{
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < d->n; i++)
		job_free(d->job[i]);
	free(d->job);
	free(d->option);
	free(d);
}
