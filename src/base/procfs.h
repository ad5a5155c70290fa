/* SPDX-License-Identifier: ISC */
#ifndef BASE_PROCFS_H
#define BASE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The pieces of /proc, parsed by hand: every one of them can be written by
 * the process it tells about, so nothing is believed without a check.
 */
#define PROCFS_COMM_MAX    64 /* kernel threads' names; others have 15 bytes */
#define PROCFS_CMDLINE_MAX 4096

struct procfs_stat {
	pid_t pid, ppid;
	uint64_t start; /* clock ticks after boot */
	bool kthread;
	size_t comm_len;
	char comm[PROCFS_COMM_MAX]; /* raw bytes, may hold anything */
};

/* The text of /proc/PID/stat. False: it is not one. */
bool procfs_parse_stat(const char *, size_t len, struct procfs_stat *ret);
/* "socket:[15970]" (not terminated) -> 15970; false: another kind. */
bool procfs_parse_socket(const char *, size_t len, uint32_t *ret);
/* A directory entry that is a number (a pid, a descriptor), or -1. */
long procfs_parse_number(const char *);
/*
 * The telling path of /proc/PID/cgroup: the v2 hierarchy's, or where that
 * says nothing systemd's, or the longest. Clean, the caller's; NULL: none.
 */
char *procfs_cgroup_path(const char *, size_t len);
/*
 * Arguments joined by blanks, clean; a "…" follows when raw text of
 * PROCFS_CMDLINE_MAX bytes or more was cut. NULL: empty. *argv and *argc are
 * for those who look closer: pointers into raw, which must have room for a
 * NUL at raw[len]; free(*argv).
 */
char *procfs_cmdline_text(char *raw, size_t len, char ***argv, int *argc);
/* The hidepid= option of the proc file system mounted on this path, as
 * /proc/self/mountinfo tells: 0, 1, 2 or 4. */
int procfs_hidepid(const char *mountinfo, size_t len, const char *on);

/* Reads a small file whole, at most size bytes: its length or -errno. */
ssize_t procfs_read_at(int dirfd, const char *path, void *buf, size_t size);
/* Reads a file that grows with the machine, at most max bytes. 0 or -errno;
 * *ret is the caller's and terminated. */
int procfs_slurp_at(
    int dirfd, const char *path, size_t max, char **ret, size_t *len);

#endif
