/* SPDX-License-Identifier: ISC */
/*
 * `scan` on the command line: one chain of jobs (app/scan_stages.h), whose
 * events go into a report and to the outputs as they come. What is for who
 * watches (progress, notes) goes to standard error.
 */
#include "config.h"

#include "app/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "app/scan_files.h"
#include "app/scan_here.h"
#include "app/scan_keys.h"
#include "app/scan_names.h"
#include "app/scan_outs.h"
#include "app/scan_plan.h"
#include "app/scan_stages.h"
#include "app/scan_told.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "cli/out_scan.h"

#define TICK_MS 100 /* between two drawings; names that are waited for */
#define NS_TICK (UINT64_C(1000000) * TICK_MS)

struct scanning {
	const struct args *args;
	const struct config *cfg;
	struct scan_plan plan;
	struct journal_asked asked;
	struct scan_report *report;
	struct out_scan out;
	struct out_scan_view view;
	struct scan_outs outs; /* its files */
	char *command;

	uv_loop_t loop;
	uv_prepare_t pass; /* the last of a pass: what came is written */
	uv_timer_t tick, stats;
	uv_signal_t interrupt[3];
	struct scan_stages *job;
	struct scan_file *journal; /* --resume */
	struct scan_merge *merge;  /* --merge: no job then */
	int64_t merge_began_s;
	struct scan_here *here; /* --self */
	struct scan_names *names;
	struct scan_keys *keys;

	bool began, ended, paused, stopping;
	bool watched, beside; /* standard error is a terminal; output too */
	bool dirty, colour, port_drawn;
	struct out_live live;
	uint64_t began_ns, drawn_ns;
	struct scan_told told;
	int status;
};

/* -- who watches ----------------------------------------------------------------- */

static void
draw(struct scanning *s)
{
	struct winsize w = { 0 };

	if (!s->watched || s->ended)
		return;
	/* A serial line does not know its size. */
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0) {
		w.ws_row = 24;
		w.ws_col = 80;
	}
	s->live.no_ports = s->beside && s->view.verbose > 0;
	out_live_draw(&s->live, &s->view, w.ws_col, w.ws_row, s->colour);
	s->drawn_ns = clock_mono_ns();
	s->port_drawn |= s->live.nports > 0;
	s->dirty = false;
}

/* Before anything else goes to the terminal. */
static void
erase(struct scanning *s)
{
	if (s->watched)
		out_live_erase(&s->live);
	s->dirty = true;
}

static void stop(struct scanning *);
static void fail(struct scanning *, char *cause);

/* Whoever stops reading (head) ends us as it ends others. */
static void
reader_gone(struct scanning *s)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };

	erase(s);
	scan_keys_restore();
	scan_stages_free(s->job);
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)raise(SIGPIPE);
}

static void
flush(struct scanning *s)
{
	const char *name;
	int r;

	if (!out_scan_waits(&s->out))
		return;
	if (s->beside)
		erase(s);
	r = out_scan_flush(&s->out, &name);
	if (r == 0)
		return;
	erase(s);
	if (r == -EPIPE)
		reader_gone(s);
	out_error("cannot write %s: %s", name, strerror(-r));
	s->status = STATUS_FAILED;
	stop(s);
}

/* What was found goes where it is kept. */
static void
save(struct scanning *s)
{
	char *cause;
	int r;

	flush(s);
	if (s->journal != NULL && (r = scan_file_flush(s->journal)) != 0) {
		xasprintf(&cause, "cannot write %s: %s", s->args->scan.resume,
		    strerror(-r));
		fail(s, cause);
	}
}

static void
on_pass(uv_prepare_t *h)
{
	struct scanning *s = h->data;

	save(s);
	/* The first port is not kept waiting. */
	if (s->dirty && (clock_mono_ns() - s->drawn_ns >= NS_TICK ||
			    (s->live.nports > 0 && !s->port_drawn)))
		draw(s);
}

