/* SPDX-License-Identifier: ISC */
#ifndef MODEL_HEARD_H
#define MODEL_HEARD_H

#include <stddef.h>

#include "base/hash.h"
#include "model/sock.h"

/*
 * What listeners were heard to answer when they were asked: a line each, "ssh
 * OpenSSH 9.2p1", by the socket that it was, so that what listens there later
 * has none of it.
 */
struct heard {
	struct heard_line *line;
	size_t n, cap;
	struct hash index; /* private */
};
void heard_init(struct heard *);
void heard_done(struct heard *);
/* The text is clean; it takes the place of an older one. */
void heard_put(struct heard *, struct sock_key, const char *text);
const char *heard_get(const struct heard *, struct sock_key); /* NULL: none */

#endif
