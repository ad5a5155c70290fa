/* SPDX-License-Identifier: ISC */
/*
 * The raw techniques against a network that the test plays itself: one end of a
 * veth pair is ours, at the other every frame is read and written by hand. So
 * what is sent is seen bit by bit, and what comes back may be anything: right,
 * forged, cut, from somebody else. All capabilities are given up once the sockets
 * are open. FORGED=1000000 in the environment is the flood at full length.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/clock.h"
#include "scan/engine.h"
#include "scan/packet.h"
#include "scan/raw.h"

#define SKIP    77
#define PATIENT 20000 /* ms: only a failure waits so long */

static const uint8_t mac_far[6] = { 2, 0, 0, 0, 0, 9 };
static uint8_t mac_ours[6];
static int wire;          /* packet socket at the far end */
static uint8_t mac_to[6]; /* of the last frame that frame_wait() took */
static struct priv priv;

/* -- an engine of one host and a few probes -------------------------------- */

#define NPROBES 64
struct engine {
	struct host host[2];
	struct probe probe[NPROBES];
	const struct tech_ops *ops[NPROBES];
	struct answer got[NPROBES];
	uint8_t mac[NPROBES][6];
	bool settled[NPROBES];
	int unsent[NPROBES]; /* -errno */
	unsigned n, nsettled;
	int fd;
	engine_ready ready;
	void *arg;
	uint64_t received;
	uint8_t secret[16];
};

struct host *
engine_host(struct engine *e, uint32_t slot)
{
	return &e->host[slot];
}

struct host *
engine_host_find(struct engine *e, const struct scan_addr *a)
{
	size_t i;

	for (i = 0; i < nitems(e->host); i++)
		if (scan_addr_eq(&e->host[i].addr, a))
			return &e->host[i];
	return NULL;
}

struct probe *
engine_probe_find(struct engine *e, const struct host *h,
    const struct tech_ops *ops, uint8_t proto, uint16_t port)
{
	unsigned i;

	for (i = 0; i < e->n; i++)
		if (!e->settled[i] && e->ops[i] == ops &&
		    e->probe[i].slot == h->slot && e->probe[i].proto == proto &&
		    e->probe[i].port == port)
			return &e->probe[i];
	return NULL;
}

void
engine_answer(struct engine *e, struct probe *p, const struct answer *a)
{
	size_t i = (size_t)(p - e->probe);

	e->got[i] = *a;
	if (a->mac != NULL)
		memcpy(e->mac[i], a->mac, 6);
	e->settled[i] = true;
	e->nsettled++;
}

void
engine_unsent(struct engine *e, struct probe *p, int error)
{
	e->unsent[p - e->probe] = error;
}

int
engine_watch(
    struct engine *e, int fd, uint32_t events, engine_ready ready, void *arg)
{
	assert_int_equal(events, EPOLLIN);
	e->fd = fd;
	e->ready = ready;
	e->arg = arg;
	return 0;
}

void
engine_unwatch(struct engine *e, int fd)
{
	assert_int_equal(e->fd, fd);
	e->fd = -1;
}

void
engine_note(struct engine *e, bool warning, const char *fmt, ...)
{
	(void)e;
	(void)warning;
	(void)fmt;
}

const uint8_t *
engine_secret(const struct engine *e)
{
	return e->secret;
}

void
engine_received(struct engine *e, uint32_t packets)
{
	e->received += packets;
}

/* -- helpers --------------------------------------------------------------- */

static struct scan_addr
addr(const char *text)
{
	struct scan_addr a;

	assert_true(scan_addr_parse(&a, text));
	return a;
}

/* A scan of one host with one technique. */
struct fixture {
	struct engine e;
	const struct tech_ops *ops;
	void *arg;
};