/* -- hosts ------------------------------------------------------------------------ */

static void
take_time(struct scanning *s)
{
	if (s->job != NULL) /* else files say how long it took */
		s->view.took_us = (clock_mono_ns() - s->began_ns) / 1000;
}

/* In the order in which they were over; the first may wait for its name. */
static void
tell_hosts(struct scanning *s, bool wait)
{
	struct report_host *h;

	for (; (h = scan_told_next(&s->told)) != NULL; s->told.next++) {
		if (wait && s->names != NULL && h->name == NULL &&
		    scan_names_wait(s->names, h))
			break;
		take_time(s);
		out_scan_host(&s->out, &s->view, h);
	}
	if (s->names != NULL && scan_names_dead(s->names)) {
		erase(s);
		out_error("name servers do not answer: addresses stay without "
			  "names (-n asks for none)");
	}
}

static void
host_over(struct scanning *s, struct report_host *h)
{
	if (h != NULL && scan_told_add(&s->told, h))
		tell_hosts(s, true);
}

static void
on_name(void *arg, struct report_host *h)
{
	(void)h;
	tell_hosts(arg, true);
}

static void
host_found(struct scanning *s, const struct scan_event *e)
{
	struct report_host *h = scan_report_host(s->report, &e->addr);
	const unsigned how = out_scan_how(&s->view);

	if (s->names != NULL && h->rdns == NULL &&
	    (h->up || s->args->scan.all_dns || how == SCAN_LIST))
		scan_names_ask(s->names, h);
	if ((how & (SCAN_PING | SCAN_LIST)) != 0)
		host_over(s, h);
}

/* -- events ----------------------------------------------------------------------- */

static void
begin(struct scanning *s)
{
	if (s->began)
		return;
	s->began = true;
	out_scan_begin(&s->out, &s->view);
}

static void
name_event(struct scanning *s, const struct scan_event *e)
{
	if (e->target.error[0] == '\0')
		return;
	erase(s);
	out_error("%s: %s", e->target.name, e->target.error);
	s->view.unresolved++;
}

static void
note_event(struct scanning *s, const struct scan_event *e)
{
	erase(s);
	out_error("%s", e->note.text);
}

/* --sandbox=require, also for who is not root. */
static void
check_sandbox(struct scanning *s, const struct scan_event *e)
{
	if (s->args->scan.sandbox != SCAN_SANDBOX_REQUIRE ||
	    strcmp(e->hello.sandbox, "full") == 0)
		return;
	erase(s);
	out_error("--sandbox require: here it is %s", e->hello.sandbox);
	s->status = STATUS_REFUSED;
	stop(s);
}

/* Of the worker, or of files. */
static void
take_event(void *arg, const struct scan_event *e)
{
	struct scanning *s = arg;
	const bool changed = scan_report_feed(s->report, e);

	if (e->type == SCAN_EV_START)
		begin(s);
	out_scan_event(&s->out, &s->view, e);
	if (e->type == SCAN_EV_TARGET)
		name_event(s, e);
	else if (e->type == SCAN_EV_NOTE && changed)
		note_event(s, e);
	else if (e->type == SCAN_EV_HOST)
		host_found(s, e);
	else if (e->type == SCAN_EV_HOST_END)
		host_over(s, scan_report_host(s->report, &e->addr));
	else if ((e->type == SCAN_EV_PORT || e->type == SCAN_EV_SERVICE) &&
		 !(s->beside && s->view.verbose > 0))
		out_live_event(&s->live, e);
	s->dirty |= changed;
}

/* What a journal says of hosts; when it ran, and how far it got, is over. */
static void
take_old(void *arg, const struct scan_event *e)
{
	if (e->type == SCAN_EV_TARGET || e->type == SCAN_EV_HOST ||
	    e->type == SCAN_EV_PORT || e->type == SCAN_EV_FACT ||
	    e->type == SCAN_EV_SERVICE || e->type == SCAN_EV_OS ||
	    e->type == SCAN_EV_HOST_END)
		take_event(arg, e);
}

