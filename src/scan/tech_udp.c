/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "scan/errqueue.h"
#include "scan/packet.h"
#include "scan/payload.h"
#include "scan/sockaddr.h"
#include "scan/udp_pace.h"

/*
 * UDP without privilege. A few unconnected sockets send to all hosts and
 * ports; ICMP errors come through their error queues, which tell what the
 * error is about. An attempt has a socket of its own, so that an answer says
 * by the port it comes to which attempt it answers.
 *
 * send(2) on such a socket also tells the error of an earlier datagram; it is
 * never taken for this one's (errqueue_send()).
 */

/* Attempts with a source port of their own; more share them. */
#define NSOCKS 8
#define BATCH  64
/* Receive buffer that one error takes (the kernel counts whole pages). */
#define ERROR_ROOM 2304
#define RCVBUF     (4 << 20)

struct udp_sock {
	int fd; /* -1: not open */
	uint16_t port;
	uint8_t nth;
	bool v6;
	struct udp *udp;
};

struct batch {
	struct udp_sock *sock;
	uint32_t n;
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in6 to[BATCH]; /* or _in */
	struct {
		uint32_t slot;
		uint16_t port;
	} key[BATCH];
	uint8_t data[BATCH][PAYLOAD_MAX];
};

struct udp {
	struct engine *engine;
	struct udp_pace *pace;
	uint32_t nsocks; /* a family */
	struct udp_sock sock[2][NSOCKS];
	struct batch *batch;
	uint64_t secret;
	uint32_t room_local; /* errors that a receive buffer holds */
	bool any_local;
};

static int
sock_open(struct udp_sock *s)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a = { 0 };
	socklen_t len = s->v6 ? sizeof(a.in6) : sizeof(a.in);
	int size = RCVBUF, r;
	int fd = socket(s->v6 ? AF_INET6 : AF_INET,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	a.sa.sa_family = s->v6 ? AF_INET6 : AF_INET;
	r = errqueue_want(fd, s->v6);
	/* As much as one gets: less is slower, not wrong. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (r == 0 &&
	    (bind(fd, &a.sa, len) < 0 || getsockname(fd, &a.sa, &len) < 0))
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	s->port = ntohs(s->v6 ? a.in6.sin6_port : a.in.sin_port);
	s->fd = fd;
	return 0;
}

static void udp_ready(void *, int, uint32_t, uint64_t);

/* The one of an attempt; if no more can be opened, one of an earlier attempt. */
static int
sock_get(struct udp *u, bool v6, uint32_t nth, struct udp_sock **ret)
{
	struct udp_sock *s = &u->sock[v6][nth % u->nsocks];
	socklen_t len = sizeof(int);
	int r = 0, size;

	if (s->fd < 0 && (r = sock_open(s)) == 0) {
		r = engine_watch(u->engine, s->fd, EPOLLIN, udp_ready, s);
		if (r < 0) {
			close(s->fd);
			s->fd = -1;
		} else if (getsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size,
			       &len) == 0 &&
			   size > ERROR_ROOM) {
			u->room_local = (uint32_t)size / ERROR_ROOM;
		}
	}
	while (s->fd < 0 && s->nth > 0)
		s--;
	*ret = s;
	if (s->fd >= 0)
		return 0;
	return r == -EMFILE || r == -ENFILE || r == -ENOBUFS ? -EAGAIN : r;
}

static void
sock_close(struct udp *u, struct udp_sock *s)
{
	if (s->fd < 0)
		return;
	engine_unwatch(u->engine, s->fd);
	close(s->fd);
	s->fd = -1;
}

/* -- sending --------------------------------------------------------------- */

/* The one at i was not taken. */
static void
batch_unsent(struct udp *u, uint32_t i, int error)
{
	struct batch *b = u->batch;
	struct host *h = engine_host(u->engine, b->key[i].slot);
	struct probe *p = NULL;

	if (h != NULL)
		p = engine_probe_find(
		    u->engine, h, &tech_udp, IPPROTO_UDP, b->key[i].port);
	if (p == NULL)
		return;
	udp_pace_unsent(u->pace, p);
	engine_unsent(u->engine, p, error);
}

static void
batch_flush(struct udp *u)
{
	struct batch *b = u->batch;
	uint32_t i = 0;
	int r;

	while (i < b->n) {
		r = errqueue_send(b->sock->fd, b->msg + i, b->n - i);
		if (r > 0)
			i += (uint32_t)r;
		else if (r == -EAGAIN || r == -ENOBUFS || r == -ENOMEM)
			break;
		else
			batch_unsent(u, i++, r);
	}
	for (; i < b->n; i++)
		batch_unsent(u, i, -EAGAIN);
	b->n = 0;
}

