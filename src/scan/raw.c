/* SPDX-License-Identifier: ISC */
/*
 * The raw side of a scan. A source port stands for an attempt: each attempt is
 * a connection of its own for what lies between, and an answer says which one
 * it answers, so that round trips are measured from the right packet. The
 * ports are held by sockets that do not listen: no other program gets them, and
 * this machine's own TCP ends what a SYN began with a RST.
 *
 * System calls: sendmmsg(2), epoll; in raw_open(), before the sandbox, also
 * socket(AF_INET, AF_INET6; SOCK_STREAM), bind(2), setsockopt(2) (IPV6_V6ONLY,
 * IP_RECVERR, IPV6_RECVERR, SO_SNDBUF); and those of scan/links.c and
 * scan/capture.c. All work without privilege once priv_open() has opened the
 * sockets.
 */
#include "config.h"

#include "scan/raw.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xmalloc.h"
#include "scan/capture.h"
#include "scan/cookie.h"

#define ATTEMPTS 8              /* ports of a technique, at most */
#define PORTS    (2 * ATTEMPTS) /* those of RAW_SYN, those of RAW_ACK */
/* Where this machine keeps a table of connections (its firewall, its
 * containers), each attempt from another port would be an entry of two minutes
 * there: all ports of a silent host would fill it. */
#define ATTEMPTS_TRACKED 2
#define PORT_FIRST       33000
#define PORT_LAST        60000
#define PORT_TRIES       64
#define BATCH            64
#define TTL              64
#define SNDBUF           (4 << 20)
#define SEQ_BITS         4 /* of an echo's number: the attempt */

enum way {
	WAY_IP4,
	WAY_IP6,
	WAY_LINK,
	NWAYS
};
/* What waits to go out one way, and whose it is. */
struct batch {
	int fd;
	unsigned n;
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_ll ll;
	} to[BATCH];
	struct {
		const struct tech_ops *ops;
		uint32_t slot;
		uint16_t port;
		uint8_t proto;
	} of[BATCH];
	uint8_t data[BATCH][PACKET_MAX];
};

struct raw_user {
	struct raw *raw; /* NULL: has not joined */
	enum raw_who who;
	raw_take take;
};
struct raw {
	struct engine *engine;
	struct priv *priv;
	struct links *links;
	bool own_links;
	struct capture *in;
	struct raw_user user[RAW_NWHO];
	uint16_t base;
	int hold[PORTS]; /* -1: not held */
	unsigned nheld[2];
	bool lost_told;
	struct batch *way[NWAYS];
};

/* -- ports ---------------------------------------------------------------- */

/* One socket holds the port of both families. */
static int
hold_port(uint16_t port)
{
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd, error, zero = 0;

	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1) {
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
		if (bind(fd, (struct sockaddr *)&in6, sizeof(in6)) == 0)
			return fd;
		error = errno;
		close(fd);
		if (error != EADDRNOTAVAIL)
			return -error;
	} else if (errno != EAFNOSUPPORT)
		return -errno;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -errno;
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* As many as can be had, but one at least of each technique. They are held
 * from the beginning: the sandbox has no socket(2). */
static void
hold_more(struct raw *r)
{
	unsigned group, k, most;
	int fd;

	most = r->priv->conntrack_count == -1 ? ATTEMPTS : ATTEMPTS_TRACKED;
	for (group = 0; group < 2; group++)
		for (k = 1; k < most; k++) {
			fd = hold_port(
			    (uint16_t)(r->base + group * ATTEMPTS + k));
			if (fd < 0)
				break;
			r->hold[group * ATTEMPTS + k] = fd;
			r->nheld[group]++;
		}
}

