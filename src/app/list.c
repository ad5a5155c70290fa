/* SPDX-License-Identifier: ISC */
/*
 * The one-shot list and its repetition: no thread, no loop; a reading is
 * made, merged, and handed to an output.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/diff.h"
#include "app/events.h"
#include "app/list.h"
#include "app/oneshot.h"
#include "app/resolve.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "collect/collect.h"
#include "collect/record.h"
#include "model/leak.h"
#include "model/pressure.h"

#define PRESSURE_TOP 5 /* lines a kind */

static volatile sig_atomic_t interrupted;

struct list {
	const struct args *args;
	const struct options *opt;
	struct collect *collect;
	struct recorder *recorder;
	struct table *table;
	struct view view;
	struct column_set columns;
	struct request request;
	const struct out_ops *ops;
	struct out out;
	struct pressure_view pressure; /* -s */
	struct leaks *leaks;           /* -s --watch; NULL: not looked for */
	bool partial;
};

/* The first one ends the repetition in good order, the next at once. */
static void
on_interrupt(int sig)
{
	(void)sig;
	if (interrupted != 0)
		_exit(STATUS_INTERRUPTED);
	interrupted = 1;
}

static void
on_interrupt_now(int sig)
{
	(void)sig;
	_exit(STATUS_INTERRUPTED);
}

static void
signals(bool watch)
{
	struct sigaction sa = { 0 };

	sigemptyset(&sa.sa_mask);
	sa.sa_handler = watch ? on_interrupt : on_interrupt_now;
	(void)sigaction(SIGINT, &sa, NULL);
	/* Whoever stops reading (head) ends us quietly. */
	sa.sa_handler = SIG_DFL;
	(void)sigaction(SIGPIPE, &sa, NULL);
}

static bool
add_column(struct column_set *set, const char *name)
{
	const struct column *c = column_find(name);
	size_t i;

	if (c == NULL || set->n == COLUMN_SET_MAX)
		return false;
	for (i = 0; i < set->n; i++)
		if (set->col[i] == c)
			return true;
	set->col[set->n++] = c;
	return true;
}

static int
choose_columns(struct list *l, char **cause)
{
	static const char *const extended[] = { "uid", "inode", "cookie",
		"mark", "cgroup" };
	const struct args *a = l->args;
	size_t i;
	int r = 0;

	column_set_default(&l->columns, COL_LIST);
	if (a->netns != NULL && strcmp(a->netns, "all") == 0)
		(void)add_column(&l->columns, "netns"); /* has room */
	if (a->columns != NULL)
		r = column_set_parse(&l->columns, a->columns, cause);
	if (a->extended)
		for (i = 0; i < sizeof(extended) / sizeof(extended[0]); i++)
			(void)add_column(&l->columns, extended[i]);
	return r;
}

static bool
is_summary(const struct args *a)
{
	return a->format == OUT_SUMMARY || a->format == OUT_SUMMARY_JSON;
}

static void
choose_request(struct list *l)
{
	const struct args *a = l->args;
	struct request *q = &l->request;

	oneshot_families(q, a);
	q->states = (a->states != 0 ? a->states : SOCK_STATES_ALL) &
		    filter_states_possible(a->filter);
	q->filter = a->filter;
	q->netns = a->netns;
	q->need = view_needs(&l->view);
	if (!is_summary(a))
		q->need |= column_set_needs(&l->columns);
	/* With --columns, JSON has the keys those need and no more. */
	if (a->columns == NULL)
		q->need |= l->ops->need;
	if (a->timers)
		q->need |= NEED_TIMER;
	if (a->memory || a->internals)
		q->need |= NEED_EXT | NEED_TCPINFO;
	if (l->view.ctx.resolve)
		q->need |= NEED_HOST;
	if ((q->states & SOCK_STATE_BIT(SOCK_BOUND)) != 0 && q->tcp)
		q->need |= NEED_BOUND;
}

/* A part of the sockets says nothing of how full things are. */
static void
choose_pressure(struct list *l)
{
	const struct args *a = l->args;
	const struct request *q = &l->request;

	if (!is_summary(a) || a->filter != NULL || !q->tcp || !q->udp ||
	    !q->v4 || !q->v6)
		return;
	l->request.need |= NEED_PRESSURE | NEED_BOUND;
	l->out.pressure = &l->pressure;
	/* Owners cost as much as all the rest: for who leaks alone, which one
	 * reading cannot tell. */
	if (a->watch || a->from != NULL) {
		l->request.need |= NEED_OWNER;
		l->out.leaks = l->leaks = leaks_new();
	}
}

static int
list_open(struct list *l, char **cause)
{
	const struct args *a = l->args;
	struct collect_opts copts = { .from = a->from };
	int r;

	l->table = table_new();
	view_init(&l->view, l->table);
	l->view.ctx.numeric_ports = a->numeric || l->opt->numeric;
	l->view.ctx.resolve = a->resolve || l->opt->resolve;
	l->view.ctx.ascii = !text_utf8();
	l->view.filter = a->filter;
	r = choose_columns(l, cause);
	if (r == 0 && a->sort != NULL)
		r = view_sort_parse(&l->view, a->sort, cause);
	if (r != 0)
		return r;
	l->ops = out_find(a->format);
	l->out =
	    (struct out){ .file = stdout, .args = a, .columns = &l->columns };
	choose_request(l);
	choose_pressure(l);
	l->out.colour =
	    l->opt->colour == 1 ||
	    (l->opt->colour == 0 && isatty(STDOUT_FILENO) == 1 &&
		(getenv("NO_COLOR") == NULL || *getenv("NO_COLOR") == '\0'));
	r = collect_open(&l->collect, &copts, cause);
	if (r == 0 && a->record != NULL)
		r = recorder_open(&l->recorder, a->record, cause);
	return r;
}

