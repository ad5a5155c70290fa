/* SPDX-License-Identifier: ISC */
/* Results of a scan, into a file. */
#include "config.h"

#include "app/deck_scan_save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/newfile.h"
#include "base/array.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xmalloc.h"

static const struct {
	const char *ending;
	const struct out_scan_form *form;
} endings[] = {
	{ "txt", &out_scan_text },
	{ "nmap", &out_scan_text },
	{ "xml", &out_scan_xml },
	{ "gnmap", &out_scan_grepable },
	{ "json", &out_scan_json },
	{ "jsonl", &out_scan_jsonl },
};

static const struct out_scan_form *
form_of(const char *path, char **cause)
{
	const char *base = strrchr(path, '/');
	const char *dot = strrchr(base == NULL ? path : base, '.');
	char *clean;
	size_t i;

	for (i = 0; dot != NULL && i < nitems(endings); i++)
		if (strcasecmp(dot + 1, endings[i].ending) == 0)
			return endings[i].form;
	clean = text_clean(path, strlen(path));
	xasprintf(cause,
	    "%s: a scan is saved as .txt, .xml, .gnmap, .json or .jsonl",
	    clean);
	free(clean);
	return NULL;
}

/* -- the text ------------------------------------------------------------------- */

struct telling {
	struct out_scan *out;
	const struct out_scan_view *view;
};

static void
tell(void *arg, const struct scan_event *e)
{
	struct telling *t = arg;

	out_scan_event(t->out, t->view, e);
}

static int
print(const struct out_scan_form *form, const struct out_scan_view *view,
    const char *path, char **data, size_t *len)
{
	struct scan_report *report = view->report;
	struct out_scan out = { 0 };
	const char *name;
	FILE *f = open_memstream(data, len);
	size_t i;
	int r;

	if (f == NULL)
		fatal("%s: no memory", __func__);
	scan_report_sort(report);
	out_scan_add(&out, f, path, form, false);
	out_scan_begin(&out, view);
	if (form->event != NULL)
		scan_report_tell(report, tell, &(struct telling){ &out, view });
	for (i = 0; i < report->nhost; i++)
		out_scan_host(&out, view, report->host[i]);
	out_scan_end(&out, view);
	r = out_scan_flush(&out, &name);
	out_scan_done(&out);
	if (fclose(f) != 0 && r == 0)
		r = -errno;
	return r;
}

/* -- the writing ------------------------------------------------------------------ */

struct writing {
	uv_work_t work;
	struct ui *ui;
	char *path, *data;
	size_t len;
	int r;
	char *cause;
	void (*done)(void *);
	void *arg;
};

static void
writing_free(struct writing *w)
{
	free(w->path);
	free(w->data);
	free(w->cause);
	free(w);
}

/* In a thread of the pool: a slow disk keeps nobody waiting. */
static void
write_it(uv_work_t *work)
{
	struct writing *w = work->data;

	w->r = newfile_write(w->path, w->data, w->len, false, &w->cause);
}

static void
written(uv_work_t *work, int status)
{
	struct writing *w = work->data;
	char *clean;

	if (status == 0 && w->r == 0) {
		clean = text_clean(w->path, strlen(w->path));
		ui_status(w->ui, "Wrote the scan to %s", clean);
		free(clean);
	} else if (w->cause != NULL) {
		clean = text_clean(w->cause, strlen(w->cause));
		ui_error(w->ui, "%s", clean);
		free(clean);
	}
	w->done(w->arg);
	writing_free(w);
}

int
scan_save(uv_loop_t *loop, struct ui *ui, const struct out_scan_view *view,
    const char *path, char **cause, void (*done)(void *), void *arg)
{
	const struct out_scan_form *form = form_of(path, cause);
	struct writing *w;
	int r;

	if (form == NULL)
		return -EINVAL;
	w = xcalloc(1, sizeof(*w));
	w->work.data = w;
	w->ui = ui;
	w->path = xstrdup(path);
	w->done = done;
	w->arg = arg;
	r = print(form, view, w->path, &w->data, &w->len);
	if (r == 0)
		r = uv_queue_work(loop, &w->work, write_it, written);
	if (r < 0) {
		xasprintf(cause, "%s: %s", w->path, strerror(-r));
		writing_free(w);
	}
	return r;
}