/* The first port of each technique decides where they lie. */
static int
choose_ports(struct raw *r, char **cause)
{
	uint64_t h;
	int i, fd = -EADDRINUSE, ack;

	for (i = 0; i < PORT_TRIES; i++) {
		h = cookie_hash(engine_secret(r->engine), &i, sizeof(i));
		r->base = (uint16_t)(PORT_FIRST + h % (PORT_LAST - PORT_FIRST) /
						      PORTS * PORTS);
		fd = hold_port(r->base);
		if (fd == -EADDRINUSE)
			continue;
		if (fd < 0)
			break;
		ack = hold_port((uint16_t)(r->base + ATTEMPTS));
		if (ack >= 0) {
			r->hold[0] = fd;
			r->hold[ATTEMPTS] = ack;
			r->nheld[0] = r->nheld[1] = 1;
			hold_more(r);
			return 0;
		}
		close(fd);
		fd = ack;
	}
	xasprintf(cause, "no source port can be had: %s", strerror(-fd));
	return fd;
}

/* If there are more attempts than ports, the last one serves again. */
static uint16_t
source_port(const struct raw *r, enum raw_who who, unsigned attempt)
{
	unsigned group = who == RAW_ACK;

	if (attempt >= r->nheld[group])
		attempt = r->nheld[group] - 1;
	return (uint16_t)(r->base + group * ATTEMPTS + attempt);
}

static bool
port_is_ours(const struct raw *r, uint16_t port, enum raw_who *who)
{
	unsigned k = (unsigned)port - r->base;

	if (port < r->base || k >= PORTS || r->hold[k] == -1)
		return false;
	*who = k < ATTEMPTS ? RAW_SYN : RAW_ACK;
	return true;
}

/* -- what comes in -------------------------------------------------------- */

/* Of an interface's scope, if the address is of one. Ours come back by lo. */
static struct host *
find_host(
    struct raw *r, const struct scan_addr *from, const struct capture_frame *f)
{
	struct scan_addr a = *from;

	if (a.family == 6 && a.addr[0] == 0xfe && (a.addr[1] & 0xc0) == 0x80)
		a.scope =
		    f->loopback ? links_index(r->links, a.addr) : f->ifindex;
	return engine_host_find(r->engine, &a);
}

static bool
is_source(const struct host *h, const struct scan_addr *a)
{
	return h->src.family == a->family &&
	       memcmp(h->src.addr, a->addr, sizeof(a->addr)) == 0;
}

static void
give(struct raw *r, enum raw_who who, const struct raw_hit *hit)
{
	if (r->user[who].raw != NULL)
		r->user[who].take(&r->user[who], hit);
}

/* The port's place says the attempt. */
static void
hit_attempt(
    const struct raw *r, struct raw_hit *hit, enum raw_who who, uint16_t port)
{
	unsigned group = who == RAW_ACK;

	hit->attempt = (int)((unsigned)port - r->base - group * ATTEMPTS);
	hit->attempts = r->nheld[group];
	/* The last port serves all later attempts, too: it is one of them at
	 * least, which only one port for all cannot say. */
	if (hit->attempts > 1)
		hit->attempts = UINT8_MAX;
}

static uint32_t
cookie_of(
    const struct raw *r, const struct host *h, uint16_t sport, uint16_t dport)
{
	return cookie_make(
	    engine_secret(r->engine), &h->src, &h->addr, sport, dport);
}

/* A SYN is answered by its number and one; an ACK by a RST with the number it
 * acknowledged. */
static void
take_tcp(struct raw *r, const struct packet *k, const struct capture_frame *f)
{
	const struct packet_head *t = &k->head;
	struct raw_hit hit = { .packet = k, .port = t->sport };
	enum raw_who who;
	uint32_t cookie;

	if (!port_is_ours(r, t->dport, &who))
		return;
	hit.host = find_host(r, &t->src, f);
	if (hit.host == NULL || !is_source(hit.host, &t->dst))
		return;
	cookie = cookie_of(r, hit.host, t->dport, t->sport);
	if (who == RAW_SYN
		? (t->flags & PACKET_ACK) == 0 || t->ack != cookie + 1
		: t->seq != cookie)
		return;
	hit_attempt(r, &hit, who, t->dport);
	hit.at_ns = f->at_ns;
	give(r, who, &hit);
}