static struct fixture *
fixture_new(const struct tech_ops *ops, const char *host)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	char *cause = NULL;

	memset(f->e.secret, 0x5a, sizeof(f->e.secret));
	f->e.host[0].addr = addr(host);
	f->e.host[1].slot = 1;
	f->ops = ops;
	if (ops->open(&f->e, &priv, &f->arg, &cause) != 0)
		fail_msg("%s", cause);
	assert_int_equal(ops->host(f->arg, &f->e.host[0]), 0);
	return f;
}

static void
fixture_free(struct fixture *f)
{
	f->ops->close(f->arg);
	assert_null(priv.raw);
	assert_int_equal(f->e.fd, -1);
	test_free(f);
}

static struct probe *
ask(struct fixture *f, uint8_t proto, uint16_t port)
{
	struct probe *p = &f->e.probe[f->e.n];

	assert_true(f->e.n < NPROBES);
	f->e.ops[f->e.n++] = f->ops;
	*p = (struct probe){ .proto = proto, .port = port, .fd = { -1, -1 } };
	assert_int_equal(f->ops->send(f->arg, p, 0), 0);
	f->ops->flush(f->arg, 0);
	p->tries = 1;
	return p;
}

/* Until so many probes have an answer. */
static void
wait_settled(struct fixture *f, unsigned n)
{
	struct pollfd p = { .fd = f->e.fd, .events = POLLIN };

	while (f->e.nsettled < n) {
		if (poll(&p, 1, PATIENT) <= 0)
			fail_msg("no answer was heard");
		f->e.ready(f->e.arg, f->e.fd, EPOLLIN, 0);
	}
}

static void
frame_send(uint16_t type, const uint8_t *data, size_t len)
{
	uint8_t frame[14 + 2 * PACKET_MAX];

	memcpy(frame, mac_ours, 6);
	memcpy(frame + 6, mac_far, 6);
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
	memcpy(frame + 14, data, len);
	while (send(wire, frame, 14 + len, 0) < 0)
		assert_true(errno == ENOBUFS || errno == EAGAIN);
}

static void
ip_send(const struct scan_addr *family, const uint8_t *data, size_t len)
{
	frame_send(
	    family->family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, data, len);
}

/* The next frame of ours of this type (and, of IP, this protocol); its bytes
 * from the network layer on. */
static size_t
frame_wait(uint16_t type, uint8_t proto, uint8_t *out, size_t max)
{
	struct pollfd p = { .fd = wire, .events = POLLIN };
	uint8_t frame[512];
	ssize_t n;

	for (;;) {
		if (poll(&p, 1, PATIENT) <= 0)
			fail_msg("nothing was sent");
		n = recv(wire, frame, sizeof(frame), MSG_DONTWAIT);
		if (n < 14 || (frame[12] << 8 | frame[13]) != type)
			continue;
		if (type == ETHERTYPE_IP && frame[14 + 9] != proto)
			continue;
		if (type == ETHERTYPE_IPV6 && frame[14 + 6] != proto)
			continue;
		memcpy(mac_to, frame, sizeof(mac_to));
		n -= 14;
		assert_true((size_t)n <= max);
		memcpy(out, frame + 14, (size_t)n);
		return (size_t)n;
	}
}

/* The next SYN or ACK that is no RST of the kernel's. */
static struct packet
tcp_wait(const struct fixture *f)
{
	uint16_t type =
	    f->e.host[0].addr.family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6;
	uint8_t data[512];
	struct packet k;

	do
		packet_parse(&k, type, data,
		    frame_wait(type, IPPROTO_TCP, data, sizeof(data)));
	while ((k.head.flags & PACKET_RST) != 0);
	assert_int_equal(k.kind, PACKET_TCP);
	return k;
}

/* What the other side says to a packet of ours. */
static struct packet_out
reply_to(const struct packet *k, uint8_t flags)
{
	return (struct packet_out){
		.src = k->head.dst,
		.dst = k->head.src,
		.ttl = 57,
		.flags = flags,
		.sport = k->head.dport,
		.dport = k->head.sport,
		.seq = 0x11223344,
		.ack = k->head.seq + 1,
	};
}

