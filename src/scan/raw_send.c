/* SPDX-License-Identifier: ISC */
/*
 * What goes out. Most packets take the kernel's way (routes, firewall, ARP).
 * Neighbours by the hundred do not: each would be an entry of the kernel's table
 * of them, which holds a thousand (gc_thresh3), and then nobody else gets one.
 * ARP and ND have told their addresses, so they are sent to directly.
 */
#include "config.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/xmalloc.h"
#include "scan/raw_priv.h"
#include "scan/sockaddr.h"

#define BATCH  64
#define TTL    64
#define SNDBUF (4 << 20)
/* So many neighbours may be in the kernel's table: it begins to look for old
 * ones at 128 (gc_thresh1). */
#define NEIGHBOURS_MOST 100

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

static bool
goes_directly(const struct raw *r, const struct host *h)
{
	static const uint8_t none[6];

	return r->neighbours > NEIGHBOURS_MOST && h->on_link &&
	       memcmp(h->mac, none, sizeof(none)) != 0;
}

static enum way
way_to(const struct raw *r, const struct host *h)
{
	if (goes_directly(r, h))
		return WAY_LINK;
	return h->addr.family == 4 ? WAY_IP4 : WAY_IP6;
}

static void
batch_add_link(struct batch *b, size_t len, const struct host *h, uint16_t type)
{
	struct sockaddr_ll *ll = &b->to[b->n].ll;

	ll->sll_family = AF_PACKET;
	ll->sll_ifindex = (int)h->ifindex;
	ll->sll_halen = 6;
	ll->sll_protocol = htons(type);
	batch_add(b, len, sizeof(*ll));
}

static void
batch_add_ip(struct batch *b, enum way way, size_t len, const struct host *h)
{
	const struct scan_addr *to = &h->addr;

	if (way == WAY_LINK) {
		memcpy(b->to[b->n].ll.sll_addr, h->mac, 6);
		batch_add_link(
		    b, len, h, to->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	} else
		batch_add(b, len, sockaddr_put(&b->to[b->n], to, 0));
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
	enum way way;

	if (h->src.family == 0)
		return -EHOSTUNREACH;
	way = way_to(r, h);
	b = batch_room(r, way, ops, p);
	if (b == NULL)
		return -EAFNOSUPPORT;
	o.flags = flags;
	o.sport = raw_source_port(r, u->who, p->tries);
	o.dport = p->port;
	/* Of what ICMP quotes only the first eight bytes are sure to come:
	 * the number stands there in both cases. */
	o.seq = raw_cookie(r, h, o.sport, o.dport);
	o.ack = (flags & PACKET_ACK) != 0 ? o.seq : 0;
	o.id = (uint16_t)(o.seq >> 8 ^ o.seq << 7);
	batch_add_ip(b, way, packet_put_tcp(b->data[b->n], &o), h);
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
	enum way way;
	uint16_t seq;

	if (h->src.family == 0)
		return -EHOSTUNREACH;
	way = way_to(r, h);
	b = batch_room(r, way, ops, p);
	if (b == NULL)
		return -EAFNOSUPPORT;
	raw_echo_cookie(r, h, &o.sport, &seq);
	o.seq = seq | (p->tries & ((1U << RAW_SEQ_BITS) - 1));
	o.id = (uint16_t)(o.seq ^ o.sport);
	batch_add_ip(b, way, packet_put_echo(b->data[b->n], &o), h);
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
	struct batch *b;

	if (h->src.family == 0 || !h->on_link || mac == NULL)
		return -EHOSTUNREACH;
	b = batch_room(r, WAY_LINK, ops, p);
	if (b == NULL)
		return -EAFNOSUPPORT;
	if (p->tries == 0)
		r->neighbours++;
	if (h->addr.family == 4) {
		memset(b->to[b->n].ll.sll_addr, 0xff, 6);
		batch_add_link(
		    b, packet_put_arp(b->data[b->n], &o, mac), h, ETH_P_ARP);
	} else {
		packet_solicit_mac(b->to[b->n].ll.sll_addr, &h->addr);
		batch_add_link(b, packet_put_solicit(b->data[b->n], &o, mac), h,
		    ETH_P_IPV6);
	}
	return 0;
}

int
raw_host(void *arg, struct host *h)
{
	return links_host(((struct raw_user *)arg)->raw->links, h);
}

/* Only so is a packet that a device's queue refused told of (ENOBUFS). */
void
raw_prepare_senders(const struct priv *p)
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
