/* SPDX-License-Identifier: ISC */
#ifndef BASE_RIGHTS_H
#define BASE_RIGHTS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Writing files as root in a directory that others may write to: these could
 * lead us anywhere. So this thread becomes, for the file system alone
 * (setfsuid(2)), the one who called sudo; not where only root can write, and
 * not without sudo.
 *
 *	rights_of_caller(&r, dirfd);
 *	fd = openat(dirfd, ..);
 *	rights_restore(&r);
 */
struct rights {
	bool changed;
	uid_t uid;
	gid_t gid;
};

void rights_of_caller(struct rights *, int dirfd);
void rights_restore(const struct rights *);

#endif
