/* SPDX-License-Identifier: ISC */
#ifndef ACT_KNOCK_H
#define ACT_KNOCK_H

#include <sys/socket.h>

#include "model/knock.h"

/* Where to: an address without a port, as getaddrinfo(3) gives it. */
struct knock_where {
	struct sockaddr_storage addr;
	socklen_t len;
	bool readonly; /* nothing is sent: -EROFS */
};

/*
 * Touches the port with one packet: TCP by a SYN that nobody waits for, the
 * socket is closed at once and so the SYN is never repeated; UDP by a
 * datagram of one byte. Sets state and error. 0, or -errno if it was not
 * sent.
 */
int knock_send(const struct knock_where *, struct knock_port *);
/* Connects and closes again; waits for an answer at most so long. 0, or
 * -errno if no attempt could be made. */
int knock_look(const struct knock_where *, uint16_t port, uint64_t wait_ns,
    enum knock_seen *ret);
/* The same again and again until it is open or the time is over. */
int knock_look_until_open(const struct knock_where *, uint16_t port,
    uint64_t wait_ns, enum knock_seen *ret);
void knock_pause(uint64_t ms);

#endif