static int
flush(FILE *f)
{
	errno = 0;
	if (fflush(f) != 0 || ferror(f))
		return errno != 0 ? -errno : -EIO;
	return 0;
}

/* Notes that belong to an answer; in JSON they are part of it. */
static void
notes(struct list *l, const struct snap *snap)
{
	if ((snap->flags & SNAP_PARTIAL) != 0)
		l->partial = true;
	if (l->args->format == OUT_JSON ||
	    l->args->format == OUT_SUMMARY_JSON || l->out.reading > 0)
		return;
	out_notes(snap);
}

static int
print(struct list *l, const struct snap *snap, char **cause)
{
	int r;

	l->out.snap = snap;
	view_build(&l->view);
	if (l->out.pressure != NULL)
		pressure_view_build(&l->pressure, l->table, PRESSURE_TOP);
	if (l->view.ctx.resolve)
		resolve_view(&l->view);
	r = l->ops->print(&l->out, &l->view);
	if (r == 0)
		r = flush(stdout);
	if (r != 0) {
		xasprintf(
		    cause, "cannot write standard output: %s", strerror(-r));
		return r;
	}
	notes(l, snap);
	l->out.reading++;
	return 0;
}

/* One reading, merged and recorded. */
static int
reading(struct list *l, struct snap **ret, char **cause)
{
	int r = collect_read(l->collect, &l->request, ret, cause);

	if (r != 0)
		return r;
	table_merge(l->table, *ret, NULL);
	if (l->out.pressure != NULL) {
		pressure_view_take(&l->pressure, (*ret)->pressure);
		(*ret)->pressure = NULL;
	}
	if (l->leaks != NULL)
		leaks_take(l->leaks, l->table);
	if (l->recorder != NULL)
		r = recorder_write(l->recorder, *ret, &l->view.ctx, cause);
	return r;
}

/* Until the next reading is due: false when interrupted. */
static bool
pause_ns(uint64_t ns)
{
	struct timespec ts = { .tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000) };

	sigset_t block, old;
	int r;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &block, &old);
	r = interrupted != 0 ? -1 : ppoll(NULL, 0, &ts, &old);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return r == 0 && interrupted == 0;
}

/* Prints the last reading of a recording, the only one of the kernel, or
 * with --watch all there are. */
static int
run(struct list *l, char **cause)
{
	uint64_t interval = l->args->watch_ns != 0 ? l->args->watch_ns
						   : l->opt->interval_ns,
		 begun, took, next;
	bool file = l->args->from != NULL, end;
	struct snap *snap;
	int r;

	for (;;) {
		begun = clock_mono_ns();
		snap = NULL;
		r = reading(l, &snap, cause);
		end = file ? r == 0 && (snap->flags & SNAP_END) != 0
			   : !l->args->watch;
		if (r == 0 && (l->args->watch || end))
			r = print(l, snap, cause);
		snap_free(snap);
		if (r != 0 || end)
			return r;
		if (interrupted != 0)
			return -EINTR;
		if (file)
			continue;
		took = clock_mono_ns() - begun;
		next = 3 * took > interval ? 3 * took : interval;
		if (!pause_ns(next - took))
			return -EINTR;
	}
}

static void
list_close(struct list *l)
{
	collect_close(l->collect);
	view_done(&l->view);
	pressure_view_done(&l->pressure);
	leaks_free(l->leaks);
	table_free(l->table);
}

static int
status_of(const struct list *l, int r)
{
	if (r == -EINTR)
		return STATUS_INTERRUPTED;
	if (r == -EPERM || r == -EACCES)
		return STATUS_REFUSED;
	if (r != 0 || l->partial)
		return STATUS_FAILED;
	if (is_summary(l->args))
		return STATUS_OK;
	return l->view.n > 0 ? STATUS_OK : STATUS_NONE;
}

int
list_main(const struct args *args, const struct config *cfg)
{
	struct list l = { .args = args, .opt = &cfg->opt };
	char *cause = NULL;
	int r, closed, status;

	if (args->events)
		return events_main(args, cfg);
	if (args->expect != NULL)
		return expect_main(args, cfg);
	xmalloc_grow_large();
	signals(args->watch);
	r = list_open(&l, &cause);
	if (r == 0)
		r = run(&l, &cause);
	if (cause != NULL)
		out_error("%s", cause);
	else if (r != 0 && r != -EINTR)
		out_error("%s", strerror(-r));
	free(cause);
	status = status_of(&l, r);
	if (status == STATUS_NONE && args->near_command != NULL)
		out_error("no socket matches \"%s\"; did you mean sockdeck %s?",
		    args->filter_text, args->near_command);
	if (l.recorder != NULL) {
		cause = NULL;
		closed = recorder_close(l.recorder, &cause);
		if (closed != 0) {
			out_error(
			    "%s", cause != NULL ? cause : strerror(-closed));
			status = STATUS_FAILED;
		}
		free(cause);
	}
	list_close(&l);
	return status;
}
