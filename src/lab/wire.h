/* SPDX-License-Identifier: ISC */
#ifndef LAB_WIRE_H
#define LAB_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "model/lab.h"

/*
 * The wire between the two hosts: every frame that one sends comes here, and
 * goes on to the other, is held in the hand, or is lost, as the lesson says.
 * A copy of what is held already is counted and takes its place.
 */
struct wire_flow { /* what a connection's SYNs said */
	uint16_t port[LAB_NHOSTS];
	uint8_t family;
	bool known[LAB_NHOSTS];
	uint32_t start[LAB_NHOSTS];
	uint8_t scale[LAB_NHOSTS]; /* of the window */
};
struct wire_frame {
	uint8_t *data;
	size_t len;
	uint32_t id;
	struct lab_segment seg;
};
#define WIRE_FLOWS 64
#define WIRE_HAND  32
struct wire {
	int fd[LAB_NHOSTS]; /* towards each host; to be polled for reading */
	uint16_t hold[LAB_NHOSTS], lose[LAB_NHOSTS]; /* by sender; LAB_KIND */
	uint64_t seen;                               /* segments that came */
	uint32_t *log_id; /* the last one given; borrowed */
	void (*tell)(void *arg, const struct lab_log *);
	void *arg;
	struct wire_flow flow[WIRE_FLOWS];
	size_t nflows;
	struct wire_frame hand[WIRE_HAND];
	size_t nhand;
};

/* Once both links are there (room_link). 0, or -errno and a sentence. */
int wire_open(struct wire *, char **cause);
void wire_close(struct wire *);
/* Takes in what came from a host. */
void wire_read(struct wire *, enum lab_host);
/* What is in the hand goes on, in order. */
void wire_let_go(struct wire *);

#endif
