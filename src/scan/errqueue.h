/* SPDX-License-Identifier: ISC */
#ifndef SCAN_ERRQUEUE_H
#define SCAN_ERRQUEUE_H

#include <sys/socket.h>

#include "model/scan.h"

/*
 * What comes to an unconnected socket without privilege: datagrams, and the
 * ICMP errors of what it sent (ip(7) IP_RECVERR, ipv6(7) IPV6_RECVERR).
 */
struct errqueue_note {
	struct scan_addr peer; /* whom it is about */
	uint16_t port;
	struct scan_addr from; /* of an error: who says so */
	bool icmp;             /* an error, and not of this kernel alone */
	uint8_t type, code;    /* of ICMP or ICMPv6 */
	uint8_t ttl;           /* 0: not known */
	const uint8_t *data;   /* borrowed until the next call; its beginning */
	uint32_t len;
};
#define ERRQUEUE_DATA 128 /* bytes of a datagram that are looked at */

typedef void (*errqueue_take)(
    void *arg, const struct errqueue_note *, uint64_t now);

/* Makes a socket tell errors and TTLs. 0 or -errno. */
int errqueue_want(int fd, bool v6);
/* What is there now, errors first, but no more than a thousand of each: epoll
 * tells that there is more. Returns how many came. */
uint32_t errqueue_read(int fd, errqueue_take, void *arg, uint64_t now);

/* sendmmsg(2): how many were taken, at least one; or -errno, about the first.
 * The error of an earlier datagram, which the kernel tells at the next one, is
 * passed over: it is in the queue. */
int errqueue_send(int fd, struct mmsghdr *, uint32_t n);

#endif
