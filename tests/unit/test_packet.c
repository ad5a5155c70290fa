/* SPDX-License-Identifier: ISC */
/*
 * Packets written and read again, what is cut short, what ICMP means, and the
 * cookie. Checksums are checked the way a receiver does: over all it is zero.
 */
#include "config.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "scan/cookie.h"
#include "scan/packet.h"

static struct scan_addr
addr(const char *text)
{
	struct scan_addr a = { .family = strchr(text, ':') != NULL ? 6 : 4 };

	assert_int_equal(
	    inet_pton(a.family == 6 ? AF_INET6 : AF_INET, text, a.addr), 1);
	return a;
}

/* What a receiver computes over pseudo-header and payload. */
static void
check_sum(const struct packet_out *o, uint8_t proto, const uint8_t *p,
    size_t len, const struct scan_addr *dst)
{
	uint8_t all[256] = { 0 };
	size_t n = o->dst.family == 4 ? 4 : 16;

	memcpy(all, o->src.addr, n);
	memcpy(all + n, dst->addr, n);
	all[2 * n + 1] = proto;
	all[2 * n + 3] = (uint8_t)len;
	memcpy(all + 2 * n + 4, p, len);
	assert_int_equal(packet_checksum(all, 2 * n + 4 + len), 0);
}

static void
test_tcp(void **state)
{
	static const char *const pairs[][2] = {
		{ "192.0.2.1", "198.51.100.7" },
		{ "2001:db8::1", "2001:db8:7::9" },
	};
	uint8_t p[PACKET_MAX];
	struct packet k;
	size_t i, len, head;

	(void)state;
	for (i = 0; i < nitems(pairs); i++) {
		struct packet_out o = {
			.src = addr(pairs[i][0]),
			.dst = addr(pairs[i][1]),
			.ttl = 61,
			.flags = PACKET_SYN,
			.id = 0x1234,
			.sport = 40001,
			.dport = 443,
			.seq = 0xdeadbeef,
			.ack = 7,
		};

		head = o.dst.family == 4 ? 20 : 40;
		len = packet_put_tcp(p, &o);
		assert_int_equal(len, head + 24);
		if (o.dst.family == 4)
			assert_int_equal(packet_checksum(p, 20), 0);
		check_sum(&o, IPPROTO_TCP, p + head, len - head, &o.dst);
		packet_parse(&k,
		    o.dst.family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, p, len);
		assert_int_equal(k.kind, PACKET_TCP);
		assert_true(scan_addr_eq(&k.head.src, &o.src));
		assert_true(scan_addr_eq(&k.head.dst, &o.dst));
		assert_int_equal(k.head.ttl, 61);
		assert_int_equal(k.head.sport, 40001);
		assert_int_equal(k.head.dport, 443);
		assert_int_equal(k.head.seq, 0xdeadbeef);
		assert_int_equal(k.head.ack, 7);
		assert_int_equal(k.head.flags, PACKET_SYN);
		/* the maximum segment size */
		assert_int_equal(p[head + 20], 2);
		assert_int_equal(p[head + 21], 4);
		o.flags = PACKET_ACK;
		assert_int_equal(packet_put_tcp(p, &o), head + 20);
		check_sum(&o, IPPROTO_TCP, p + head, 20, &o.dst);
	}
}

