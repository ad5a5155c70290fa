/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_OWNER_SCAN_H
#define COLLECT_OWNER_SCAN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "collect/procfs.h"

/*
 * Reads the descriptors of many processes, in several threads when that
 * pays. It keeps nothing between two runs.
 */

/* A descriptor put aside, so that a process at its limit of open files can
 * still look around, one file at a time. */
struct fd_reserve {
	pthread_mutex_t lock;
	int fd; /* -1: could not be had */
};
void fd_reserve_init(struct fd_reserve *);
void fd_reserve_done(struct fd_reserve *);
/* openat(2); held tells fd_reserve_close() to take the reserve back. */
int fd_reserve_openat(
    struct fd_reserve *, int dirfd, const char *path, int flags, bool *held);
void fd_reserve_close(struct fd_reserve *, int fd, bool held);

struct scan_fd {
	uint32_t inode; /* of a socket */
	int32_t fd;
};

struct scan_item {
	pid_t pid;
	bool fresh; /* read stat and uid, too */
	/* Results. 0, or -errno: -ENOENT the process is gone, -EACCES not
	 * permitted, -EMFILE no descriptor to read it with */
	int error;
	bool has_stat;
	struct procfs_stat stat; /* fresh only */
	uint32_t uid;            /* fresh only */
	uint64_t dir_ino;        /* of PID/fd */
	uint64_t count;          /* its size: descriptors, Linux >= 6.2 */
	uint32_t nall;           /* descriptors seen */
	uint32_t nfd;            /* those that are sockets */
	uint32_t worker;
	size_t first; /* in that worker's fd[] */
};

#define SCAN_THREADS_MAX 4
struct scan {
	int root_fd; /* of /proc */
	struct fd_reserve *reserve;
	struct scan_item *item;
	size_t n, cap;
	struct scan_worker {
		struct scan *scan;
		struct scan_fd *fd;
		size_t n, cap;
		char *dents;
	} worker[SCAN_THREADS_MAX];
	atomic_size_t next;
};

void scan_init(struct scan *, int root_fd, struct fd_reserve *);
void scan_done(struct scan *);
void scan_reset(struct scan *); /* keeps the memory of the lists */
struct scan_item *scan_add(struct scan *, pid_t, bool fresh);
void scan_run(struct scan *);
/* Borrowed until the next reset. */
const struct scan_fd *scan_fds(const struct scan *, const struct scan_item *);

/* All numbers in a directory, ascending: *pid is an array_grow() array.
 * -errno: could not be read. */
int scan_pids(
    int root_fd, struct fd_reserve *, pid_t **pid, size_t *n, size_t *cap);
/* fstatat(2) of PID/fd, which no process can make us wait for. */
int scan_peek(int root_fd, pid_t, uint64_t *dir_ino, uint64_t *count);
int scan_uid(int root_fd, pid_t, uint32_t *ret);
int scan_stat(int root_fd, struct fd_reserve *, pid_t, struct procfs_stat *);

#endif