static void
fail(struct scanning *s, char *cause)
{
	erase(s);
	out_error("%s", cause);
	free(cause);
	s->status = STATUS_FAILED;
	stop(s);
}

/* What was found before is part of what is told. */
static void
take_before(struct scanning *s)
{
	char *cause = NULL;

	if (scan_file_replay(s->journal, take_old, s, &cause) != 0)
		fail(s, cause);
}

static void
on_event(void *arg, const struct scan_event *e)
{
	struct scanning *s = arg;

	if (s->journal != NULL)
		scan_file_event(s->journal, e);
	take_event(s, e);
	if (e->type == SCAN_EV_HELLO)
		check_sandbox(s, e);
	else if (e->type == SCAN_EV_START && s->journal != NULL)
		take_before(s);
}

/* Of another worker of the same scan. */
static void
on_hello(void *arg, const struct scan_event *e)
{
	check_sandbox(arg, e);
}

/* No route to any of them, or nobody permits it: this was no scan. What was
 * sent before a resumed one is not known. */
static bool
is_unsent(const struct scanning *s)
{
	const struct scan_event *end = &s->report->end;

	return (out_scan_how(&s->view) & SCAN_LIST) == 0 &&
	       (s->journal == NULL || scan_file_is_new(s->journal)) &&
	       end->type == SCAN_EV_END && end->end.sent == 0 &&
	       out_scan_hosts(&s->view) > 0 && out_scan_hosts_up(&s->view) == 0;
}

/* Ctrl-C is the worker's signal, too: it may say that it was stopped before we
 * were told to stop it. With a status it was us, for that reason. */
static bool
is_interrupted(const struct scanning *s, const struct scan_stages *job)
{
	return s->stopping || (s->status == STATUS_OK &&
				  scan_stages_state(job) == SCAN_JOB_STOPPED);
}

static int
status_of(const struct scanning *s, const struct scan_stages *job)
{
	static const int status[] = { [SCAN_EXIT_DONE] = STATUS_FAILED,
		[SCAN_EXIT_FAILED] = STATUS_FAILED,
		[SCAN_EXIT_USAGE] = STATUS_USAGE,
		[SCAN_EXIT_STOPPED] = STATUS_FAILED,
		[SCAN_EXIT_PERMISSION] = STATUS_REFUSED };

	if (s->status != STATUS_OK)
		return s->status;
	if (scan_stages_state(job) == SCAN_JOB_DONE)
		return s->view.unresolved > 0 || s->view.unsent ? STATUS_FAILED
								: STATUS_OK;
	if (is_interrupted(s, job))
		return STATUS_INTERRUPTED;
	return status[scan_stages_error(job)];
}

static void
leave(struct scanning *s)
{
	uv_stop(&s->loop);
}

static void
on_ended(void *arg, struct scan_stages *job)
{
	struct scanning *s = arg;
	const enum scan_job_state state = scan_stages_state(job);
	const bool told = s->status != STATUS_OK; /* why it was stopped */
	const bool interrupted = is_interrupted(s, job);

	s->view.unsent = is_unsent(s);
	s->status = status_of(s, job);
	if (state == SCAN_JOB_DONE)
		s->view.over = OUT_SCAN_OVER_DONE;
	else if (interrupted)
		s->view.over = OUT_SCAN_OVER_STOPPED;
	else {
		s->view.over = OUT_SCAN_OVER_FAILED;
		s->view.cause = scan_stages_cause(job);
		erase(s);
		if (!told)
			out_error("%s", s->view.cause);
	}
	take_time(s);
	s->ended = true;
	if (scan_told_next(&s->told) == NULL)
		leave(s); /* else the tick looks whether names came */
}

