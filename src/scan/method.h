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
/* Whether its sockets are there. */
bool method_can(const struct method *, const struct priv *, uint8_t family);

#endif
