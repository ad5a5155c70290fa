/* SPDX-License-Identifier: ISC */
#ifndef MODEL_PORTSET_H
#define MODEL_PORTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A set of port numbers; 8 KiB. */
struct portset {
	uint64_t word[65536 / 64];
};

static inline bool
portset_has(const struct portset *s, uint16_t port)
{
	return (s->word[port / 64] >> (port % 64) & 1) != 0;
}

/* True: it was not in it yet. */
static inline bool
portset_add(struct portset *s, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << (port % 64);

	if ((s->word[port / 64] & bit) != 0)
		return false;
	s->word[port / 64] |= bit;
	return true;
}

/* What a network namespace keeps ports for; 0, false: not known. */
struct port_limits {
	uint16_t ephemeral_lo, ephemeral_hi; /* net.ipv4.ip_local_port_range */
	bool unprivileged_known, reserved_known;
	uint16_t unprivileged;   /* net.ipv4.ip_unprivileged_port_start */
	struct portset reserved; /* net.ipv4.ip_local_reserved_ports */
};

/* From lo to hi, both in it. */
void portset_add_range(struct portset *, uint16_t lo, uint16_t hi);
uint32_t portset_count(const struct portset *, uint16_t lo, uint16_t hi);
/*
 * Adds what the kernel prints as a list of ports, "8080,9148-9200\n"
 * (net.ipv4.ip_local_reserved_ports); an empty line is an empty list. False:
 * it is anything else, and the set is as it was.
 */
bool portset_parse(struct portset *, const char *text, size_t len);
/* The same way back: "8080,9148-9200"; nothing for an empty set. */
void portset_put(const struct portset *, struct buf *);
/* "32768\t60999\n" (net.ipv4.ip_local_port_range), or "8000-8100". */
bool portset_parse_range(
    const char *text, size_t len, uint16_t *lo, uint16_t *hi);

#endif
