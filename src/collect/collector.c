/* SPDX-License-Identifier: ISC */
/*
 * The collector's thread. It shares nothing with the rest but a mailbox: the
 * newest request one way, a finished sample the other. A dump happens inside
 * send(2) and cannot be interrupted, so whoever stops the thread waits for a
 * while and then leaves it alone: the last one out frees the mailbox.
 */
#include "config.h"

#include "collect/collect.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmalloc.h"

#define STOP_WAIT_NS 200000000L

struct collector {
	pthread_mutex_t lock;
	pthread_cond_t wanted; /* a request, or the end */
	pthread_cond_t ended;
	struct request *request; /* the newest, not yet begun; owned */
	struct sample *sample;   /* finished, not yet taken */
	bool busy;               /* a reading is under way */
	bool stop, exited, abandoned;
	void (*wake)(void *);
	void *wake_arg;
	pthread_t thread;

	/* The thread's alone. */
	struct collect *collect;
};

void
sample_free(struct sample *s)
{
	if (s == NULL)
		return;
	snap_free(s->snap);
	free(s->cause);
	free(s);
}

static void
request_free(struct request *r)
{
	union {
		const void *c;
		void *p;
	} u;

	if (r == NULL)
		return;
	u.c = r->filter;
	filter_free(u.p);
	u.c = r->netns;
	free(u.p);
	free(r);
}

static struct request *
request_copy(const struct request *from)
{
	struct request *r = xmalloc(sizeof(*r));

	*r = *from;
	if (from->filter != NULL)
		r->filter = filter_clone(from->filter);
	if (from->netns != NULL)
		r->netns = xstrdup(from->netns);
	return r;
}

static void
collector_free(struct collector *c)
{
	collect_close(c->collect);
	request_free(c->request);
	sample_free(c->sample);
	pthread_cond_destroy(&c->wanted);
	pthread_cond_destroy(&c->ended);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct sample *
read_sample(struct collector *c, const struct request *req)
{
	struct sample *s = xcalloc(1, sizeof(*s));
	uint64_t start = clock_mono_ns();
	int r;

	r = collect_read(c->collect, req, &s->snap, &s->cause);
	s->cost_ns = clock_mono_ns() - start;
	if (r < 0 && s->cause == NULL)
		s->cause = xstrdup(strerror(-r));
	return s;
}

/* A sample that nobody took yet: a delta must not be lost, so the thread
 * waits for its place before it reads again. */
static bool
may_read(const struct collector *c)
{
	return c->request != NULL && c->sample == NULL;
}

static void *
collector_main(void *arg)
{
	struct collector *c = arg;
	struct request *req;
	struct sample *s;
	bool abandoned;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->stop && !may_read(c))
			pthread_cond_wait(&c->wanted, &c->lock);
		if (c->stop)
			break;
		req = c->request;
		c->request = NULL;
		c->busy = true;
		pthread_mutex_unlock(&c->lock);
		s = read_sample(c, req);
		request_free(req);
		pthread_mutex_lock(&c->lock);
		c->busy = false;
		c->sample = s;
		/* Under the lock: after a stop it is never called. */
		if (!c->stop)
			c->wake(c->wake_arg);
	}
	c->exited = true;
	abandoned = c->abandoned;
	pthread_cond_signal(&c->ended);
	pthread_mutex_unlock(&c->lock);
	if (abandoned)
		collector_free(c);
	return NULL;
}

static int
start_thread(struct collector *c)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	r = pthread_sigmask(SIG_SETMASK, &all, &old);
	if (r != 0)
		return -r;
	r = pthread_create(&c->thread, NULL, collector_main, c);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0)
		return -r;
	(void)pthread_setname_np(c->thread, "collector"); /* for top's eyes */
	return 0;
}

int
collector_start(struct collector **ret, struct collect *collect,
    void (*wake)(void *), void *arg)
{
	struct collector *c = xcalloc(1, sizeof(*c));
	pthread_condattr_t attr;
	int r;

	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wanted, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->ended, &attr);
	pthread_condattr_destroy(&attr);
	c->wake = wake;
	c->wake_arg = arg;
	c->collect = collect;
	r = start_thread(c);
	if (r < 0) {
		c->collect = NULL; /* still the caller's */
		collector_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void
collector_request(struct collector *c, const struct request *req)
{
	struct request *copy = request_copy(req), *old;

	pthread_mutex_lock(&c->lock);
	old = c->request;
	c->request = copy;
	pthread_cond_signal(&c->wanted);
	pthread_mutex_unlock(&c->lock);
	request_free(old);
}

struct sample *
collector_take(struct collector *c)
{
	struct sample *s;

	pthread_mutex_lock(&c->lock);
	s = c->sample;
	c->sample = NULL;
	pthread_cond_signal(&c->wanted);
	pthread_mutex_unlock(&c->lock);
	return s;
}

bool
collector_busy(const struct collector *cc)
{
	union {
		const struct collector *c;
		struct collector *p;
	} u = { .c = cc };
	bool busy;

	pthread_mutex_lock(&u.p->lock);
	busy = cc->busy || cc->request != NULL;
	pthread_mutex_unlock(&u.p->lock);
	return busy;
}

void
collector_stop(struct collector *c)
{
	struct timespec until;
	int r = 0;

	if (c == NULL)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += STOP_WAIT_NS;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wanted);
	while (!c->exited && r == 0)
		r = pthread_cond_timedwait(&c->ended, &c->lock, &until);
	if (!c->exited) {
		/* Stuck in the kernel: it cleans up when it comes back. */
		c->abandoned = true;
		pthread_detach(c->thread);
		pthread_mutex_unlock(&c->lock);
		return;
	}
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	collector_free(c);
}