static void
batch_add(struct udp *u, const struct host *h, const struct probe *p)
{
	struct batch *b = u->batch;
	uint32_t i = b->n++;
	const struct payload *pl = payload_find(p->port, p->tries);

	b->key[i].slot = p->slot;
	b->key[i].port = p->port;
	b->iov[i].iov_base = b->data[i];
	b->iov[i].iov_len = payload_write(pl, b->data[i],
	    hash_bytes(&h->addr, sizeof h->addr, u->secret ^ p->port), &h->addr,
	    &h->src);
	b->msg[i].msg_hdr = (struct msghdr){
		.msg_name = &b->to[i],
		.msg_namelen = sockaddr_put(&b->to[i], &h->addr, p->port),
		.msg_iov = &b->iov[i],
		.msg_iovlen = 1,
	};
}

static int
udp_send(void *arg, struct probe *p, uint64_t now)
{
	struct udp *u = arg;
	struct host *h = engine_host(u->engine, p->slot);
	struct udp_sock *s;
	int r, i;

	(void)now;
	/* A probe of an own address must not find the scanner's own socket. */
	for (i = 0; h->local && i < (int)u->nsocks; i++) {
		s = &u->sock[h->addr.family == 6][i];
		if (s->fd >= 0 && s->port == p->port) {
			if (u->batch->sock == s)
				batch_flush(u);
			sock_close(u, s);
		}
	}
	r = sock_get(u, h->addr.family == 6, p->tries, &s);
	if (r < 0)
		return r;
	if (h->local && s->port == p->port)
		return -EAGAIN; /* the same once more: it moves next time */
	if (u->batch->n == BATCH || u->batch->sock != s)
		batch_flush(u);
	u->batch->sock = s;
	batch_add(u, h, p);
	u->any_local |= h->local;
	udp_pace_sent(u->pace, p);
	return 0;
}

static void
udp_flush(void *arg, uint64_t now)
{
	(void)now;
	batch_flush(arg);
}

/* -- receiving ------------------------------------------------------------- */

static int
attempt_of(const struct udp *u, const struct udp_sock *s, const struct probe *p)
{
	int last = (int)p->tries - 1;
	int a = last - (int)((uint32_t)(last - s->nth) % u->nsocks);

	if (last < s->nth)
		return -1; /* nothing was sent from there */
	/* Of several from one port the last is meant, if it is this one. */
	return last < (int)u->nsocks || a == last ? a : -1;
}

/* Whether there is a question that this could answer. */
static struct probe *
probe_of(struct udp_sock *s, const struct scan_addr *from, uint16_t port,
    struct host **ret)
{
	struct udp *u = s->udp;
	struct probe *p;

	if ((*ret = engine_host_find(u->engine, from)) == NULL)
		return NULL;
	p = engine_probe_find(u->engine, *ret, &tech_udp, IPPROTO_UDP, port);
	/* It was asked from the socket that the answer came to. */
	return p != NULL && p->tries > s->nth ? p : NULL;
}

/* An answer of a service that talks on from a new port (TFTP). */
static struct probe *
probe_elsewhere(
    struct udp_sock *s, const struct errqueue_note *n, struct host **ret)
{
	const struct payload *pl;
	struct probe *p;
	size_t i, k;

	for (i = 0; (pl = payload_at(i)) != NULL; i++) {
		if (pl->elsewhere == NULL || n->len < pl->elsewhere_len ||
		    memcmp(n->data, pl->elsewhere, pl->elsewhere_len) != 0)
			continue;
		for (k = 0; k < nitems(pl->port) && pl->port[k] != 0; k++) {
			p = probe_of(s, &n->peer, pl->port[k], ret);
			if (p != NULL)
				return p;
		}
	}
	return NULL;
}

static void
on_datagram(struct udp_sock *s, const struct errqueue_note *n, uint64_t now)
{
	struct udp *u = s->udp;
	struct host *h;
	struct probe *p = probe_of(s, &n->peer, n->port, &h);
	struct answer a = { .state = SCAN_OPEN,
		.reason = REASON_UDP_RESPONSE,
		.ttl = n->ttl,
		.at_ns = now };

	if (p == NULL)
		p = probe_elsewhere(s, n, &h);
	if (p == NULL)
		return;
	a.attempt = attempt_of(u, s, p);
	engine_answer(u->engine, p, &a);
}

