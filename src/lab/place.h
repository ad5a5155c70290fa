/* SPDX-License-Identifier: ISC */
#ifndef LAB_PLACE_H
#define LAB_PLACE_H

#include <stdint.h>
#include <sys/socket.h>

/* The addresses of the classroom, from the ranges for documentation
 * (RFC 5737, RFC 3849). */
enum place {
	AT_ANY,     /* 0.0.0.0 */
	AT_CLIENT,  /* 192.0.2.1 */
	AT_SERVER,  /* 192.0.2.2 */
	AT_SERVER2, /* 192.0.2.3: the server's second address */
	AT_ANY6,    /* :: */
	AT_CLIENT6, /* 2001:db8::1 */
	AT_SERVER6, /* 2001:db8::2 */
	AT_NPLACES
};
const char *place_text(enum place); /* "192.0.2.1", IPv6 in brackets */
int place_family(enum place);
socklen_t place_addr(enum place, uint16_t port, struct sockaddr_storage *);

#endif