/* -- what the user does ------------------------------------------------------------ */

static void
stop(struct scanning *s)
{
	if (s->job != NULL && !s->ended)
		scan_stages_stop(s->job);
}

static void
on_interrupt(uv_signal_t *h, int sig)
{
	struct scanning *s = h->data;

	/* timeout(1) sends its signal twice, and means one. */
	if (s->stopping && sig != SIGINT)
		return;
	if (s->stopping) { /* at once */
		erase(s);
		scan_keys_restore();
		scan_stages_free(s->job);
		_exit(STATUS_INTERRUPTED);
	}
	s->stopping = true;
	stop(s);
	if (s->ended)
		leave(s);
}

static void
on_key(void *arg, char key)
{
	struct scanning *s = arg;

	if (s->ended)
		return;
	erase(s);
	take_time(s);
	if (key == 'p') {
		s->paused = !s->paused;
		scan_stages_pause(s->job, s->paused);
	}
	if (key == 'v' || key == 'V') {
		if (key == 'v')
			s->view.verbose++;
		else if (s->view.verbose > 0)
			s->view.verbose--;
		out_scan_verbosity(s->view.verbose);
	} else if (key == '?')
		out_scan_keys();
	else
		out_scan_stats(&s->view);
	draw(s);
}

static void
on_stopped(void *arg)
{
	erase(arg);
}

static void
on_back(void *arg)
{
	struct scanning *s = arg;

	s->dirty = true;
}

/* -- time ---------------------------------------------------------------------------- */

static void
on_tick(uv_timer_t *h)
{
	struct scanning *s = h->data;

	tell_hosts(s, true);
	if (s->ended && scan_told_next(&s->told) == NULL)
		leave(s);
}

static void
on_stats(uv_timer_t *h)
{
	struct scanning *s = h->data;

	if (s->ended)
		return;
	erase(s);
	take_time(s);
	out_scan_stats(&s->view);
}

/* -- all of it ------------------------------------------------------------------------ */

/* What a journal says, and --jsonl. */
static void
set_asked(struct scanning *s)
{
	const struct args_scan *a = &s->args->scan;

	s->asked = (struct journal_asked){ .spec = &s->plan.spec,
		.began_s = s->view.began_s,
		.command = s->command,
		.no_dns = a->no_dns || (s->journal != NULL && !a->all_dns &&
					   scan_file_no_dns(s->journal)) };
	/* Of parts, a whole is not what was asked for. */
	if (s->merge == NULL)
		s->view.asked = &s->asked;
}

static void
start_loop(struct scanning *s)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	static const struct scan_keys_ops keys = {
		.key = on_key, .stopped = on_stopped, .back = on_back
	};
	const uint64_t every = s->args->scan.stats_ns / 1000000;
	size_t i;
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	if ((r = uv_loop_init(&s->loop)) != 0)
		fatal("no event loop: %s", uv_strerror(r));
	s->pass.data = s->tick.data = s->stats.data = s;
	(void)uv_prepare_init(&s->loop, &s->pass);
	(void)uv_prepare_start(&s->pass, on_pass);
	(void)uv_timer_init(&s->loop, &s->tick);
	(void)uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
	(void)uv_timer_init(&s->loop, &s->stats);
	if (every > 0)
		(void)uv_timer_start(&s->stats, on_stats, every, every);
	for (i = 0; i < nitems(sigs); i++) {
		s->interrupt[i].data = s;
		(void)uv_signal_init(&s->loop, &s->interrupt[i]);
		(void)uv_signal_start(&s->interrupt[i], on_interrupt, sigs[i]);
	}
	s->watched = scan_outs_terminal(STDERR_FILENO);
	s->beside = isatty(STDOUT_FILENO) == 1;
	s->colour = scan_outs_colour(s->cfg, STDERR_FILENO);
	if (s->watched)
		s->keys = scan_keys_new(&s->loop, &keys, s);
	if (!s->asked.no_dns)
		s->names = scan_names_new(&s->loop, on_name, s);
}

