/* SPDX-License-Identifier: ISC */
/*
 * Acts on the deck's loop. Nothing here waits: helpers answer through a
 * descriptor that is polled, signalled processes through one epoll set of
 * their pidfds, and what is found out about them comes from a thread, because
 * a process can make reading its command line hang.
 */
#include "config.h"

#include "app/acts.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "act/facts.h"
#include "act/rights.h"
#include "act/run.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "model/act_plan.h"

#define FACTS_MS  1000 /* then it may be answered without them */
#define ENDED_MAX 16   /* ends taken note of in one pass */

/* Shared with the thread that finds out; whoever is last frees it. */
struct search {
	pthread_mutex_t lock;
	unsigned refs;
	uv_async_t *wake; /* NULL: nobody wants to know any more */
	struct facts_job *job;
};

/* One act that the deck knows. */
struct doing {
	struct acts *acts;
	struct act *act;
	struct doing *next;
	struct helping *helping;
	struct search *search;
	size_t at;     /* the target being done */
	unsigned open; /* handles to be closed */
	bool late;     /* FACTS_MS are over */
	int ends;      /* epoll set of the signalled; -1: none */
	uv_async_t found;
	uv_timer_t facts, grace;
	uv_poll_t ended;
};

/* One helper at work. */
struct helping {
	uv_poll_t poll;
	struct helper helper;
	struct doing *doing; /* NULL: the act was ended meanwhile */
	struct acts *acts;
	struct helping *next;
};

struct acts {
	uv_loop_t *loop;
	struct ui *ui;
	void (*show)(void *);
	void *arg;
	struct act_env env;
	struct doing *doing;
	struct helping *helping;
};

static void step(struct doing *);

static void
changed(struct doing *d)
{
	struct ui *ui = d->acts->ui;

	if (ui->act_changed != NULL)
		ui->act_changed(ui, d->act);
	d->acts->show(d->acts->arg);
}

/* -- finding out ------------------------------------------------------------ */

static void
search_unref(struct search *s)
{
	unsigned left;

	(void)pthread_mutex_lock(&s->lock);
	left = --s->refs;
	(void)pthread_mutex_unlock(&s->lock);
	if (left > 0)
		return;
	facts_job_free(s->job);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

static void *
search_thread(void *arg)
{
	struct search *s = arg;

	facts_job_run(s->job);
	(void)pthread_mutex_lock(&s->lock);
	if (s->wake != NULL)
		(void)uv_async_send(s->wake);
	(void)pthread_mutex_unlock(&s->lock);
	search_unref(s);
	return NULL;
}

static void
search_start(struct doing *d)
{
	struct search *s = xcalloc(1, sizeof(*s));
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	(void)pthread_mutex_init(&s->lock, NULL);
	s->refs = 2;
	s->wake = &d->found;
	s->job = facts_job_new(d->act, "");
	d->search = s;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&thread, &attr, search_thread, s) != 0)
		search_unref(s); /* FACTS_MS will do */
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
}

/* From here on the thread finds nobody to tell. */
static void
search_drop(struct doing *d)
{
	struct search *s = d->search;

	if (s == NULL)
		return;
	d->search = NULL;
	(void)pthread_mutex_lock(&s->lock);
	s->wake = NULL;
	(void)pthread_mutex_unlock(&s->lock);
	search_unref(s);
}

static void
on_found(uv_async_t *async)
{
	struct doing *d = async->data;

	if (d->search == NULL)
		return;
	(void)uv_timer_stop(&d->facts);
	facts_job_apply(d->search->job, d->act, d->acts->ui->table);
	search_drop(d);
	changed(d);
}

/* Too long: the question can be answered now, and says what is missing. */
static void
on_facts_late(uv_timer_t *t)
{
	struct doing *d = t->data;

	d->late = true;
	d->act->incomplete = false;
	act_note(d->act, "what happens next could not be found out in time");
	changed(d);
}

/* -- watching the end -------------------------------------------------------- */

