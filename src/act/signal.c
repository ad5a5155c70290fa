/* SPDX-License-Identifier: ISC */
/* Holding processes by pidfd, and signals to them. See signal.h. */
#include "config.h"

#include "act/signal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/num.h"
#include "base/procfs.h"
#include "base/xmalloc.h"

#define PATH_MAX_LEN 64
#define TEXT_MAX     4096

bool
signal_parse_pid(const char *s, pid_t *ret)
{
	uint64_t n;

	if (!num_u64(s, 2, SIGNAL_PID_MAX, &n))
		return false;
	*ret = (pid_t)n;
	return true;
}

/* By number: the C library's wrappers are younger than what it runs on. */
static int
kernel_open(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd; /* the kernel sets CLOEXEC */
}

static int
kernel_send(int pidfd, int sig)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 ? -errno
								       : 0;
}

static int
proc_open(const struct signal_kernel *k)
{
	int fd;

	if (k != NULL)
		return fcntl(k->proc_fd, F_DUPFD_CLOEXEC, 3);
	fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int
check_start(int proc, const struct signal_who *who)
{
	char path[PATH_MAX_LEN], text[TEXT_MAX];
	struct procfs_stat st;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%ld/stat", (long)who->pid);
	n = procfs_read_at(proc, path, text, sizeof(text));
	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	if (!procfs_parse_stat(text, (size_t)n, &st) || st.pid != who->pid)
		return -ESRCH;
	return st.start == who->start ? 0 : -ESRCH;
}

/* Not readable is no objection: the start time was right. */
static int
check_socket(int proc, const struct signal_who *who)
{
	char path[PATH_MAX_LEN], link[PATH_MAX_LEN];
	uint32_t inode;
	ssize_t n;

	if (who->inode == 0 || who->fd < 0)
		return 0;
	(void)snprintf(
	    path, sizeof(path), "%ld/fd/%d", (long)who->pid, who->fd);
	n = readlinkat(proc, path, link, sizeof(link));
	if (n < 0)
		return errno == ENOENT ? -ENOTSOCK : 0;
	return procfs_parse_socket(link, (size_t)n, &inode) &&
		       inode == who->inode
		   ? 0
		   : -ENOTSOCK;
}

/* The number that /proc gives the pidfd's process: -1 once it has ended. */
static int
check_held(int proc, int pidfd, pid_t pid)
{
	char path[PATH_MAX_LEN], text[TEXT_MAX], want[PATH_MAX_LEN];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "self/fdinfo/%d", pidfd);
	n = procfs_read_at(proc, path, text, sizeof(text) - 1);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	(void)snprintf(want, sizeof(want), "\nPid:\t%ld\n", (long)pid);
	if (strstr(text, want) != NULL)
		return 0;
	return strstr(text, "\nPid:\t-1\n") != NULL ? -ESRCH : -EXDEV;
}

static int
check(int proc, int pidfd, const struct signal_who *who)
{
	int r = check_start(proc, who);

	if (r == 0)
		r = check_socket(proc, who);
	/* Last: it held the number while the rest was read. */
	return r == 0 ? check_held(proc, pidfd, who->pid) : r;
}

int
signal_hold(const struct signal_kernel *k, const struct signal_who *who,
    int *pidfd, char **cause)
{
	int proc, fd, r;

	if (who->pid < 2 || who->pid > SIGNAL_PID_MAX) {
		xasprintf(cause, "%ld: not a process number from 2 to %d",
		    (long)who->pid, SIGNAL_PID_MAX);
		return -EINVAL;
	}
	fd = k != NULL ? k->open(who->pid) : kernel_open(who->pid);
	if (fd < 0) {
		/* An ending process may answer either. */
		r = fd == -EINVAL ? -ESRCH : fd;
		*cause = signal_cause(r);
		return r;
	}
	proc = proc_open(k);
	r = proc < 0 ? proc : check(proc, fd, who);
	if (proc >= 0)
		(void)close(proc);
	if (r == 0) {
		*pidfd = fd;
		return 0;
	}
	(void)close(fd);
	*cause = signal_cause(r);
	return r == -ENOTSOCK ? -ESRCH : r;
}

int
signal_send(const struct signal_kernel *k, int pidfd, int sig)
{
	return k != NULL ? k->send(pidfd, sig) : kernel_send(pidfd, sig);
}

char *
signal_cause(int error)
{
	static const struct {
		int error;
		const char *text;
	} table[] = {
		{ ESRCH, "it had ended already" },
		{ ENOTSOCK, "it no longer holds the socket: not signalled" },
		{ EXDEV,
		    "/proc shows another pid namespace than this program is "
		    "in: its numbers are not to be trusted here" },
		{ EPERM,
		    "not permitted: it is another user's process (needs root, "
		    "or CAP_KILL)" },
		{ ENOSYS,
		    "this kernel cannot hold a process (pidfd, Linux 5.3): "
		    "without that another one might be hit" },
		{ EMFILE, "too many open files to hold it (ulimit -n)" },
		{ EINVAL, "the kernel does not know this signal" },
	};
	char *text;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].error == -error)
			return xstrdup(table[i].text);
	xasprintf(&text, "failed: %s", strerror(-error));
	return text;
}