/* Every way to cut a packet short reads as nothing. */
static void
test_cut(void **state)
{
	struct packet_out o = {
		.src = addr("192.0.2.1"),
		.dst = addr("192.0.2.2"),
		.flags = PACKET_SYN,
	};
	uint8_t p[PACKET_MAX], *exact;
	struct packet k;
	size_t i, len = packet_put_tcp(p, &o);

	(void)state;
	for (i = 0; i < 40; i++) {
		exact = malloc(i > 0 ? i : 1);
		assert_non_null(exact);
		memcpy(exact, p, i);
		packet_parse(&k, ETHERTYPE_IP, exact, i);
		assert_int_equal(k.kind, PACKET_OTHER);
		free(exact);
	}
	p[6] = 0x20; /* the first fragment has the ports */
	packet_parse(&k, ETHERTYPE_IP, p, len);
	assert_int_equal(k.kind, PACKET_TCP);
	p[7] = 1; /* another has not */
	packet_parse(&k, ETHERTYPE_IP, p, len);
	assert_int_equal(k.kind, PACKET_OTHER);
	p[6] = p[7] = 0;
	p[0] = 0x44; /* a header shorter than a header */
	packet_parse(&k, ETHERTYPE_IP, p, len);
	assert_int_equal(k.kind, PACKET_OTHER);
	p[0] = 0x45;
	p[3] = 30; /* says it ends within TCP's head */
	packet_parse(&k, ETHERTYPE_IP, p, len);
	assert_int_equal(k.kind, PACKET_OTHER);
}

/* An error as a router sends it: its head, then ours and eight bytes. */
static size_t
make_error(uint8_t *out, const struct packet_out *asked, const char *router,
    uint8_t type, uint8_t code)
{
	uint8_t quoted[PACKET_MAX];
	struct packet_out o = {
		.dst = asked->src, .src = addr(router), .ttl = 9
	};
	bool v6 = asked->dst.family == 6;
	size_t head = v6 ? 40 : 20, n;

	packet_put_tcp(quoted, asked);
	packet_put_echo(out, &o);
	n = head + 8;
	out[head] = type;
	out[head + 1] = code;
	memset(out + head + 4, 0, 4);
	memcpy(out + n, quoted, head + 8);
	n += head + 8;
	if (v6) {
		out[4] = 0;
		out[5] = (uint8_t)(n - 40);
	} else {
		out[2] = 0;
		out[3] = (uint8_t)n;
	}
	return n;
}

static void
test_error(void **state)
{
	static const struct {
		const char *src, *dst, *router;
		uint8_t type, code;
		enum scan_reason want;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.9", "192.0.2.254", 3, 13,
		    REASON_ADMIN_PROHIBITED },
		{ "192.0.2.1", "192.0.2.9", "192.0.2.254", 3, 1,
		    REASON_HOST_UNREACH },
		{ "192.0.2.1", "192.0.2.9", "192.0.2.9", 3, 3,
		    REASON_PORT_UNREACH },
		{ "192.0.2.1", "192.0.2.9", "192.0.2.254", 11, 0,
		    REASON_TIME_EXCEEDED },
		{ "192.0.2.1", "192.0.2.9", "192.0.2.254", 3, 4, REASON_NONE },
		{ "192.0.2.1", "192.0.2.9", "192.0.2.254", 5, 0, REASON_NONE },
		{ "fd00::1", "fd00::9", "fd00::fe", 1, 1,
		    REASON_ADMIN_PROHIBITED },
		{ "fd00::1", "fd00::9", "fd00::9", 1, 4, REASON_PORT_UNREACH },
		{ "fd00::1", "fd00::9", "fd00::fe", 1, 0, REASON_NET_UNREACH },
		{ "fd00::1", "fd00::9", "fd00::fe", 2, 0, REASON_NONE },
	};
	uint8_t p[2 * PACKET_MAX];
	struct packet k;
	size_t i, n, cut;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		struct packet_out o = {
			.src = addr(cases[i].src),
			.dst = addr(cases[i].dst),
			.flags = PACKET_SYN,
			.sport = 40001,
			.dport = 22,
			.seq = 0x01020304,
		};
		uint16_t type =
		    o.dst.family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6;
		struct scan_addr router = addr(cases[i].router);

		n = make_error(
		    p, &o, cases[i].router, cases[i].type, cases[i].code);
		packet_parse(&k, type, p, n);
		if (cases[i].want == REASON_NONE) {
			assert_int_equal(k.kind, PACKET_OTHER);
			continue;
		}
		assert_int_equal(k.kind, PACKET_ERROR);
		assert_int_equal(k.reason, cases[i].want);
		assert_true(scan_addr_eq(&k.head.src, &router));
		assert_true(scan_addr_eq(&k.quote.src, &o.src));
		assert_true(scan_addr_eq(&k.quote.dst, &o.dst));
		assert_int_equal(k.quote.proto, IPPROTO_TCP);
		assert_int_equal(k.quote.sport, 40001);
		assert_int_equal(k.quote.dport, 22);
		assert_int_equal(k.quote.seq, 0x01020304);
		for (cut = 0; cut < n; cut++) {
			packet_parse(&k, type, p, cut);
			assert_int_equal(k.kind, PACKET_OTHER);
		}
	}
}

