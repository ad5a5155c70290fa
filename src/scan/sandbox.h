/* SPDX-License-Identifier: ISC */
#ifndef SCAN_SANDBOX_H
#define SCAN_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The cage the worker works in: whoever takes it over by a packet can send
 * packets, and that is all. Landlock: no file, no TCP port to listen on, no
 * other process to signal. seccomp: an allow-list; what is on none of its
 * lines ends the worker, with the call's number on standard error. Built with
 * sanitizers there is none (sandbox_null.c).
 *
 * What all may call: read write close, mmap (never executable), epoll,
 * timerfd, eventfd, clocks, poll, fcntl, getrandom; of sockets that are open:
 * connect, bind, listen not, get/setsockopt, get*name, send* recv*, shutdown.
 * open, stat and the like answer EACCES, clone3 ENOSYS, clone EPERM, so that a
 * libc that tries goes on without. socket(2): see below.
 */
enum sandbox_needs {
	SANDBOX_STREAM = 1 << 0, /* socket(2): AF_INET, AF_INET6, TCP */
	SANDBOX_DGRAM = 1 << 1   /* the same, UDP */
};

/* At once, before anything is read: leaves no core, is traced by nobody, gains
 * nothing by exec. */
void sandbox_harden(void);
/* What can be had here, into a text of that size: "full", or "partial: ..",
 * "none: .." and why. */
void sandbox_tell(char *, size_t);
/* For good. 0: full; 1 and a sentence: partial; -errno and a sentence: none. */
int sandbox_apply(unsigned needs, char **cause);

#endif
