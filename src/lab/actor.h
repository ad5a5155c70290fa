/* SPDX-License-Identifier: ISC */
#ifndef LAB_ACTOR_H
#define LAB_ACTOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "lab/call.h"

/*
 * The people of a lesson: processes of their own, so that each socket has an
 * owner to be seen, each in its host's network namespace. They make the
 * calls they are told to, and end when nobody tells them any more.
 */
struct actor_answer {
	int error;     /* errno; 0 */
	int value;     /* descriptor or bytes */
	bool ipv6;     /* of actor_furnish() */
	char text[96]; /* what failed there; clean */
};

struct stage { /* one actor, as its director sees it */
	pid_t pid;
	int fd; /* -1: not there */
};

/* Starts one in a new network namespace (beside NULL), or in that of
 * another. 0 or -errno and a sentence. */
int actor_start(
    struct stage *, enum actor, const struct stage *beside, char **cause);
void actor_stop(struct stage *);

/* Sends what to do; the answer is read with actor_answer() when fd is
 * readable: 0, or -errno when it is gone. */
int actor_tell(const struct stage *, const struct lab_do *);
int actor_hear(const struct stage *, struct actor_answer *);
/* Addresses and links, once eth0 is there; answered like a call. */
int actor_furnish(const struct stage *);

#endif
