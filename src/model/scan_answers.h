/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_ANSWERS_H
#define MODEL_SCAN_ANSWERS_H

#include "base/hash.h"
#include "model/scan.h"
#include "model/service_info.h"

/*
 * What answers behind the ports of a host: a struct service_info each, packed
 * into the bytes it needs (some hundreds of its thousands). A port may have one
 * of our own and one of nmap's, side by side.
 */
struct answer;
struct answers { /* all zero: none */
	struct answer **all;
	size_t n, cap;
	struct hash index; /* private */
};
void answers_done(struct answers *);
/* Adds it, unless a better one of the same source is there. True: it is new, or
 * better. */
bool answers_put(struct answers *, uint8_t proto, uint16_t port,
    const struct service_info *);
/* One source's; false: it said nothing. */
bool answers_get(const struct answers *, uint8_t proto, uint16_t port,
    bool nmap, struct service_info *ret);
/* The better one. */
bool answers_best(const struct answers *, uint8_t proto, uint16_t port,
    struct service_info *ret);

#endif