/* Of an echo the cookie is the identifier and all of the number but the bits
 * that say the attempt. */
static void
echo_cookie(
    const struct raw *r, const struct host *h, uint16_t *id, uint16_t *seq)
{
	uint32_t cookie = cookie_of(r, h, 0, 0);

	*id = (uint16_t)(cookie >> 16);
	*seq = (uint16_t)((cookie & 0xffff) >> SEQ_BITS << SEQ_BITS);
}

static bool
echo_is_ours(
    const struct raw *r, const struct packet_head *e, struct raw_hit *hit)
{
	uint16_t id, seq;

	echo_cookie(r, hit->host, &id, &seq);
	hit->attempts = 1U << SEQ_BITS;
	hit->attempt = (int)(e->seq % hit->attempts);
	return e->sport == id && (e->seq >> SEQ_BITS << SEQ_BITS) == seq;
}

static void
take_echo(struct raw *r, const struct packet *k, const struct capture_frame *f)
{
	struct raw_hit hit = { .packet = k, .at_ns = f->at_ns };

	hit.host = find_host(r, &k->head.src, f);
	if (hit.host != NULL && is_source(hit.host, &k->head.dst) &&
	    echo_is_ours(r, &k->head, &hit))
		give(r, RAW_ICMP, &hit);
}

/* It quotes what we sent; whoever did not see that cannot quote the cookie. */
static void
take_error(struct raw *r, const struct packet *k, const struct capture_frame *f)
{
	const struct packet_head *q = &k->quote;
	struct raw_hit hit = { .packet = k, .at_ns = f->at_ns };
	enum raw_who who = RAW_ICMP;

	hit.host = find_host(r, &q->dst, f);
	if (hit.host == NULL || !is_source(hit.host, &q->src))
		return;
	if (q->proto == IPPROTO_TCP) {
		if (!port_is_ours(r, q->sport, &who) ||
		    q->seq != cookie_of(r, hit.host, q->sport, q->dport))
			return;
		hit.port = q->dport;
		hit_attempt(r, &hit, who, q->sport);
	} else if (q->proto == IPPROTO_UDP || !echo_is_ours(r, q, &hit))
		return;
	give(r, who, &hit);
}

/* Of ARP and ND nothing proves that the question was seen: the link is
 * trusted as far as any program on it must. */
static void
take_neighbour(
    struct raw *r, const struct packet *k, const struct capture_frame *f)
{
	struct raw_hit hit = { .packet = k, .attempt = -1, .at_ns = f->at_ns };

	hit.host = find_host(r, &k->head.src, f);
	if (hit.host != NULL && hit.host->on_link &&
	    hit.host->ifindex == f->ifindex &&
	    is_source(hit.host, &k->head.dst))
		give(r, k->kind == PACKET_ARP_REPLY ? RAW_ARP : RAW_ND, &hit);
}

static void
take_frame(void *arg, const struct capture_frame *f)
{
	struct raw *r = arg;
	struct packet k;

	packet_parse(&k, f->ethertype, f->data, f->len);
	switch (k.kind) {
	case PACKET_TCP:
		take_tcp(r, &k, f);
		break;
	case PACKET_ECHO_REPLY:
		take_echo(r, &k, f);
		break;
	case PACKET_ERROR:
		take_error(r, &k, f);
		break;
	case PACKET_ARP_REPLY:
	case PACKET_NEIGHBOUR:
		take_neighbour(r, &k, f);
		break;
	case PACKET_OTHER:
		break;
	}
}

