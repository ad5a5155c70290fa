/* SPDX-License-Identifier: ISC */
/*
 * Reads the frames on the classroom's wire. Only the classroom's own traffic
 * comes here, but nothing relies on that.
 */
#include "config.h"

#include "lab/segment.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#define TCP_HEADER    20
#define UDP_HEADER    8
#define ICMP_HEADER   8
#define OPT_END       0
#define OPT_NOP       1
#define OPT_SCALE     3
#define SCALE_MAX     14
#define FLAGS_KNOWN   0x1f
#define IP4_FRAGMENT  0x3fff /* more fragments, or an offset */
#define ICMP4_UNREACH 3
#define ICMP4_PORT    3
#define ICMP6_UNREACH 1
#define ICMP6_PORT    4

struct view {
	const uint8_t *p;
	size_t len;
};

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

static bool
skip(struct view *v, size_t n)
{
	if (v->len < n)
		return false;
	v->p += n;
	v->len -= n;
	return true;
}

static enum lab_kind
kind_of(uint8_t flags, uint32_t len)
{
	if (flags & LAB_FLAG_RST)
		return LAB_RST;
	if (flags & LAB_FLAG_SYN)
		return flags & LAB_FLAG_ACK ? LAB_SYN_ACK : LAB_SYN;
	if (flags & LAB_FLAG_FIN)
		return LAB_FIN;
	return len > 0 ? LAB_DATA : LAB_ACK;
}

/* Window scale (RFC 7323 section 2.2), of the options of a SYN. */
static uint8_t
parse_scale(struct view v)
{
	uint8_t kind, len;

	while (v.len >= 2) {
		kind = v.p[0];
		len = kind == OPT_NOP ? 1 : v.p[1];
		if (kind == OPT_END || len == 0)
			break;
		if (kind == OPT_SCALE && len == 3 && v.len >= 3)
			return v.p[2] > SCALE_MAX ? SCALE_MAX : v.p[2];
		if (!skip(&v, len))
			break;
	}
	return LAB_NO_SCALE;
}

static enum lab_kind
parse_tcp(struct lab_segment *s, struct view v)
{
	const uint8_t *p = v.p;
	size_t header;

	if (v.len < TCP_HEADER)
		return LAB_OTHER;
	header = (size_t)(p[12] >> 4) * 4;
	if (header < TCP_HEADER || header > v.len)
		return LAB_OTHER;
	s->sport = be16(p);
	s->dport = be16(p + 2);
	s->seq = be32(p + 4);
	s->ack = be32(p + 8);
	s->flags = p[13] & FLAGS_KNOWN;
	s->window = be16(p + 14);
	s->len = (uint32_t)(v.len - header);
	if (s->flags & LAB_FLAG_SYN)
		s->scale = parse_scale((struct view){
		    .p = p + TCP_HEADER, .len = header - TCP_HEADER });
	return kind_of(s->flags, s->len);
}

static enum lab_kind
parse_udp(struct lab_segment *s, struct view v)
{
	size_t len;

	if (v.len < UDP_HEADER)
		return LAB_OTHER;
	len = be16(v.p + 4);
	if (len < UDP_HEADER || len > v.len)
		return LAB_OTHER;
	s->sport = be16(v.p);
	s->dport = be16(v.p + 2);
	s->len = (uint32_t)(len - UDP_HEADER);
	return LAB_DATAGRAM;
}

/* Of the datagram that nobody wanted, the ports stand in its head. */
static enum lab_kind
parse_unreachable(struct lab_segment *s, struct view v, uint8_t type,
    uint8_t code, size_t inner)
{
	if (v.len < ICMP_HEADER || v.p[0] != type || v.p[1] != code)
		return LAB_OTHER;
	if (skip(&v, ICMP_HEADER + inner) && v.len >= 4) {
		s->sport = be16(v.p);
		s->dport = be16(v.p + 2);
	}
	return LAB_UNREACHABLE;
}

static enum lab_kind
parse_ip4(struct lab_segment *s, struct view v)
{
	size_t header, total;
	uint8_t proto;

	if (v.len < 20 || v.p[0] >> 4 != 4)
		return LAB_OTHER;
	header = (size_t)(v.p[0] & 15) * 4;
	total = be16(v.p + 2);
	if (header < 20 || total < header || total > v.len ||
	    (be16(v.p + 6) & IP4_FRAGMENT) != 0)
		return LAB_OTHER;
	proto = v.p[9];
	v.len = total; /* short frames are padded */
	(void)skip(&v, header);
	s->family = 4;
	if (proto == IPPROTO_TCP)
		return parse_tcp(s, v);
	if (proto == IPPROTO_UDP)
		return parse_udp(s, v);
	if (proto == IPPROTO_ICMP)
		return parse_unreachable(s, v, ICMP4_UNREACH, ICMP4_PORT, 20);
	return LAB_OTHER;
}

static enum lab_kind
parse_ip6(struct lab_segment *s, struct view v)
{
	size_t len;
	uint8_t next;

	if (v.len < 40 || v.p[0] >> 4 != 6)
		return LAB_OTHER;
	len = be16(v.p + 4);
	next = v.p[6];
	(void)skip(&v, 40);
	if (len > v.len)
		return LAB_OTHER;
	v.len = len;
	s->family = 6;
	if (next == IPPROTO_TCP)
		return parse_tcp(s, v);
	if (next == IPPROTO_UDP)
		return parse_udp(s, v);
	if (next == IPPROTO_ICMPV6)
		return parse_unreachable(s, v, ICMP6_UNREACH, ICMP6_PORT, 40);
	return LAB_OTHER;
}

void
segment_parse(struct lab_segment *s, const uint8_t *frame, size_t len)
{
	struct view v = { .p = frame, .len = len };
	uint16_t type;

	s->kind = LAB_OTHER;
	s->scale = LAB_NO_SCALE;
	if (len < ETHER_HDR_LEN)
		return;
	type = be16(frame + 12);
	(void)skip(&v, ETHER_HDR_LEN);
	if (type == ETHERTYPE_IP)
		s->kind = (uint8_t)parse_ip4(s, v);
	else if (type == ETHERTYPE_IPV6)
		s->kind = (uint8_t)parse_ip6(s, v);
}
