/* SPDX-License-Identifier: ISC */
/*
 * The raw side of a scan. A source port stands for an attempt: each attempt is
 * a connection of its own for what lies between, and an answer says which one
 * it answers, so that round trips are measured from the right packet. The
 * ports are held by sockets that do not listen: no other program gets them, and
 * this machine's own TCP ends what a SYN began with a RST.
 *
 * System calls: epoll, sendmmsg(2) (raw_send.c); in raw_open(), before the
 * sandbox, also socket(AF_INET, AF_INET6; SOCK_STREAM), bind(2), setsockopt(2)
 * (IPV6_V6ONLY, IP_RECVERR, IPV6_RECVERR, SO_SNDBUF); and those of scan/links.c
 * and scan/capture.c. All work without privilege once priv_open() has opened the
 * sockets.
 */
#include "config.h"

#include "scan/raw_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xmalloc.h"
#include "scan/capture.h"
#include "scan/cookie.h"
#include "scan/port_hold.h"

/* Where this machine keeps a table of connections (its firewall, its
 * containers), each attempt from another port would be an entry of two minutes
 * there: all ports of a silent host would fill it. */
#define ATTEMPTS_TRACKED 2
#define PORT_FIRST       33000
#define PORT_LAST        60000
#define PORT_TRIES       64

/* -- ports ---------------------------------------------------------------- */

/* As many as can be had, but one at least of each technique. They are held
 * from the beginning: the sandbox has no socket(2). */
static void
hold_more(struct raw *r)
{
	unsigned group, k, most;
	int fd;

	most = r->priv->conntrack_count == -1 ? RAW_ATTEMPTS : ATTEMPTS_TRACKED;
	for (group = 0; group < 2; group++)
		for (k = 1; k < most; k++) {
			fd = port_hold(
			    (uint16_t)(r->base + group * RAW_ATTEMPTS + k));
			if (fd < 0)
				break;
			r->hold[group * RAW_ATTEMPTS + k] = fd;
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
						      RAW_PORTS * RAW_PORTS);
		fd = port_hold(r->base);
		if (fd == -EADDRINUSE)
			continue;
		if (fd < 0)
			break;
		ack = port_hold((uint16_t)(r->base + RAW_ATTEMPTS));
		if (ack >= 0) {
			r->hold[0] = fd;
			r->hold[RAW_ATTEMPTS] = ack;
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
uint16_t
raw_source_port(const struct raw *r, enum raw_who who, unsigned attempt)
{
	unsigned group = who == RAW_ACK;

	if (attempt >= r->nheld[group])
		attempt = r->nheld[group] - 1;
	return (uint16_t)(r->base + group * RAW_ATTEMPTS + attempt);
}

static bool
port_is_ours(const struct raw *r, uint16_t port, enum raw_who *who)
{
	unsigned k = (unsigned)port - r->base;

	if (port < r->base || k >= RAW_PORTS || r->hold[k] == -1)
		return false;
	*who = k < RAW_ATTEMPTS ? RAW_SYN : RAW_ACK;
	return true;
}

/* -- what comes in -------------------------------------------------------- */

/* Of an interface's scope, if the address is of one. Ours come back by lo. */
static struct host *
find_host(
    struct raw *r, const struct scan_addr *from, const struct capture_frame *f)
{
	struct scan_addr a = *from;

	if (scan_addr_is_link_local(&a))
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

	hit->attempt = (int)((unsigned)port - r->base - group * RAW_ATTEMPTS);
	hit->attempts = r->nheld[group];
	/* The last port serves all later attempts, too: it is one of them at
	 * least, which only one port for all cannot say. */
	if (hit->attempts > 1)
		hit->attempts = UINT8_MAX;
}

uint32_t
raw_cookie(
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
	cookie = raw_cookie(r, hit.host, t->dport, t->sport);
	if (who == RAW_SYN
		? (t->flags & PACKET_ACK) == 0 || t->ack != cookie + 1
		: t->seq != cookie)
		return;
	hit_attempt(r, &hit, who, t->dport);
	hit.at_ns = f->at_ns;
	give(r, who, &hit);
}

void
raw_echo_cookie(
    const struct raw *r, const struct host *h, uint16_t *id, uint16_t *seq)
{
	uint32_t cookie = raw_cookie(r, h, 0, 0);

	*id = (uint16_t)(cookie >> 16);
	*seq = (uint16_t)((cookie & 0xffff) >> RAW_SEQ_BITS << RAW_SEQ_BITS);
}

static bool
echo_is_ours(
    const struct raw *r, const struct packet_head *e, struct raw_hit *hit)
{
	uint16_t id, seq;

	raw_echo_cookie(r, hit->host, &id, &seq);
	hit->attempts = 1U << RAW_SEQ_BITS;
	hit->attempt = (int)(e->seq % hit->attempts);
	return e->sport == id &&
	       (e->seq >> RAW_SEQ_BITS << RAW_SEQ_BITS) == seq;
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
	/* This machine found no way to it, a router that does not answer ARP
	 * perhaps: that is no answer. */
	hit.unsent = is_source(hit.host, &k->head.src) && !hit.host->local;
	if (q->proto == IPPROTO_TCP) {
		if (!port_is_ours(r, q->sport, &who) ||
		    q->seq != raw_cookie(r, hit.host, q->sport, q->dport))
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
	if (hit->unsent) {
		engine_unsent(r->engine, p, -EHOSTUNREACH);
		return;
	}
	if (p->tries > hit->attempts)
		a.attempt = -1;
	if (k->kind == PACKET_ERROR)
		a.from = k->head.src;
	if (memcmp(k->mac, none, sizeof(none)) != 0)
		a.mac = k->mac;
	engine_answer(r->engine, p, &a);
}

/* -- its life ------------------------------------------------------------- */

static void
raw_free(struct raw *r)
{
	unsigned i;

	if (r->in != NULL)
		engine_unwatch(r->engine, priv_fd(r->priv, PRIV_PACKET));
	capture_free(r->in);
	for (i = 0; i < RAW_PORTS; i++)
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
	for (i = 0; i < RAW_PORTS; i++)
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
	r->in =
	    capture_new(priv_fd(priv, PRIV_PACKET), r->base, RAW_PORTS, cause);
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
	raw_prepare_senders(priv);
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