static void
close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void
end_loop(struct scanning *s)
{
	scan_names_free(s->names);
	scan_keys_free(s->keys);
	scan_stages_leave(s->job);
	/* All closed before the loop turns: no tick may ask for what is freed. */
	uv_walk(&s->loop, close_handle, NULL);
	(void)uv_run(&s->loop, UV_RUN_NOWAIT); /* a stop is over with it */
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&s->loop);
}

/* What is known of hosts that are not over, or never were: those that were
 * named, and are silent. */
static void
tell_rest(struct scanning *s)
{
	size_t i;

	tell_hosts(s, false);
	scan_report_sort(s->report);
	for (i = 0; i < s->report->nhost; i++)
		if (!scan_told_has(&s->told, s->report->host[i]))
			out_scan_host(&s->out, &s->view, s->report->host[i]);
}

/* --self, if all was found. */
static void
compare(struct scanning *s)
{
	char *cause = NULL;

	if (s->here == NULL || s->view.over != OUT_SCAN_OVER_DONE ||
	    scan_here_compare(
		s->here, &s->plan, &s->view, s->began_ns, &cause) == STATUS_OK)
		return;
	fail(s, cause);
}

/* All there is to tell is in files: nothing is sent. */
static void
tell_files(struct scanning *s)
{
	char *cause = NULL;

	s->view.over = OUT_SCAN_OVER_DONE;
	if (s->merge == NULL) {
		s->view.began_s = scan_file_began(s->journal);
		if (scan_file_replay(s->journal, take_event, s, &cause) != 0)
			fail(s, cause);
	} else {
		s->view.began_s = s->merge_began_s;
		scan_merge_tell(s->merge, take_event, s);
		s->view.cause = scan_merge_missing(s->merge);
	}
	if (s->view.cause != NULL && *s->view.cause != '\0') {
		s->view.over = OUT_SCAN_OVER_FAILED;
		erase(s);
		out_error("%s", s->view.cause);
		s->status = STATUS_FAILED;
	}
	if (s->report->end.type == SCAN_EV_END)
		s->view.took_us = s->report->end.t_us;
	s->ended = true;
}

static int
start_job(struct scanning *s, char **cause)
{
	static const struct scan_stages_ops ops = {
		.event = on_event, .ended = on_ended, .hello = on_hello
	};
	int r;

	if (s->journal != NULL &&
	    (r = scan_file_begin(s->journal, &s->asked, cause)) != 0)
		return r;
	return scan_stages_start(
	    &s->loop, &s->plan.spec, NULL, &ops, s, &s->job, cause);
}

static int
go(struct scanning *s)
{
	char *cause = NULL;
	int r = 0;

	s->began_ns = clock_mono_ns();
	s->view.began_s = (int64_t)time(NULL);
	set_asked(s);
	start_loop(s);
	if (s->merge != NULL ||
	    (s->journal != NULL && scan_file_is_over(s->journal)))
		tell_files(s);
	else
		r = start_job(s, &cause);
	if (r == 0) {
		if (!s->ended || scan_told_next(&s->told) != NULL)
			(void)uv_run(&s->loop, UV_RUN_DEFAULT);
		erase(s);
		begin(s);
		tell_rest(s);
		compare(s);
		out_scan_end(&s->out, &s->view);
		save(s);
		if (s->journal != NULL && s->job != NULL &&
		    s->view.over != OUT_SCAN_OVER_DONE)
			out_error("scan --resume %s goes on with it",
			    s->args->scan.resume);
	} else {
		out_error("%s", cause);
		s->status = r == -EPERM || r == -EACCES ? STATUS_REFUSED
							: STATUS_FAILED;
	}
	free(cause);
	end_loop(s);
	return s->status;
}

