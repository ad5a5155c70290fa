/* SPDX-License-Identifier: ISC */
/*
 * Echo requests without privilege: icmp(7), ping sockets. The kernel chooses
 * the identifier, computes the checksum, and hands us replies to ours alone.
 */
#include "config.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/xmalloc.h"
#include "scan/cookie.h"
#include "scan/errqueue.h"
#include "scan/packet.h"
#include "scan/sockaddr.h"
#include "scan/tech.h"

struct ping;
struct ping_sock {
	int fd; /* of struct priv, which closes it; -1: there is none */
	bool v6;
	struct ping *ping;
};
struct ping {
	struct engine *engine;
	struct ping_sock sock[2];
};
/* RFC 792, RFC 4443 4.1: they look the same but for the type. */
struct echo {
	uint8_t type, code;
	uint16_t sum, id, seq;
	uint32_t cookie[2];
};

static uint32_t
ping_cookie(const struct ping *g, const struct scan_addr *to)
{
	static const struct scan_addr none;

	return cookie_make(engine_secret(g->engine), &none, to, 0, 0);
}

static int
ping_send(void *arg, struct probe *p, uint64_t now)
{
	struct ping *g = arg;
	const struct scan_addr *to = &engine_host(g->engine, p->slot)->addr;
	bool v6 = to->family == 6;
	struct echo e = { .type = v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
		.seq = htons(p->tries),
		.cookie = { ping_cookie(g, to) } };
	struct sockaddr_storage a;
	struct iovec iov = { &e, sizeof e };
	struct mmsghdr m = {
		.msg_hdr = { .msg_name = &a, .msg_iov = &iov, .msg_iovlen = 1 }
	};
	int r;

	(void)now;
	m.msg_hdr.msg_namelen = sockaddr_put(&a, to, 0);
	r = errqueue_send(g->sock[v6].fd, &m, 1);
	return r < 0 ? r : 0;
}

static void
ping_take(void *arg, const struct errqueue_note *n, uint64_t now)
{
	struct ping_sock *s = arg;
	struct engine *engine = s->ping->engine;
	struct host *h = engine_host_find(engine, &n->peer);
	struct answer a = { .state = SCAN_OPEN,
		.reason = REASON_ECHO_REPLY,
		.ttl = n->ttl,
		.attempt = -1,
		.at_ns = now };
	struct echo e;
	struct probe *p;

	if (h == NULL)
		return;
	p = engine_probe_find(
	    engine, h, &tech_ping, s->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 0);
	if (p == NULL)
		return;
	if (n->icmp) {
		a.reason = packet_reason(n->peer.family, n->type, n->code);
		if (a.reason == REASON_NONE)
			return;
		/* It refuses, so it is there. */
		a.state = scan_addr_eq(&n->from, &h->addr) ? SCAN_UNFILTERED
							   : SCAN_FILTERED;
		if (a.state == SCAN_FILTERED)
			a.from = n->from;
		engine_answer(engine, p, &a);
		return;
	}
	if (n->len < sizeof e)
		return;
	memcpy(&e, n->data, sizeof e);
	if (e.type != (s->v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) ||
	    e.cookie[0] != ping_cookie(s->ping, &h->addr) ||
	    ntohs(e.seq) >= p->tries)
		return;
	a.attempt = ntohs(e.seq);
	engine_answer(engine, p, &a);
}

static void
ping_ready(void *arg, int fd, uint32_t events, uint64_t now)
{
	struct ping_sock *s = arg;

	(void)events;
	engine_received(s->ping->engine, errqueue_read(fd, ping_take, s, now));
}

static void
ping_close(void *arg)
{
	struct ping *g = arg;
	int i;

	for (i = 0; i < 2; i++)
		if (g->sock[i].fd >= 0)
			engine_unwatch(g->engine, g->sock[i].fd);
	free(g);
}

static int
ping_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	static const enum priv_sock which[] = { PRIV_PING4, PRIV_PING6 };
	struct ping *g = xcalloc(1, sizeof *g);
	struct ping_sock *s;
	int i, r;

	g->engine = e;
	for (i = 0; i < 2; i++)
		g->sock[i] =
		    (struct ping_sock){ .fd = -1, .v6 = i != 0, .ping = g };
	for (i = 0; i < 2; i++) {
		s = &g->sock[i];
		if ((priv->have & which[i]) == 0)
			continue;
		s->fd = priv_fd(priv, which[i]);
		if ((r = errqueue_want(s->fd, s->v6)) < 0 ||
		    (r = engine_watch(e, s->fd, EPOLLIN, ping_ready, s)) < 0) {
			xasprintf(cause, "ping socket: %s", strerror(-r));
			ping_close(g);
			return r;
		}
	}
	*ret = g;
	return 0;
}

const struct tech_ops tech_ping = {
	.name = "ping",
	.needs4 = PRIV_PING4,
	.needs6 = PRIV_PING6,
	.silent = SCAN_FILTERED,
	.open = ping_open,
	.send = ping_send,
	.close = ping_close,
};
