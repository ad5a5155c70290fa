/* SPDX-License-Identifier: ISC */
#ifndef ACT_SOCKOPTS_H
#define ACT_SOCKOPTS_H

#include "model/conflict.h"

/*
 * Options of a socket that another process holds, by a copy of its descriptor
 * (pidfd_getfd(2), as ptrace(2) permits). The copy is asked for its cookie
 * first: a descriptor that is another socket by now tells nothing. 0 and
 * *ret, or -errno (-EPERM: not permitted; -ESRCH, -EBADF: gone).
 */
int sockopts_read(pid_t, int fd, uint64_t cookie, struct conflict_opts *ret);

#endif
