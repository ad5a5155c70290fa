/* SPDX-License-Identifier: ISC */
#ifndef KNOW_EXPOSURE_H
#define KNOW_EXPOSURE_H

#include <stdint.h>

/* How far an address that a socket is bound to can be reached. */
enum exposure {
	EXPOSURE_LOOPBACK, /* this machine only */
	EXPOSURE_LINK,     /* fe80::/10, 169.254/16 */
	EXPOSURE_PRIVATE,  /* RFC 1918, fc00::/7, 100.64/10 */
	EXPOSURE_PUBLIC,   /* a global address */
	EXPOSURE_ALL       /* wildcard: every address of the machine */
};
/* Address bytes as on the wire; family 4 or 6. */
enum exposure exposure_of(const uint8_t addr[16], unsigned family);
const char *exposure_name(enum exposure);  /* "loopback", "all", .. */
const char *exposure_words(enum exposure); /* a sentence */

#endif
