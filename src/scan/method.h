/* SPDX-License-Identifier: ISC */
#ifndef SCAN_METHOD_H
#define SCAN_METHOD_H

#include "scan/tech.h"

/*
 * What the techniques are used for. A new one is a line here; who runs the
 * engine needs no word of it.
 */
enum method_use {
	METHOD_PING = 1 << 0,  /* asks whether a host is there */
	METHOD_PORTS = 1 << 1, /* asks for ports; `how` says when */
	/* Only neighbours; then no other ping is sent, since none would get
	 * through where this one does not. */
	METHOD_LINK = 1 << 2,
	/* A ping that is sent only if there is none without this flag. */
	METHOD_FALLBACK = 1 << 3
};
struct method {
	const struct tech_ops *ops;
	unsigned use;   /* enum method_use */
	unsigned how;   /* METHOD_PORTS: enum scan_how */
	uint8_t family; /* 4, 6; 0: both */
	uint8_t proto;  /* of struct probe */
	uint16_t port;  /* METHOD_PING: 0: has none */
};

extern const struct method methods[]; /* ops NULL at the end */
/* Families as a mask: 1 IPv4, 2 IPv6. */
static inline uint8_t
method_family(uint8_t family)
{
	return family == 6 ? 2 : 1;
}
/* Those that it can be used for: its sockets are there. */
uint8_t method_families(const struct method *, const struct priv *);
/* Those of which any host can be pinged without a METHOD_FALLBACK. */
uint8_t method_pings(const struct priv *);

#endif