static void
ready(void *arg, int fd, uint32_t events, uint64_t now)
{
	struct raw *r = arg;
	uint32_t n;

	(void)fd;
	(void)events;
	(void)now;
	n = capture_read(r->in, take_frame, r);
	if (n > 0)
		engine_received(r->engine, n);
	if (!r->lost_told && capture_lost(r->in) > 0) {
		r->lost_told = true;
		engine_note(r->engine, false,
		    "answers came faster than they could be read; what was "
		    "lost is asked again");
	}
}

void
raw_answer(struct raw_user *u, const struct tech_ops *ops, uint8_t proto,
    const struct raw_hit *hit, enum scan_state state, enum scan_reason reason)
{
	static const uint8_t none[6];
	struct raw *r = u->raw;
	const struct packet *k = hit->packet;
	struct probe *p =
	    engine_probe_find(r->engine, hit->host, ops, proto, hit->port);
	struct answer a = {
		.state = state,
		.reason = reason,
		.ttl = k->head.ttl,
		.attempt = hit->attempt,
		.at_ns = hit->at_ns,
	};

	if (p == NULL)
		return;
	if (p->tries > hit->attempts)
		a.attempt = -1;
	if (k->kind == PACKET_ERROR)
		a.from = k->head.src;
	if (memcmp(k->mac, none, sizeof(none)) != 0)
		a.mac = k->mac;
	engine_answer(r->engine, p, &a);
}

/* -- what goes out -------------------------------------------------------- */

/* The kernel did not take one. */
static void
unsent(struct raw *r, const struct batch *b, unsigned i, int error)
{
	struct host *h = engine_host(r->engine, b->of[i].slot);
	struct probe *p;

	if (h == NULL)
		return;
	p = engine_probe_find(
	    r->engine, h, b->of[i].ops, b->of[i].proto, b->of[i].port);
	if (p != NULL)
		engine_unsent(r->engine, p, -error);
}

static void
flush_batch(struct raw *r, struct batch *b)
{
	unsigned i = 0;
	int n, error;

	while (i < b->n) {
		n = sendmmsg(b->fd, b->m + i, b->n - i, MSG_DONTWAIT);
		if (n > 0) {
			i += (unsigned)n;
			continue;
		}
		error = errno;
		if (error == EINTR)
			continue;
		/* No room: none of the others would get through. */
		do
			unsent(r, b, i++, error);
		while (i < b->n && (error == EAGAIN || error == ENOBUFS ||
				       error == ENOMEM));
	}
	b->n = 0;
}

void
raw_flush(void *arg, uint64_t now)
{
	struct raw *r = ((struct raw_user *)arg)->raw;
	int i;

	(void)now;
	for (i = 0; i < NWAYS; i++)
		if (r->way[i] != NULL && r->way[i]->n > 0)
			flush_batch(r, r->way[i]);
}

/* Room for one packet, of which the caller says where to and how long. NULL:
 * there is no such socket. */
static struct batch *
batch_room(struct raw *r, enum way way, const struct tech_ops *ops,
    const struct probe *p)
{
	static const enum priv_sock sock[NWAYS] = {
		[WAY_IP4] = PRIV_RAW4,
		[WAY_IP6] = PRIV_RAW6,
		[WAY_LINK] = PRIV_PACKET,
	};
	struct batch *b = r->way[way];

	if (b == NULL) {
		if ((r->priv->have & sock[way]) == 0)
			return NULL;
		b = r->way[way] = xcalloc(1, sizeof(*b));
		b->fd = priv_fd(r->priv, sock[way]);
	}
	if (b->n == BATCH)
		flush_batch(r, b);
	b->of[b->n].ops = ops;
	b->of[b->n].slot = p->slot;
	b->of[b->n].port = p->port;
	b->of[b->n].proto = p->proto;
	return b;
}

static void
batch_add(struct batch *b, size_t len, socklen_t to)
{
	b->iov[b->n] = (struct iovec){
		.iov_base = b->data[b->n],
		.iov_len = len,
	};
	b->m[b->n].msg_hdr = (struct msghdr){
		.msg_name = &b->to[b->n],
		.msg_namelen = to,
		.msg_iov = &b->iov[b->n],
		.msg_iovlen = 1,
	};
	b->n++;
}

