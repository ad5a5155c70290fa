/* SPDX-License-Identifier: ISC */
#ifndef MODEL_COMPARE_H
#define MODEL_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/view.h"

/*
 * What differs between two readings that no cookie and no process id relates:
 * another machine, another day. A socket is told by protocol, local address,
 * port and process name; several that agree in these are one. What is not
 * known on one side is not compared.
 *
 * UDP sockets without a peer on a port that the kernel handed out have no port
 * here: it is another one at every start. A connection has no port at the end
 * that connected, and what nobody holds (TIME-WAIT and the like) is left out.
 */
struct compare_item {          /* a socket as it is compared; all text owned */
	const struct row *row; /* borrowed */
	char *netns;           /* "": the only one, or the default one */
	char *addr;            /* as column_put_endpoint() has it */
	char *peer;            /* "": a listener */
	char *process;         /* "": not known */
	char *user, *unit;     /* "": not known */
	uint16_t port;         /* 0: of no meaning */
	uint8_t proto;
	bool done; /* found on the other side, or told */
};
struct compare_side {
	struct compare_item *item;
	size_t n, cap;
};

enum compare_kind {
	COMPARE_ADDED,
	COMPARE_GONE,
	COMPARE_CHANGED
};
enum compare_field {
	COMPARE_ADDRESS = 1 << 0,
	COMPARE_PORT = 1 << 1,
	COMPARE_PROCESS = 1 << 2,
	COMPARE_USER = 1 << 3,
	COMPARE_UNIT = 1 << 4,
	COMPARE_EXPOSURE = 1 << 5 /* follows from the address */
};
struct compare_line {
	enum compare_kind kind;
	const struct compare_item *was, *now; /* NULL: there is none */
	unsigned fields;                      /* CHANGED: enum compare_field */
};
struct compare {
	struct compare_side was, now;
	struct compare_line *line; /* by protocol, port, address */
	size_t n, cap;
	size_t unknown; /* met, but the process is known on one side only */
};

/* Of one side: what the view shows. Rows must stay as long as the side. */
void compare_side_init(struct compare_side *, const struct view *);
void compare_side_done(struct compare_side *);
/* Takes both sides over. */
void compare_run(struct compare *);
void compare_done(struct compare *);
/* A field's name ("address") and its text on that side; NULL ends the fields,
 * which are the bits from 0 on. */
const char *compare_field_name(unsigned bit);
void compare_field_put(unsigned bit, const struct compare_item *, struct buf *);

#endif
