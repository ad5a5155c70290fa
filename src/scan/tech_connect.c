/* SPDX-License-Identifier: ISC */
/*
 * Connects as any program does: needs no privilege. Sockets are kept and used
 * again, each for one try at a time: connect(2) to AF_UNSPEC takes a socket
 * back to where it was (and resets what was connected, so that nothing is left
 * in TIME-WAIT here), which spares a socket(2), an epoll_ctl(2) and a close(2)
 * a port. A second connect(2) tells what became of the first.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* After the C library's headers. */
#include <linux/errqueue.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "scan/packet.h"
#include "scan/sockaddr.h"
#include "scan/tech.h"

#define FDS_LEAST 1
#define SELF_MOST 8 /* times that we may have met ourselves in a row */
/* Answers that were there at once are looked for again as long as some are. */
#define ATONCE_MOST 16

struct conn {
	struct probe *probe; /* NULL: free */
	uint8_t attempt;
	uint8_t which; /* of probe->fd */
	uint8_t family;
	bool watched;
	int next; /* free list of its family: a descriptor, -1: none */
};
struct connect {
	struct engine *engine;
	struct conn *conn; /* by descriptor */
	size_t nconn;
	int free[2]; /* IPv4, IPv6 */
	uint32_t nfree[2], nopen, most;
	int atonce; /* > 0: answers are there at once, lately */
	uint32_t skipped;
};

/* -- sockets -------------------------------------------------------------- */

/* Back to unconnected; 0 or -errno. */
static int
disconnect(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa)) < 0 ? -errno : 0;
}

static int
open_socket(struct connect *c, int six)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	size_t old = c->nconn;
	int one = 1, fd;

	fd = socket(six ? AF_INET6 : AF_INET,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	/* So that ICMP errors say who sent them and which they are. */
	if (six)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	if ((size_t)fd >= old) {
		c->conn = array_grow(
		    c->conn, &c->nconn, (size_t)fd + 1, sizeof(*c->conn));
		memset(c->conn + old, 0, (c->nconn - old) * sizeof(*c->conn));
	}
	c->conn[fd] = (struct conn){ .family = six ? 6 : 4, .next = -1 };
	c->nopen++;
	return fd;
}

static void
close_socket(struct connect *c, int fd)
{
	if (c->conn[fd].watched)
		engine_unwatch(c->engine, fd);
	close(fd);
	c->nopen--;
}

static int
take_socket(struct connect *c, int six)
{
	int fd = c->free[six], r;

	if (fd >= 0) {
		c->free[six] = c->conn[fd].next;
		c->nfree[six]--;
		return fd;
	}
	if (c->nopen >= c->most) {
		/* One of the other family lies about. */
		fd = c->free[!six];
		if (fd < 0)
			return -EAGAIN;
		c->free[!six] = c->conn[fd].next;
		c->nfree[!six]--;
		close_socket(c, fd);
	}
	r = open_socket(c, six);
	if (r == -EMFILE || r == -ENFILE) {
		/* Fewer than was thought. */
		c->most = c->nopen > FDS_LEAST ? c->nopen : FDS_LEAST;
		return -EAGAIN;
	}
	return r;
}

/* Its socket is unconnected, or must go. */
static void
give_socket(struct connect *c, int fd, bool again)
{
	struct conn *k = &c->conn[fd];
	int six = k->family == 6;

	if (k->probe != NULL)
		k->probe->fd[k->which] = -1;
	k->probe = NULL;
	/* What was taken may be more than there are now. */
	if (!again || c->nopen > c->most) {
		close_socket(c, fd);
		return;
	}
	k->next = c->free[six];
	c->free[six] = fd;
	c->nfree[six]++;
}

/* A link-local address binds its socket to the link for good. */
static bool
is_reusable(const struct host *h)
{
	return h->addr.scope == 0;
}

static void
drop_socket(struct connect *c, int fd, const struct host *h)
{
	give_socket(c, fd, is_reusable(h) && disconnect(fd) == 0);
}

/* -- what an attempt came to ----------------------------------------------- */

