/* SPDX-License-Identifier: ISC */
/*
 * Listens to sock_diag's destroy groups, one netlink socket a namespace, in a
 * thread that owns them. It shares a bounded ring with whoever takes from it:
 * a storm of closings costs what is read here and no more.
 */
#include "config.h"

#include "collect/events.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "collect/diag_parse.h"
#include "collect/netns.h"
#include "model/need.h"
#include "model/snap.h"

#define RCVBUF    (4 << 20) /* the kernel counts 1.3 kB for each */
#define BATCH     64        /* datagrams taken in one call */
#define MSG_SIZE  1024      /* of one; what is longer is not believed */
#define NETNS_MAX 1024
/* After so many at once, others follow at once: they are waited for together,
 * so that a storm wakes the thread 500 times a second and no more. */
#define CROWD     32
#define CROWD_MS  2
#define KICK_DATA UINT64_MAX

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

struct tap {
	uint32_t netns;
	int fd;
	uint32_t drops; /* that the kernel counted up to now */
	bool met;       /* in the look-around that is under way */
};

struct events {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	/* Under the lock. */
	struct sock_end *ring;
	size_t first, n, max;
	uint64_t lost; /* since the last take */
	struct events_stats stats;
	bool ready, renew, stop;
	int status; /* of opening: 0 or -errno */
	char *cause;

	int ready_fd; /* eventfd: something is there to be taken */
	int kick_fd;  /* eventfd: look at renew and stop */
	pthread_t thread;

	/* The thread's alone. */
	char *netns;
	int rcvbuf, epoll;
	struct tap *tap;
	size_t ntaps, taps_cap;
	struct netns_names *names;
	struct diag_walk walk;
	uint64_t now; /* of the batch that is being read */
	size_t unbound;
	struct sock_end *batch;
	size_t nbatch, batch_cap;
	uint8_t data[BATCH][MSG_SIZE];
};

/* -- one namespace -------------------------------------------------------- */

static int
join_groups(int fd)
{
	static const int group[] = { SKNLGRP_INET_TCP_DESTROY,
		SKNLGRP_INET_UDP_DESTROY, SKNLGRP_INET6_TCP_DESTROY,
		SKNLGRP_INET6_UDP_DESTROY };
	size_t i;

	for (i = 0; i < nitems(group); i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			&group[i], sizeof(group[i])) < 0)
			return -errno;
	return 0;
}

