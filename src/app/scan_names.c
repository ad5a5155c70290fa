/* SPDX-License-Identifier: ISC */
/*
 * Reverse names while a scan runs. The threads are detached and share one
 * block of memory that whoever leaves last frees: getnameinfo(3) cannot be
 * called off, and the program does not wait for it.
 */
#include "config.h"

#include "app/scan_names.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "app/resolve.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"

#define THREADS_MAX 8
/* A look-up that took so long has met a name server that is not there. */
#define PATIENCE_NS UINT64_C(1500000000)
#define SLOW_MAX    3 /* so many of them: no host waits any more */

enum ask_state {
	ASK_WAITING, /* for a thread */
	ASK_ASKED,
	ASK_ANSWERED, /* by a thread */
	ASK_TAKEN     /* by the loop */
};
struct ask {
	struct endpoint addr;
	uint8_t family;
	uint8_t state;            /* enum ask_state */
	bool slow;                /* the loop's: it was counted */
	struct report_host *host; /* the loop's */
	uint64_t since_ns;        /* ASKED */
	char *name;               /* ANSWERED; owned */
};

/* Shared. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct ask **ask; /* the pointers move, what they point to does not */
	size_t n, cap, next;
	unsigned users, idle;
	bool closed;
	uv_async_t *poke; /* NULL: nobody listens */
};

struct scan_names {
	struct pool *pool;
	uv_async_t *poke; /* freed by its close */
	void (*done)(void *, struct report_host *);
	void *arg;
	unsigned threads, slow;
	size_t taken; /* all asks before it are TAKEN */
	bool told;
};

static void
pool_leave(struct pool *p)
{
	bool last;
	size_t i;

	(void)pthread_mutex_lock(&p->lock);
	last = --p->users == 0;
	(void)pthread_mutex_unlock(&p->lock);
	if (!last)
		return;
	for (i = 0; i < p->n; i++) {
		free(p->ask[i]->name);
		free(p->ask[i]);
	}
	free(p->ask);
	(void)pthread_cond_destroy(&p->more);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

static void *
pool_thread(void *arg)
{
	char name[RESOLVE_NAME_MAX];
	struct pool *p = arg;
	struct ask *a;

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->closed && p->next == p->n) {
			p->idle++;
			(void)pthread_cond_wait(&p->more, &p->lock);
			p->idle--;
		}
		if (p->closed)
			break;
		a = p->ask[p->next++];
		a->state = ASK_ASKED;
		a->since_ns = clock_mono_ns();
		(void)pthread_mutex_unlock(&p->lock);
		resolve_one(&a->addr, a->family, name);
		(void)pthread_mutex_lock(&p->lock);
		a->name = xstrdup(name);
		a->state = ASK_ANSWERED;
		if (p->poke != NULL)
			(void)uv_async_send(p->poke);
	}
	(void)pthread_mutex_unlock(&p->lock);
	pool_leave(p);
	return NULL;
}

/* On the loop: what the threads have. */
static void
on_poke(uv_async_t *poke)
{
	struct scan_names *n = poke->data;
	struct pool *p = n->pool;
	struct report_host *h;
	struct ask *a;
	size_t i;

	for (i = n->taken;; i++) {
		(void)pthread_mutex_lock(&p->lock);
		if (i >= p->next) {
			(void)pthread_mutex_unlock(&p->lock);
			return;
		}
		a = p->ask[i];
		h = a->state == ASK_ANSWERED ? a->host : NULL;
		if (h != NULL) {
			scan_report_rdns(h, a->name);
			a->state = ASK_TAKEN;
		}
		if (i == n->taken && a->state == ASK_TAKEN)
			n->taken++;
		(void)pthread_mutex_unlock(&p->lock);
		if (h != NULL)
			n->done(n->arg, h);
	}
}

struct scan_names *
scan_names_new(
    uv_loop_t *loop, void (*done)(void *, struct report_host *), void *arg)
{
	struct scan_names *n = xcalloc(1, sizeof(*n));
	struct pool *p = xcalloc(1, sizeof(*p));

	n->pool = p;
	n->done = done;
	n->arg = arg;
	n->poke = xcalloc(1, sizeof(*n->poke));
	n->poke->data = n;
	p->users = 1;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->more, NULL);
	if (uv_async_init(loop, n->poke, on_poke) == 0)
		p->poke = n->poke;
	uv_unref((uv_handle_t *)n->poke);
	return n;
}

static void
poke_closed(uv_handle_t *h)
{
	free(h);
}

void
scan_names_free(struct scan_names *n)
{
	struct pool *p;

	if (n == NULL)
		return;
	p = n->pool;
	(void)pthread_mutex_lock(&p->lock);
	p->closed = true;
	p->poke = NULL;
	(void)pthread_cond_broadcast(&p->more);
	(void)pthread_mutex_unlock(&p->lock);
	uv_close((uv_handle_t *)n->poke, poke_closed);
	pool_leave(p);
	free(n);
}

/* As many threads as there is work for. */
static void
more_threads(struct scan_names *n, bool idle)
{
	pthread_attr_t attr;
	pthread_t t;

	if (idle || n->threads == THREADS_MAX)
		return;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_mutex_lock(&n->pool->lock);
	n->pool->users++;
	(void)pthread_mutex_unlock(&n->pool->lock);
	if (pthread_create(&t, &attr, pool_thread, n->pool) == 0)
		n->threads++;
	else
		pool_leave(n->pool);
	(void)pthread_attr_destroy(&attr);
}

void
scan_names_ask(struct scan_names *n, struct report_host *h)
{
	struct ask *a = xcalloc(1, sizeof(*a));
	struct pool *p = n->pool;
	bool idle;

	memcpy(a->addr.addr, h->addr.addr, sizeof(a->addr.addr));
	a->family = h->addr.family;
	a->host = h;
	(void)pthread_mutex_lock(&p->lock);
	p->ask = array_grow(p->ask, &p->cap, p->n + 1, sizeof(struct ask *));
	p->ask[p->n++] = a;
	idle = p->idle > 0;
	(void)pthread_cond_signal(&p->more);
	(void)pthread_mutex_unlock(&p->lock);
	more_threads(n, idle);
}

static struct ask *
ask_of(const struct scan_names *n, const struct report_host *h)
{
	size_t i;

	for (i = n->taken; i < n->pool->n; i++)
		if (n->pool->ask[i]->host == h)
			return n->pool->ask[i];
	return NULL;
}

bool
scan_names_wait(struct scan_names *n, const struct report_host *h)
{
	struct ask *a;
	bool wait;

	if (n->threads == 0 || n->slow >= SLOW_MAX)
		return false;
	(void)pthread_mutex_lock(&n->pool->lock);
	a = ask_of(n, h);
	wait = a != NULL && a->state < ASK_ANSWERED;
	if (wait && a->state == ASK_ASKED &&
	    clock_mono_ns() - a->since_ns > PATIENCE_NS) {
		wait = false;
		n->slow += !a->slow;
		a->slow = true;
	}
	(void)pthread_mutex_unlock(&n->pool->lock);
	return wait;
}

bool
scan_names_dead(struct scan_names *n)
{
	bool first = n->slow >= SLOW_MAX && !n->told;

	n->told |= first;
	return first;
}