/* Reads the error queue. False: it was no ICMP error. */
static bool
read_icmp(int fd, struct answer *a)
{
	union {
		struct cmsghdr h;
		char room[512];
	} control;
	struct msghdr m = { .msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct sock_extended_err *ee;
	struct cmsghdr *h;
	bool found = false;

	while (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
		for (h = CMSG_FIRSTHDR(&m); h != NULL; h = CMSG_NXTHDR(&m, h)) {
			ee = (struct sock_extended_err *)(void *)CMSG_DATA(h);
			if (!(h->cmsg_level == IPPROTO_IP &&
				h->cmsg_type == IP_RECVERR) &&
			    !(h->cmsg_level == IPPROTO_IPV6 &&
				h->cmsg_type == IPV6_RECVERR))
				continue;
			if (ee->ee_origin != SO_EE_ORIGIN_ICMP &&
			    ee->ee_origin != SO_EE_ORIGIN_ICMP6)
				continue;
			a->reason = packet_reason(
			    ee->ee_origin == SO_EE_ORIGIN_ICMP6 ? 6 : 4,
			    ee->ee_type, ee->ee_code);
			(void)sockaddr_take(&a->from, NULL, SO_EE_OFFENDER(ee));
			found = a->reason != REASON_NONE;
		}
		m.msg_controllen = sizeof(control);
	}
	return found;
}

/* Whether an open port is our own socket: both ends chose the same number
 * (simultaneous open, RFC 9293 section 3.5). */
static bool
is_self(int fd, const struct host *h, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct scan_addr own;
	uint16_t number;

	return getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
	       sockaddr_take(&own, &number, &ss) && number == port &&
	       memcmp(own.addr, h->addr.addr, sizeof(own.addr)) == 0;
}

enum outcome {
	PENDING,
	ANSWERED,
	NO_ANSWER, /* it is over and tells nothing */
	SELF
};

/* An ICMP error, read: whether it is an answer. Our own kernel's word, that
 * nobody answers to ARP or ND, is silence. */
static enum outcome
judge_icmp(int fd, const struct host *h, struct answer *a)
{
	if (!read_icmp(fd, a))
		return NO_ANSWER;
	if (h->src.family != 0 && scan_addr_eq(&a->from, &h->src))
		return NO_ANSWER;
	a->state = SCAN_FILTERED;
	return ANSWERED;
}

/* What an error of connect(2) says. */
static enum outcome
judge(int fd, const struct host *h, uint16_t port, int error, struct answer *a)
{
	switch (error) {
	case EINPROGRESS:
	case EALREADY:
	case EINTR:
		return PENDING;
	case 0:
	case EISCONN:
		if (is_self(fd, h, port))
			return SELF;
		a->state = SCAN_OPEN;
		a->reason = REASON_SYN_ACK;
		return ANSWERED;
	case ECONNREFUSED:
		/* Of an ICMP port unreachable, too: a firewall's, then. */
		if (read_icmp(fd, a)) {
			a->state = SCAN_FILTERED;
			return ANSWERED;
		}
		a->state = SCAN_CLOSED;
		a->reason = REASON_CONN_REFUSED;
		return ANSWERED;
	default:
		return judge_icmp(fd, h, a);
	}
}

/* One connect(2), the first or another that asks what became of it. */
static int
try_connect(int fd, const struct host *h, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_put(&ss, &h->addr, port);

	return connect(fd, (struct sockaddr *)&ss, len) == 0 ? 0 : errno;
}

/* What connect(2) said of an attempt; true: its probe is gone. failed: an error
 * is queued. Of one that came while we were in connect(2) it says no more. */
static bool
look(struct connect *c, int fd, int error, bool failed, uint64_t now)
{
	struct conn *k = &c->conn[fd];
	struct probe *p = k->probe;
	const struct host *h = engine_host(c->engine, p->slot);
	struct answer a = { .attempt = k->attempt, .at_ns = now };
	enum outcome r = judge(fd, h, p->port, error, &a);
	int n;

	/* Disconnected it is asked again, from another number. */
	for (n = 0; r == SELF && n < SELF_MOST && disconnect(fd) == 0; n++)
		r = judge(fd, h, p->port, try_connect(fd, h, p->port), &a);
	if (r == PENDING && failed)
		r = judge_icmp(fd, h, &a) == ANSWERED ? ANSWERED : PENDING;
	if (r == PENDING)
		return false;
	if (r != ANSWERED) {
		drop_socket(c, fd, h); /* the deadline settles it */
		return false;
	}
	engine_received(c->engine, 1);
	/* A refused socket is unconnected already. */
	if (a.reason == REASON_CONN_REFUSED)
		give_socket(c, fd, is_reusable(h));
	else
		drop_socket(c, fd, h);
	engine_answer(c->engine, p, &a);
	return true;
}

static void
ready(void *arg, int fd, uint32_t events, uint64_t now)
{
	struct connect *c = arg;
	struct probe *p = c->conn[fd].probe;

	if (p != NULL)
		(void)look(c, fd,
		    try_connect(fd, engine_host(c->engine, p->slot), p->port),
		    (events & EPOLLERR) != 0, now);
}

/* -- operations ------------------------------------------------------------ */

static int
connect_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	struct connect *c = xcalloc(1, sizeof(*c));

	(void)priv;
	(void)cause;
	c->engine = e;
	c->free[0] = c->free[1] = -1;
	c->most = engine_max_fds(e);
	if (c->most < FDS_LEAST)
		c->most = FDS_LEAST;
	c->atonce = ATONCE_MOST;
	*ret = c;
	return 0;
}