static void
on_error(struct udp_sock *s, const struct errqueue_note *n, uint64_t now)
{
	struct udp *u = s->udp;
	struct host *h;
	struct probe *p = probe_of(s, &n->peer, n->port, &h);
	struct answer a = { .state = SCAN_FILTERED,
		.reason = packet_reason(n->peer.family, n->type, n->code),
		.ttl = n->ttl,
		.at_ns = now };

	if (p == NULL || a.reason == REASON_NONE)
		return;
	a.attempt = attempt_of(u, s, p);
	if (!scan_addr_eq(&n->from, &h->addr))
		a.from = n->from;
	else if (a.reason == REASON_PORT_UNREACH)
		a.state = SCAN_CLOSED;
	/* Said by our own kernel: the neighbour does not answer. */
	if (a.reason == REASON_HOST_UNREACH && !h->local &&
	    scan_addr_eq(&n->from, &h->src)) {
		engine_host_unreachable(u->engine, h, &a);
		return;
	}
	udp_pace_error(u->pace, p, now);
	engine_answer(u->engine, p, &a);
}

static void
udp_take(void *arg, const struct errqueue_note *n, uint64_t now)
{
	if (n->icmp)
		on_error(arg, n, now);
	else
		on_datagram(arg, n, now);
}

static void
udp_ready(void *arg, int fd, uint32_t events, uint64_t now)
{
	struct udp_sock *s = arg;

	(void)events;
	engine_received(s->udp->engine, errqueue_read(fd, udp_take, s, now));
}

/* -- the table ------------------------------------------------------------- */

static int
udp_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	struct udp *u = xcalloc(1, sizeof *u);
	uint32_t v6, i;

	(void)priv;
	(void)cause;
	u->engine = e;
	u->pace = udp_pace_new(e);
	u->batch = xcalloc(1, sizeof *u->batch);
	u->nsocks = engine_max_fds(e) / 4;
	u->nsocks = u->nsocks < 1 ? 1 : u->nsocks > NSOCKS ? NSOCKS : u->nsocks;
	u->secret = hash_bytes(engine_secret(e), 16, 0);
	u->room_local = BATCH;
	for (v6 = 0; v6 < 2; v6++)
		for (i = 0; i < NSOCKS; i++)
			u->sock[v6][i] = (struct udp_sock){ .fd = -1,
				.nth = (uint8_t)i,
				.v6 = v6 != 0,
				.udp = u };
	*ret = u;
	return 0;
}

static int
udp_host(void *arg, struct host *h)
{
	struct udp *u = arg;

	udp_pace_host(u->pace, h);
	return 0;
}

/* Errors from this machine itself all come at once: no more than the receive
 * buffer holds. Others come as the network lets them. */
static uint32_t
udp_room(void *arg)
{
	struct udp *u = arg;
	uint32_t flying = udp_pace_unanswered(u->pace);

	if (!u->any_local)
		return UINT32_MAX;
	return u->room_local > flying ? u->room_local - flying : 0;
}

static bool
udp_silence(void *arg, struct probe *p, uint64_t sent_ns, uint64_t now)
{
	struct udp *u = arg;

	return udp_pace_silence(u->pace, p, sent_ns, now);
}

static uint64_t
udp_tick(void *arg, uint64_t now)
{
	struct udp *u = arg;

	return udp_pace_tick(u->pace, now);
}

static const char *
udp_phase(void *arg, uint64_t now, uint64_t *left_ns)
{
	struct udp *u = arg;

	(void)now;
	return udp_pace_phase(u->pace, left_ns);
}

static void
udp_drop(void *arg, struct probe *p)
{
	struct udp *u = arg;

	udp_pace_drop(u->pace, p);
}

static void
udp_close(void *arg)
{
	struct udp *u = arg;
	uint32_t v6, i;

	for (v6 = 0; v6 < 2; v6++)
		for (i = 0; i < NSOCKS; i++)
			sock_close(u, &u->sock[v6][i]);
	udp_pace_free(u->pace);
	free(u->batch);
	free(u);
}

const struct tech_ops tech_udp = {
	.name = "udp",
	.silent = SCAN_OPEN_FILTERED,
	.open = udp_open,
	.host = udp_host,
	.send = udp_send,
	.flush = udp_flush,
	.room = udp_room,
	.silence = udp_silence,
	.tick = udp_tick,
	.phase = udp_phase,
	.drop = udp_drop,
	.close = udp_close,
};