static void
tcp_send(const struct packet_out *o)
{
	uint8_t data[PACKET_MAX];

	ip_send(&o->dst, data, packet_put_tcp(data, o));
}

/* ICMP from `router` that quotes a packet of ours. */
static void
error_send(const struct packet *k, const char *router, uint8_t type,
    uint8_t code, uint32_t seq)
{
	struct packet_out quoted = {
		.src = k->head.src,
		.dst = k->head.dst,
		.flags = k->head.flags,
		.sport = k->head.sport,
		.dport = k->head.dport,
		.seq = seq,
	};
	struct packet_out o = {
		.src = addr(router), .dst = k->head.src, .ttl = 63
	};
	bool v6 = o.dst.family == 6;
	size_t head = v6 ? 40 : 20, n = head + 8;
	uint8_t data[2 * PACKET_MAX], inner[PACKET_MAX];

	packet_put_tcp(inner, &quoted);
	packet_put_echo(data, &o);
	memset(data + head, 0, 8);
	data[head] = type;
	data[head + 1] = code;
	memcpy(data + n, inner, head + 8);
	n += head + 8;
	data[v6 ? 5 : 3] = (uint8_t)(v6 ? n - 40 : n);
	ip_send(&o.dst, data, n);
}

static void
check_answer(const struct fixture *f, unsigned i, enum scan_state state,
    enum scan_reason reason)
{
	assert_true(f->e.settled[i]);
	assert_int_equal(f->e.got[i].state, state);
	assert_int_equal(f->e.got[i].reason, reason);
	assert_true(
	    f->e.got[i].at_ns > 0 && f->e.got[i].at_ns <= clock_mono_ns());
}

static const char *const fars[] = { "10.9.0.9", "fd00:9::9" };
static const char *const routers[] = { "10.9.0.254", "fd00:9::fe" };

/* -- tests ----------------------------------------------------------------- */

static void
syn_states(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < nitems(fars); i++) {
		struct fixture *f = fixture_new(&tech_syn, fars[i]);
		bool v6 = i == 1;
		struct packet_out o;
		struct packet k;

		assert_true(f->e.host[0].on_link);
		assert_false(f->e.host[0].local);
		assert_int_equal(f->e.host[0].ifindex, if_nametoindex("v0"));
		ask(f, IPPROTO_TCP, 80);
		k = tcp_wait(f);
		assert_int_equal(k.head.flags, PACKET_SYN);
		assert_int_equal(k.head.dport, 80);
		assert_int_equal(k.head.ack, 0);
		assert_true(scan_addr_eq(&k.head.dst, &f->e.host[0].addr));
		assert_true(scan_addr_eq(&k.head.src, &f->e.host[0].src));
		o = reply_to(&k, PACKET_SYN | PACKET_ACK);
		tcp_send(&o);
		wait_settled(f, 1);
		check_answer(f, 0, SCAN_OPEN, REASON_SYN_ACK);
		assert_int_equal(f->e.got[0].ttl, 57);
		assert_int_equal(f->e.got[0].attempt, 0);
		assert_int_equal(f->e.got[0].from.family, 0);

		ask(f, IPPROTO_TCP, 81);
		k = tcp_wait(f);
		o = reply_to(&k, PACKET_RST | PACKET_ACK);
		tcp_send(&o);
		wait_settled(f, 2);
		check_answer(f, 1, SCAN_CLOSED, REASON_RESET);

		ask(f, IPPROTO_TCP, 82);
		k = tcp_wait(f);
		error_send(&k, routers[i], v6 ? 1 : 3, v6 ? 1 : 13, k.head.seq);
		wait_settled(f, 3);
		check_answer(f, 2, SCAN_FILTERED, REASON_ADMIN_PROHIBITED);
		k.head.src = addr(routers[i]);
		assert_true(scan_addr_eq(&f->e.got[2].from, &k.head.src));
		fixture_free(f);
	}
}

/* Whoever has not seen the SYN cannot answer it: all of these are sent before
 * a true answer to another port, and lie before it in the ring. */
