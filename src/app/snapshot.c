/* SPDX-License-Identifier: ISC */
/*
 * Snapshots: the rows shown, written by the printers of `list`. Formats and
 * names only; newfile.c does the writing.
 */
#include "config.h"

#include "app/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/newfile.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"

static const struct {
	const char *ending;
	enum output_format format;
} endings[] = {
	{ "json", OUT_JSON },
	{ "jsonl", OUT_JSONL },
	{ "csv", OUT_CSV },
	{ "txt", OUT_TEXT },
};

static char *
default_name(void)
{
	struct timespec wall = clock_wall();
	char text[64];
	struct tm tm;

	if (localtime_r(&wall.tv_sec, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	strftime(text, sizeof(text), "sockdeck-%Y%m%d-%H%M%S.json", &tm);
	return xstrdup(text);
}

static int
format_of(const char *path, enum output_format *ret, char **cause)
{
	const char *base, *dot;
	size_t i;

	base = strrchr(path, '/');
	dot = strrchr(base == NULL ? path : base, '.');
	if (dot == NULL || dot[1] == '\0') {
		*ret = OUT_JSON;
		return 0;
	}
	for (i = 0; i < nitems(endings); i++) {
		if (strcasecmp(dot + 1, endings[i].ending) == 0) {
			*ret = endings[i].format;
			return 0;
		}
	}
	xasprintf(
	    cause, "%s: a snapshot ends in .json, .jsonl, .csv or .txt", path);
	return -EINVAL;
}

/* Everything as one reading, without what has closed since. */
static void
live_rows(struct view *live, const struct view *shown)
{
	size_t i;

	*live = *shown;
	live->row = xcalloc(shown->n + 1, sizeof(struct row *));
	live->n = 0;
	for (i = 0; i < shown->n; i++)
		if ((shown->row[i]->flags & ROW_GONE) == 0)
			live->row[live->n++] = shown->row[i];
}

static struct snap *
head_of(const struct ui *ui)
{
	const struct ui_source *src = &ui->source;
	struct snap *head = snap_new();

	head->wall = clock_wall();
	head->source = src->source;
	if (src->warning != NULL)
		snap_warn(head, "%s", src->warning);
	head->flags = SNAP_OWNERS | (src->privileged ? SNAP_PRIVILEGED : 0) |
		      (src->partial ? SNAP_PARTIAL : 0);
	head->netns_seen = src->netns_seen;
	head->netns_failed = src->netns_failed;
	head->hidden_owners = src->hidden_owners;
	head->hidden_procs = src->hidden_procs;
	head->host = xstrdup(src->host != NULL ? src->host : "");
	head->remedy = src->remedy != NULL ? xstrdup(src->remedy) : NULL;
	head->total = ui->table->total;
	return head;
}

static int
print_rows(const struct ui *ui, struct view *live, enum output_format format,
    char **data, size_t *len)
{
	struct args args = { .command = "list",
		.header = true,
		.owners = true,
		.numeric = ui->config->opt.numeric,
		.format = format };
	struct snap *head = head_of(ui);
	struct out out = {
		.args = &args, .columns = &ui->columns, .snap = head
	};
	int r;

	*data = NULL;
	out.file = open_memstream(data, len);
	if (out.file == NULL)
		fatal("%s: no memory", __func__);
	r = out_find(format)->print(&out, live);
	if (fclose(out.file) != 0 && r == 0)
		r = -errno;
	snap_free(head);
	return r;
}

struct job {
	uv_work_t work;
	struct ui *ui;
	char *name, *data;
	size_t len, rows;
	int r;
	char *cause;
	void (*done)(void *);
	void *arg;
};

static void
job_free(struct job *job)
{
	free(job->name);
	free(job->data);
	free(job->cause);
	free(job);
}

/* In a thread of the pool: a slow disk keeps nobody waiting. */
static void
job_run(uv_work_t *work)
{
	struct job *job = work->data;

	job->r =
	    newfile_write(job->name, job->data, job->len, false, &job->cause);
}

static void
job_done(uv_work_t *work, int status)
{
	struct job *job = work->data;
	char *clean;

	if (status == 0 && job->r == 0) {
		clean = text_clean(job->name, strlen(job->name));
		ui_status(job->ui, "Wrote %zu socket%s to %s", job->rows,
		    job->rows == 1 ? "" : "s", clean);
		free(clean);
	} else if (job->cause != NULL) {
		clean = text_clean(job->cause, strlen(job->cause));
		ui_error(job->ui, "%s", clean);
		free(clean);
	}
	job->done(job->arg);
	job_free(job);
}

int
snapshot_write(uv_loop_t *loop, struct ui *ui, const char *path, char **cause,
    void (*done)(void *), void *arg)
{
	enum output_format format;
	struct job *job = xcalloc(1, sizeof(*job));
	struct view live;
	int r;

	job->work.data = job;
	job->ui = ui;
	job->done = done;
	job->arg = arg;
	job->name =
	    path != NULL && *path != '\0' ? xstrdup(path) : default_name();
	r = format_of(job->name, &format, cause);
	if (r < 0) {
		job_free(job);
		return r;
	}
	live_rows(&live, &ui->view);
	job->rows = live.n;
	r = print_rows(ui, &live, format, &job->data, &job->len);
	free(live.row);
	if (r == 0)
		r = uv_queue_work(loop, &job->work, job_run, job_done);
	if (r < 0) {
		xasprintf(cause, "%s: %s", job->name, strerror(-r));
		job_free(job);
	}
	return r;
}
