/* SPDX-License-Identifier: ISC */
/*
 * The debug log and the way to die. What is logged may hold foreign text, so
 * every line passes text_clean(); a line is one write(2), so threads do not
 * mix theirs. fatal() must not allocate: it is how no memory ends.
 */
#include "config.h"

#include "base/log.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define FATAL_MAX    512
#define FATAL_STATUS 4

static int log_fd = -1;
static void (*fatal_hook)(void);

int
log_open(const char *path)
{
	struct stat st;
	int fd, r;

	/* O_NONBLOCK: a FIFO without a reader must not hold the start up. */
	fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
		O_NONBLOCK,
	    0600);
	if (fd < 0)
		return -errno;
	/* Somebody else's file, or one with a second name, would show them
	 * what we log. */
	if (fstat(fd, &st) != 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = -EINVAL;
	else if (st.st_uid != geteuid() || st.st_nlink != 1)
		r = -EPERM;
	else
		r = fchmod(fd, 0600) != 0 ? -errno : 0;
	if (r < 0) {
		close(fd);
		return r;
	}
	log_close();
	log_fd = fd;
	return 0;
}

void
log_close(void)
{
	if (log_fd >= 0)
		close(log_fd);
	log_fd = -1;
}

void
log_debug(const char *fmt, ...)
{
	struct buf line = { 0 };
	uint64_t us;
	va_list ap;
	char *msg;
	int n;

	if (log_fd < 0)
		return;
	us = clock_mono_ns() / 1000;
	va_start(ap, fmt);
	n = xvasprintf(&msg, fmt, ap);
	va_end(ap);
	buf_printf(
	    &line, "%" PRIu64 ".%06" PRIu64 " ", us / 1000000, us % 1000000);
	text_clean_buf(&line, msg, (size_t)n);
	buf_putc(&line, '\n');
	/* A full disk must not stop the program: a lost line is lost. */
	if (write(log_fd, line.data, line.len) < 0)
		errno = 0;
	buf_done(&line);
	free(msg);
}

void
fatal(const char *fmt, ...)
{
	static char msg[FATAL_MAX] = "sockdeck: ";
	static size_t n;
	va_list ap;
	size_t i;

	/* The hook may come here itself: what was first is what is told. */
	if (n == 0) {
		n = strlen(msg);
		va_start(ap, fmt);
		if (vsnprintf(msg + n, sizeof(msg) - n - 1, fmt, ap) > 0)
			n = strlen(msg);
		va_end(ap);
		for (i = 0; i < n; i++)
			if (msg[i] < 0x20 || msg[i] > 0x7e)
				msg[i] = '?';
		msg[n++] = '\n';
		if (fatal_hook != NULL)
			fatal_hook();
	}
	if (write(STDERR_FILENO, msg, n) < 0)
		_exit(FATAL_STATUS);
	_exit(FATAL_STATUS);
}

void
fatal_set_hook(void (*hook)(void))
{
	fatal_hook = hook;
}