static void
forged(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < nitems(fars); i++) {
		struct fixture *f = fixture_new(&tech_syn, fars[i]);
		struct packet_out o;
		struct packet k, other;

		ask(f, IPPROTO_TCP, 80);
		k = tcp_wait(f);
		ask(f, IPPROTO_TCP, 81);
		other = tcp_wait(f);
		assert_int_not_equal(k.head.seq, other.head.seq);
		/* one off, on both sides; somebody else's */
		o = reply_to(&k, PACKET_SYN | PACKET_ACK);
		o.ack--;
		tcp_send(&o);
		o.ack += 2;
		tcp_send(&o);
		o.ack = other.head.seq + 1;
		tcp_send(&o);
		o.flags = PACKET_RST | PACKET_ACK;
		tcp_send(&o);
		/* no ACK, so no proof */
		o = reply_to(&k, PACKET_RST);
		tcp_send(&o);
		o.flags = PACKET_SYN;
		tcp_send(&o);
		/* neither SYN nor RST */
		o.flags = PACKET_ACK;
		tcp_send(&o);
		/* another host, another port of ours */
		o = reply_to(&k, PACKET_SYN | PACKET_ACK);
		o.src = addr(routers[i]);
		tcp_send(&o);
		o = reply_to(&k, PACKET_SYN | PACKET_ACK);
		o.dport++;
		tcp_send(&o);
		/* ICMP that quotes what was not sent */
		error_send(&k, routers[i], i == 1 ? 1 : 3, 1, k.head.seq ^ 1);
		other = k;
		other.head.src = addr(routers[i]);
		error_send(&other, routers[i], i == 1 ? 1 : 3, 1, k.head.seq);

		ask(f, IPPROTO_TCP, 82);
		other = tcp_wait(f);
		o = reply_to(&other, PACKET_RST | PACKET_ACK);
		tcp_send(&o);
		wait_settled(f, 1);
		assert_true(f->e.settled[2]);
		assert_false(f->e.settled[0]);
		assert_false(f->e.settled[1]);
		/* and the true one is still taken */
		o = reply_to(&k, PACKET_SYN | PACKET_ACK);
		tcp_send(&o);
		wait_settled(f, 2);
		check_answer(f, 0, SCAN_OPEN, REASON_SYN_ACK);
		fixture_free(f);
	}
}

/* Every repeat comes from another port, by which its answer is known. */
static void
attempts(void **state)
{
	struct fixture *f = fixture_new(&tech_syn, fars[0]);
	struct packet sent[12];
	struct packet_out o;
	struct probe *p = ask(f, IPPROTO_TCP, 80);
	unsigned i, j;

	(void)state;
	for (i = 0; i < nitems(sent); i++) {
		if (i > 0) {
			p->tries = (uint8_t)i;
			assert_int_equal(f->ops->send(f->arg, p, 0), 0);
			f->ops->flush(f->arg, 0);
		}
		sent[i] = tcp_wait(f);
		for (j = 0; j < i && i < 8; j++) {
			assert_int_not_equal(
			    sent[i].head.sport, sent[j].head.sport);
			assert_int_not_equal(
			    sent[i].head.seq, sent[j].head.seq);
		}
	}
	/* No program of this machine gets such a port meanwhile. */
	for (i = 0; i < 8; i++) {
		struct sockaddr_in sin = {
			.sin_family = AF_INET,
			.sin_port = htons(sent[i].head.sport),
		};
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		assert_int_equal(
		    bind(fd, (struct sockaddr *)&sin, sizeof(sin)), -1);
		assert_int_equal(errno, EADDRINUSE);
		close(fd);
	}
	p->tries = 7;
	o = reply_to(&sent[5], PACKET_SYN | PACKET_ACK);
	tcp_send(&o);
	wait_settled(f, 1);
	assert_int_equal(f->e.got[0].attempt, 5);
	fixture_free(f);
}