static void
batch_add_ip(struct batch *b, size_t len, const struct scan_addr *to)
{
	if (to->family == 4) {
		struct sockaddr_in *in = &b->to[b->n].in;

		*in = (struct sockaddr_in){ .sin_family = AF_INET };
		memcpy(&in->sin_addr, to->addr, 4);
		batch_add(b, len, sizeof(*in));
	} else {
		struct sockaddr_in6 *in6 = &b->to[b->n].in6;

		*in6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6,
			.sin6_scope_id = to->scope,
		};
		memcpy(&in6->sin6_addr, to->addr, 16);
		batch_add(b, len, sizeof(*in6));
	}
}

static struct packet_out
packet_for(const struct host *h)
{
	return (struct packet_out){
		.src = h->src,
		.dst = h->addr,
		.ttl = TTL,
	};
}

int
raw_send_tcp(struct raw_user *u, const struct tech_ops *ops,
    const struct probe *p, uint8_t flags)
{
	struct raw *r = u->raw;
	const struct host *h = engine_host(r->engine, p->slot);
	struct packet_out o = packet_for(h);
	struct batch *b;

	if (h->src.family == 0)
		return -EHOSTUNREACH;
	b = batch_room(r, h->addr.family == 4 ? WAY_IP4 : WAY_IP6, ops, p);
	if (b == NULL)
		return -EAFNOSUPPORT;
	o.flags = flags;
	o.sport = source_port(r, u->who, p->tries);
	o.dport = p->port;
	/* Of what ICMP quotes only the first eight bytes are sure to come:
	 * the number stands there in both cases. */
	o.seq = cookie_of(r, h, o.sport, o.dport);
	o.ack = (flags & PACKET_ACK) != 0 ? o.seq : 0;
	o.id = (uint16_t)(o.seq >> 8 ^ o.seq << 7);
	batch_add_ip(b, packet_put_tcp(b->data[b->n], &o), &h->addr);
	return 0;
}

int
raw_send_echo(
    struct raw_user *u, const struct tech_ops *ops, const struct probe *p)
{
	struct raw *r = u->raw;
	const struct host *h = engine_host(r->engine, p->slot);
	struct packet_out o = packet_for(h);
	struct batch *b;
	uint16_t seq;

	if (h->src.family == 0)
		return -EHOSTUNREACH;
	b = batch_room(r, h->addr.family == 4 ? WAY_IP4 : WAY_IP6, ops, p);
	if (b == NULL)
		return -EAFNOSUPPORT;
	echo_cookie(r, h, &o.sport, &seq);
	o.seq = seq | (p->tries & ((1U << SEQ_BITS) - 1));
	o.id = (uint16_t)(o.seq ^ o.sport);
	batch_add_ip(b, packet_put_echo(b->data[b->n], &o), &h->addr);
	return 0;
}

int
raw_send_ask(
    struct raw_user *u, const struct tech_ops *ops, const struct probe *p)
{
	struct raw *r = u->raw;
	const struct host *h = engine_host(r->engine, p->slot);
	const uint8_t *mac = links_mac(r->links, h->ifindex);
	struct packet_out o = packet_for(h);
	struct sockaddr_ll *ll;
	struct batch *b;

	if (h->src.family == 0 || !h->on_link || mac == NULL)
		return -EHOSTUNREACH;
	b = batch_room(r, WAY_LINK, ops, p);
	if (b == NULL)
		return -EAFNOSUPPORT;
	ll = &b->to[b->n].ll;
	*ll = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)h->ifindex,
		.sll_halen = 6,
	};
	if (h->addr.family == 4) {
		ll->sll_protocol = htons(ETH_P_ARP);
		memset(ll->sll_addr, 0xff, 6);
		batch_add(
		    b, packet_put_arp(b->data[b->n], &o, mac), sizeof(*ll));
	} else {
		ll->sll_protocol = htons(ETH_P_IPV6);
		packet_solicit_mac(ll->sll_addr, &h->addr);
		batch_add(
		    b, packet_put_solicit(b->data[b->n], &o, mac), sizeof(*ll));
	}
	return 0;
}

