/* SPDX-License-Identifier: ISC */
/*
 * Formats: RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP), RFC 792 and RFC
 * 4443 (ICMP), RFC 826 (ARP), RFC 4861 (neighbour discovery).
 */
#include "config.h"

#include "scan/packet.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/array.h"

#define IP4_HEADER  20
#define IP6_HEADER  40
#define TCP_HEADER  20
#define ICMP_HEADER 8
#define ARP_LEN     28
#define SOLICIT_LEN 32 /* with the option that names our hardware address */
#define ECHO_DATA   24
#define QUOTED      8 /* of what a packet carries, at least (RFC 792) */
#define WINDOW      64240
#define MSS4        1460
#define MSS6        1440

#define IP4_OFFSET     0x1fff
#define IP4_DF         0x4000
#define ECHO4_REPLY    0
#define ECHO4          8
#define ECHO6          128
#define ECHO6_REPLY    129
#define ND_SOLICIT     135
#define ND_ADVERTISE   136
#define ND_SOURCE_MAC  1
#define ND_TARGET_MAC  2
#define HEADERS_MAX    8 /* extension headers that are passed over */
#define TCP_MSS_OPTION 2

/* -- numbers -------------------------------------------------------------- */

static uint16_t
be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static uint64_t
sum_add(uint64_t sum, const uint8_t *p, size_t len)
{
	for (; len >= 2; len -= 2, p += 2)
		sum += be16(p);
	return len > 0 ? sum + (uint64_t)(p[0] << 8) : sum;
}

static uint16_t
sum_fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t
packet_checksum(const void *data, size_t len)
{
	return sum_fold(sum_add(0, data, len));
}

/* -- reading -------------------------------------------------------------- */

struct view {
	const uint8_t *p;
	size_t len;
};

static bool
skip(struct view *v, size_t n)
{
	if (v->len < n)
		return false;
	v->p += n;
	v->len -= n;
	return true;
}

static const struct {
	uint8_t family, type, first, last; /* codes */
	enum scan_reason reason;
} reasons[] = {
	{ 4, 3, 0, 0, REASON_NET_UNREACH },
	{ 4, 3, 1, 1, REASON_HOST_UNREACH },
	{ 4, 3, 2, 2, REASON_PROTO_UNREACH },
	{ 4, 3, 3, 3, REASON_PORT_UNREACH },
	{ 4, 3, 5, 8, REASON_HOST_UNREACH },
	{ 4, 3, 9, 9, REASON_NET_PROHIBITED },
	{ 4, 3, 10, 10, REASON_HOST_PROHIBITED },
	{ 4, 3, 11, 12, REASON_HOST_UNREACH },
	{ 4, 3, 13, 13, REASON_ADMIN_PROHIBITED },
	{ 4, 3, 14, 15, REASON_ADMIN_PROHIBITED },
	{ 4, 11, 0, 1, REASON_TIME_EXCEEDED },
	{ 4, 12, 0, 2, REASON_PARAM_PROBLEM },
	{ 6, 1, 0, 0, REASON_NET_UNREACH },
	{ 6, 1, 1, 1, REASON_ADMIN_PROHIBITED },
	{ 6, 1, 2, 3, REASON_HOST_UNREACH },
	{ 6, 1, 4, 4, REASON_PORT_UNREACH },
	{ 6, 1, 5, 7, REASON_ADMIN_PROHIBITED },
	{ 6, 3, 0, 1, REASON_TIME_EXCEEDED },
	{ 6, 4, 0, 2, REASON_PARAM_PROBLEM },
};

enum scan_reason
packet_reason(uint8_t family, uint8_t type, uint8_t code)
{
	size_t i;

	for (i = 0; i < nitems(reasons); i++)
		if (reasons[i].family == family && reasons[i].type == type &&
		    code >= reasons[i].first && code <= reasons[i].last)
			return reasons[i].reason;
	return REASON_NONE;
}

/* Of ARP and the rest of IP the view is cut to what the packet says it is
 * long; a quoted one is shorter than that. */
