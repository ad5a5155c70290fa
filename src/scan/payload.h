/* SPDX-License-Identifier: ISC */
#ifndef SCAN_PAYLOAD_H
#define SCAN_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/scan.h"

/*
 * What is sent to a UDP port: a request of the protocol that is usual there,
 * because most services say nothing to anything else. Each was written from the
 * specification that `source` names. None changes anything where it arrives: it
 * asks for names, versions, states; it logs nobody in, sets nothing, and makes
 * no answer that is sent to somebody else.
 */
struct payload {
	const char *name;   /* "DNS version.bind" */
	const char *source; /* "RFC 1035 4.1" */
	uint16_t port[8];   /* those it is for; 0 ends */
	bool any;           /* also for ports that nobody knows */
	const char *data;
	uint16_t len;
	/* More of it further on, with zero bytes in between; tail_len 0: none.
	 * Then zero bytes, to a length of pad; 0: no more. */
	const char *tail;
	uint16_t tail_at, tail_len, pad;
	/* The tail comes right after data and the target's own name in
	 * in-addr.arpa or ip6.arpa. */
	bool reverse;
	/* Where a number that nobody can guess goes; id_len 0: nowhere. */
	uint16_t id_at;
	uint8_t id_len; /* at most 8 */
	/* Where our own IPv4 address goes (DHCP has it twice); 0: nowhere. */
	uint16_t src_at[2];
	/* The answer comes from another port, and begins so. */
	const char *elsewhere;
	uint8_t elsewhere_len;
};

/* The longest there is. */
#define PAYLOAD_MAX 1232

/*
 * The requests of a port, 0 .. payload_count() - 1: attempts take turns. A port
 * that no protocol is known for gets those that services on odd ports answer
 * most: DNS, two empty lines (line protocols, echo), STUN. Never an empty
 * datagram: few answer it, and to a careless program it is the end of a file.
 */
uint32_t payload_count(uint16_t port);
const struct payload *payload_find(uint16_t port, uint32_t nth);
/* All, NULL at the end: for tests. */
const struct payload *payload_at(size_t i);
/* Into PAYLOAD_MAX bytes; returns the length. src: family 0 is not known. */
size_t payload_write(const struct payload *, uint8_t *, uint64_t id,
    const struct scan_addr *to, const struct scan_addr *src);

#endif
