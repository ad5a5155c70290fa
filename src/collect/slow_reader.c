/* SPDX-License-Identifier: ISC */
/*
 * Reading with a budget. Nothing can interrupt such a read from outside, so
 * the thread that does it is left behind with what it works on, and another
 * one takes over. It frees what it holds if it ever comes back.
 */
#include "config.h"

#include "collect/slow_reader.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xmalloc.h"

/* What outlives the reader as long as a thread is stuck. */
struct shared {
	atomic_uint refs; /* the reader, and each thread */
	atomic_uint stuck;
	slow_read_fn read;
	void *arg;
	void (*arg_free)(void *);
	size_t size;
};

struct helper {
	pthread_mutex_t lock;
	pthread_cond_t go, done;
	struct shared *shared;
	struct slow_job *job; /* its own copy */
	size_t n, next;       /* jobs, the first one not finished */
	bool quit, abandoned;
};

struct slow_reader {
	struct shared *shared;
	struct helper *helper; /* NULL: none runs */
	pthread_t thread;
};

static void
shared_unref(struct shared *s)
{
	if (atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	if (s->arg_free != NULL)
		s->arg_free(s->arg);
	free(s);
}

static void
helper_free(struct helper *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		free(h->job[i].data);
	free(h->job);
	pthread_cond_destroy(&h->go);
	pthread_cond_destroy(&h->done);
	pthread_mutex_destroy(&h->lock);
	shared_unref(h->shared);
	free(h);
}

static void
helper_read(struct helper *h, struct slow_job *job)
{
	struct shared *s = h->shared;
	char *buf = xmalloc(s->size + 1);
	ssize_t n = s->read(s->arg, job->pid, buf, s->size);

	job->len = n;
	if (n < 0) {
		free(buf);
		buf = NULL;
	}
	job->data = buf;
}

static void *
helper_run(void *arg)
{
	struct helper *h = arg;
	struct slow_job job;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		while (!h->quit && !h->abandoned && h->next == h->n)
			pthread_cond_wait(&h->go, &h->lock);
		if (h->quit || h->abandoned)
			break;
		job = h->job[h->next];
		pthread_mutex_unlock(&h->lock);
		helper_read(h, &job);
		pthread_mutex_lock(&h->lock);
		h->job[h->next++] = job;
		if (h->next == h->n)
			pthread_cond_signal(&h->done);
	}
	if (h->abandoned)
		atomic_fetch_sub(&h->shared->stuck, 1);
	pthread_mutex_unlock(&h->lock);
	if (h->abandoned)
		helper_free(h);
	return NULL;
}

struct slow_reader *
slow_reader_new(
    slow_read_fn read, void *arg, void (*arg_free)(void *), size_t size)
{
	struct slow_reader *r = xcalloc(1, sizeof(*r));

	r->shared = xcalloc(1, sizeof(*r->shared));
	atomic_init(&r->shared->refs, 1);
	atomic_init(&r->shared->stuck, 0);
	r->shared->read = read;
	r->shared->arg = arg;
	r->shared->arg_free = arg_free;
	r->shared->size = size;
	return r;
}

static int
helper_start(struct slow_reader *r)
{
	struct helper *h = xcalloc(1, sizeof(*h));
	pthread_condattr_t attr;
	sigset_t all, old;
	int e;

	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&h->go, &attr);
	pthread_cond_init(&h->done, &attr);
	pthread_condattr_destroy(&attr);
	h->shared = r->shared;
	atomic_fetch_add(&r->shared->refs, 1);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&r->thread, NULL, helper_run, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e != 0) {
		helper_free(h);
		return -e;
	}
	r->helper = h;
	return 0;
}

static void
helper_stop(struct slow_reader *r)
{
	struct helper *h = r->helper;

	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->quit = true;
	pthread_cond_signal(&h->go);
	pthread_mutex_unlock(&h->lock);
	pthread_join(r->thread, NULL);
	helper_free(h);
	r->helper = NULL;
}

/* With the lock held: leaves the thread and its current job behind. */
static void
helper_abandon(struct slow_reader *r)
{
	struct helper *h = r->helper;

	h->abandoned = true;
	h->n = h->next + 1; /* the rest was handed back */
	atomic_fetch_add(&r->shared->stuck, 1);
	pthread_detach(r->thread);
	pthread_mutex_unlock(&h->lock);
	r->helper = NULL;
}

static struct timespec
deadline(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += SLOW_BUDGET_MS * 1000000L;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_nsec -= 1000000000L;
		ts.tv_sec++;
	}
	return ts;
}

/* Waits until all is read, or one takes too long. Returns how many are done,
 * with the lock held. */
static size_t
helper_wait(struct helper *h)
{
	struct timespec until = deadline();
	size_t seen = h->next;
	int e = 0;

	while (h->next < h->n) {
		e = pthread_cond_timedwait(&h->done, &h->lock, &until);
		if (h->next != seen) {
			/* It gets on: each has the whole budget. */
			seen = h->next;
			until = deadline();
		} else if (e == ETIMEDOUT)
			break;
	}
	return h->next;
}

/* Returns how many jobs were dealt with, at least one. */
static size_t
run_some(struct slow_reader *r, struct slow_job *job, size_t n)
{
	struct helper *h;
	size_t done;

	if (slow_reader_stuck(r) >= SLOW_STUCK_MAX ||
	    (r->helper == NULL && helper_start(r) != 0)) {
		job->len = -ETIMEDOUT;
		return 1;
	}
	h = r->helper;
	pthread_mutex_lock(&h->lock);
	h->job = xreallocarray(h->job, n, sizeof(*job));
	memcpy(h->job, job, n * sizeof(*job));
	h->n = n;
	h->next = 0;
	pthread_cond_signal(&h->go);
	done = helper_wait(h);
	memcpy(job, h->job, done * sizeof(*job));
	memset(h->job, 0, done * sizeof(*job)); /* handed over */
	if (done == n) {
		h->n = h->next = 0;
		pthread_mutex_unlock(&h->lock);
		return n;
	}
	helper_abandon(r);
	job[done].len = -ETIMEDOUT;
	return done + 1;
}

void
slow_reader_run(struct slow_reader *r, struct slow_job *job, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		job[i].data = NULL;
		job[i].len = -ETIMEDOUT;
	}
	for (i = 0; i < n;)
		i += run_some(r, job + i, n - i);
}

unsigned
slow_reader_stuck(const struct slow_reader *r)
{
	return atomic_load(&r->shared->stuck);
}

void
slow_reader_free(struct slow_reader *r)
{
	if (r == NULL)
		return;
	helper_stop(r);
	shared_unref(r->shared);
	free(r);
}
