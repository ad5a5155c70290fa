/* SPDX-License-Identifier: ISC */
/*
 * The rights with which a file is opened under sudo. Must not open or write
 * anything itself.
 */
#include "config.h"

#include "base/rights.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"

void
rights_of_caller(struct rights *r, int dirfd)
{
	struct stat st;
	const char *uid_text, *gid_text;
	uint64_t uid, gid;

	*r = (struct rights){ 0 };
	if (geteuid() != 0 || fstat(dirfd, &st) < 0)
		return;
	if (st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return;
	uid_text = getenv("SUDO_UID");
	gid_text = getenv("SUDO_GID");
	if (uid_text == NULL || gid_text == NULL ||
	    !num_u64(uid_text, 1, UINT32_MAX - 1, &uid) ||
	    !num_u64(gid_text, 0, UINT32_MAX - 1, &gid))
		return;
	r->gid = (gid_t)setfsgid((gid_t)gid);
	r->uid = (uid_t)setfsuid((uid_t)uid);
	r->changed = true;
}

void
rights_restore(const struct rights *r)
{
	if (!r->changed)
		return;
	(void)setfsuid(r->uid);
	(void)setfsgid(r->gid);
}
