/* SPDX-License-Identifier: ISC */
/*
 * The deck's scans: what was asked for, what their workers tell, how each
 * stands. Nothing is drawn here, and nothing of the network is known.
 */
#include "config.h"

#include "ui/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/ui.h"

/* What a scan leaves behind is its own for so long. */
#define TRACES_NS UINT64_C(5000000000)

void
scan_order_done(struct scan_order *o)
{
	free(o->what);
	free(o->targets);
	free(o->asked);
	memset(o, 0, sizeof(*o));
}

static struct scan_report *
report_new(const struct ui_scan *j)
{
	struct scan_report *r = scan_report_new();

	r->keep_closed = j->order.keep_closed;
	return r;
}

static void
job_free(struct ui_scan *j)
{
	scan_order_done(&j->order);
	free(j->line);
	free(j->cause);
	scan_report_free(j->report);
	target_free(j->ours);
	scan_view_done(&j->view);
	free(j);
}

void
ui_scans_free(struct ui_scans *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		job_free(s->job[i]);
	free(s->asked);
	free(s->stem);
	free(s->became);
	free(s);
}

struct ui_scan *
ui_scan_find(const struct ui *ui, unsigned id)
{
	size_t i;

	for (i = 0; ui->scans != NULL && i < ui->scans->n; i++)
		if (ui->scans->job[i]->order.id == id)
			return ui->scans->job[i];
	return NULL;
}

struct ui_scan *
scan_shown(const struct ui *ui)
{
	return ui->scans == NULL || ui->scans->n == 0
		   ? NULL
		   : ui->scans->job[ui->scans->at];
}

bool
scan_is_over(const struct ui_scan *j)
{
	return j->state >= JOB_DONE;
}

/* -- how it stands --------------------------------------------------------- */

uint64_t
scan_count(const struct ui_scan *j, enum scan_state state)
{
	const struct scan_report *r = j->report;
	uint64_t n = 0;
	size_t i;

	if (state == SCAN_OPEN)
		return r->nopen;
	for (i = 0; i < r->nhost; i++)
		n += r->host[i]->count[0][state] + r->host[i]->count[1][state];
	return n;
}

uint64_t
scan_took_ns(const struct ui_scan *j)
{
	return j->took_ns +
	       (scan_is_over(j) ? 0 : clock_mono_ns() - j->began_ns);
}

int
scan_percent(const struct ui_scan *j)
{
	const struct scan_report *r = j->report;

	if (j->state == JOB_DONE)
		return 100;
	if (r->progress.type != SCAN_EV_PROGRESS ||
	    r->progress.progress.probes == 0)
		return -1;
	if (r->progress.progress.done >= r->progress.progress.probes)
		return 100;
	return (int)(100 * (r->progress.progress.done / 1.0) /
		     (double)r->progress.progress.probes);
}

void
scan_put_how(const struct ui_scan *j, struct buf *out)
{
	static const struct {
		enum scan_how how;
		const char *name;
	} hows[] = { { SCAN_SYN, "SYN" }, { SCAN_CONNECT, "connect" },
		{ SCAN_UDP, "UDP" }, { SCAN_PING, "hosts" },
		{ SCAN_LIST, "list" }, { SCAN_PROBE, "services" },
		{ SCAN_OS, "systems" } };
	const char *comma = "";
	unsigned how;
	size_t i;

	if (j->report->start.type != SCAN_EV_START) {
		buf_putc(out, '-');
		return;
	}
	how = j->report->start.start.how;
	for (i = 0; i < nitems(hows); i++)
		if ((how & hows[i].how) != 0) {
			buf_printf(out, "%s%s", comma, hows[i].name);
			comma = ", ";
		}
}

/* -- whose sockets ---------------------------------------------------------- */

