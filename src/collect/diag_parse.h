/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_DIAG_PARSE_H
#define COLLECT_DIAG_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/sock.h"

/*
 * What the kernel answers to an inet_diag request, as bytes: the same for
 * what recvmsg(2) just filled and for a file that `ss -D` wrote.
 */
struct diag_want {
	unsigned need; /* enum need: NEED_TCPINFO, NEED_TIMER, NEED_EXT */
	uint32_t netns;
	uint8_t proto; /* enum sock_proto of what was asked for */
	/* The kernel tells of a socket that is gone: state, queues, inode and
	 * uid are none of it any more, whatever stands in the message. */
	bool destroyed;
};

/*
 * One message's payload (struct inet_diag_msg and attributes, of whatever
 * length this kernel has them). ext may be NULL. False: not a socket of
 * IPv4 or IPv6, or cut short; *rec and *ext then hold nothing.
 */
bool diag_parse_sock(const void *payload, size_t len, const struct diag_want *,
    struct sock_rec *rec, struct sock_ext *ext);

struct diag_walk {
	struct diag_want want;
	uint32_t seq, portid; /* others are dropped; 0: any will do */
	/* rec and ext (NULL without NEED_EXT) are valid during the call. */
	void (*sock)(
	    void *arg, const struct sock_rec *rec, const struct sock_ext *ext);
	void *arg;

	/* What was met; kept over several buffers. */
	bool done;        /* the end of the dump */
	bool interrupted; /* NLM_F_DUMP_INTR: sockets may be missing */
	int error;        /* -errno the kernel answered, 0: none */
	uint64_t socks;   /* handed on */
	uint64_t dropped; /* malformed, or not an answer to us */

	/* where a socket is put together */
	struct sock_rec rec;
	struct sock_ext ext;
};

/* Walks a buffer of whole netlink messages. */
void diag_walk(struct diag_walk *, const void *buf, size_t len);

#endif