/* Where connections are tracked there are two ports: of the first packet, and
 * of all others. */
static void
tracked(void **state)
{
	struct fixture *f;
	struct packet sent[4];
	struct packet_out o;
	struct probe *p;
	unsigned i;

	(void)state;
	priv.conntrack_count = 0;
	f = fixture_new(&tech_syn, fars[0]);
	priv.conntrack_count = -1;
	p = ask(f, IPPROTO_TCP, 80);
	for (i = 0; i < nitems(sent); i++) {
		if (i > 0) {
			p->tries = (uint8_t)i;
			assert_int_equal(f->ops->send(f->arg, p, 0), 0);
			f->ops->flush(f->arg, 0);
		}
		sent[i] = tcp_wait(f);
	}
	assert_int_not_equal(sent[0].head.sport, sent[1].head.sport);
	for (i = 2; i < nitems(sent); i++) {
		assert_int_equal(sent[i].head.sport, sent[1].head.sport);
		assert_int_equal(sent[i].head.seq, sent[1].head.seq);
	}
	p->tries = nitems(sent);
	o = reply_to(&sent[3], PACKET_SYN | PACKET_ACK);
	tcp_send(&o);
	wait_settled(f, 1);
	/* the second at least */
	assert_int_equal(f->e.got[0].attempt, 1);
	fixture_free(f);
}

static void
ack_ping(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < nitems(fars); i++) {
		struct fixture *f = fixture_new(&tech_ack, fars[i]);
		struct packet_out o;
		struct packet k;

		ask(f, IPPROTO_TCP, 80);
		k = tcp_wait(f);
		assert_int_equal(k.head.flags, PACKET_ACK);
		o = reply_to(&k, PACKET_RST);
		o.seq = k.head.ack + 1;
		tcp_send(&o);
		o.seq = k.head.ack;
		o.flags = PACKET_SYN | PACKET_ACK;
		tcp_send(&o);
		ask(f, IPPROTO_TCP, 81);
		k = tcp_wait(f);
		o = reply_to(&k, PACKET_RST);
		o.seq = k.head.ack;
		tcp_send(&o);
		wait_settled(f, 1);
		assert_false(f->e.settled[0]);
		check_answer(f, 1, SCAN_UNFILTERED, REASON_RESET);
		fixture_free(f);
	}
}

static void
echo(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < nitems(fars); i++) {
		struct fixture *f = fixture_new(&tech_icmp, fars[i]);
		bool v6 = i == 1;
		uint16_t type = v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
		uint8_t proto = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, data[512],
			asked = v6 ? 128 : 8;
		size_t head = v6 ? 40 : 20, n;
		struct scan_addr *dst = &f->e.host[0].addr;

		ask(f, proto, 0);
		do
			n = frame_wait(type, proto, data, sizeof(data));
		while (data[head] != asked);
		/* back to where it came from */
		memcpy(
		    data + (v6 ? 24 : 16), f->e.host[0].src.addr, v6 ? 16 : 4);
		memcpy(data + (v6 ? 8 : 12), dst->addr, v6 ? 16 : 4);
		data[head] = v6 ? 129 : 0;
		data[head + 4] ^= 1; /* not our identifier */
		ip_send(dst, data, n);
		data[head + 4] ^= 1;
		data[head + 6] ^= 0x40; /* not our number */
		ip_send(dst, data, n);
		data[head + 6] ^= 0x40;
		data[v6 ? 7 : 8] = 44;
		ip_send(dst, data, n);
		wait_settled(f, 1);
		check_answer(f, 0, SCAN_OPEN, REASON_ECHO_REPLY);
		/* The forged ones had another hop limit. */
		assert_int_equal(f->e.got[0].ttl, 44);
		assert_int_equal(f->e.got[0].attempt, 0);
		fixture_free(f);
	}
}

