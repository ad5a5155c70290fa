/* SPDX-License-Identifier: ISC */
#ifndef ACT_BINDTEST_H
#define ACT_BINDTEST_H

#include <stdint.h>

/*
 * Whether an address can be bound is asked of the kernel, by binding it and
 * letting go at once: no rule written down here could be as right. Made to be
 * called for every port there is (a few microseconds each).
 */
enum bindtest_flag {
	BINDTEST_LISTEN = 1 << 0, /* TCP: listen(2) too, as a server would */
	BINDTEST_REUSEADDR = 1 << 1,
	BINDTEST_REUSEPORT = 1 << 2,
	BINDTEST_DUAL = 1 << 3, /* IPv6: takes IPv4 too (IPV6_V6ONLY off) */
	/* Who connects in that moment gets no answer, and tries again: with
	 * a listener's it would be accepted and reset. */
	BINDTEST_DROP = 1 << 4
};

struct bindtest {
	uint8_t proto;      /* enum sock_proto */
	uint8_t family;     /* 4 or 6 */
	uint8_t addr[16];   /* as in struct endpoint; all zero: the wildcard */
	uint16_t port;      /* 0: any */
	uint32_t scope;     /* interface of a link-local address, or 0 */
	unsigned flags;     /* enum bindtest_flag */
	const char *device; /* SO_BINDTODEVICE; NULL: none */
};

/*
 * In the calling thread's network namespace, with its rights. 0: it could be
 * bound. -EADDRINUSE, -EACCES (a privileged port), -EADDRNOTAVAIL (no address
 * of this machine), -EAFNOSUPPORT (no such family here), or any other -errno
 * of socket(2), setsockopt(2), bind(2), listen(2).
 */
int bindtest(const struct bindtest *);

/*
 * The wildcard of both families at once: what a server that listens
 * everywhere needs. Where there is no IPv6, IPv4 alone.
 */
int bindtest_any(unsigned proto, uint16_t port, unsigned flags);

#endif
