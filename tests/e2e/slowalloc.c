/* SPDX-License-Identifier: ISC */
/*
 * Preloaded by test_signals.py: each allocation takes long, so that a signal
 * mostly comes within one; and a command line that nobody can read to the end
 * (SLOW_PID), as that of a process whose memory is on a dead file server.
 */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void __libc_free(void *);

static int slow_rounds;
static char slow_path[64];
static int slow_fd = -1;

__attribute__((constructor)) static void
start(void)
{
	const char *s = getenv("SLOW_ROUNDS");

	slow_rounds = s == NULL ? 0 : atoi(s);
	s = getenv("SLOW_PID");
	if (s != NULL)
		snprintf(slow_path, sizeof slow_path, "%s/cmdline", s);
	unsetenv("LD_PRELOAD");
}

static void
take_long(void)
{
	volatile int i;

	for (i = 0; i < slow_rounds; i++)
		;
}

void *
malloc(size_t n)
{
	void *p;

	take_long();
	p = __libc_malloc(n);
	take_long();
	return p;
}

void
free(void *p)
{
	take_long();
	__libc_free(p);
}

int
openat(int dir, const char *path, int flags, ...)
{
	int (*real)(int, const char *, int, mode_t) =
	    (int (*)(int, const char *, int, mode_t))dlsym(RTLD_NEXT, "openat");
	size_t n = strlen(slow_path), len = strlen(path);
	va_list ap;
	mode_t mode;
	int fd;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(ap, int) : 0;
	va_end(ap);
	fd = real(dir, path, flags, mode);
	if (n > 0 && len >= n && strcmp(path + len - n, slow_path) == 0)
		slow_fd = fd;
	return fd;
}

ssize_t
read(int fd, void *p, size_t n)
{
	ssize_t (*real)(int, void *, size_t) =
	    (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");

	if (fd >= 0 && fd == slow_fd)
		for (;;)
			(void)poll(NULL, 0, -1);
	return real(fd, p, n);
}