static void
test_echo(void **state)
{
	static const char *const pairs[][2] = {
		{ "192.0.2.1", "198.51.100.7" },
		{ "2001:db8::1", "2001:db8:7::9" },
	};
	uint8_t p[PACKET_MAX];
	struct packet k;
	size_t i, len, head;

	(void)state;
	for (i = 0; i < nitems(pairs); i++) {
		struct packet_out o = {
			.src = addr(pairs[i][0]),
			.dst = addr(pairs[i][1]),
			.ttl = 64,
			.sport = 0xabcd,
			.seq = 0x12345,
		};

		head = o.dst.family == 4 ? 20 : 40;
		len = packet_put_echo(p, &o);
		if (head == 20)
			assert_int_equal(packet_checksum(p + 20, len - 20), 0);
		else
			check_sum(&o, IPPROTO_ICMPV6, p + 40, len - 40, &o.dst);
		/* A request is no answer, */
		packet_parse(
		    &k, head == 20 ? ETHERTYPE_IP : ETHERTYPE_IPV6, p, len);
		assert_int_equal(k.kind, PACKET_OTHER);
		p[head] = head == 20 ? 0 : 129;
		packet_parse(
		    &k, head == 20 ? ETHERTYPE_IP : ETHERTYPE_IPV6, p, len);
		assert_int_equal(k.kind, PACKET_ECHO_REPLY);
		assert_int_equal(k.head.sport, 0xabcd);
		assert_int_equal(k.head.seq, 0x2345);
	}
}

static void
test_neighbours(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct packet_out o = {
		.src = addr("192.0.2.1"),
		.dst = addr("192.0.2.9"),
	};
	/* 2001:db8::9 is at 02:..:09; to 2001:db8::1, hop limit 255 */
	uint8_t advert[72] = { 0x60, 0, 0, 0, 0, 32, 58, 255, 0x20, 1, 0xd,
		0xb8, [23] = 9, [24] = 0x20, 1, 0xd,
		0xb8, [39] = 1, [40] = 136, [48] = 0x20, 1, 0xd,
		0xb8, [63] = 9, [64] = 2, 1, 2, [71] = 9 };
	struct scan_addr nine = addr("2001:db8::9"),
			 group = addr("ff02::1:ff00:9");
	uint8_t p[PACKET_MAX], to[6];
	struct packet k;
	size_t n;

	(void)state;
	assert_int_equal(packet_put_arp(p, &o, mac), 28);
	packet_parse(&k, ETHERTYPE_ARP, p, 28);
	assert_int_equal(k.kind, PACKET_OTHER); /* a question */
	p[7] = 2;
	packet_parse(&k, ETHERTYPE_ARP, p, 28);
	assert_int_equal(k.kind, PACKET_ARP_REPLY);
	assert_true(scan_addr_eq(&k.head.src, &o.src));
	assert_true(scan_addr_eq(&k.head.dst, &o.dst));
	assert_memory_equal(k.mac, mac, 6);
	packet_parse(&k, ETHERTYPE_ARP, p, 27);
	assert_int_equal(k.kind, PACKET_OTHER);

	packet_parse(&k, ETHERTYPE_IPV6, advert, sizeof(advert));
	assert_int_equal(k.kind, PACKET_NEIGHBOUR);
	assert_true(scan_addr_eq(&k.head.src, &nine));
	assert_int_equal(k.mac[0], 2);
	assert_int_equal(k.mac[5], 9);
	advert[65] = 0; /* an option without a length: the rest is left */
	packet_parse(&k, ETHERTYPE_IPV6, advert, sizeof(advert));
	assert_int_equal(k.kind, PACKET_NEIGHBOUR);
	advert[7] = 254; /* it came through a router */
	packet_parse(&k, ETHERTYPE_IPV6, advert, sizeof(advert));
	assert_int_equal(k.kind, PACKET_OTHER);

	o.src = addr("2001:db8::1");
	o.dst = nine;
	n = packet_put_solicit(p, &o, mac);
	assert_int_equal(n, 72);
	check_sum(&o, IPPROTO_ICMPV6, p + 40, n - 40, &group);
	assert_memory_equal(p + 24, group.addr, 16);
	assert_memory_equal(p + 48, nine.addr, 16);
	assert_int_equal(p[7], 255);
	packet_solicit_mac(to, &nine);
	assert_memory_equal(to, "\x33\x33\xff\x00\x00\x09", 6);
}

