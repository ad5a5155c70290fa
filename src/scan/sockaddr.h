/* SPDX-License-Identifier: ISC */
#ifndef SCAN_SOCKADDR_H
#define SCAN_SOCKADDR_H

#include <sys/socket.h>

#include "model/scan.h"

/* Addresses as the kernel has them. */

/* Into room for a struct sockaddr_in6; returns its length. Port in host
 * order. */
socklen_t sockaddr_put(void *, const struct scan_addr *, uint16_t port);
/* The way back, at any alignment; the scope only of link-local addresses. port:
 * NULL if nobody asks. False: neither IPv4 nor IPv6, and then *ret is none. */
bool sockaddr_take(struct scan_addr *ret, uint16_t *port, const void *);

#endif
