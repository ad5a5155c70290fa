/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_USER_NAMES_H
#define COLLECT_USER_NAMES_H

#include <stdint.h>

#include "model/snap.h"

/*
 * Names of the users that own sockets. Looking one up may ask a directory
 * server: it is done after a reading, in the thread's own namespace.
 */
struct user_names;

struct user_names *user_names_new(void);
void user_names_free(struct user_names *);
/* Notes that a socket has it. Cheap when it is known already. */
void user_names_want(struct user_names *, uint32_t uid);
void user_names_tell(struct user_names *, struct snap *);

#endif
