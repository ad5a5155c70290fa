/* SPDX-License-Identifier: ISC */
/* Jobs that wait, ports under way, the loop. */
#include "config.h"

#include "probe/prober.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "probe/prober_priv.h"

#define EVENTS     512
#define LOOK_AHEAD 512 /* jobs, for one whose host has room */
#define WAIT_MOST  1000
#define PORT_NEEDS 2 /* connections, to be worth beginning */

struct watch {
	struct source source;
	struct watch *next;
	int fd;
	void (*ready)(void *, uint32_t);
	void *arg;
};

uint64_t
prober_ms(void)
{
	return clock_mono_ns() / 1000000;
}

struct prober *
prober_new(const struct prober_limits *limits, const struct probe_files *files,
    const struct prober_sink *sink, char **cause)
{
	struct prober *p = xcalloc(1, sizeof(*p));

	p->limits = *limits;
	p->files = files;
	p->sink = *sink;
	p->bytes = xmalloc(CONN_BYTES);
	p->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (p->epfd < 0) {
		xasprintf(cause, "epoll: %s", strerror(errno));
		prober_free(p);
		return NULL;
	}
	p->tls = tls_lib_new(cause);
	if (p->tls == NULL) {
		prober_free(p);
		return NULL;
	}
	return p;
}

static void
free_dead(struct prober *p)
{
	struct conn *c;

	while ((c = p->dead) != NULL) {
		p->dead = c->next;
		free(c);
	}
}

static void
remove_port(struct prober *p, struct port *t)
{
	if (t->prev != NULL)
		t->prev->next = t->next;
	else
		p->ports = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	p->nports--;
	port_free(t);
}

void
prober_free(struct prober *p)
{
	struct watch *w;

	if (p == NULL)
		return;
	while (p->ports != NULL) {
		while (p->ports->conns != NULL)
			conn_close(p->ports->conns);
		remove_port(p, p->ports);
	}
	free_dead(p);
	for (; p->wait_at < p->nwait; p->wait_at++)
		free(p->wait[p->wait_at].host);
	free(p->wait);
	while ((w = p->watches) != NULL) {
		p->watches = w->next;
		free(w);
	}
	tls_lib_free(p->tls);
	if (p->epfd >= 0)
		(void)close(p->epfd);
	free(p->bytes);
	free(p);
}

/* -- what is to be done ---------------------------------------------------- */

void
prober_add(struct prober *p, const struct probe_job *job)
{
	struct waiting *w;

	if (p->wait_at > 0 && p->nwait == p->cap_wait) {
		p->nwait -= p->wait_at;
		memmove(
		    p->wait, p->wait + p->wait_at, p->nwait * sizeof(*p->wait));
		p->wait_at = 0;
	}
	p->wait =
	    array_grow(p->wait, &p->cap_wait, p->nwait + 1, sizeof(*p->wait));
	w = &p->wait[p->nwait++];
	w->job = *job;
	w->host = job->host != NULL && job->host[0] != '\0' ? xstrdup(job->host)
							    : NULL;
	w->job.host = NULL;
}

void
prober_last(struct prober *p)
{
	p->last = true;
}

void
prober_stop(struct prober *p)
{
	p->stopped = true;
}

void
prober_pause(struct prober *p, bool pause)
{
	p->paused = pause;
}

int
prober_watch(
    struct prober *p, int fd, void (*ready)(void *, uint32_t), void *arg)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &w->source };

	w->source.kind = SOURCE_OTHER;
	w->fd = fd;
	w->ready = ready;
	w->arg = arg;
	w->next = p->watches;
	p->watches = w;
	return epoll_ctl(p->epfd, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

/* -- room ------------------------------------------------------------------ */

static unsigned
host_conns(const struct prober *p, const struct scan_addr *a)
{
	const struct port *t;
	unsigned n = 0;

	for (t = p->ports; t != NULL; t = t->next)
		if (scan_addr_eq(&t->job.addr, a))
			n += t->nconns;
	return n;
}

bool
prober_room(const struct port *t)
{
	const struct prober *p = t->p;

	/* Who waits for a turn comes before what would only be quicker. */
	if (t->nconns >= PORT_NEEDS && p->wait_at < p->nwait &&
	    p->nports < p->limits.parallel)
		return false;
	return p->nconns < p->limits.max_fds &&
	       host_conns(p, &t->job.addr) < p->limits.host_parallel;
}

void
prober_bury(struct prober *p, struct conn *c)
{
	p->nconns--;
	c->next = p->dead;
	p->dead = c;
}

static void
begin(struct prober *p, size_t i, uint64_t now)
{
	struct port *t = port_new(p, &p->wait[i], now);

	memmove(p->wait + p->wait_at + 1, p->wait + p->wait_at,
	    (i - p->wait_at) * sizeof(*p->wait));
	p->wait_at++;
	t->next = p->ports;
	if (p->ports != NULL)
		p->ports->prev = t;
	p->ports = t;
	p->nports++;
	port_work(t, now);
}

static bool
has_room(const struct prober *p, const struct scan_addr *host)
{
	unsigned n = host_conns(p, host);

	return n == 0 || n + PORT_NEEDS <= p->limits.host_parallel;
}

/* In their order, but that no host keeps others from their turn. */
static void
begin_some(struct prober *p, uint64_t now)
{
	const struct prober_limits *l = &p->limits;
	struct scan_addr full = { .family = 0 };
	size_t i;

	for (i = p->wait_at; i < p->nwait && i < p->wait_at + LOOK_AHEAD; i++) {
		if (p->paused || p->nports >= l->parallel ||
		    p->nconns + PORT_NEEDS > l->max_fds ||
		    p->sink.full(p->sink.arg))
			return;
		if (scan_addr_eq(&p->wait[i].job.addr, &full))
			continue;
		if (has_room(p, &p->wait[i].job.addr))
			begin(p, i, now);
		else
			full = p->wait[i].job.addr;
	}
}

/* -- the loop -------------------------------------------------------------- */

static uint64_t
work(struct prober *p, uint64_t now)
{
	struct port *t, *next;
	uint64_t due = now + WAIT_MOST;

	for (t = p->ports; t != NULL; t = next) {
		next = t->next;
		if (!t->done && t->due <= now)
			port_work(t, now);
		if (t->done)
			remove_port(p, t);
	}
	begin_some(p, now);
	for (t = p->ports; t != NULL; t = t->next)
		if (t->done)
			due = now;
		else if (t->due < due)
			due = t->due;
	return due;
}

static void
dispatch(struct prober *p, struct epoll_event *ev, int n, uint64_t now)
{
	struct source *s;
	int i;

	for (i = 0; i < n; i++) {
		s = ev[i].data.ptr;
		if (s->kind == SOURCE_CONN)
			conn_event((struct conn *)s, ev[i].events, now);
		else
			((struct watch *)s)
			    ->ready(((struct watch *)s)->arg, ev[i].events);
	}
	free_dead(p);
}

int
prober_run(struct prober *p, char **cause)
{
	struct epoll_event ev[EVENTS];
	uint64_t now = prober_ms(), due;
	int n;

	while (!p->stopped) {
		due = work(p, now);
		if (p->last && p->nports == 0 && p->wait_at == p->nwait)
			break;
		now = prober_ms();
		n = epoll_wait(
		    p->epfd, ev, EVENTS, due > now ? (int)(due - now) : 0);
		if (n < 0 && errno != EINTR) {
			n = -errno;
			xasprintf(cause, "epoll: %s", strerror(-n));
			return n;
		}
		now = prober_ms();
		dispatch(p, ev, n, now);
	}
	return 0;
}