static void
arp(void **state)
{
	struct fixture *f = fixture_new(&tech_arp, fars[0]);
	uint8_t data[512];

	(void)state;
	ask(f, 0, 0);
	assert_int_equal(frame_wait(ETHERTYPE_ARP, 0, data, sizeof(data)), 28);
	assert_int_equal(data[7], 1);
	assert_memory_equal(data + 8, mac_ours, 6);
	assert_memory_equal(data + 14, f->e.host[0].src.addr, 4);
	assert_memory_equal(data + 24, f->e.host[0].addr.addr, 4);
	data[7] = 2;
	memcpy(data + 18, data + 8, 10);
	memcpy(data + 8, mac_far, 6);
	memcpy(data + 14, f->e.host[0].addr.addr, 4);
	data[27] ^= 1; /* to somebody else */
	frame_send(ETHERTYPE_ARP, data, 28);
	data[27] ^= 1;
	data[17] ^= 2; /* of somebody else */
	frame_send(ETHERTYPE_ARP, data, 28);
	data[17] ^= 2;
	memset(data + 8, 7, 6);
	frame_send(ETHERTYPE_ARP, data, 28);
	wait_settled(f, 1);
	check_answer(f, 0, SCAN_OPEN, REASON_ARP_RESPONSE);
	assert_memory_equal(f->e.mac[0], "\7\7\7\7\7\7", 6);
	/* Only neighbours are asked so. */
	f->e.host[0].on_link = false;
	f->e.settled[0] = false;
	assert_int_equal(
	    f->ops->send(f->arg, &f->e.probe[0], 0), -EHOSTUNREACH);
	fixture_free(f);
}

static void
nd(void **state)
{
	struct fixture *f = fixture_new(&tech_nd, fars[1]);
	struct scan_addr *dst = &f->e.host[0].addr;
	uint8_t data[512] = { 0 };

	(void)state;
	ask(f, 0, 0);
	do
		assert_int_equal(frame_wait(ETHERTYPE_IPV6, IPPROTO_ICMPV6,
				     data, sizeof(data)),
		    72);
	while (data[40] != 135 || memcmp(data + 48, dst->addr, 16) != 0);
	assert_memory_equal(data + 8, f->e.host[0].src.addr, 16);
	assert_memory_equal(data + 66, mac_ours, 6);
	memcpy(data + 24, data + 8, 16);
	memcpy(data + 8, dst->addr, 16);
	data[40] = 136;
	data[64] = 2; /* the target's */
	memset(data + 66, 5, 6);
	data[7] = 254; /* came through a router */
	frame_send(ETHERTYPE_IPV6, data, 72);
	data[7] = 255;
	memset(data + 66, 7, 6);
	frame_send(ETHERTYPE_IPV6, data, 72);
	wait_settled(f, 1);
	check_answer(f, 0, SCAN_OPEN, REASON_ND_RESPONSE);
	assert_memory_equal(f->e.mac[0], "\7\7\7\7\7\7", 6);
	fixture_free(f);
}

/* Several techniques share one capture, whoever leaves first. */
static void
together(void **state)
{
	struct fixture *f = fixture_new(&tech_syn, fars[0]);
	void *ack, *icmp;
	char *cause = NULL;
	struct packet_out o;
	struct packet k;

	(void)state;
	assert_int_equal(tech_ack.open(&f->e, &priv, &ack, &cause), 0);
	assert_int_equal(tech_icmp.open(&f->e, &priv, &icmp, &cause), 0);
	tech_icmp.close(icmp);
	ask(f, IPPROTO_TCP, 80);
	k = tcp_wait(f);
	o = reply_to(&k, PACKET_SYN | PACKET_ACK);
	tcp_send(&o);
	wait_settled(f, 1);
	tech_ack.close(ack);
	fixture_free(f);
}

/* What the kernel does not take is no answer and no packet: here a route that
 * forbids it, for packets between others that may go. */
