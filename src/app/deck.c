/* SPDX-License-Identifier: ISC */
/*
 * The live deck's loop: terminal, collector, signals and timers meet here.
 * No callback blocks; each ends with deck_show(), which paints if something
 * is to be painted and it is time for it.
 */
#include "config.h"

#include "app/deck.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "app/acts.h"
#include "app/conffile.h"
#include "app/deck_events.h"
#include "app/deck_lab.h"
#include "app/deck_names.h"
#include "app/deck_scan.h"
#include "app/deck_view.h"
#include "app/deck_why.h"
#include "app/guard.h"
#include "app/quit.h"
#include "app/snapshot.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "collect/collect.h"
#include "collect/port_limits.h"
#include "collect/record.h"
#include "ui/input.h"
#include "ui/term.h"
#include "ui/ui.h"

#define PAINT_MS   50 /* at most 20 frames a second */
#define ESC_MS     25
#define TICK_MS    1000
#define READ_MAX   4096 /* bytes of keys a pass */
#define MERGE_STEP 8192 /* sockets taken over in a pass */
#define BUSY_MS    5    /* a pass that took longer is worth a line of the log */

struct deck {
	uv_loop_t loop;
	uv_poll_t tty;
	uv_async_t wake, quit;
	uv_signal_t winch, tstp, cont;
	uv_timer_t interval, tick, esc, paint, soon;
	uv_idle_t merge; /* while a reading is on its way into the table */
	struct sample *sample;
	uint64_t merge_ns, cpu_us;
	bool taken_over;
	struct ui *ui;
	struct input input;
	struct deck_names *names;
	struct deck_why *why;
	struct deck_scans *scans;
	struct acts *acts;
	struct collector *collector;
	struct deck_events *events;
	struct deck_lab *lab; /* NULL: not the classroom */
	struct recorder *recorder;
	const struct args *args;
	struct config *config;
	struct guard *guard;
	uint64_t asked_ns, painted_ns, soon_ns;
	bool keyed, first, ended, writing, tty_closed;
	int status;
	char *cause;
};

static void
deck_stop(struct deck *d, int status)
{
	d->status = status;
	uv_stop(&d->loop);
}

/* -- terminal ------------------------------------------------------------- */

static void deck_tty(uv_poll_t *, int, int);
static void deck_show(struct deck *);
static void deck_merge(uv_idle_t *);

static void
deck_hangup(struct deck *d)
{
	if (d->tty_closed)
		return;
	d->tty_closed = true;
	(void)uv_poll_stop(&d->tty);
	deck_stop(d, 128 + SIGHUP);
}

/* Waits for writing only while there is something to write. */
static void
deck_poll(struct deck *d)
{
	bool writing = !term_writable();

	if (d->tty_closed || writing == d->writing)
		return;
	d->writing = writing;
	(void)uv_poll_start(
	    &d->tty, UV_READABLE | (writing ? UV_WRITABLE : 0), deck_tty);
}

static void
deck_paint_timer(uv_timer_t *t)
{
	struct deck *d = t->data;

	d->keyed = true;
	if (ui_paint(d->ui))
		d->painted_ns = clock_mono_ns();
	d->keyed = false;
	deck_poll(d);
}

/* How long nothing else was attended to: since the loop woke up. What was not
 * spent computing was another program's turn. */
static void
deck_busy(struct deck *d)
{
	uint64_t ms = uv_hrtime() / 1000000 - uv_now(&d->loop), cpu;
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) < 0)
		return;
	cpu = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
	if (ms >= BUSY_MS)
		log_debug("deck: busy %llu ms, computing %llu us",
		    (unsigned long long)ms,
		    (unsigned long long)(cpu - d->cpu_us));
	d->cpu_us = cpu;
}

static void
deck_soon(uv_timer_t *t)
{
	struct deck *d = t->data;

	d->soon_ns = 0;
	ui_tick(d->ui, clock_mono_ns());
	deck_show(d);
}

/* What must not wait for the next tick. */
static void
deck_wait(struct deck *d)
{
	uint64_t now, at = d->ui->wake_ns;

	if (at == d->soon_ns)
		return;
	d->soon_ns = at;
	(void)uv_timer_stop(&d->soon);
	if (at == 0)
		return;
	now = clock_mono_ns();
	(void)uv_timer_start(
	    &d->soon, deck_soon, at > now ? (at - now) / 1000000 + 1 : 0, 0);
}

