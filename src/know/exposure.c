/* SPDX-License-Identifier: ISC */
/* Who can reach an address: the special-purpose blocks of RFC 6890. */
#include "config.h"

#include "know/exposure.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/array.h"

struct block {
	uint8_t addr[16];
	uint8_t bits;
	uint8_t exposure;
};

/* The first that holds decides; none: public. */
static const struct block blocks4[] = {
	{ { 0, 0, 0, 0 }, 32, EXPOSURE_ALL }, { { 127 }, 8, EXPOSURE_LOOPBACK },
	{ { 169, 254 }, 16, EXPOSURE_LINK },
	{ { 224, 0, 0 }, 24, EXPOSURE_LINK }, /* RFC 5771 */
	{ { 255, 255, 255, 255 }, 32, EXPOSURE_LINK },
	{ { 10 }, 8, EXPOSURE_PRIVATE }, { { 172, 16 }, 12, EXPOSURE_PRIVATE },
	{ { 192, 168 }, 16, EXPOSURE_PRIVATE },
	{ { 100, 64 }, 10, EXPOSURE_PRIVATE },
	{ { 239 }, 8, EXPOSURE_PRIVATE }, /* RFC 2365 */
};

static const struct block blocks6[] = {
	{ { 0 }, 128, EXPOSURE_ALL },
	{ { [15] = 1 }, 128, EXPOSURE_LOOPBACK },
	{ { 0xfe, 0x80 }, 10, EXPOSURE_LINK },
	{ { 0xfc }, 7, EXPOSURE_PRIVATE },
	{ { 0xff, 0x01 }, 16, EXPOSURE_LOOPBACK }, /* RFC 7346 */
	{ { 0xff, 0x02 }, 16, EXPOSURE_LINK },
	{ { 0xff, 0x05 }, 16, EXPOSURE_PRIVATE },
	{ { 0xff, 0x08 }, 16, EXPOSURE_PRIVATE },
};

static const struct {
	const char *name, *words;
} exposures[] = {
	[EXPOSURE_LOOPBACK] = { "loopback",
	    "Only programs on this machine can reach it." },
	[EXPOSURE_LINK] = { "link",
	    "Only machines on the same network segment can reach it." },
	[EXPOSURE_PRIVATE] = { "private",
	    "Machines of the private network can reach it; the internet "
	    "only through a forwarding router." },
	[EXPOSURE_PUBLIC] = { "public",
	    "Whoever can route to this global address can reach it, unless "
	    "a firewall is in between." },
	[EXPOSURE_ALL] = { "all",
	    "It answers on every address of this machine, public ones "
	    "included, unless a firewall is in between." },
};

static bool
in_block(const uint8_t *addr, const struct block *b)
{
	size_t bytes = b->bits / 8;
	unsigned rest = b->bits % 8;

	if (memcmp(addr, b->addr, bytes) != 0)
		return false;
	return rest == 0 || (addr[bytes] ^ b->addr[bytes]) >> (8 - rest) == 0;
}

enum exposure
exposure_of(const uint8_t addr[16], unsigned family)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct block *b = blocks6;
	size_t n = nitems(blocks6), i;

	if (family == 6 && memcmp(addr, mapped, sizeof(mapped)) == 0) {
		addr += sizeof(mapped);
		family = 4;
	}
	if (family == 4) {
		b = blocks4;
		n = nitems(blocks4);
	}
	for (i = 0; i < n; i++)
		if (in_block(addr, &b[i]))
			return (enum exposure)b[i].exposure;
	return EXPOSURE_PUBLIC;
}

const char *
exposure_name(enum exposure e)
{
	return (size_t)e < nitems(exposures) ? exposures[e].name : "-";
}

const char *
exposure_words(enum exposure e)
{
	return (size_t)e < nitems(exposures) ? exposures[e].words : "-";
}
