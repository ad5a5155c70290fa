/* SPDX-License-Identifier: ISC */
#ifndef ACT_SOCKCLOSE_H
#define ACT_SOCKCLOSE_H

#include <stdint.h>

#include "model/act.h"

/*
 * Closing one socket of another process. Both ways are exact: the kernel
 * compares the cookie (SOCK_DESTROY), or we do (SO_COOKIE of the descriptor
 * that pidfd_getfd(2) copied). A request without a cookie does not exist:
 * it would hit whatever has the address by now.
 */

/* The request as bytes: struct nlmsghdr and struct inet_diag_req_v2. */
#define SOCKCLOSE_REQUEST 72
/* 0, or -EINVAL: no cookie, or the one that means any (~0); no socket the
 * kernel would find. */
int sockclose_request(
    uint8_t buf[SOCKCLOSE_REQUEST], const struct sock_rec *, uint32_t seq);
/* The kernel's answer to it: 0 or -errno; -EBADMSG: it is none. */
int sockclose_answer(const void *, size_t, uint32_t seq);

/* At once, on a netlink socket of the socket's own namespace. In the helper:
 * no allocation. 0 or -errno. */
int sockclose_rst(int netlink, const struct sock_rec *);
/* Gracefully, through the holder's descriptor fd. Nothing that is on the way
 * is lost: what was written is still sent, and what the peer still sends can
 * still be read; so only the sending side is shut, unless the peer's side is
 * shut already or there never was one. In the helper. 0 or -errno; -ENOTSOCK:
 * the descriptor is another socket by now. */
int sockclose_fin(int pidfd, int fd, const struct sock_rec *);

/* The sentence for 0 or -errno, and the state it leaves the target in; the
 * caller's. */
char *sockclose_outcome(
    enum act_how, const struct sock_rec *, int error, enum act_state *ret);

#endif