static void
deck_show(struct deck *d)
{
	uint64_t now, since;

	if (d->ui->dirty != 0 && term_writable()) {
		now = clock_mono_ns();
		since = (now - d->painted_ns) / 1000000;
		if (d->keyed || since >= PAINT_MS) {
			(void)uv_timer_stop(&d->paint);
			d->painted_ns = now;
			(void)ui_paint(d->ui);
		} else if (!uv_is_active((uv_handle_t *)&d->paint))
			(void)uv_timer_start(
			    &d->paint, deck_paint_timer, PAINT_MS - since, 0);
	} else if (term_writable())
		(void)term_flush(); /* bell, clipboard, modes */
	d->keyed = false;
	deck_poll(d);
	deck_busy(d);
	deck_wait(d);
}

static void
deck_input(void *arg, const struct input_event *ev)
{
	struct deck *d = arg;

	switch (ev->type) {
	case INPUT_KEY:
		ui_key(d->ui, ev->key);
		break;
	case INPUT_MOUSE:
		ui_mouse(d->ui, ev->y, ev->x, ev->button);
		break;
	case INPUT_PASTE:
		ui_paste(d->ui, ev->text, ev->len);
		break;
	}
}

static void
deck_esc(uv_timer_t *t)
{
	struct deck *d = t->data;

	input_timeout(&d->input, deck_input, d);
	ui_read_end(d->ui);
	d->keyed = true;
	deck_show(d);
}

static void
deck_read(struct deck *d)
{
	char buf[READ_MAX];
	ssize_t n = term_read(buf, sizeof buf);

	if (n < 0) {
		deck_hangup(d);
		return;
	}
	if (n == 0)
		return;
	(void)uv_timer_stop(&d->esc);
	input_feed(&d->input, buf, (size_t)n, deck_input, d);
	ui_read_end(d->ui);
	if (input_waiting(&d->input))
		(void)uv_timer_start(&d->esc, deck_esc, ESC_MS, 0);
	d->keyed = true;
}

static void
deck_tty(uv_poll_t *poll, int status, int events)
{
	struct deck *d = poll->data;

	if (status < 0) {
		deck_hangup(d);
		return;
	}
	if (events & UV_WRITABLE)
		(void)term_flush();
	if (events & UV_READABLE)
		deck_read(d);
	if (!d->tty_closed)
		deck_show(d);
}

/* -- readings ------------------------------------------------------------- */

static void
deck_request(struct deck *d)
{
	const struct args *a = d->args;
	struct request req = { 0 };
	unsigned costly = NEED_OWNER | NEED_CMDLINE | NEED_CGROUP | NEED_PATHS;

	if (d->ended)
		return;
	req.need = ui_needs(d->ui);
	/* The first rows are there before the first owner is known. */
	if (d->first)
		req.need &= ~costly;
	req.tcp = req.udp = req.v4 = req.v6 = true;
	req.states = SOCK_STATES_ALL;
	req.netns = d->lab != NULL ? deck_lab_netns(d->lab) : a->netns;
	req.focus = d->ui->detail;
	req.highlight_ns = d->config->opt.highlight_ns;
	d->asked_ns = clock_mono_ns();
	collector_request(d->collector, &req);
}

static void
deck_interval(uv_timer_t *t)
{
	deck_request(t->data);
}

/* The next one after the interval, or thrice what the last one took. */
static void
deck_schedule(struct deck *d)
{
	uint64_t next = d->config->opt.interval_ns, gone;

	if (d->ui->source.next_ns > next)
		next = d->ui->source.next_ns;
	gone = clock_mono_ns() - d->asked_ns;
	next = gone < next ? next - gone : 0;
	if (!d->ui->paused && !d->ended)
		(void)uv_timer_start(
		    &d->interval, deck_interval, next / 1000000, 0);
}

/* Whether all of it reached the disk is told, at the end or when it fails. */
static void
deck_record_end(struct deck *d)
{
	struct recorder *r = d->recorder;

	d->recorder = NULL;
	if (r != NULL && recorder_close(r, &d->cause) < 0)
		d->status = STATUS_FAILED;
}

static void
deck_record(struct deck *d, const struct snap *snap)
{
	char *cause = NULL;

	if (d->recorder == NULL || d->first ||
	    recorder_write(d->recorder, snap, &d->ui->view.ctx, &cause) == 0)
		return;
	ui_error(d->ui, "%s", cause);
	deck_record_end(d);
	free(d->cause);
	d->cause = cause;
}