static bool
sure(const struct scanning *s)
{
	char line[16];

	if (s->plan.hosts <= SCAN_PLAN_ASK || s->args->yes ||
	    (s->args->scan.how & SCAN_LIST) != 0)
		return true;
	if (isatty(STDIN_FILENO) != 1) {
		out_error("%llu addresses are many, and standard input is no "
			  "terminal to ask at: -y says that they are meant",
		    (unsigned long long)s->plan.hosts);
		return false;
	}
	out_scan_ask(s->plan.hosts);
	if (fgets(line, sizeof(line), stdin) != NULL &&
	    (strcasecmp(line, "y\n") == 0 || strcasecmp(line, "yes\n") == 0))
		return true;
	out_error("nothing was scanned");
	return false;
}

/* What is to be done: of the arguments, or of files. Enum status. */
static int
make_plan(struct scanning *s, char **cause)
{
	const struct args *a = s->args;
	const bool built = a->nwords > 0 || a->scan.list != NULL;
	const struct scan_spec *asked;
	int status = STATUS_OK;

	if (a->scan.merge != NULL) {
		status =
		    scan_files_merge(a, &s->merge, &s->merge_began_s, cause);
		asked = status == STATUS_OK ? scan_merge_asked(s->merge) : NULL;
		if (asked != NULL)
			status = scan_plan_resume(&s->plan, a, asked, cause);
		return status;
	}
	if (built || a->scan.resume == NULL)
		status = scan_plan_build(&s->plan, a, cause);
	if (status == STATUS_OK && a->scan.resume != NULL)
		status = scan_file_open(
		    a->scan.resume, a, built, &s->plan, &s->journal, cause);
	if (status == STATUS_OK && a->scan.self && !s->cfg->opt.readonly)
		status = scan_here_plan(&s->here, &s->plan, a, cause);
	return status;
}

int
scan_main(const struct args *a, const struct config *cfg)
{
	struct scanning *s = xcalloc(1, sizeof(*s));
	char *cause = NULL;
	int status;

	s->args = a;
	s->cfg = cfg;
	status = make_plan(s, &cause);
	if (status != STATUS_OK)
		out_error("%s", cause);
	else if (cfg->opt.readonly && (a->scan.how & SCAN_LIST) == 0 &&
		 s->merge == NULL) {
		out_error("scan: --readonly: nothing is scanned");
		status = STATUS_REFUSED;
	} else if (!sure(s))
		status = STATUS_REFUSED;
	if (status == STATUS_OK) {
		s->command = scan_plan_command(a);
		s->report = scan_report_new();
		s->report->keep_closed = a->format == OUT_JSON ||
					 s->plan.few_ports ||
					 a->scan.verbose >= 2;
		s->plan.spec.tell =
		    s->report->keep_closed || a->format == OUT_JSONL ||
			    s->journal != NULL || a->scan.verbose > 0
			? SCAN_TELL_ALL
			: SCAN_TELL_SEEN;
		s->view = (struct out_scan_view){ .args = a,
			.report = s->report,
			.ports = s->plan.ports,
			.command = s->command,
			.verbose = a->scan.verbose,
			.checks = s->plan.spec.checks || a->scan.all_of_it,
			.list_closed =
			    s->plan.few_ports || a->scan.verbose >= 2 };
		status = scan_outs_open(&s->outs, &s->out, a, cfg);
		s->status = status;
		if (status == STATUS_OK)
			status = go(s);
		if (scan_outs_close(&s->outs, &s->out) != STATUS_OK)
			s->status = STATUS_FAILED;
		if (status == STATUS_OK)
			status = s->status;
		scan_report_free(s->report);
	}
	scan_file_free(s->journal);
	scan_merge_free(s->merge);
	scan_here_free(s->here);
	scan_told_done(&s->told);
	free(s->command);
	free(cause);
	scan_plan_done(&s->plan);
	free(s);
	return status;
}
