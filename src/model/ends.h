/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ENDS_H
#define MODEL_ENDS_H

#include <stddef.h>
#include <stdint.h>

#include "model/sock.h"

/*
 * A socket that the kernel told to be destroyed: its addresses, its cookie
 * and the last of its figures. Nobody holds it any more: uid, inode and owner
 * are never known from here. A connection that goes to TIME-WAIT is destroyed
 * too: what is left in the kernel then keeps its cookie.
 */
struct sock_end {
	struct sock_rec rec; /* TCP: CLOSED; UDP: CONNECTED or UNCONNECTED */
	uint64_t mono_ns;    /* when it was told, CLOCK_MONOTONIC */
	uint16_t tcp_info_len;
	uint8_t tcp_info[SOCK_TCP_INFO_MAX]; /* struct tcp_info, linux/tcp.h */
};

struct sock_ends {
	struct sock_end *end; /* oldest first; malloc'd */
	size_t n;
	uint64_t lost; /* others there were: the kernel had no room for them,
			* or the reader came too late */
};

void sock_ends_done(struct sock_ends *);
/* The last figures, for a record and its rest that were read before. */
void sock_end_apply(const struct sock_end *, struct sock_rec *);
void sock_end_ext(const struct sock_end *, struct sock_ext *);

#endif
