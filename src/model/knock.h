/* SPDX-License-Identifier: ISC */
#ifndef MODEL_KNOCK_H
#define MODEL_KNOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Port knocking: a sequence of ports at one address, each touched by one
 * packet, in the order given. What is planned and what came of it.
 */
enum knock_state {
	KNOCK_WAITING,
	KNOCK_SENT,
	KNOCK_FAILED, /* error says why */
	KNOCK_LEFT    /* one before it failed: no use in going on */
};
struct knock_port {
	uint16_t port;
	uint8_t proto; /* enum sock_proto */
	uint8_t state; /* enum knock_state */
	int error;     /* errno's value */
};

/* What a connection attempt to a port says of it, in nmap's words. */
enum knock_seen {
	KNOCK_UNKNOWN, /* not looked */
	KNOCK_OPEN,
	KNOCK_CLOSED,  /* refused by a RST */
	KNOCK_FILTERED /* no answer, or a router's "no" */
};
const char *knock_seen_name(enum knock_seen); /* "open", ..; "-" */

struct knock {
	char *host;              /* as typed, clean; owned */
	char *addr;              /* what it is, as text; owned */
	struct knock_port *port; /* owned */
	size_t n;
	uint64_t delay_ms;
	uint16_t check; /* TCP port to look at before and after; 0: none */
	enum knock_seen before, after;
	bool dry; /* only say what would be done */
};
void knock_done(struct knock *);

/* "7000", "8000/udp", "9000:tcp" (as knock(1) has it); without a protocol
 * that of proto. 0, or -EINVAL and a sentence. */
int knock_port_parse(
    const char *, uint8_t proto, struct knock_port *ret, char **cause);

#endif