static bool
read_ip4(struct view *v, struct packet_head *h)
{
	const uint8_t *p = v->p;
	size_t header, total;

	if (v->len < IP4_HEADER || p[0] >> 4 != 4)
		return false;
	header = (size_t)(p[0] & 15) * 4;
	total = be16(p + 2);
	if (header < IP4_HEADER || total < header ||
	    (be16(p + 6) & IP4_OFFSET) != 0)
		return false;
	h->tos = p[1];
	h->id = be16(p + 4);
	h->df = (be16(p + 6) & IP4_DF) != 0;
	h->ttl = p[8];
	h->proto = p[9];
	h->src.family = h->dst.family = 4;
	memcpy(h->src.addr, p + 12, 4);
	memcpy(h->dst.addr, p + 16, 4);
	if (total < v->len)
		v->len = total;
	return skip(v, header);
}

/* Extension headers are passed over; a fragment but the first says nothing. */
static bool
skip_extensions(struct view *v, uint8_t *proto)
{
	const uint8_t *p;
	int i;

	for (i = 0; i < HEADERS_MAX; i++) {
		if (*proto != IPPROTO_HOPOPTS && *proto != IPPROTO_ROUTING &&
		    *proto != IPPROTO_DSTOPTS && *proto != IPPROTO_FRAGMENT)
			return true;
		if (v->len < 8)
			return false;
		p = v->p;
		if (*proto == IPPROTO_FRAGMENT && (be16(p + 2) & 0xfff8) != 0)
			return false;
		if (!skip(v, *proto == IPPROTO_FRAGMENT
				 ? 8
				 : ((size_t)p[1] + 1) * 8))
			return false;
		*proto = p[0];
	}
	return false;
}

static bool
read_ip6(struct view *v, struct packet_head *h)
{
	const uint8_t *p = v->p;
	size_t total;

	if (v->len < IP6_HEADER || p[0] >> 4 != 6)
		return false;
	total = IP6_HEADER + (size_t)be16(p + 4);
	h->tos = (uint8_t)(be16(p) >> 4);
	h->proto = p[6];
	h->ttl = p[7];
	h->src.family = h->dst.family = 6;
	memcpy(h->src.addr, p + 8, 16);
	memcpy(h->dst.addr, p + 24, 16);
	if (total < v->len)
		v->len = total;
	return skip(v, IP6_HEADER) && skip_extensions(v, &h->proto);
}

static bool
read_ip(struct view *v, struct packet_head *h)
{
	if (v->len == 0)
		return false;
	return v->p[0] >> 4 == 4 ? read_ip4(v, h) : read_ip6(v, h);
}

/* What ICMP quotes. */
static bool
read_quote(struct view v, struct packet_head *h)
{
	if (!read_ip(&v, h) || v.len < QUOTED)
		return false;
	switch (h->proto) {
	case IPPROTO_TCP:
		h->seq = be32(v.p + 4);
		/* FALLTHROUGH */
	case IPPROTO_UDP:
		h->sport = be16(v.p);
		h->dport = be16(v.p + 2);
		return true;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		h->type = v.p[0];
		h->sport = h->dport = be16(v.p + 4);
		h->seq = be16(v.p + 6);
		return true;
	default:
		return false;
	}
}

static enum packet_kind
read_tcp(struct packet *k, const struct view *v)
{
	size_t header;

	if (v->len < TCP_HEADER)
		return PACKET_OTHER;
	header = (size_t)(v->p[12] >> 4) * 4;
	if (header < TCP_HEADER)
		return PACKET_OTHER;
	k->head.sport = be16(v->p);
	k->head.dport = be16(v->p + 2);
	k->head.seq = be32(v->p + 4);
	k->head.ack = be32(v->p + 8);
	k->head.flags = v->p[13];
	k->head.window = be16(v->p + 14);
	k->head.opt = v->p + TCP_HEADER;
	k->head.nopt =
	    (uint8_t)((header < v->len ? header : v->len) - TCP_HEADER);
	return PACKET_TCP;
}

