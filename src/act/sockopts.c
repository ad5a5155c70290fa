/* SPDX-License-Identifier: ISC */
/* Another process's socket, asked by a copy of its descriptor. */
#include "config.h"

#include "act/sockopts.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From asm-generic/socket.h, in kernels since 4.12. */
#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

static int8_t
flag(int fd, int level, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, name, &value, &len) < 0)
		return -1;
	return value != 0;
}

int
sockopts_read(pid_t pid, int fd, uint64_t cookie, struct conflict_opts *ret)
{
	uint64_t own = 0;
	socklen_t len = sizeof(own);
	int pidfd, copy, r = 0;

	pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* CLOEXEC by itself */
	if (pidfd < 0)
		return -errno;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0); /* and this */
	if (copy < 0)
		r = -errno;
	(void)close(pidfd);
	if (r < 0)
		return r;
	if (getsockopt(copy, SOL_SOCKET, SO_COOKIE, &own, &len) < 0)
		r = -errno;
	else if (own != cookie)
		r = -EBADF;
	else {
		ret->reuseaddr = flag(copy, SOL_SOCKET, SO_REUSEADDR);
		ret->reuseport = flag(copy, SOL_SOCKET, SO_REUSEPORT);
		if (ret->v6only < 0)
			ret->v6only = flag(copy, IPPROTO_IPV6, IPV6_V6ONLY);
	}
	(void)close(copy);
	return r;
}