static void
set_rcvbuf(const struct events *e, int fd)
{
	int size = e->rcvbuf != 0 ? e->rcvbuf : RCVBUF;

	/* Beyond net.core.rmem_max with CAP_NET_ADMIN only. */
	if (e->rcvbuf != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* In the namespace the thread is in: a descriptor or -errno. */
static int
tap_socket(const struct events *e)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd, r;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -errno;
	set_rcvbuf(e, fd);
	r = bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0
		? -errno
		: join_groups(fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static int
tap_open(void *arg, const struct netns *ns, char **cause)
{
	struct events *e = arg;
	struct epoll_event ev = { .events = EPOLLIN };
	size_t i;
	int fd;

	for (i = 0; i < e->ntaps; i++)
		if (e->tap[i].netns == ns->id) {
			e->tap[i].met = true;
			return 0;
		}
	if (e->ntaps == NETNS_MAX) {
		xasprintf(cause, "more than %d are not listened to", NETNS_MAX);
		return -E2BIG;
	}
	fd = tap_socket(e);
	if (fd < 0) {
		xasprintf(
		    cause, "sock_diag's destroy groups: %s", strerror(-fd));
		return fd;
	}
	ev.data.u64 = (uint64_t)fd;
	if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		xasprintf(cause, "epoll: %s", strerror(errno));
		close(fd);
		return -EIO;
	}
	e->tap =
	    array_grow(e->tap, &e->taps_cap, e->ntaps + 1, sizeof(*e->tap));
	e->tap[e->ntaps++] =
	    (struct tap){ .netns = ns->id, .fd = fd, .met = true };
	return 0;
}

static void
tap_close(struct events *e, size_t i)
{
	close(e->tap[i].fd); /* leaves the epoll set with it */
	e->tap[i] = e->tap[--e->ntaps];
}

/* Those that are there now are listened to, and no others. */
static int
look_around(struct events *e, char **cause)
{
	struct snap *snap = snap_new(); /* for its counts; warnings are those
					 * of the readings */
	size_t i;
	int r;

	for (i = 0; i < e->ntaps; i++)
		e->tap[i].met = false;
	r = netns_each(e->netns, e->names, snap, tap_open, e, cause);
	for (i = e->ntaps; i-- > 0;)
		if (!e->tap[i].met)
			tap_close(e, i);
	pthread_mutex_lock(&e->lock);
	e->stats.netns = (unsigned)e->ntaps;
	e->stats.failed = snap->netns_failed;
	pthread_mutex_unlock(&e->lock);
	snap_free(snap);
	return r;
}

/* -- reading -------------------------------------------------------------- */

static void
got_end(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct events *e = arg;
	struct sock_end *end;

	/* Never bound, never connected: it was never listed anywhere. */
	if (rec->local.port == 0) {
		e->unbound++;
		return;
	}
	e->batch = array_grow(
	    e->batch, &e->batch_cap, e->nbatch + 1, sizeof(*e->batch));
	end = &e->batch[e->nbatch++];
	end->rec = *rec;
	end->mono_ns = e->now;
	end->tcp_info_len = rec->peer.port != 0 ? ext->tcp_info_len : 0;
	memcpy(end->tcp_info, ext->tcp_info, sizeof(end->tcp_info));
}

/* What the kernel could not keep for us; it tells how many, or else: unknown. */
static uint64_t
count_drops(struct tap *tap, uint64_t unknown)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 }, new;
	socklen_t len = sizeof(mem);

	if (getsockopt(tap->fd, SOL_SOCKET, SO_MEMINFO, mem, &len) < 0 ||
	    len <= SK_MEMINFO_DROPS * sizeof(mem[0]))
		return unknown;
	new = mem[SK_MEMINFO_DROPS] - tap->drops;
	tap->drops = mem[SK_MEMINFO_DROPS];
	return new;
}

/* The ring takes the batch; what does not fit pushes out the oldest. */
static void
hand_over(struct events *e, uint64_t told, uint64_t strays, uint64_t overruns,
    uint64_t dropped)
{
	uint64_t one = 1, lost = dropped;
	size_t i;

	pthread_mutex_lock(&e->lock);
	for (i = 0; i < e->nbatch; i++) {
		if (e->n == e->max) {
			e->first = (e->first + 1) % e->max;
			e->n--;
			lost++;
		}
		e->ring[(e->first + e->n++) % e->max] = e->batch[i];
	}
	e->lost += lost;
	e->stats.told += told;
	e->stats.unbound += e->unbound;
	e->stats.lost += lost;
	e->stats.overruns += overruns;
	e->stats.strays += strays;
	if (e->nbatch > 0 || lost > 0)
		(void)!write(e->ready_fd, &one, sizeof(one)); /* it is set */
	pthread_mutex_unlock(&e->lock);
	e->nbatch = e->unbound = 0;
}

