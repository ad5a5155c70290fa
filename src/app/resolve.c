/* SPDX-License-Identifier: ISC */
/*
 * Reverse names. getnameinfo(3) blocks for as long as the resolver likes, so
 * the one-shot list asks with several threads and does not wait for ever;
 * the deck asks from its loop's thread pool. What comes back is a stranger's
 * and is believed only if it looks like a host name.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "app/resolve.h"
#include "base/xmalloc.h"

#define THREADS_MAX 16
#define PATIENCE_S  5

bool
resolve_name_ok(const char *s)
{
	size_t n = strlen(s);

	return n >= 1 && n <= 253 && s[0] != '-' &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789._-") == n;
}

void
resolve_one(
    const struct endpoint *ep, unsigned family, char buf[RESOLVE_NAME_MAX])
{
	struct sockaddr_in6 s6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in s4 = { .sin_family = AF_INET };
	const struct sockaddr *sa;
	socklen_t len;

	if (family == 6) {
		memcpy(&s6.sin6_addr, ep->addr, 16);
		sa = (const struct sockaddr *)(const void *)&s6;
		len = sizeof(s6);
	} else {
		memcpy(&s4.sin_addr, ep->addr, 4);
		sa = (const struct sockaddr *)(const void *)&s4;
		len = sizeof(s4);
	}
	if (getnameinfo(sa, len, buf, RESOLVE_NAME_MAX, NULL, 0, NI_NAMEREQD) !=
		0 ||
	    !resolve_name_ok(buf))
		buf[0] = '\0';
}

/* Shared by the threads; freed by whoever leaves last. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t done;
	struct endpoint *addr;
	uint8_t *family;
	char (*name)[RESOLVE_NAME_MAX];
	bool *answered;
	size_t n, next, finished;
	unsigned users;
	bool closed; /* nobody waits any more */
};

static void
pool_leave(struct pool *p)
{
	bool last;

	(void)pthread_mutex_lock(&p->lock);
	last = --p->users == 0;
	(void)pthread_mutex_unlock(&p->lock);
	if (!last)
		return;
	free(p->addr);
	free(p->family);
	free(p->name);
	free(p->answered);
	(void)pthread_cond_destroy(&p->done);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

static void *
pool_thread(void *arg)
{
	char name[RESOLVE_NAME_MAX];
	struct pool *p = arg;
	size_t i;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->closed && p->next < p->n) {
		i = p->next++;
		(void)pthread_mutex_unlock(&p->lock);
		resolve_one(&p->addr[i], p->family[i], name);
		(void)pthread_mutex_lock(&p->lock);
		memcpy(p->name[i], name, sizeof(name));
		p->answered[i] = true;
		if (++p->finished == p->n)
			(void)pthread_cond_signal(&p->done);
	}
	(void)pthread_mutex_unlock(&p->lock);
	pool_leave(p);
	return NULL;
}

/* Starts the threads; false: not one could be had. */
static bool
pool_start(struct pool *p)
{
	size_t i, want = p->n < THREADS_MAX ? p->n : THREADS_MAX;
	pthread_attr_t attr;
	pthread_t t;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (i = 0; i < want; i++) {
		(void)pthread_mutex_lock(&p->lock);
		p->users++;
		(void)pthread_mutex_unlock(&p->lock);
		if (pthread_create(&t, &attr, pool_thread, p) != 0) {
			pool_leave(p);
			break;
		}
	}
	(void)pthread_attr_destroy(&attr);
	return i > 0;
}

static void
pool_wait(struct pool *p)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	(void)pthread_mutex_lock(&p->lock);
	while (p->finished < p->n)
		if (pthread_cond_timedwait(&p->done, &p->lock, &until) != 0)
			break;
	p->closed = true;
	(void)pthread_mutex_unlock(&p->lock);
}

static void
ask(const struct view *v)
{
	struct names *names = v->ctx.table->names;
	const struct sock_rec *rec;
	size_t i;

	for (i = 0; i < v->n; i++) {
		rec = &v->row[i]->rec;
		if (!endpoint_is_any(&rec->local))
			(void)names_host(names, &rec->local, rec->family);
		if (!endpoint_is_any(&rec->peer))
			(void)names_host(names, &rec->peer, rec->family);
	}
}

void
resolve_view(const struct view *v)
{
	enum {
		WANTED_MAX = 4096
	};
	struct names *names = v->ctx.table->names;
	struct pool *p = xcalloc(1, sizeof(*p));
	size_t i;

	ask(v);
	p->addr = xreallocarray(NULL, WANTED_MAX, sizeof(*p->addr));
	p->family = xmalloc(WANTED_MAX);
	p->n = names_host_wanted(names, p->addr, p->family, WANTED_MAX);
	p->name = xcalloc(p->n + 1, sizeof(*p->name));
	p->answered = xcalloc(p->n + 1, sizeof(*p->answered));
	p->users = 1;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->done, NULL);
	if (p->n > 0 && pool_start(p))
		pool_wait(p);
	(void)pthread_mutex_lock(&p->lock);
	for (i = 0; i < p->n; i++)
		if (p->answered[i])
			names_host_set(
			    names, &p->addr[i], p->family[i], p->name[i]);
	(void)pthread_mutex_unlock(&p->lock);
	pool_leave(p);
}
