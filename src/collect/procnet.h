/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PROCNET_H
#define COLLECT_PROCNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/sock.h"

/* One line of /proc/net/{tcp,tcp6,udp,udp6}. */
struct procnet_want {
	uint32_t netns;
	uint8_t proto, family;
	bool timer; /* timer_ms, which changes all the time */
	long hz;    /* clock ticks a second */
};

/*
 * The line (without its end) as a record: what it does not tell stays
 * unknown, the cookie is a hash of all that identifies the socket. False: no
 * socket in it.
 */
bool procnet_parse(const char *, size_t len, const struct procnet_want *,
    struct sock_rec *ret);

#endif