static uint32_t
connect_room(void *arg)
{
	const struct connect *c = arg;

	return c->nfree[0] + c->nfree[1] +
	       (c->nopen < c->most ? c->most - c->nopen : 0);
}

/* Which of its two descriptors this attempt takes. Of more attempts than two,
 * and if descriptors are scarce, the older one is given up: it waited for as
 * long as answers take. */
static uint8_t
which_fd(struct connect *c, struct probe *p, const struct host *h)
{
	bool scarce = connect_room(c) <= c->most / 4;
	uint8_t which;

	if (p->fd[0] < 0 && (p->fd[1] < 0 || !scarce))
		return 0;
	if (p->fd[1] < 0 && !scarce)
		return 1;
	if (p->fd[0] < 0 || p->fd[1] < 0)
		which = p->fd[0] < 0;
	else
		which = c->conn[p->fd[0]].attempt > c->conn[p->fd[1]].attempt;
	drop_socket(c, p->fd[which], h);
	return which;
}

/* Whether to ask for the answer at once: it costs a call, and spares two. */
static bool
try_at_once(struct connect *c)
{
	if (c->atonce > 0)
		return true;
	return ++c->skipped % 64 == 0;
}

static int
connect_send(void *arg, struct probe *p, uint64_t now)
{
	struct connect *c = arg;
	const struct host *h = engine_host(c->engine, p->slot);
	uint8_t which = which_fd(c, p, h);
	int fd = take_socket(c, h->addr.family == 6), r;
	struct conn *k;

	(void)now;
	if (fd < 0)
		return fd;
	k = &c->conn[fd];
	k->probe = p;
	k->attempt = p->tries;
	k->which = which;
	p->fd[which] = fd;
	r = try_connect(fd, h, p->port);
	if (r != 0 && r != EINPROGRESS && r != ECONNREFUSED) {
		drop_socket(c, fd, h);
		return -r;
	}
	if (r == EINPROGRESS && try_at_once(c)) {
		r = try_connect(fd, h, p->port);
		if (r != EALREADY)
			c->atonce = ATONCE_MOST;
		else if (c->atonce > 0)
			c->atonce--;
	}
	if (look(c, fd, r, false, clock_mono_ns()))
		return 1;
	if (p->fd[which] != fd || k->watched)
		return 0;
	r = engine_watch(
	    c->engine, fd, EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLET, ready, c);
	if (r < 0) {
		drop_socket(c, fd, h);
		return r == -ENOSPC ? -EAGAIN : r;
	}
	k->watched = true;
	return 0;
}

static void
connect_drop(void *arg, struct probe *p)
{
	struct connect *c = arg;
	const struct host *h = engine_host(c->engine, p->slot);
	int i;

	for (i = 0; i < 2; i++)
		if (p->fd[i] >= 0)
			drop_socket(c, p->fd[i], h);
}

static void
connect_close(void *arg)
{
	struct connect *c = arg;
	int six, fd;

	for (six = 0; six < 2; six++)
		while ((fd = c->free[six]) >= 0) {
			c->free[six] = c->conn[fd].next;
			close_socket(c, fd);
		}
	free(c->conn);
	free(c);
}

const struct tech_ops tech_connect = { .name = "connect",
	.silent = SCAN_FILTERED,
	.open = connect_open,
	.send = connect_send,
	.room = connect_room,
	.drop = connect_drop,
	.close = connect_close };