static void
ours_new(struct ui_scan *j)
{
	char *cause = NULL;

	target_free(j->ours);
	j->sealed = false;
	j->ours = target_new(j->order.family);
	if (target_add_text(j->ours, j->order.targets, strlen(j->order.targets),
		NULL, &cause) < 0) {
		target_free(j->ours);
		j->ours = NULL;
	}
	free(cause);
}

static void
ours_named(struct ui_scan *j, const struct scan_event *e)
{
	struct target_name *name;
	char *cause = NULL;
	size_t i;

	if (j->ours == NULL || j->sealed || e->addr.family == 0)
		return;
	for (i = 0; (name = target_name_at(j->ours, i)) != NULL; i++)
		if (!name->resolved &&
		    strcmp(name->name, e->target.name) == 0) {
			(void)target_resolved(j->ours, name, &e->addr, &cause);
			break;
		}
	free(cause);
}

static void
ours_seal(struct ui_scan *j)
{
	char *cause = NULL;

	if (j->ours != NULL && !j->sealed) {
		(void)target_seal(j->ours, &cause);
		j->sealed = true;
	}
	free(cause);
}

/* Held by the worker; or, where its descriptors are not ours to read, nobody
 * is seen to hold it and it goes where the scan goes. */
static bool
is_ours(const struct ui_scan *j, const struct row *row, uint32_t uid)
{
	const struct sock_rec *r = &row->rec;
	struct scan_addr a;
	uint32_t i;

	for (i = 0; i < row->owners.n; i++)
		if (j->worker != 0 &&
		    owners_at(&row->owners, i).proc->pid == j->worker)
			return true;
	if (row->owners.n > 0 || !j->sealed || r->peer.port == 0 ||
	    (r->inode != 0 && r->uid != uid) ||
	    j->report->start.type != SCAN_EV_START ||
	    (j->report->start.start.how & (SCAN_CONNECT | SCAN_UDP)) == 0)
		return false;
	return scan_self_addr(r, &r->peer, &a) && target_has(j->ours, &a);
}

/* Came to be since the scan began. */
static bool
is_new(const struct ui *ui, const struct ui_scan *j, const struct row *row)
{
	return (row->flags & ROW_BORN) != 0 &&
	       ui->table->epoch_ns + (row->born_ds + 1) * UINT64_C(100000000) >=
		   j->began_ns;
}

/* It works, or did so just now. */
static bool
leaves_traces(const struct ui_scan *j)
{
	return !scan_is_over(j) || j->worker != 0 ||
	       clock_mono_ns() - j->over_ns < TRACES_NS;
}

void
ui_scans_merged(struct ui *ui)
{
	const struct ui_scans *s = ui->scans;
	struct row *row;
	size_t i, k;

	if (s == NULL || s->n == 0)
		return;
	for (k = 0; k < s->n; k++)
		if (s->job[k]->view.compare)
			scan_view_mark(&s->job[k]->view, true);
	for (i = 0; i < ui->table->n; i++) {
		row = ui->table->row[i];
		if (row->rec.state == SOCK_LISTEN ||
		    (row->flags & ROW_SCAN) != 0)
			continue;
		for (k = 0; k < s->n; k++)
			if (leaves_traces(s->job[k]) &&
			    is_new(ui, s->job[k], row) &&
			    is_ours(s->job[k], row, ui->uid)) {
				row->flags |= ROW_SCAN;
				break;
			}
	}
}

/* -- what the worker tells -------------------------------------------------- */

static void
tell(struct ui *ui, struct ui_scan *j)
{
	char took[TEXT_UNIT_MAX];

	(void)text_duration(took, scan_took_ns(j));
	if (j->state == JOB_DONE)
		ui_status(ui, "Scan of %s is over: %llu open, %s",
		    j->order.what, (unsigned long long)j->report->nopen, took);
	else if (j->state == JOB_STOPPED)
		ui_status(
		    ui, "Scan of %s was stopped after %s", j->order.what, took);
	else if (j->state == JOB_FAILED)
		ui_error(ui, "Scan of %s: %s", j->order.what, j->cause);
}