static void
deck_taken_over(struct deck *d)
{
	const struct snap *snap = d->sample->snap;

	log_debug("deck: reading %llu: %zu sockets, %zu new or changed, %zu "
		  "gone; dump %llu us, owners %llu us, taken over in %llu us",
	    (unsigned long long)snap->seq, snap->total, snap->n, snap->ngone,
	    (unsigned long long)snap->cost_dump_ns / 1000,
	    (unsigned long long)snap->cost_owners_ns / 1000,
	    (unsigned long long)d->merge_ns / 1000);
	deck_record(d, snap);
	if (snap->flags & SNAP_END) {
		d->ended = true;
		d->ui->paused = true; /* nothing more will come */
		ui_status(d->ui, "end of the recording");
	}
	if (d->first) {
		d->first = false;
		d->keyed = true; /* no waiting for the first rows */
		deck_request(d);
	} else
		deck_schedule(d);
}

static void
deck_next(struct deck *d)
{
	struct sample *s;

	while (d->sample == NULL && (s = collector_take(d->collector)) != NULL)
		if (s->snap != NULL) {
			d->sample = s;
			d->merge_ns = 0;
			deck_events_take(d->events, s->snap);
			ui_snap_begin(d->ui, s->snap, s->cost_ns);
			(void)uv_idle_start(&d->merge, deck_merge);
		} else {
			ui_failed(d->ui, s->cause);
			sample_free(s);
			deck_schedule(d);
		}
}

/* A part of a reading in each pass, and keys in between; giving back the
 * memory of a large one is a part of its own. */
static void
deck_merge(uv_idle_t *idle)
{
	struct deck *d = idle->data;
	uint64_t start = clock_mono_ns();
	bool done;

	if (d->taken_over) {
		d->taken_over = false;
		sample_free(d->sample);
		d->sample = NULL;
		(void)uv_idle_stop(idle);
		deck_next(d);
		deck_show(d);
		return;
	}
	done = ui_snap_step(d->ui, MERGE_STEP);
	d->merge_ns += clock_mono_ns() - start;
	if (!done) {
		deck_busy(d);
		return;
	}
	d->taken_over = true;
	deck_taken_over(d);
	deck_show(d);
}

static void
deck_wake(uv_async_t *async)
{
	struct deck *d = async->data;

	deck_next(d);
	deck_show(d);
}

/* In the collector's thread. */
static void
deck_poke(void *arg)
{
	struct deck *d = arg;

	(void)uv_async_send(&d->wake);
}

static void
deck_tick(uv_timer_t *t)
{
	struct deck *d = t->data;

	ui_tick(d->ui, clock_mono_ns());
	deck_show(d);
}

/* -- services ------------------------------------------------------------- */

static void
serve_refresh(void *arg)
{
	struct deck *d = arg;

	if (d->collector != NULL && !d->first)
		deck_request(d);
}

static void
serve_reschedule(void *arg)
{
	struct deck *d = arg;

	if (d->collector == NULL || d->first)
		return;
	(void)uv_timer_stop(&d->interval);
	if (!d->ui->paused)
		deck_schedule(d);
}

static void
serve_resolve(void *arg)
{
	struct deck *d = arg;

	if (d->names != NULL)
		deck_names_run(d->names);
}

static int
serve_save(void *arg, const struct config *config, char **cause)
{
	struct deck *d = arg;
	char *path;
	int r;

	if (d->lab != NULL) {
		xasprintf(cause, "not saved: the classroom's settings are its "
				 "own");
		return -EPERM;
	}
	path = config_path(d->args->config);
	if (path == NULL) {
		xasprintf(cause, "no home directory to keep the settings in: "
				 "give --config FILE");
		return -ENOENT;
	}
	r = config_save(path, config, cause);
	free(path);
	return r;
}

static void
deck_written(void *arg)
{
	struct deck *d = arg;

	/* At the end the screen is given back already. */
	if (!uv_is_closing((uv_handle_t *)&d->tick))
		deck_show(d);
}

static int
serve_snapshot(void *arg, const char *path, char **wrote, char **cause)
{
	struct deck *d = arg;

	(void)wrote; /* the status line will say */
	return snapshot_write(&d->loop, d->ui, path, cause, deck_written, d);
}

