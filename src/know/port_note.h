/* SPDX-License-Identifier: ISC */
#ifndef KNOW_PORT_NOTE_H
#define KNOW_PORT_NOTE_H

#include <stdint.h>

/*
 * What the table of services has no room for: other uses of a port, and the
 * common errors about it.
 */
struct port_note {
	uint16_t port;
	uint8_t proto;      /* 6, 17; 0: both */
	const char *iana;   /* the registry's name where the table has another
			    * one; or NULL */
	const char *also;   /* known uses beside, or NULL */
	const char *myth;   /* "what is often said": what is right; divided by
			    * "\n"; or NULL */
	const char *see;    /* terms and services, divided by ", ", or NULL */
	const char *source; /* of also and myth */
};

extern const struct port_note port_notes[]; /* by port; source NULL ends */

/* The next note on this port, from *i = 0 on; proto 0: any. NULL: no more. */
const struct port_note *port_note(uint16_t port, unsigned proto, unsigned *i);

#endif
