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

int
snapshot_write(
    const struct ui *ui, const char *path, char **wrote, char **cause)
{
	enum output_format format;
	struct view live;
	char *name, *data;
	size_t len;
	int r;

	name = path != NULL && *path != '\0' ? xstrdup(path) : default_name();
	r = format_of(name, &format, cause);
	if (r < 0) {
		free(name);
		return r;
	}
	live_rows(&live, &ui->view);
	r = print_rows(ui, &live, format, &data, &len);
	if (r < 0)
		xasprintf(cause, "%s: %s", name, strerror(-r));
	else
		r = newfile_write(name, data, len, false, cause);
	if (r == 0)
		xasprintf(wrote, "Wrote %zu socket%s to %s", live.n,
		    live.n == 1 ? "" : "s", name);
	free(live.row);
	free(data);
	free(name);
	return r;
}
