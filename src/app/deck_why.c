/* SPDX-License-Identifier: ISC */
/*
 * Questions of the bind doctor, one at a time. Looking enters network
 * namespaces, so it has a thread of its own: one of the pool, which will look
 * names up later, only waits for it.
 */
#include "config.h"

#include "app/deck_why.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "app/why_run.h"
#include "base/xmalloc.h"
#include "collect/netns.h"

struct question {
	char *text;
	char *netns; /* as -N; NULL: the own */
};

struct deck_why {
	uv_loop_t *loop;
	uv_work_t work;
	struct ui *ui;
	const struct args *args;
	void (*done)(void *);
	void *arg;
	struct question now, next; /* text NULL: none */
	bool busy, stopped;
	/* The thread's. */
	struct conflict_report *report;
	char *cause;
};

struct deck_why *
deck_why_new(uv_loop_t *loop, struct ui *ui, const struct args *args,
    void (*done)(void *), void *arg)
{
	struct deck_why *w = xcalloc(1, sizeof(*w));

	w->loop = loop;
	w->ui = ui;
	w->args = args;
	w->done = done;
	w->arg = arg;
	w->work.data = w;
	return w;
}

static void
question_done(struct question *q)
{
	free(q->text);
	free(q->netns);
	*q = (struct question){ 0 };
}

static void *
look(void *arg)
{
	struct deck_why *w = arg;
	struct why_ask ask = {
		.text = w->now.text, .netns = w->now.netns, .env = &args_hosts
	};
	bool usage;
	int r;

	r = why_run(&ask, &w->report, &usage, &w->cause);
	if (r != 0 && w->cause == NULL)
		w->cause = xstrdup(strerror(-r));
	return NULL;
}

/* In a thread of the pool. */
static void
work(uv_work_t *uw)
{
	struct deck_why *w = uw->data;
	pthread_t thread;
	int r = pthread_create(&thread, NULL, look, w);

	if (r == 0)
		(void)pthread_join(thread, NULL);
	else
		xasprintf(&w->cause, "why: no thread: %s", strerror(r));
}

static int start(struct deck_why *);

static void
worked(uv_work_t *uw, int status)
{
	struct deck_why *w = uw->data;
	bool overtaken = w->next.text != NULL;

	w->busy = false;
	question_done(&w->now);
	if (w->stopped || status != 0 || overtaken)
		conflict_report_free(w->report);
	else
		ui_why_done(w->ui, w->report, w->cause);
	free(w->cause);
	w->report = NULL;
	w->cause = NULL;
	if (w->stopped)
		return;
	if (overtaken && start(w) < 0)
		ui_why_done(w->ui, NULL, "why: it cannot be looked at now");
	w->done(w->arg);
}

static int
start(struct deck_why *w)
{
	int r;

	w->now = w->next;
	w->next = (struct question){ 0 };
	r = uv_queue_work(w->loop, &w->work, work, worked);
	if (r < 0)
		question_done(&w->now);
	else
		w->busy = true;
	return r;
}

int
deck_why_ask(struct deck_why *w, const char *text, uint32_t netns, char **cause)
{
	int r;

	if (w->args->from != NULL) {
		xasprintf(cause, "why: a recording is no machine to try on");
		return -ENOTSUP;
	}
	question_done(&w->next);
	w->next.text = xstrdup(text);
	if (netns != 0 && netns != netns_self())
		xasprintf(&w->next.netns, "net:[%u]", netns);
	else if (netns == 0 && w->ui->netns != NULL)
		w->next.netns = xstrdup(w->ui->netns);
	r = w->busy ? 0 : start(w);
	if (r < 0)
		xasprintf(cause, "why: %s", uv_strerror(r));
	return r;
}

void
deck_why_stop(struct deck_why *w)
{
	if (w == NULL)
		return;
	w->stopped = true;
	if (w->busy)
		(void)uv_cancel((uv_req_t *)&w->work);
}

void
deck_why_free(struct deck_why *w)
{
	if (w == NULL)
		return;
	question_done(&w->now);
	question_done(&w->next);
	free(w);
}
