/* SPDX-License-Identifier: ISC */
/*
 * Preloaded by torture.py: the FAIL_AT-th call of FAIL_CALL fails with
 * FAIL_ERRNO (FAIL_ON: and all after it), all others go through. Tells how many
 * there were in the file FAIL_COUNT, if set, and in FAIL_WHO whose allocation
 * failed: the path of the program or library. What libc allocates for itself
 * never fails: glibc 2.36 asserts and crashes in getpwuid_r() when it does,
 * which is not ours to test.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static atomic_ulong calls;
static unsigned long fail_at;
static int fail_errno, fail_on;
static char fail_call[16];
static int ready;

__attribute__((constructor)) static void
start(void)
{
	const char *s = getenv("FAIL_CALL");

	snprintf(fail_call, sizeof(fail_call), "%s", s == NULL ? "" : s);
	s = getenv("FAIL_AT");
	fail_at = s == NULL ? 0 : strtoul(s, NULL, 10);
	s = getenv("FAIL_ERRNO");
	fail_errno = s == NULL ? ENOMEM : atoi(s);
	s = getenv("FAIL_ON"); /* and all after it */
	fail_on = s != NULL && *s != '\0';
	unsetenv("LD_PRELOAD");
	ready = 1;
}

__attribute__((destructor)) static void
end(void)
{
	const char *path = getenv("FAIL_COUNT");
	FILE *f;

	ready = 0;
	if (path == NULL || (f = fopen(path, "w")) == NULL)
		return;
	fprintf(f, "%lu\n", (unsigned long)calls);
	fclose(f);
}

static int
fails(const char *name)
{
	unsigned long n;

	if (!ready || strcmp(name, fail_call) != 0)
		return 0;
	n = atomic_fetch_add(&calls, 1) + 1;
	if (fail_at == 0 || n < fail_at || (n > fail_at && !fail_on))
		return 0;
	errno = fail_errno;
	return 1;
}

static void
tell_who(const char *name)
{
	const char *path = getenv("FAIL_WHO");
	int err = errno, fd;

	if (path == NULL)
		return;
	fd = (int)syscall(
	    SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd != -1) {
		(void)!write(fd, name, strlen(name));
		(void)close(fd);
	}
	errno = err;
}

static int
malloc_fails(const void *caller)
{
	static const void *libc;
	Dl_info info;

	if (!ready || strcmp("malloc", fail_call) != 0)
		return 0;
	if (libc == NULL && dladdr((const void *)&__libc_malloc, &info) != 0)
		libc = info.dli_fbase;
	if (dladdr(caller, &info) == 0)
		return fails("malloc");
	if (info.dli_fbase == libc)
		return 0;
	if (!fails("malloc"))
		return 0;
	tell_who(info.dli_fname);
	return 1;
}

void *
malloc(size_t n)
{
	return malloc_fails(__builtin_return_address(0)) ? NULL
							 : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return malloc_fails(__builtin_return_address(0))
		   ? NULL
		   : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return malloc_fails(__builtin_return_address(0)) ? NULL
							 : __libc_realloc(p, n);
}

#define REAL(type, name, ...) \
	type (*real)(__VA_ARGS__) = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

int
socket(int domain, int type, int protocol)
{
	REAL(int, "socket", int, int, int);
	return fails("socket") ? -1 : real(domain, type, protocol);
}

int
openat(int dir, const char *path, int flags, ...)
{
	REAL(int, "openat", int, const char *, int, mode_t);
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(ap, int) : 0;
	va_end(ap);
	return fails("open") ? -1 : real(dir, path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
	REAL(int, "open", const char *, int, mode_t);
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(ap, int) : 0;
	va_end(ap);
	return fails("open") ? -1 : real(path, flags, mode);
}

ssize_t
read(int fd, void *p, size_t n)
{
	REAL(ssize_t, "read", int, void *, size_t);
	return fails("read") ? -1 : real(fd, p, n);
}

ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	REAL(ssize_t, "recvmsg", int, struct msghdr *, int);
	return fails("recv") ? -1 : real(fd, m, flags);
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	REAL(ssize_t, "sendmsg", int, const struct msghdr *, int);
	return fails("send") ? -1 : real(fd, m, flags);
}

ssize_t
readlinkat(int dir, const char *path, char *p, size_t n)
{
	REAL(ssize_t, "readlinkat", int, const char *, char *, size_t);
	return fails("readlink") ? -1 : real(dir, path, p, n);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*run)(void *), void *arg)
{
	REAL(int, "pthread_create", pthread_t *, const pthread_attr_t *,
	    void *(*)(void *), void *);
	return fails("thread") ? fail_errno : real(thread, attr, run, arg);
}