static void
unsent(void **state)
{
	struct fixture *f = fixture_new(&tech_syn, fars[0]);
	struct host *h = &f->e.host[1];
	struct probe *p;
	unsigned i;

	(void)state;
	*h = (struct host){ .slot = 1, .addr = addr("10.8.0.1") };
	assert_true(f->ops->host(f->arg, h) < 0);
	h->src = f->e.host[0].src;
	for (i = 0; i < 3; i++) {
		p = &f->e.probe[f->e.n];
		f->e.ops[f->e.n++] = f->ops;
		*p = (struct probe){
			.slot = i % 2,
			.proto = IPPROTO_TCP,
			.port = (uint16_t)(80 + i),
		};
		assert_int_equal(f->ops->send(f->arg, p, 0), 0);
	}
	f->ops->flush(f->arg, 0);
	assert_int_equal(f->e.unsent[0], 0);
	assert_int_equal(f->e.unsent[1], -EACCES);
	assert_int_equal(f->e.unsent[2], 0);
	assert_int_equal(tcp_wait(f).head.dport, 80);
	assert_int_equal(tcp_wait(f).head.dport, 82);
	assert_int_equal(f->e.nsettled, 0);
	fixture_free(f);
}

/* Neighbours by the hundred would fill the kernel's table of them: they are
 * sent to by the address that ARP told. */
static void
directly(void **state)
{
	static const uint8_t mac[6] = { 2, 7, 7, 7, 7, 7 };
	const struct tech_ops *const who[] = { &tech_arp, &tech_nd };
	struct probe neighbour = { .port = 0 };
	char *cause = NULL;
	void *arg;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < nitems(fars); i++) {
		struct fixture *f = fixture_new(&tech_syn, fars[i]);
		struct packet_out o;
		struct packet k;

		memcpy(f->e.host[0].mac, mac, 6);
		ask(f, IPPROTO_TCP, 80);
		k = tcp_wait(f);
		assert_memory_equal(mac_to, mac_far, 6);
		assert_int_equal(who[i]->open(&f->e, &priv, &arg, &cause), 0);
		for (n = 0; n < 101; n++) {
			assert_int_equal(who[i]->send(arg, &neighbour, 0), 0);
			who[i]->flush(arg, 0);
		}
		who[i]->close(arg);
		ask(f, IPPROTO_TCP, 81);
		k = tcp_wait(f);
		assert_memory_equal(mac_to, mac, 6);
		assert_int_equal(k.head.dport, 81);
		o = reply_to(&k, PACKET_RST | PACKET_ACK);
		tcp_send(&o);
		wait_settled(f, 1);
		check_answer(f, 1, SCAN_CLOSED, REASON_RESET);
		fixture_free(f);
	}
}

/* This machine's own kernel says that it found no way: no word of the host's. */
static void
no_way(void **state)
{
	struct fixture *f = fixture_new(&tech_syn, fars[0]);
	struct packet_out o;
	struct packet k;

	(void)state;
	ask(f, IPPROTO_TCP, 80);
	k = tcp_wait(f);
	error_send(&k, "10.9.0.1", 3, 1, k.head.seq);
	ask(f, IPPROTO_TCP, 81);
	k = tcp_wait(f);
	o = reply_to(&k, PACKET_RST | PACKET_ACK);
	tcp_send(&o);
	wait_settled(f, 1);
	assert_false(f->e.settled[0]);
	assert_int_equal(f->e.unsent[0], -EHOSTUNREACH);
	fixture_free(f);
}

/* Random answers by the thousand, to ports that are asked for: none is taken,
 * however many. */