int
raw_host(void *arg, struct host *h)
{
	return links_host(((struct raw_user *)arg)->raw->links, h);
}

/* -- its life ------------------------------------------------------------- */

/* Only so is a packet that a device's queue refused told of (ENOBUFS). */
static void
prepare_senders(const struct priv *p)
{
	int one = 1, size = SNDBUF;

	if ((p->have & PRIV_RAW4) != 0) {
		(void)setsockopt(priv_fd(p, PRIV_RAW4), IPPROTO_IP, IP_RECVERR,
		    &one, sizeof(one));
		(void)setsockopt(priv_fd(p, PRIV_RAW4), SOL_SOCKET, SO_SNDBUF,
		    &size, sizeof(size));
	}
	if ((p->have & PRIV_RAW6) != 0) {
		(void)setsockopt(priv_fd(p, PRIV_RAW6), IPPROTO_IPV6,
		    IPV6_RECVERR, &one, sizeof(one));
		(void)setsockopt(priv_fd(p, PRIV_RAW6), SOL_SOCKET, SO_SNDBUF,
		    &size, sizeof(size));
	}
}

static void
raw_free(struct raw *r)
{
	unsigned i;

	if (r->in != NULL)
		engine_unwatch(r->engine, priv_fd(r->priv, PRIV_PACKET));
	capture_free(r->in);
	for (i = 0; i < PORTS; i++)
		if (r->hold[i] != -1)
			close(r->hold[i]);
	for (i = 0; i < NWAYS; i++)
		free(r->way[i]);
	if (r->own_links)
		links_free(r->links);
	r->priv->raw = NULL;
	free(r);
}

static int
raw_new(struct engine *engine, struct priv *priv, char **cause)
{
	struct raw *r = xcalloc(1, sizeof(*r));
	unsigned i;
	int error;

	*r = (struct raw){ .engine = engine, .priv = priv };
	for (i = 0; i < PORTS; i++)
		r->hold[i] = -1;
	priv->raw = r;
	r->links = priv->links;
	if (r->links == NULL) {
		r->links = links_new();
		r->own_links = true;
	}
	error = choose_ports(r, cause);
	if (error != 0)
		goto fail;
	r->in = capture_new(priv_fd(priv, PRIV_PACKET), r->base, PORTS, cause);
	if (r->in == NULL) {
		error = -EPERM;
		goto fail;
	}
	error =
	    engine_watch(engine, priv_fd(priv, PRIV_PACKET), EPOLLIN, ready, r);
	if (error != 0) {
		xasprintf(cause, "packets cannot be waited for: %s",
		    strerror(-error));
		goto fail;
	}
	prepare_senders(priv);
	return 0;
fail:
	raw_free(r);
	return error;
}

int
raw_open(struct engine *engine, struct priv *priv, enum raw_who who,
    raw_take take, void **ret, char **cause)
{
	struct raw_user *u;
	int error;

	if (priv->raw == NULL) {
		error = raw_new(engine, priv, cause);
		if (error != 0)
			return error;
	}
	u = &priv->raw->user[who];
	*u = (struct raw_user){ .raw = priv->raw, .who = who, .take = take };
	*ret = u;
	return 0;
}

/* The last to leave frees it. */
void
raw_close(void *arg)
{
	struct raw_user *u = arg;
	struct raw *r = u->raw;
	int i;

	u->raw = NULL;
	for (i = 0; i < RAW_NWHO; i++)
		if (r->user[i].raw != NULL)
			return;
	raw_free(r);
}
