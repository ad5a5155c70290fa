/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_UNOWNED_H
#define COLLECT_UNOWNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/sock.h"

/*
 * The sockets of one reading whose inode nobody is known to hold, and their
 * inodes as an owner source wants them: sorted, distinct, with the uid.
 */
#define UNOWNED_NO_ROW UINT32_MAX

struct unowned_sock {
	uint32_t inode, uid;
	uint32_t row; /* in the snap; UNOWNED_NO_ROW: unchanged, not listed */
	bool counted; /* of a broken attempt: it was met again or is gone */
};

struct unowned {
	struct unowned_sock *at;
	size_t n, cap;
	uint32_t *inode, *uid; /* after unowned_sort() */
	size_t ninodes, inode_cap, uid_cap;
};

void unowned_done(struct unowned *);
void unowned_reset(struct unowned *);
/* The reading begins anew, but rows listed so far stay. */
void unowned_restart(struct unowned *);
/* Valid until the next one; its row is UNOWNED_NO_ROW. */
struct unowned_sock *unowned_add(struct unowned *, const struct sock_rec *);
void unowned_sort(struct unowned *);
size_t unowned_memory(const struct unowned *);

#endif
