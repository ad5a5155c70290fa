/* SPDX-License-Identifier: ISC */
#ifndef MODEL_PROC_H
#define MODEL_PROC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A process that holds sockets. (pid, start) is its identity. Immutable once
 * published to another thread but for the reference count; all text is clean.
 */
struct proc {
	pid_t pid;
	pid_t ppid;
	uint64_t start;      /* clock ticks after boot, field 22 of stat */
	uint64_t start_wall; /* seconds since the epoch; 0: not known */
	uint32_t uid;
	atomic_uint refs;
	uint32_t detail; /* enum proc_detail: which of the below were read */
	char *comm;      /* process name, never NULL */
	/* NULL: not read, or not permitted */
	char *cmdline; /* at most 4 KiB, arguments joined by blanks, then "…" */
	char *user;
	char *exe, *cwd;
	char *cgroup;    /* path in the v2 (or name=systemd) hierarchy */
	char *unit;      /* systemd unit by cgroup path */
	char *container; /* "docker:0123456789ab", "podman:..", "lxc:web", .. */
	char *note;      /* "docker-proxy for 172.17.0.2:80", ..; else NULL */
};

enum proc_detail {
	PROC_COMM = 1 << 0,
	PROC_CMDLINE = 1 << 1,
	PROC_CGROUP = 1 << 2, /* cgroup, unit, container */
	PROC_PATHS = 1 << 3   /* exe, cwd */
};

struct proc *proc_new(pid_t, uint64_t start); /* one reference, comm "?" */
struct proc *proc_ref(struct proc *);         /* the same pointer */
void proc_unref(struct proc *);               /* NULL is fine */

/* One holder of a socket. */
struct owner {
	struct proc *proc; /* a reference */
	int fd;
};

/*
 * All holders. The usual one stands in place; several (pre-fork servers,
 * passed descriptors) are in the array, ordered by pid then fd, and the first
 * of them is repeated in place.
 */
struct owners {
	struct proc *proc; /* first holder (a reference), NULL: none known */
	struct owner *all; /* n > 1 only: malloc'd, each with a reference */
	int fd;
	uint32_t n;
};

void owners_done(struct owners *);
void owners_copy(struct owners *dst, const struct owners *src);
bool owners_eq(const struct owners *, const struct owners *);
/* The i-th holder, i < n. */
struct owner owners_at(const struct owners *, uint32_t i);
/* How many different processes hold it. */
uint32_t owners_procs(const struct owners *);

/*
 * Unit and container by cgroup path alone: no runtime is asked. Either result
 * may be NULL (none); both are malloc'd and the caller's.
 */
void proc_cgroup_parse(const char *path, char **unit, char **container);
/* docker-proxy's own command line names its container address and port. */
char *proc_docker_proxy_note(const char *comm, char *const argv[], int argc);

#endif