static void
flood(void **state)
{
	struct fixture *f = fixture_new(&tech_syn, fars[0]);
	const char *full = getenv("FORGED");
	unsigned long i, n = full != NULL ? strtoul(full, NULL, 10) : 20000;
	struct packet first = { 0 }, last;
	struct packet_out o;

	(void)state;
	for (i = 0; i < 32; i++) {
		ask(f, IPPROTO_TCP, (uint16_t)(1000 + i));
		last = tcp_wait(f);
		if (i == 0)
			first = last;
	}
	srand(1);
	for (i = 0; i < n; i++) {
		o = reply_to(&first, PACKET_SYN | PACKET_ACK);
		o.sport = (uint16_t)(1000 + i % 32);
		o.ack = (uint32_t)rand() << 1 ^ (uint32_t)rand();
		tcp_send(&o);
		if (i % 4096 == 0)
			f->e.ready(f->e.arg, f->e.fd, EPOLLIN, 0);
	}
	f->e.ready(f->e.arg, f->e.fd, EPOLLIN, 0);
	o = reply_to(&last, PACKET_SYN | PACKET_ACK);
	tcp_send(&o);
	wait_settled(f, 1);
	assert_int_equal(f->e.nsettled, 1);
	check_answer(f, 31, SCAN_OPEN, REASON_SYN_ACK);
	assert_true(f->e.received > n / 2);
	fixture_free(f);
}

/* -- the network ----------------------------------------------------------- */

static int
enter(void)
{
	static const char *const cmds[] = {
		"ip link set lo up",
		"ip link add v0 type veth peer name v1",
		"ip link set v0 addrgenmode none up",
		"ip link set v1 addrgenmode none arp off up",
		"ip addr add 10.9.0.1/24 dev v0",
		"ip addr add fd00:9::1/64 dev v0 nodad",
		"ip neigh add 10.9.0.9 lladdr 02:00:00:00:00:09 dev v0",
		"ip neigh add fd00:9::9 lladdr 02:00:00:00:00:09 dev v0",
		"ip route add prohibit 10.8.0.0/16",
	};
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	struct ifreq ifr = { .ifr_name = "v0" };
	int one = 1, size = 8 << 20;
	size_t i;

	if (unshare(CLONE_NEWNET) != 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return SKIP;
	for (i = 0; i < nitems(cmds); i++)
		if (system(cmds[i]) != 0)
			return SKIP;
	wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (wire == -1)
		return SKIP;
	ll.sll_ifindex = (int)if_nametoindex("v1");
	(void)setsockopt(
	    wire, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	(void)setsockopt(wire, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(wire, (struct sockaddr *)&ll, sizeof(ll)) != 0 ||
	    ioctl(wire, SIOCGIFHWADDR, &ifr) != 0)
		return 99;
	memcpy(mac_ours, ifr.ifr_hwaddr.sa_data, 6);
	return 0;
}

/* As scan/priv.c does; then nothing is left of what root can. */
static int
open_and_drop(void)
{
	cap_t none = cap_init();
	int i, error;

	for (i = 0; i < PRIV_NSOCKS; i++)
		priv.fd[i] = -1;
	priv.conntrack_count = priv.conntrack_max = -1;
	priv.fd[__builtin_ctz(PRIV_RAW4)] =
	    socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	priv.fd[__builtin_ctz(PRIV_RAW6)] =
	    socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	priv.fd[__builtin_ctz(PRIV_PACKET)] =
	    socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	priv.have = PRIV_RAW4 | PRIV_RAW6 | PRIV_PACKET;
	for (i = 0; i < PRIV_NSOCKS; i++)
		if ((priv.have & (1U << i)) != 0 && priv.fd[i] == -1)
			return SKIP;
	error = cap_set_proc(none);
	cap_free(none);
	if (error != 0 || socket(AF_PACKET, SOCK_DGRAM, 0) != -1)
		return 99;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_states),
		cmocka_unit_test(forged),
		cmocka_unit_test(attempts),
		cmocka_unit_test(tracked),
		cmocka_unit_test(ack_ping),
		cmocka_unit_test(echo),
		cmocka_unit_test(arp),
		cmocka_unit_test(nd),
		cmocka_unit_test(together),
		cmocka_unit_test(unsent),
		cmocka_unit_test(directly),
		cmocka_unit_test(no_way),
		cmocka_unit_test(flood),
	};
	int status = enter();

	if (status == 0)
		status = open_and_drop();
	if (status != 0) {
		printf("no network of one's own, no raw sockets here\n");
		return status;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
