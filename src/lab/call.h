/* SPDX-License-Identifier: ISC */
#ifndef LAB_CALL_H
#define LAB_CALL_H

#include <stdint.h>

#include "base/buf.h"
#include "lab/place.h"
#include "model/lab.h"

/*
 * What a step of a lesson does: calls that a process makes, and what the wire
 * does with segments. A lesson is a table of these.
 */
enum actor {
	BY_CLIENT,
	BY_SERVER,
	BY_WORKER, /* a second process on the server's host */
	BY_NACTORS
};
const char *actor_name(enum actor);
enum lab_host actor_host(enum actor);

enum lab_op {
	DO_END,
	/* Calls. Sockets are named by a number of the lesson's, s. */
	DO_BIND,      /* s = socket(), bind to at:port */
	DO_LISTEN,    /* value: backlog; makes and binds s if it is new */
	DO_CONNECT,   /* s = socket(), begins; bound to from:from_port first
			 * unless from_port is 0 */
	DO_CONNECTED, /* how connect() came out */
	DO_ACCEPT,    /* s2 = accept(s) */
	DO_SEND,      /* value bytes */
	DO_RECV,      /* value bytes, to the last; 0: the end */
	DO_SHUTDOWN,  /* SHUT_WR */
	DO_CLOSE,
	DO_ABORT,       /* close() with SO_LINGER 0: RST */
	DO_UDP_BIND,    /* s = socket(), bind to at:port */
	DO_UDP_CONNECT, /* s = socket(), connect to at:port */
	DO_UDP_SEND,    /* value bytes to at:port; s is made if new */
	DO_CALLS,       /* those above are calls */
	/* The wire: hold[] and lose[] say what it keeps and drops from now
	 * on, by who sent it; masks of LAB_KIND. */
	DO_WIRE,
	DO_LET_GO /* what it holds goes on; then as DO_WIRE */
};

enum lab_opt {
	OPT_REUSEADDR = 1 << 0,
	OPT_REUSEPORT = 1 << 1,
	OPT_V6ONLY = 1 << 2,
	OPT_SMALL = 1 << 3,    /* a receive buffer that is soon full */
	OPT_ONE_PORT = 1 << 4, /* from_port is not bound to: it is all the
				* kernel has to choose from */
	OPT_LINGER2 = 1 << 5   /* TCP_LINGER2: FIN-WAIT-2 lasts value seconds
			      * once nobody holds the socket */
};

#define LAB_SLOTS 24
struct lab_do {
	enum lab_op op;
	enum actor by;
	uint8_t s, s2;
	enum place at, from;
	uint16_t port, from_port;
	int value;
	unsigned opt; /* enum lab_opt */
	int error;    /* errno it should end with; 0: none */
	uint16_t hold[LAB_NHOSTS], lose[LAB_NHOSTS];
};

/* "bind(192.0.2.2:80) SO_REUSEADDR"; fd: the descriptors of the actor's
 * sockets, -1: none. */
void call_text(struct buf *, const struct lab_do *, const int fd[LAB_SLOTS]);
/* "0", "fd 5", "20", "ECONNREFUSED: Connection refused" */
void call_result(struct buf *, const struct lab_do *, int error, int value);

#endif