static void
check_ends(struct doing *d)
{
	uint64_t now = clock_mono_ns();
	bool any = false;
	size_t i;

	for (i = 0; i < d->act->n; i++)
		any |= act_check_end(d->act, i, now);
	if (any)
		changed(d);
}

static void
on_ended(uv_poll_t *poll, int status, int events)
{
	struct doing *d = poll->data;
	struct epoll_event ev[ENDED_MAX];
	int i, n = epoll_wait(d->ends, ev, ENDED_MAX, 0);

	(void)status;
	(void)events;
	for (i = 0; i < n; i++)
		(void)epoll_ctl(d->ends, EPOLL_CTL_DEL, ev[i].data.fd, NULL);
	check_ends(d);
}

static void
on_grace(uv_timer_t *t)
{
	check_ends(t->data);
}

static bool
watch_open(struct doing *d)
{
	if (d->ends != -1)
		return true;
	d->ends = epoll_create1(EPOLL_CLOEXEC);
	if (d->ends == -1)
		return false;
	if (uv_poll_init(d->acts->loop, &d->ended, d->ends) != 0) {
		(void)close(d->ends);
		d->ends = -1;
		return false;
	}
	d->ended.data = d;
	d->open++;
	return true;
}

/* Who ends: by the signal, or by itself while it is being asked about. */
static void
watch_ends(struct doing *d)
{
	struct act_target *t;
	struct epoll_event ev = { .events = EPOLLIN };
	size_t i;

	if (d->act->kind != ACT_SIGNAL || !watch_open(d))
		return; /* the grace timer looks after those that were sent */
	for (i = 0; i < d->act->n; i++) {
		t = &d->act->target[i];
		ev.data.fd = t->pidfd;
		/* Those that are in it already stay in it. */
		if (t->pidfd != -1 &&
		    (t->state == ACT_WAITING || t->state == ACT_SENT))
			(void)epoll_ctl(d->ends, EPOLL_CTL_ADD, t->pidfd, &ev);
	}
	(void)uv_poll_start(&d->ended, UV_READABLE, on_ended);
}

/* Everything was sent: who ends, and who is still there after a while? */
static void
watch(struct doing *d)
{
	if (!act_awaits_end(d->act))
		return;
	watch_ends(d);
	(void)uv_timer_start(
	    &d->grace, on_grace, ACT_GRACE_NS / 1000000 + 1, 1000);
}

/* -- doing -------------------------------------------------------------------- */

static void
helping_closed(uv_handle_t *h)
{
	free(h->data);
}

/* Watched no more; its memory goes with the handle. */
static void
helping_done(struct helping *h)
{
	struct helping **at;

	for (at = &h->acts->helping; *at != h; at = &(*at)->next)
		;
	*at = h->next;
	(void)uv_poll_stop(&h->poll);
	uv_close((uv_handle_t *)&h->poll, helping_closed);
}

static void
on_answer(uv_poll_t *poll, int status, int events)
{
	struct helping *h = poll->data;
	struct doing *d = h->doing;
	struct helper_answer nobody_asks;

	(void)status;
	(void)events;
	helping_done(h);
	if (d == NULL) {
		helper_finish(&h->helper, &nobody_asks);
		return;
	}
	d->helping = NULL;
	act_finish(d->act, d->at, &h->helper);
	d->at = act_next_target(d->act, d->at + 1);
	step(d);
	changed(d);
}

/* The next helper, or the end of them. */
static void
step(struct doing *d)
{
	struct helping *h;
	struct helper helper;

	for (; d->at < d->act->n; d->at = act_next_target(d->act, d->at + 1)) {
		if (act_start(d->act, d->at, &d->acts->env, &helper) != 0)
			continue;
		h = xcalloc(1, sizeof(*h));
		h->helper = helper;
		h->doing = d;
		h->poll.data = h;
		if (uv_poll_init(d->acts->loop, &h->poll, helper.fd) != 0) {
			/* It takes a moment, which is better than never. */
			act_finish(d->act, d->at, &h->helper);
			free(h);
			continue;
		}
		(void)uv_poll_start(
		    &h->poll, UV_READABLE | UV_DISCONNECT, on_answer);
		d->helping = h;
		h->acts = d->acts;
		h->next = d->acts->helping;
		d->acts->helping = h;
		return;
	}
	d->act->running = false;
	watch(d);
}