/* Those of our own namespace and of now. */
static bool
serve_port_limits(void *arg, struct port_limits *ret)
{
	struct deck *d = arg;

	if (d->args->from != NULL || d->ui->netns != NULL)
		return false;
	port_limits_read(ret);
	return true;
}

static void
deck_acted(void *arg)
{
	struct deck *d = arg;

	d->keyed = true; /* somebody waits for it */
	deck_show(d);
}

/* Results may wait for their frame: they come by the thousand. */
static void
deck_scanned(void *arg)
{
	struct deck *d = arg;

	/* At the end the screen is given back already. */
	if (!uv_is_closing((uv_handle_t *)&d->tick))
		deck_show(d);
}

static int
serve_why(void *arg, const char *text, uint32_t netns, char **cause)
{
	return deck_why_ask(((struct deck *)arg)->why, text, netns, cause);
}

static int
serve_act_open(void *arg, enum act_kind kind, const struct act_choice *choice,
    struct act **ret, char **cause)
{
	struct deck *d = arg;

	return acts_open(d->acts, kind, choice, ret, cause);
}

static int
serve_act_run(void *arg, struct act *act, char **cause)
{
	struct deck *d = arg;

	return acts_run(d->acts, act, cause);
}

static void
serve_act_end(void *arg, struct act *act)
{
	struct deck *d = arg;

	acts_end(d->acts, act);
}

/* Ctrl-Z: as if the kernel had done it, but with the terminal given back. */
static void
serve_suspend(void *arg)
{
	struct deck *d = arg;
	struct sigaction stop, old;
	sigset_t set;

	term_pause();
	guard_disarm(d->guard);
	memset(&stop, 0, sizeof stop);
	stop.sa_handler = SIG_DFL;
	(void)sigaction(SIGTSTP, &stop, &old);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	/* Nothing happens here if there is no shell to go back to. */
	(void)raise(SIGTSTP);
	(void)sigaction(SIGTSTP, &old, NULL);
	term_resume();
	quit_guarded(d->guard);
	ui_resized(d->ui);
}

static void
serve_quit(void *arg, int status)
{
	deck_stop(arg, status);
}

/* -- signals -------------------------------------------------------------- */

static void
deck_winch(uv_signal_t *s, int sig)
{
	struct deck *d = s->data;

	(void)sig;
	ui_resized(d->ui);
	deck_show(d);
}

static void
deck_tstp(uv_signal_t *s, int sig)
{
	struct deck *d = s->data;

	(void)sig;
	serve_suspend(d);
	d->keyed = true;
	deck_show(d);
}

/* Stopped by SIGSTOP, the terminal may be as the shell left it. */
static void
deck_cont(uv_signal_t *s, int sig)
{
	struct deck *d = s->data;

	(void)sig;
	term_retake();
	ui_resized(d->ui);
	deck_show(d);
}

static void
deck_quit(uv_async_t *async)
{
	struct deck *d = async->data;

	deck_stop(d, 128 + quit_signal());
}

/* -- start and end -------------------------------------------------------- */

static void
deck_handles(struct deck *d)
{
	int r;

	if ((r = uv_loop_init(&d->loop)) != 0)
		fatal("no event loop: %s", uv_strerror(r));
	(void)uv_poll_init(&d->loop, &d->tty, term_fd());
	(void)uv_async_init(&d->loop, &d->wake, deck_wake);
	(void)uv_async_init(&d->loop, &d->quit, deck_quit);
	(void)uv_signal_init(&d->loop, &d->winch);
	(void)uv_signal_init(&d->loop, &d->tstp);
	(void)uv_signal_init(&d->loop, &d->cont);
	(void)uv_timer_init(&d->loop, &d->interval);
	(void)uv_timer_init(&d->loop, &d->tick);
	(void)uv_timer_init(&d->loop, &d->esc);
	(void)uv_timer_init(&d->loop, &d->paint);
	(void)uv_timer_init(&d->loop, &d->soon);
	(void)uv_idle_init(&d->loop, &d->merge);
	d->tty.data = d->merge.data = d->wake.data = d->quit.data =
	    d->winch.data = d->tstp.data = d->cont.data = d->interval.data =
		d->tick.data = d->esc.data = d->paint.data = d->soon.data = d;
	(void)uv_poll_start(&d->tty, UV_READABLE, deck_tty);
	(void)uv_signal_start(&d->winch, deck_winch, SIGWINCH);
	(void)uv_signal_start(&d->tstp, deck_tstp, SIGTSTP);
	(void)uv_signal_start(&d->cont, deck_cont, SIGCONT);
	(void)uv_timer_start(&d->tick, deck_tick, TICK_MS, TICK_MS);
	quit_catch(&d->quit);
}