static void
walk_batch(struct events *e, const struct mmsghdr *m, int n, uint64_t *strays)
{
	const struct sockaddr_nl *from;
	uint64_t before;
	int i;

	e->now = clock_mono_ns();
	for (i = 0; i < n; i++) {
		from = m[i].msg_hdr.msg_name;
		/* Whoever may send to the group may pretend; the kernel's own
		 * port is 0. */
		if (m[i].msg_hdr.msg_namelen < sizeof(*from) ||
		    from->nl_pid != 0 ||
		    (m[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
			++*strays;
			continue;
		}
		before = e->walk.dropped;
		diag_walk(&e->walk, e->data[i], m[i].msg_len);
		*strays += e->walk.dropped - before;
	}
}

/* Everything that one namespace has; how many datagrams that was. */
static size_t
drain(struct events *e, struct tap *tap)
{
	struct sockaddr_nl from[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr m[BATCH];
	uint64_t told, strays, before, dropped;
	size_t all = 0;
	int i, n;

	e->walk.want.netns = tap->netns;
	do {
		memset(m, 0, sizeof(m));
		for (i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){ e->data[i], MSG_SIZE };
			m[i].msg_hdr.msg_name = &from[i];
			m[i].msg_hdr.msg_namelen = sizeof(from[i]);
			m[i].msg_hdr.msg_iov = &iov[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		n = recvmmsg(tap->fd, m, BATCH, MSG_DONTWAIT, NULL);
		if (n < 0 && errno == ENOBUFS) {
			hand_over(e, 0, 0, 1, count_drops(tap, 1));
			n = BATCH; /* there is more behind it */
			continue;
		}
		if (n <= 0)
			break;
		before = e->walk.socks;
		strays = 0;
		walk_batch(e, m, n, &strays);
		told = e->walk.socks - before;
		hand_over(e, told, strays, 0, 0);
		all += (size_t)n;
	} while (n == BATCH);
	/* Until its queue is empty the kernel drops on without another word. */
	dropped = count_drops(tap, 0);
	if (dropped > 0)
		hand_over(e, 0, 0, 0, dropped);
	return all;
}

/* -- the thread ----------------------------------------------------------- */

/* False: the end. */
static bool
kicked(struct events *e)
{
	uint64_t count;
	bool stop, renew;
	char *why = NULL;

	(void)!read(e->kick_fd, &count, sizeof(count)); /* resets it */
	pthread_mutex_lock(&e->lock);
	stop = e->stop;
	renew = e->renew;
	e->renew = false;
	pthread_mutex_unlock(&e->lock);
	if (!stop && renew && look_around(e, &why) < 0)
		log_debug("events: %s", why != NULL ? why : "no namespace");
	free(why);
	return !stop;
}

/* More will come in a moment; only the end is not waited for. */
static void
wait_for_crowd(const struct events *e)
{
	struct pollfd p = { .fd = e->kick_fd, .events = POLLIN };

	(void)poll(&p, 1, CROWD_MS); /* whatever it says, we go on */
}

static struct tap *
tap_of(struct events *e, int fd)
{
	size_t i;

	for (i = 0; i < e->ntaps; i++)
		if (e->tap[i].fd == fd)
			return &e->tap[i];
	return NULL;
}

static void
listen_on(struct events *e)
{
	struct epoll_event ev[16];
	struct tap *tap;
	size_t crowd;
	int i, n;

	for (;;) {
		n = epoll_wait(e->epoll, ev, nitems(ev), -1);
		if (n < 0 && errno != EINTR)
			return;
		crowd = 0;
		for (i = 0; i < n; i++) {
			if (ev[i].data.u64 == KICK_DATA) {
				if (!kicked(e))
					return;
				break; /* the others may be closed by now */
			}
			tap = tap_of(e, (int)ev[i].data.u64);
			if (tap != NULL)
				crowd += drain(e, tap);
		}
		if (crowd >= CROWD)
			wait_for_crowd(e);
	}
}

static void *
events_main(void *arg)
{
	struct events *e = arg;
	char *cause = NULL;
	int r;

	r = look_around(e, &cause);
	pthread_mutex_lock(&e->lock);
	e->status = r;
	e->cause = cause;
	e->ready = true;
	pthread_cond_signal(&e->opened);
	pthread_mutex_unlock(&e->lock);
	if (r == 0)
		listen_on(e);
	while (e->ntaps > 0)
		tap_close(e, e->ntaps - 1);
	return NULL;
}

/* -- open, take, close ---------------------------------------------------- */

static void
events_free(struct events *e)
{
	if (e->ready_fd >= 0)
		close(e->ready_fd);
	if (e->kick_fd >= 0)
		close(e->kick_fd);
	if (e->epoll >= 0)
		close(e->epoll);
	netns_names_free(e->names);
	pthread_mutex_destroy(&e->lock);
	pthread_cond_destroy(&e->opened);
	free(e->ring);
	free(e->batch);
	free(e->tap);
	free(e->netns);
	free(e->cause);
	free(e);
}

static int
open_fds(struct events *e)
{
	struct epoll_event ev = { .events = EPOLLIN,
		.data = { .u64 = KICK_DATA } };

	e->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	e->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (e->ready_fd < 0 || e->kick_fd < 0 || e->epoll < 0 ||
	    epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->kick_fd, &ev) < 0)
		return -errno;
	return 0;
}

static int
start_thread(struct events *e)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	r = pthread_sigmask(SIG_SETMASK, &all, &old);
	if (r != 0)
		return -r;
	r = pthread_create(&e->thread, NULL, events_main, e);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0)
		return -r;
	(void)pthread_setname_np(e->thread, "events"); /* for top's eyes */
	pthread_mutex_lock(&e->lock);
	while (!e->ready)
		pthread_cond_wait(&e->opened, &e->lock);
	r = e->status;
	pthread_mutex_unlock(&e->lock);
	if (r < 0)
		pthread_join(e->thread, NULL);
	return r;
}

int
events_open(struct events **ret, const struct events_opts *opts, char **cause)
{
	struct events *e = xcalloc(1, sizeof(*e));
	int r;

	pthread_mutex_init(&e->lock, NULL);
	pthread_cond_init(&e->opened, NULL);
	e->names = netns_names_new();
	e->max = opts->max > 0 ? opts->max : 1;
	e->ring = xreallocarray(NULL, e->max, sizeof(*e->ring));
	e->netns = opts->netns != NULL ? xstrdup(opts->netns) : NULL;
	e->rcvbuf = opts->rcvbuf;
	e->walk.want = (struct diag_want){ .need = NEED_TCPINFO | NEED_EXT,
		.proto = SOCK_TCP,
		.destroyed = true };
	e->walk.sock = got_end;
	e->walk.arg = e;
	r = open_fds(e);
	if (r == 0)
		r = start_thread(e);
	if (r < 0) {
		if (e->cause == NULL)
			xasprintf(&e->cause, "events: %s", strerror(-r));
		*cause = e->cause;
		e->cause = NULL;
		events_free(e);
		return r;
	}
	*ret = e;
	return 0;
}

static void
kick(struct events *e)
{
	uint64_t one = 1;

	(void)!write(e->kick_fd, &one, sizeof(one)); /* it is set already */
}

void
events_renew(struct events *e)
{
	pthread_mutex_lock(&e->lock);
	e->renew = true;
	pthread_mutex_unlock(&e->lock);
	kick(e);
}

int
events_fd(const struct events *e)
{
	return e->ready_fd;
}

void
events_take(struct events *e, struct sock_ends *ret)
{
	uint64_t count;
	size_t i;

	*ret = (struct sock_ends){ 0 };
	pthread_mutex_lock(&e->lock);
	(void)!read(e->ready_fd, &count, sizeof(count)); /* resets it */
	if (e->n > 0) {
		ret->end = xreallocarray(NULL, e->n, sizeof(*ret->end));
		for (i = 0; i < e->n; i++)
			ret->end[i] = e->ring[(e->first + i) % e->max];
	}
	ret->n = e->n;
	ret->lost = e->lost;
	e->first = e->n = 0;
	e->lost = 0;
	pthread_mutex_unlock(&e->lock);
}

void
events_stats(struct events *e, struct events_stats *ret)
{
	pthread_mutex_lock(&e->lock);
	*ret = e->stats;
	pthread_mutex_unlock(&e->lock);
}

void
events_close(struct events *e)
{
	if (e == NULL)
		return;
	pthread_mutex_lock(&e->lock);
	e->stop = true;
	pthread_mutex_unlock(&e->lock);
	kick(e);
	pthread_join(e->thread, NULL);
	events_free(e);
}