/* Of this run. */
static void
over(struct ui *ui, struct ui_scan *j, enum job_state state, const char *cause)
{
	struct pane *p = pane_scan_find(ui);

	j->took_ns = scan_took_ns(j);
	j->over_ns = clock_mono_ns();
	j->state = state;
	free(j->cause);
	j->cause = cause == NULL ? NULL : text_clean(cause, strlen(cause));
	scan_view_mark(&j->view, false);
	ui->dirty |= DIRTY_TABLE;
	/* What is in sight says so itself. */
	if (p == NULL || p->hidden || j != scan_shown(ui))
		tell(ui, j);
}

/* Said among the results. */
static void note(struct ui_scan *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void
note(struct ui_scan *j, const char *fmt, ...)
{
	struct scan_event e = { .type = SCAN_EV_NOTE, .note.warning = true };
	char *text;
	va_list ap;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	strlcpy(e.note.text, text, sizeof(e.note.text));
	free(text);
	if (scan_report_feed(j->report, &e))
		scan_view_mark(&j->view, false);
}

static void
ended(struct ui *ui, struct ui_scan *j, const struct scan_event *e)
{
	if (e->end.error == SCAN_EXIT_DONE)
		over(ui, j, JOB_DONE, NULL);
	else if (e->end.error == SCAN_EXIT_STOPPED)
		over(ui, j, JOB_STOPPED, NULL);
	else
		over(ui, j, JOB_FAILED,
		    *e->end.cause != '\0' ? e->end.cause
					  : "the scan failed, and did not say "
					    "why");
}

void
ui_scan_worker(struct ui *ui, unsigned id, pid_t pid)
{
	struct ui_scan *j = ui_scan_find(ui, id);

	if (j != NULL)
		j->worker = pid;
}

/* What is less than it could be is said. */
static void
hello(struct ui_scan *j, const struct scan_event *e)
{
	static const char partial[] = "partial: ", none[] = "none";
	const char *why = e->hello.sandbox;

	if (*why == '\0' || strcmp(why, "full") == 0)
		return;
	/* What the first word says is said already. */
	if (strncmp(why, none, sizeof(none) - 1) == 0) {
		note(j, "the worker runs without a sandbox%s",
		    why + sizeof(none) - 1);
		return;
	}
	if (strncmp(why, partial, sizeof(partial) - 1) == 0)
		why += sizeof(partial) - 1;
	note(j, "the worker's sandbox is not whole: %s", why);
}

static void
named(struct ui_scan *j, const struct scan_event *e)
{
	if (*e->target.error != '\0')
		note(j, "%s: %s", e->target.name, e->target.error);
	else
		ours_named(j, e);
}

/* What listens here is told so in the table, too. */
static void
answered(struct ui *ui, const struct scan_event *e)
{
	const struct service_info *s = &e->service.info;
	const struct row *row;
	struct buf b = { 0 };

	if (s->name[0] == '\0' || ui->netns != NULL ||
	    ui->source.source == SOURCE_FILE)
		return;
	row = scan_listener(ui, &e->addr, e->service.port, e->service.proto);
	if (row == NULL)
		return;
	buf_printf(&b, "%s%s ", s->tls ? "ssl/" : "", s->name);
	service_put_version(&b, s);
	while (b.data[b.len - 1] == ' ')
		b.data[--b.len] = '\0';
	heard_put(&ui->table->heard, sock_key(&row->rec), b.data);
	buf_done(&b);
}

void
ui_scan_event(struct ui *ui, unsigned id, const struct scan_event *e)
{
	struct ui_scan *j = ui_scan_find(ui, id);

	if (j == NULL || scan_is_over(j))
		return;
	if (scan_report_feed(j->report, e))
		scan_view_mark(&j->view, false);
	if (e->type == SCAN_EV_HELLO)
		hello(j, e);
	else if (e->type == SCAN_EV_TARGET)
		named(j, e);
	else if (e->type == SCAN_EV_SERVICE)
		answered(ui, e);
	else if (e->type == SCAN_EV_START) {
		ours_seal(j);
		if (j->state == JOB_STARTING)
			j->state = JOB_RUNNING;
	} else if (e->type == SCAN_EV_END)
		ended(ui, j, e);
	if (j == scan_shown(ui) || e->type != SCAN_EV_PORT)
		ui->dirty |= DIRTY_TABLE;
}

struct scan_report *
ui_scan_report(const struct ui *ui, unsigned id)
{
	const struct ui_scan *j = ui_scan_find(ui, id);

	return j == NULL ? NULL : j->report;
}

uint64_t
ui_scan_took_ns(const struct ui *ui, unsigned id)
{
	const struct ui_scan *j = ui_scan_find(ui, id);

	return j == NULL ? 0 : scan_took_ns(j);
}

/* Another run of it: all, or what this report has not settled. */
static int
run(struct ui *ui, struct ui_scan *j, bool rest, char **cause)
{
	const struct scan_services *s = ui->services->scan;
	int r = s->again(s->arg, j->order.id, rest, cause);

	if (r < 0)
		return r;
	if (!rest) {
		scan_report_free(j->report);
		j->report = report_new(j);
		j->took_ns = 0;
		j->first_ns = clock_mono_ns();
	}
	/* Of the run before. */
	j->report->end.type = SCAN_EV_NTYPES;
	ours_new(j);
	free(j->cause);
	j->cause = NULL;
	j->state = JOB_STARTING;
	j->began_ns = clock_mono_ns();
	scan_view_mark(&j->view, true);
	ui->dirty |= DIRTY_TABLE;
	return 0;
}

/* One that was killed goes on by itself, if it had come as far as to work; but
 * one that is paused waits. */
static bool
went_on(struct ui *ui, struct ui_scan *j, const char *cause)
{
	char *why = NULL;
	int r;

	if (j->state != JOB_RUNNING || j->restarts == SCAN_RESTARTS_MAX)
		return false;
	j->restarts++;
	j->took_ns = scan_took_ns(j);
	j->began_ns = clock_mono_ns();
	r = run(ui, j, true, &why);
	if (r == 0)
		note(j, "%s: begun anew with what was left (%u of %d times)",
		    cause, j->restarts, SCAN_RESTARTS_MAX);
	else
		note(j, "%s", why);
	free(why);
	return r == 0;
}

void
ui_scan_gone(struct ui *ui, unsigned id, enum scan_gone how, const char *cause)
{
	struct ui_scan *j = ui_scan_find(ui, id);

	if (j == NULL)
		return;
	j->worker = 0;
	if (scan_is_over(j))
		return;
	if (how == SCAN_GONE_ENDED)
		over(ui, j, JOB_FAILED, "the worker ended without a word");
	else if (j->state == JOB_STOPPING)
		over(ui, j, JOB_STOPPED, NULL);
	else if (how != SCAN_GONE_KILLED || !went_on(ui, j, cause))
		over(ui, j, JOB_FAILED, cause);
}

/* -- what the deck does ------------------------------------------------------ */

static struct ui_scans *
scans(struct ui *ui)
{
	if (ui->scans == NULL)
		ui->scans = xcalloc(1, sizeof(*ui->scans));
	return ui->scans;
}

/* Clean, and without blanks around it. */
static char *
trimmed(const char *line)
{
	size_t n;

	line += strspn(line, " ");
	for (n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
		;
	return text_clean(line, n);
}

int
scan_begin(struct ui *ui, const char *line, bool sure, char **cause)
{
	const struct scan_services *s = ui->services->scan;
	struct scan_order order = { 0 };
	struct ui_scans *all = scans(ui);
	struct ui_scan *j;
	int r;

	if (s == NULL) {
		xasprintf(cause, "scan: not offered here");
		return -ENOTSUP;
	}
	if (all->n == SCAN_JOBS_MAX) {
		xasprintf(cause,
		    "scan: the results of %d scans are kept: close one first",
		    SCAN_JOBS_MAX);
		return -EBUSY;
	}
	r = s->start(s->arg, line, sure, &order, cause);
	if (r < 0)
		return r;
	j = xcalloc(1, sizeof(*j));
	j->order = order;
	j->worker = order.worker;
	j->line = trimmed(line);
	j->report = report_new(j);
	j->began_ns = clock_mono_ns();
	j->first_ns = j->began_ns;
	scan_view_init(&j->view, order.self);
	ours_new(j);
	all->at = all->n;
	all->job[all->n++] = j;
	pane_scan_open(ui);
	pane_scan_changed(ui);
	return 0;
}

int
scan_need(const struct ui *ui, struct ui_scan **ret, char **cause)
{
	*ret = scan_shown(ui);
	if (*ret != NULL)
		return 0;
	xasprintf(cause, "scan: there is none yet");
	return -ENOENT;
}

int
scan_pause(struct ui *ui, char **cause)
{
	const struct scan_services *s = ui->services->scan;
	struct ui_scan *j;
	bool on;
	int r;

	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	if (j->state != JOB_RUNNING && j->state != JOB_PAUSED) {
		xasprintf(cause, scan_is_over(j)
				     ? "scan: it is over"
				     : "scan: it has not begun, or is ending");
		return -EINVAL;
	}
	on = j->state == JOB_RUNNING;
	r = s->op(
	    s->arg, j->order.id, on ? SCAN_OP_PAUSE : SCAN_OP_RESUME, cause);
	if (r < 0)
		return r;
	j->state = on ? JOB_PAUSED : JOB_RUNNING;
	ui->dirty |= DIRTY_TABLE;
	return 0;
}

int
scan_cancel(struct ui *ui, char **cause)
{
	const struct scan_services *s = ui->services->scan;
	struct ui_scan *j;
	int r;

	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	if (scan_is_over(j)) {
		xasprintf(cause, "scan: it is over already");
		return -EINVAL;
	}
	r = s->op(s->arg, j->order.id, SCAN_OP_STOP, cause);
	if (r < 0)
		return r;
	j->state = JOB_STOPPING;
	ui->dirty |= DIRTY_TABLE;
	return 0;
}

/* It is over, and can be run anew. */
static int
anew(struct ui *ui, bool rest, char **cause)
{
	struct ui_scan *j;
	int r;

	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	if (!scan_is_over(j)) {
		xasprintf(cause, "scan: it goes on still: stop it first");
		return -EBUSY;
	}
	if (rest && j->state == JOB_DONE) {
		xasprintf(cause, "scan: nothing is left of it to be done");
		return -EINVAL;
	}
	j->restarts = 0;
	r = run(ui, j, rest, cause);
	if (r == 0)
		pane_scan_changed(ui);
	return r;
}

int
scan_again(struct ui *ui, char **cause)
{
	return anew(ui, false, cause);
}

int
scan_resume(struct ui *ui, char **cause)
{
	return anew(ui, true, cause);
}

int
scan_close(struct ui *ui, char **cause)
{
	const struct scan_services *serve = ui->services->scan;
	struct ui_scans *s = ui->scans;
	struct ui_scan *j;
	int r;

	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	if (!scan_is_over(j)) {
		xasprintf(cause, "scan: it goes on still: stop it first");
		return -EBUSY;
	}
	serve->forget(serve->arg, j->order.id);
	memmove(&s->job[s->at], &s->job[s->at + 1],
	    (s->n - s->at - 1) * sizeof(s->job[0]));
	s->n--;
	if (s->at == s->n && s->at > 0)
		s->at--;
	job_free(j);
	pane_scan_changed(ui);
	return 0;
}