static void
close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	/* A worker that was killed: its end closes it. */
	if (!uv_is_closing(handle) && handle->type != UV_PROCESS)
		uv_close(handle, NULL);
}

static void
deck_close(struct deck *d)
{
	quit_release();
	uv_walk(&d->loop, close_handle, NULL);
	(void)uv_run(&d->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&d->loop);
}

static int
deck_open(struct deck *d, struct collect **collect)
{
	struct collect_opts opts = { .from = d->args->from, .delta = true };
	int r;

	if ((r = collect_open(collect, &opts, &d->cause)) < 0)
		return r;
	if (d->args->record != NULL &&
	    (r = recorder_open(&d->recorder, d->args->record, &d->cause)) < 0)
		return r;
	/* First: there may be no memory when the modes are set already. */
	fatal_set_hook(term_emergency);
	return term_start(&d->cause);
}

static void
deck_run(struct deck *d, struct collect *collect)
{
	struct services services = {
		.refresh = serve_refresh,
		.reschedule = serve_reschedule,
		.resolve = serve_resolve,
		.save_config = serve_save,
		.write_snapshot = serve_snapshot,
		.port_limits = serve_port_limits,
		.why = serve_why,
		.act_open = serve_act_open,
		.act_run = serve_act_run,
		.act_end = serve_act_end,
		.suspend = serve_suspend,
		.quit = serve_quit,
		.arg = d,
	};

	quit_guarded(d->guard);
	term_catch_crashes();
	deck_handles(d);
	input_init(&d->input);
	d->first = d->args->from == NULL;
	d->ui = ui_new(d->config, &services);
	deck_view(d->ui, d->args);
	if (d->lab != NULL)
		deck_lab_attach(d->lab, &d->loop, d->ui, deck_acted, d);
	d->names = deck_names_new(&d->loop, d->ui);
	d->acts =
	    acts_new(&d->loop, d->ui, d->args->from != NULL, deck_acted, d);
	d->why = deck_why_new(&d->loop, d->ui, d->args, deck_acted, d);
	d->scans = deck_scans_new(&d->loop, d->ui, d->args, deck_scanned, d);
	services.scan = deck_scans_services(d->scans);
	ui_resized(d->ui);
	d->keyed = true;
	deck_show(d);
	d->events = deck_events_start(d->ui, d->args);
	if (collector_start(&d->collector, collect, deck_poke, d) == 0) {
		deck_request(d);
		(void)uv_run(&d->loop, UV_RUN_DEFAULT);
	} else {
		xasprintf(&d->cause, "no thread for the collector");
		d->status = STATUS_FAILED;
		collect_close(collect);
		d->collector = NULL;
	}
	term_stop();
	guard_disarm(d->guard);
	deck_record_end(d);
	/* The screen is given back: a name server or a reading that does not
	 * come back may still hold up the end, but not for long. */
	quit_within(d->status);
	if (d->collector != NULL)
		collector_stop(d->collector);
	deck_events_stop(d->events);
	deck_names_stop(d->names);
	deck_why_stop(d->why);
	deck_scans_stop(d->scans);
	ui_panes_end(d->ui);
	acts_stop(d->acts);
	deck_close(d);
	acts_free(d->acts);
	deck_names_free(d->names);
	deck_why_free(d->why);
	deck_scans_free(d->scans);
	ui_free(d->ui);
	sample_free(d->sample);
	input_done(&d->input);
}

int
deck_main(struct args *args, struct config *config, const size_t *lesson)
{
	struct deck d = { .args = args, .config = config };
	struct collect *collect = NULL;

	d.guard = guard_start();
	xmalloc_stay_small();
	(void)signal(SIGPIPE, SIG_IGN);
	if ((lesson != NULL && deck_lab_open(&d.lab, *lesson, &d.cause) < 0) ||
	    deck_open(&d, &collect) < 0) {
		d.status = STATUS_FAILED;
		collect_close(collect);
	} else
		deck_run(&d, collect);
	deck_lab_close(d.lab);
	deck_record_end(&d);
	if (d.cause != NULL)
		out_error("%s", d.cause);
	free(d.cause);
	return d.status;
}