/* Behind other headers, TCP is found; a fragment but the first is not. */
static void
test_extensions(void **state)
{
	struct packet_out o = {
		.src = addr("2001:db8::1"),
		.dst = addr("2001:db8::2"),
		.flags = PACKET_SYN,
		.sport = 1,
		.dport = 2,
	};
	uint8_t p[2 * PACKET_MAX], q[PACKET_MAX];
	struct packet k;
	size_t n = packet_put_tcp(q, &o);

	(void)state;
	memcpy(p, q, 40);
	memset(p + 40, 0, 16);
	p[6] = IPPROTO_DSTOPTS;
	p[40] = IPPROTO_FRAGMENT;
	p[48] = IPPROTO_TCP;
	memcpy(p + 56, q + 40, n - 40);
	n += 16;
	p[5] = (uint8_t)(n - 40);
	packet_parse(&k, ETHERTYPE_IPV6, p, n);
	assert_int_equal(k.kind, PACKET_TCP);
	assert_int_equal(k.head.dport, 2);
	p[51] = 8; /* offset */
	packet_parse(&k, ETHERTYPE_IPV6, p, n);
	assert_int_equal(k.kind, PACKET_OTHER);
	p[51] = 0;
	p[41] = 255; /* longer than all */
	packet_parse(&k, ETHERTYPE_IPV6, p, n);
	assert_int_equal(k.kind, PACKET_OTHER);
}

/* The test vectors of the reference: key 00 01 .. 0f, data 00 01 .. */
static void
test_cookie(void **state)
{
	static const struct {
		size_t len;
		uint64_t want;
	} vectors[] = {
		{ 0, UINT64_C(0x726fdb47dd0e0e31) },
		{ 1, UINT64_C(0x74f839c593dc67fd) },
		{ 7, UINT64_C(0xab0200f58b01d137) },
		{ 8, UINT64_C(0x93f5f5799a932462) },
		{ 15, UINT64_C(0xa129ca6149be45e5) },
	};
	struct scan_addr a = addr("192.0.2.1"), b = addr("192.0.2.2");
	uint8_t key[COOKIE_KEY], data[16];
	uint32_t cookie;
	size_t i;

	(void)state;
	for (i = 0; i < 16; i++)
		key[i] = data[i] = (uint8_t)i;
	for (i = 0; i < nitems(vectors); i++)
		assert_true(
		    cookie_hash(key, data, vectors[i].len) == vectors[i].want);
	cookie = cookie_make(key, &a, &b, 1, 2);
	assert_int_equal(cookie, cookie_make(key, &a, &b, 1, 2));
	assert_int_not_equal(cookie, cookie_make(key, &b, &a, 1, 2));
	assert_int_not_equal(cookie, cookie_make(key, &a, &b, 2, 1));
	key[0] = 99;
	assert_int_not_equal(cookie, cookie_make(key, &a, &b, 1, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
