/* SPDX-License-Identifier: ISC */
/*
 * Carries events and wishes between the classroom's process and the lesson's
 * pane; which namespaces are read follows the lesson.
 */
#include "config.h"

#include "app/deck_lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/lab_reader.h"
#include "base/xmalloc.h"
#include "lab/lab.h"
#include "ui/lab.h"
#include "ui/ui.h"

#define INTERVAL UINT64_C(1000000000) /* a lesson is looked at */

struct deck_lab {
	struct lab *lab;
	size_t first;
	uv_poll_t poll;
	struct ui *ui;
	struct lab_services services;
	struct buf spec;
	struct lab_event ev;
	void (*changed)(void *);
	void *arg;
};

int
deck_lab_open(struct deck_lab **ret, size_t lesson, char **cause)
{
	struct deck_lab *d = xcalloc(1, sizeof(*d));
	int r;

	d->first = lesson;
	if ((r = lab_start(&d->lab, &lab_reader, cause)) < 0)
		free(d);
	else
		*ret = d;
	return r;
}

void
deck_lab_close(struct deck_lab *d)
{
	if (d == NULL)
		return;
	lab_stop(d->lab);
	buf_done(&d->spec);
	free(d);
}

void
deck_lab_options(struct options *o)
{
	char *cause = NULL;

	(void)option_set(o, "columns", LAB_COLUMNS, &cause);
	(void)option_set(o, "sort", "netns,state", &cause);
	(void)option_set(o, "filter", "", &cause);
	o->interval_ns = INTERVAL;
	free(cause);
}

const char *
deck_lab_netns(const struct deck_lab *d)
{
	return d->spec.len > 0 ? d->spec.data : NULL;
}

static void
failed(struct deck_lab *d, const char *what)
{
	struct lab_event ev = { .type = LAB_EV_FAILED,
		.lesson = (uint32_t)d->ui->lab->lesson };

	strlcpy(ev.text, what, sizeof(ev.text));
	ui_lab_event(d->ui, &ev);
}

static void
on_event(uv_poll_t *poll, int status, int events)
{
	struct deck_lab *d = poll->data;
	int r;

	(void)status;
	(void)events;
	while ((r = lab_take(d->lab, &d->ev)) > 0) {
		if (d->ev.type == LAB_EV_READY) {
			buf_reset(&d->spec);
			lab_netns_put(&d->spec, d->ev.pid);
		}
		ui_lab_event(d->ui, &d->ev);
	}
	if (r < 0) {
		(void)uv_poll_stop(poll);
		failed(d, "the lab's process ended unexpectedly");
	}
	/* What happens in the classroom is seen at once. */
	d->ui->services->refresh(d->ui->services->arg);
	d->changed(d->arg);
}

static int
told(int r, char **cause)
{
	if (r < 0)
		xasprintf(cause, "the lab does not answer: %s", strerror(-r));
	return r;
}

static int
serve_begin(void *arg, size_t lesson, char **cause)
{
	struct deck_lab *d = arg;

	/* The hosts of the lesson before go away now. */
	buf_reset(&d->spec);
	return told(lab_begin(d->lab, lesson), cause);
}

static int
serve_next(void *arg, char **cause)
{
	struct deck_lab *d = arg;

	return told(lab_next(d->lab), cause);
}

void
deck_lab_attach(struct deck_lab *d, uv_loop_t *loop, struct ui *ui,
    void (*changed)(void *), void *arg)
{
	d->ui = ui;
	d->changed = changed;
	d->arg = arg;
	d->poll.data = d;
	(void)uv_poll_init(loop, &d->poll, lab_fd(d->lab));
	(void)uv_poll_start(&d->poll, UV_READABLE, on_event);
	d->services = (struct lab_services){
		.begin = serve_begin, .next = serve_next, .arg = d
	};
	ui_lab_start(ui, &d->services, lab_lessons, d->first);
}