/* The target's hardware address may be left out (RFC 4861 section 4.4). */
static enum packet_kind
read_neighbour(struct packet *k, struct view v)
{
	size_t len;

	/* A router would have lessened it: who speaks is on the link. */
	if (k->head.ttl != 255 || v.p[1] != 0 || v.len < 24)
		return PACKET_OTHER;
	memcpy(k->head.src.addr, v.p + 8, 16);
	skip(&v, 24);
	while (v.len >= 8) {
		len = (size_t)v.p[1] * 8;
		if (v.p[0] == ND_TARGET_MAC)
			memcpy(k->mac, v.p + 2, 6);
		if (len == 0 || !skip(&v, len))
			break;
	}
	return PACKET_NEIGHBOUR;
}

static enum packet_kind
read_icmp(struct packet *k, struct view v)
{
	uint8_t family = k->head.src.family;

	if (v.len < ICMP_HEADER)
		return PACKET_OTHER;
	k->head.type = v.p[0];
	k->head.code = v.p[1];
	if (v.p[0] == (family == 4 ? ECHO4_REPLY : ECHO6_REPLY)) {
		k->head.sport = k->head.dport = be16(v.p + 4);
		k->head.seq = be16(v.p + 6);
		return PACKET_ECHO_REPLY;
	}
	if (family == 6 && v.p[0] == ND_ADVERTISE)
		return read_neighbour(k, v);
	k->reason = packet_reason(family, v.p[0], v.p[1]);
	if (k->reason == REASON_NONE || !skip(&v, ICMP_HEADER) ||
	    !read_quote(v, &k->quote) || k->quote.src.family != family)
		return PACKET_OTHER;
	return PACKET_ERROR;
}

static enum packet_kind
read_arp(struct packet *k, const uint8_t *p, size_t len)
{
	/* Ethernet, IPv4, their lengths, a reply. */
	static const uint8_t want[] = { 0, 1, 8, 0, 6, 4, 0, 2 };

	if (len < ARP_LEN || memcmp(p, want, sizeof(want)) != 0)
		return PACKET_OTHER;
	memcpy(k->mac, p + 8, 6);
	k->head.src.family = k->head.dst.family = 4;
	memcpy(k->head.src.addr, p + 14, 4);
	memcpy(k->head.dst.addr, p + 24, 4);
	return PACKET_ARP_REPLY;
}

void
packet_parse(
    struct packet *k, uint16_t ethertype, const uint8_t *data, size_t len)
{
	struct view v = { .p = data, .len = len };
	bool ok;

