/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_CGROUP_PATH_H
#define COLLECT_CGROUP_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snap.h"

/*
 * The kernel tells a socket's cgroup by its number; people know paths. Paths
 * are as in /proc/PID/cgroup: "/" is the top of the cgroup v2 mount.
 */
struct cgroup_names;

struct cgroup_names *cgroup_names_new(void);
void cgroup_names_free(struct cgroup_names *);
/* Notes that a socket has it. Cheap when it is known already. */
void cgroup_names_want(struct cgroup_names *, uint64_t id);
/* Looks up what is new. */
void cgroup_names_tell(struct cgroup_names *, struct snap *);

/* Number of a path, with or without the mount point in front; 0: none. */
uint64_t cgroup_id_of_path(const char *);

/* Where /proc/self/mountinfo (terminated) says that cgroup v2 is mounted:
 * the caller's, or NULL. */
char *cgroup_mount_parse(const char *mountinfo);

#endif