/* -- what the deck calls -------------------------------------------------------- */

static struct doing *
find(const struct acts *acts, const struct act *act)
{
	struct doing *d;

	for (d = acts->doing; d != NULL; d = d->next)
		if (d->act == act)
			return d;
	return NULL;
}

static void
begin(struct acts *acts, struct act *act)
{
	struct doing *d = xcalloc(1, sizeof(*d));

	d->acts = acts;
	d->act = act;
	d->ends = -1;
	(void)uv_async_init(acts->loop, &d->found, on_found);
	(void)uv_timer_init(acts->loop, &d->facts);
	(void)uv_timer_init(acts->loop, &d->grace);
	d->open = 3;
	d->found.data = d->facts.data = d->grace.data = d;
	d->next = acts->doing;
	acts->doing = d;
	(void)uv_timer_start(&d->facts, on_facts_late, FACTS_MS, 0);
	watch_ends(d);
	search_start(d);
}

int
acts_open(struct acts *acts, enum act_kind kind,
    const struct act_choice *choice, struct act **ret, char **cause)
{
	int r;

	if (acts->env.readonly) {
		xasprintf(cause, "--readonly: nothing is signalled or closed");
		return -EROFS;
	}
	if (acts->ui->rights.recording) {
		xasprintf(cause,
		    "this is a recording: its processes and sockets are not "
		    "this machine's");
		return -EPERM;
	}
	r = kind == ACT_SIGNAL ? act_plan_signal(choice, SIGTERM, ret, cause)
			       : act_plan_close(choice, ACT_RST, ret, cause);
	if (r != 0)
		return r;
	act_hold(*ret, &acts->env);
	begin(acts, *ret);
	return 0;
}

int
acts_run(struct acts *acts, struct act *act, char **cause)
{
	struct doing *d = find(acts, act);

	if (d == NULL || act->running) {
		xasprintf(cause, "it is being done");
		return -EBUSY;
	}
	if (act->incomplete && !d->late) {
		xasprintf(
		    cause, "still finding out what would happen: once more");
		return -EAGAIN;
	}
	act->running = true;
	d->at = act_next_target(act, 0);
	step(d);
	return 0;
}

static void
doing_closed(uv_handle_t *h)
{
	struct doing *d = h->data;

	if (--d->open > 0)
		return;
	if (d->ends != -1)
		(void)close(d->ends);
	act_free(d->act);
	free(d);
}

void
acts_end(struct acts *acts, struct act *act)
{
	struct doing **at, *d;

	for (at = &acts->doing; *at != NULL; at = &(*at)->next)
		if ((*at)->act == act)
			break;
	d = *at;
	if (d == NULL)
		return;
	*at = d->next;
	search_drop(d);
	if (d->helping != NULL)
		d->helping->doing = NULL; /* it ends what it began */
	uv_close((uv_handle_t *)&d->found, doing_closed);
	uv_close((uv_handle_t *)&d->facts, doing_closed);
	uv_close((uv_handle_t *)&d->grace, doing_closed);
	if (d->ended.data != NULL)
		uv_close((uv_handle_t *)&d->ended, doing_closed);
}

struct acts *
acts_new(uv_loop_t *loop, struct ui *ui, bool recording, void (*show)(void *),
    void *arg)
{
	struct acts *acts = xcalloc(1, sizeof(*acts));

	acts->loop = loop;
	acts->ui = ui;
	acts->show = show;
	acts->arg = arg;
	acts->env.readonly = ui->readonly;
	act_rights_done(&ui->rights);
	rights_read(&ui->rights, ui->readonly, recording);
	rights_lower(ui->readonly || recording);
	return acts;
}

void
acts_stop(struct acts *acts)
{
	while (acts->doing != NULL)
		acts_end(acts, acts->doing->act);
	while (acts->helping != NULL)
		helping_done(acts->helping);
}

void
acts_free(struct acts *acts)
{
	free(acts);
}