	*k = (struct packet){ .kind = PACKET_OTHER };
	if (ethertype == ETHERTYPE_ARP) {
		k->kind = read_arp(k, data, len);
		return;
	}
	if (ethertype == ETHERTYPE_IP)
		ok = read_ip4(&v, &k->head);
	else if (ethertype == ETHERTYPE_IPV6)
		ok = read_ip6(&v, &k->head);
	else
		ok = false;
	if (!ok)
		return;
	if (k->head.proto == IPPROTO_TCP)
		k->kind = read_tcp(k, &v);
	else if (k->head.proto ==
		 (k->head.src.family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		k->kind = read_icmp(k, v);
}

/* -- writing -------------------------------------------------------------- */

/* Returns the header's length. */
static size_t
put_ip(uint8_t *p, const struct packet_out *o, uint8_t proto, size_t payload)
{
	if (o->dst.family == 4) {
		memset(p, 0, IP4_HEADER);
		p[0] = 0x45;
		p[1] = o->tos;
		put16(p + 6, o->df ? IP4_DF : 0);
		put16(p + 2, (unsigned)(IP4_HEADER + payload));
		put16(p + 4, o->id);
		p[8] = o->ttl;
		p[9] = proto;
		memcpy(p + 12, o->src.addr, 4);
		memcpy(p + 16, o->dst.addr, 4);
		put16(p + 10, packet_checksum(p, IP4_HEADER));
		return IP4_HEADER;
	}
	memset(p, 0, 8);
	put16(p, 0x6000 | (unsigned)o->tos << 4);
	put16(p + 4, (unsigned)payload);
	p[6] = proto;
	p[7] = o->ttl;
	memcpy(p + 8, o->src.addr, 16);
	memcpy(p + 24, o->dst.addr, 16);
	return IP6_HEADER;
}

/* Of the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) and what
 * follows. */
static uint16_t
checksum(
    const struct packet_out *o, uint8_t proto, const uint8_t *p, size_t len)
{
	size_t n = o->dst.family == 4 ? 4 : 16;
	uint64_t sum = proto + len;

	sum = sum_add(sum, o->src.addr, n);
	sum = sum_add(sum, o->dst.addr, n);
	return sum_fold(sum_add(sum, p, len));
}

size_t
packet_put_tcp(uint8_t *out, const struct packet_out *o)
{
	unsigned mss = o->dst.family == 4 ? MSS4 : MSS6;
	const uint8_t usual[] = { TCP_MSS_OPTION, 4, (uint8_t)(mss >> 8),
		(uint8_t)mss };
	const uint8_t *opt = o->opt != NULL ? o->opt : usual;
	size_t nopt = o->opt != NULL ? o->nopt : sizeof(usual);
	size_t len = TCP_HEADER + ((o->flags & PACKET_SYN) != 0 ? nopt : 0);
	uint8_t *p = out + put_ip(out, o, IPPROTO_TCP, len);

	put16(p, o->sport);
	put16(p + 2, o->dport);
	put32(p + 4, o->seq);
	put32(p + 8, o->ack);
	p[12] = (uint8_t)(len / 4 << 4);
	p[13] = o->flags;
	put16(p + 14, o->window != 0 ? o->window : WINDOW);
	put32(p + 16, 0); /* checksum, urgent pointer */
	memcpy(p + TCP_HEADER, opt, len - TCP_HEADER);
	put16(p + 16, checksum(o, IPPROTO_TCP, p, len));
	return (size_t)(p - out) + len;
}

size_t
packet_put_echo(uint8_t *out, const struct packet_out *o)
{
	bool v6 = o->dst.family == 6;
	uint8_t proto = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	size_t len = ICMP_HEADER + ECHO_DATA;
	uint8_t *p = out + put_ip(out, o, proto, len);

	memset(p, 0, len);
	p[0] = v6 ? ECHO6 : ECHO4;
	p[1] = o->code;
	put16(p + 4, o->sport);
	put16(p + 6, o->seq & 0xffff);
	put16(p + 2, v6 ? checksum(o, proto, p, len) : packet_checksum(p, len));
	return (size_t)(p - out) + len;
}

size_t
packet_put_arp(uint8_t *out, const struct packet_out *o, const uint8_t mac[6])
{
	static const uint8_t ask[] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	memcpy(out, ask, sizeof(ask));
	memcpy(out + 8, mac, 6);
	memcpy(out + 14, o->src.addr, 4);
	memset(out + 18, 0, 6);
	memcpy(out + 24, o->dst.addr, 4);
	return ARP_LEN;
}

/* To the solicited-node address, ff02::1:ff00:0/104 with the last three bytes
 * of who is asked (RFC 4291 section 2.7.1). */
size_t
packet_put_solicit(
    uint8_t *out, const struct packet_out *o, const uint8_t mac[6])
{
	struct packet_out to = *o;
	uint8_t *p;

	memset(to.dst.addr, 0, 13);
	to.dst.addr[0] = 0xff;
	to.dst.addr[1] = 2;
	to.dst.addr[11] = 1;
	to.dst.addr[12] = 0xff;
	to.ttl = 255;
	p = out + put_ip(out, &to, IPPROTO_ICMPV6, SOLICIT_LEN);
	memset(p, 0, 8);
	p[0] = ND_SOLICIT;
	memcpy(p + 8, o->dst.addr, 16);
	p[24] = ND_SOURCE_MAC;
	p[25] = 1; /* times eight bytes */
	memcpy(p + 26, mac, 6);
	put16(p + 2, checksum(&to, IPPROTO_ICMPV6, p, SOLICIT_LEN));
	return (size_t)(p - out) + SOLICIT_LEN;
}

void
packet_solicit_mac(uint8_t mac[6], const struct scan_addr *dst)
{
	mac[0] = mac[1] = 0x33;
	mac[2] = 0xff;
	memcpy(mac + 3, dst->addr + 13, 3);
}
