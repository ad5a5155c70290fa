/* SPDX-License-Identifier: ISC */
#ifndef SCAN_PACKET_H
#define SCAN_PACKET_H

#include "model/scan.h"

/*
 * Packets as bytes: what a scan sends, written; what comes back, read. Bytes
 * that come are foreign: nothing is read beyond their end, and what is cut
 * short or contradicts itself is PACKET_OTHER. Numbers are in host order.
 */
enum packet_kind {
	PACKET_OTHER,
	PACKET_TCP,
	PACKET_ECHO_REPLY,
	PACKET_ERROR, /* ICMP says that a packet did not arrive */
	PACKET_ARP_REPLY,
	PACKET_NEIGHBOUR /* ND neighbour advertisement */
};
enum packet_flag {
	PACKET_FIN = 1,
	PACKET_SYN = 2,
	PACKET_RST = 4,
	PACKET_PSH = 8,
	PACKET_ACK = 16,
	PACKET_ECE = 64,
	PACKET_CWR = 128
};
/* The head of what is carried. Of a packet that ICMP quotes only the first
 * eight bytes are sure to be there: ports and seq, id and seq. */
struct packet_head {
	struct scan_addr src, dst; /* scope 0 */
	uint8_t proto;             /* IPPROTO_TCP, _UDP, _ICMP, _ICMPV6 */
	uint8_t ttl;               /* as it arrived */
	uint8_t flags;             /* of TCP */
	uint8_t type;              /* of ICMP */
	uint16_t sport, dport;     /* of ICMP echo: id in both */
	uint32_t seq, ack;         /* of ICMP echo: seq */
	/* Not of what is quoted: */
	uint8_t tos;        /* of IPv6: the traffic class */
	bool df;            /* of IPv4 */
	uint16_t id;        /* of IPv4 */
	uint16_t window;    /* of TCP */
	uint8_t code;       /* of ICMP */
	uint8_t nopt;       /* bytes of TCP's options that were captured */
	const uint8_t *opt; /* in the bytes that were parsed */
};
struct packet {
	enum packet_kind kind;
	struct packet_head head;
	/* PACKET_ERROR */
	enum scan_reason reason;
	struct packet_head quote;
	/* PACKET_ARP_REPLY, PACKET_NEIGHBOUR: who speaks is head.src; */
	uint8_t mac[6]; /* all zero: it did not say */
};

/* From the first byte of the network layer, of the protocol an Ethernet frame
 * would name (ETH_P_IP, ETH_P_IPV6, ETH_P_ARP). len may be less than the
 * packet's own: what was captured. */
void packet_parse(
    struct packet *, uint16_t ethertype, const uint8_t *, size_t len);

/* -- what is sent --------------------------------------------------------- */

#define PACKET_MAX 104 /* the longest of these: all options, by IPv6 */
struct packet_out {
	struct scan_addr src, dst;
	uint8_t ttl, flags;
	uint8_t tos;
	uint8_t code; /* of ICMP echo */
	bool df;      /* of IPv4 */
	uint16_t id;  /* of IPv4; of ICMP echo it is sport */
	uint16_t sport, dport;
	uint16_t window; /* 0: a usual one */
	uint32_t seq, ack;
	/* Of a SYN, at most 40 bytes, a multiple of four. NULL: the maximum
	 * segment size, as every stack's has it. */
	const uint8_t *opt;
	uint8_t nopt;
};
/* Each writes a whole packet into PACKET_MAX bytes and returns its length. */
size_t packet_put_tcp(uint8_t *, const struct packet_out *);
/* id is sport, seq is seq's low 16 bits. */
size_t packet_put_echo(uint8_t *, const struct packet_out *);
/* Who has dst? The hardware address is that of src. */
size_t packet_put_arp(
    uint8_t *, const struct packet_out *, const uint8_t mac[6]);
size_t packet_put_solicit(
    uint8_t *, const struct packet_out *, const uint8_t mac[6]);
/* The Ethernet address of those who are asked so (RFC 2464 section 7). */
void packet_solicit_mac(uint8_t mac[6], const struct scan_addr *dst);

/* The Internet checksum (RFC 1071) of an IPv4 header or ICMP message. */
uint16_t packet_checksum(const void *, size_t len);
/* What a destination unreachable, time exceeded or parameter problem means;
 * REASON_NONE: something else. */
enum scan_reason packet_reason(uint8_t family, uint8_t type, uint8_t code);

#endif
