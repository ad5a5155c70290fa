/* SPDX-License-Identifier: ISC */
#ifndef ACT_SIGNAL_H
#define ACT_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Processes are held by pidfd from the moment the question opens: a number
 * may be another process's by the time of the answer. kill(2) is never
 * called, with any number.
 */
#define SIGNAL_PID_MAX 4194304 /* PID_MAX_LIMIT, linux/threads.h */

/* "812" -> 812: digits alone, from 2 to SIGNAL_PID_MAX. Process 1 and the
 * numbers with a meaning of their own (0, -1, a group) are none. */
bool signal_parse_pid(const char *, pid_t *ret);

/* Who is meant. */
struct signal_who {
	pid_t pid;
	uint64_t start; /* clock ticks after boot, of /proc/PID/stat */
	int fd;         /* one of its descriptors is .. */
	uint32_t inode; /* .. this socket; 0: not looked at */
};

/* How the kernel is asked; tests have kernels that answer otherwise. NULL
 * where one is taken: the real one. */
struct signal_kernel {
	int (*open)(pid_t);              /* pidfd_open(2): -errno */
	int (*send)(int pidfd, int sig); /* pidfd_send_signal(2): 0, -errno */
	int proc_fd;                     /* of /proc */
};

/*
 * Takes hold, and only then makes sure that what is held is who is meant: the
 * start time, the socket, and at last that the pidfd's process is still the
 * one of this number, so that all of it was read of the same one. 0 and a
 * descriptor; -ESRCH: gone, or another by now; -EPERM, -EMFILE, .. and a
 * sentence.
 */
int signal_hold(const struct signal_kernel *, const struct signal_who *,
    int *pidfd, char **cause);
/* Delivers it: 0 or -errno. In the helper. */
int signal_send(const struct signal_kernel *, int pidfd, int sig);
/* What -errno of it means and what would help, the caller's. */
char *signal_cause(int error);

#endif
