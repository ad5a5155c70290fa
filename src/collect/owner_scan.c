/* SPDX-License-Identifier: ISC */
/*
 * The walk over /proc/PID/fd, as bare as it can be: openat, getdents64,
 * readlinkat. A link is read, never followed: behind it may lie a dead file
 * server. What is found is for owner_procfs.c to judge.
 */
#include "config.h"

#include "collect/owner_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define DENTS_SIZE   (128 * 1024)
#define PATH_SIZE    (TEXT_U64_MAX + 16)
#define PARALLEL_MIN 64 /* processes; a thread costs as much as two */
#define LINK_SIZE    32 /* "socket:[4294967295]"; longer is no socket */

void
fd_reserve_init(struct fd_reserve *r)
{
	pthread_mutex_init(&r->lock, NULL);
	r->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* It may have been lost when every descriptor was in use. */
static void
fd_reserve_refill(struct fd_reserve *r)
{
	if (r->fd < 0)
		r->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void
fd_reserve_done(struct fd_reserve *r)
{
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->lock);
}

int
fd_reserve_openat(
    struct fd_reserve *r, int dirfd, const char *path, int flags, bool *held)
{
	int fd;

	*held = false;
	fd = openat(dirfd, path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno != EMFILE && errno != ENFILE)
		return -errno;
	pthread_mutex_lock(&r->lock);
	if (r->fd >= 0) {
		close(r->fd);
		r->fd = -1;
	}
	fd = openat(dirfd, path, flags | O_CLOEXEC);
	if (fd >= 0) {
		*held = true;
		return fd;
	}
	fd = -errno;
	r->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pthread_mutex_unlock(&r->lock);
	return fd;
}

void
fd_reserve_close(struct fd_reserve *r, int fd, bool held)
{
	close(fd);
	if (!held)
		return;
	r->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pthread_mutex_unlock(&r->lock);
}

static void
proc_path(char *path, pid_t pid, const char *rest)
{
	char *p = text_u64(path, (uint64_t)pid);

	memcpy(p, rest, strlen(rest) + 1);
}

/* Both mean that the process has gone. */
static int
gone_errno(int e)
{
	return e == -ESRCH || e == -ENOTDIR ? -ENOENT : e;
}

void
scan_init(struct scan *s, int root_fd, struct fd_reserve *reserve)
{
	size_t i;

	*s = (struct scan){ .root_fd = root_fd, .reserve = reserve };
	for (i = 0; i < SCAN_THREADS_MAX; i++)
		s->worker[i].scan = s;
}

void
scan_done(struct scan *s)
{
	size_t i;

	for (i = 0; i < SCAN_THREADS_MAX; i++) {
		free(s->worker[i].fd);
		free(s->worker[i].dents);
	}
	free(s->item);
}

void
scan_reset(struct scan *s)
{
	size_t i;

	s->n = 0;
	for (i = 0; i < SCAN_THREADS_MAX; i++) {
		s->worker[i].n = 0;
		/* A first scan's list is not wanted again. */
		if (s->worker[i].cap > 4096) {
			free(s->worker[i].fd);
			s->worker[i].fd = NULL;
			s->worker[i].cap = 0;
		}
	}
}

struct scan_item *
scan_add(struct scan *s, pid_t pid, bool fresh)
{
	struct scan_item *it;

	s->item = array_grow(s->item, &s->cap, s->n + 1, sizeof(*s->item));
	it = &s->item[s->n++];
	*it = (struct scan_item){ .pid = pid, .fresh = fresh };
	return it;
}

int
scan_stat(
    int root_fd, struct fd_reserve *reserve, pid_t pid, struct procfs_stat *ret)
{
	char path[PATH_SIZE], text[1024];
	ssize_t n, got;
	bool held;
	int fd;

	proc_path(path, pid, "/stat");
	fd = fd_reserve_openat(reserve, root_fd, path, O_RDONLY, &held);
	if (fd < 0)
		return gone_errno(fd);
	for (n = 0; n < (ssize_t)sizeof(text); n += got) {
		got = read(fd, text + n, sizeof(text) - (size_t)n);
		if (got < 0 && errno == EINTR) {
			got = 0;
			continue;
		}
		if (got < 0) {
			n = gone_errno(-errno);
			break;
		}
		if (got == 0)
			break;
	}
	fd_reserve_close(reserve, fd, held);
	if (n < 0)
		return (int)n;
	return procfs_parse_stat(text, (size_t)n, ret) ? 0 : -EBADMSG;
}

int
scan_peek(int root_fd, pid_t pid, uint64_t *dir_ino, uint64_t *count)
{
	char path[PATH_SIZE];
	struct stat st;

	proc_path(path, pid, "/fd");
	if (fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return gone_errno(-errno);
	*dir_ino = st.st_ino;
	*count = (uint64_t)st.st_size;
	return 0;
}

/* The directory itself always belongs to the process's effective user; its
 * contents belong to root when the process must not be dumped. */
int
scan_uid(int root_fd, pid_t pid, uint32_t *ret)
{
	char path[PATH_SIZE];
	struct stat st;

	proc_path(path, pid, "");
	if (fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return gone_errno(-errno);
	*ret = st.st_uid;
	return 0;
}

static void
scan_link(
    struct scan_worker *w, struct scan_item *it, int dirfd, const char *name)
{
	char link[LINK_SIZE];
	long fd = procfs_parse_number(name);
	uint32_t inode;
	ssize_t n;

	if (fd < 0)
		return;
	it->nall++;
	n = readlinkat(dirfd, name, link, sizeof(link));
	if (n <= 0 || !procfs_parse_socket(link, (size_t)n, &inode))
		return;
	w->fd = array_grow(w->fd, &w->cap, w->n + 1, sizeof(*w->fd));
	w->fd[w->n++] = (struct scan_fd){ inode, (int32_t)fd };
	it->nfd++;
}

static int
scan_dents(struct scan_worker *w, struct scan_item *it, int dirfd)
{
	const struct dirent64 *e;
	ssize_t n;
	char *p;

	while ((n = getdents64(dirfd, w->dents, DENTS_SIZE)) > 0)
		for (p = w->dents; p < w->dents + n; p += e->d_reclen) {
			e = (const struct dirent64 *)(const void *)p;
			scan_link(w, it, dirfd, e->d_name);
		}
	return n < 0 ? gone_errno(-errno) : 0;
}

static int
scan_fd_dir(struct scan_worker *w, struct scan_item *it)
{
	struct scan *s = w->scan;
	char path[PATH_SIZE];
	struct stat st;
	int fd, r;
	bool held;

	proc_path(path, it->pid, "/fd");
	fd = fd_reserve_openat(
	    s->reserve, s->root_fd, path, O_RDONLY | O_DIRECTORY, &held);
	if (fd < 0)
		return gone_errno(fd);
	/* The count before the list: what changes in between is seen as a
	 * change the next time. */
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0) {
		it->dir_ino = st.st_ino;
		it->count = (uint64_t)st.st_size;
		r = scan_dents(w, it, fd);
	}
	fd_reserve_close(s->reserve, fd, held);
	return r;
}

static int
scan_one(struct scan_worker *w, struct scan_item *it)
{
	int r;

	it->worker = (uint32_t)(w - w->scan->worker);
	it->first = w->n;
	it->nall = it->nfd = 0;
	if (it->fresh) {
		r = scan_stat(
		    w->scan->root_fd, w->scan->reserve, it->pid, &it->stat);
		it->has_stat = r == 0;
		/* A stat that makes no sense, or is hidden, still leaves the
		 * descriptors. */
		if (r == -ENOENT)
			return r;
		if (r == -EMFILE || r == -ENFILE)
			return -EMFILE;
		r = scan_uid(w->scan->root_fd, it->pid, &it->uid);
		if (r == -ENOENT)
			return r;
		if (it->has_stat && it->stat.kthread)
			return 0;
	}
	r = scan_fd_dir(w, it);
	if (r == -EACCES || r == -EPERM) {
		(void)scan_peek(
		    w->scan->root_fd, it->pid, &it->dir_ino, &it->count);
		return -EACCES;
	}
	return r == -ENFILE ? -EMFILE : r; /* one word for both */
}

static void *
scan_work(void *arg)
{
	struct scan_worker *w = arg;
	size_t i;

	if (w->dents == NULL)
		w->dents = xmalloc(DENTS_SIZE);
	while ((i = atomic_fetch_add(&w->scan->next, 1)) < w->scan->n)
		w->scan->item[i].error = scan_one(w, &w->scan->item[i]);
	return NULL;
}

static size_t
scan_threads(const struct scan *s)
{
	long cpus;

	if (s->n < PARALLEL_MIN)
		return 1;
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus > SCAN_THREADS_MAX)
		return SCAN_THREADS_MAX;
	return cpus < 1 ? 1 : (size_t)cpus;
}

/* Two threads at the limit of open files take the reserve from each other:
 * what one missed is read again alone. */
static void
scan_again(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->item[i].error == -EMFILE)
			s->item[i].error = scan_one(&s->worker[0], &s->item[i]);
}

void
scan_run(struct scan *s)
{
	pthread_t thread[SCAN_THREADS_MAX];
	bool started[SCAN_THREADS_MAX] = { false };
	sigset_t all, old;
	size_t i, n = scan_threads(s);

	fd_reserve_refill(s->reserve);
	atomic_store(&s->next, 0);
	if (n > 1) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		for (i = 1; i < n; i++)
			started[i] = pthread_create(&thread[i], NULL, scan_work,
					 &s->worker[i]) == 0;
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	scan_work(&s->worker[0]);
	for (i = 1; i < n; i++)
		if (started[i])
			pthread_join(thread[i], NULL);
	scan_again(s);
}

const struct scan_fd *
scan_fds(const struct scan *s, const struct scan_item *it)
{
	const struct scan_fd *fd = s->worker[it->worker].fd;

	/* NULL: none of this worker's processes holds any. */
	return fd == NULL ? NULL : fd + it->first;
}

static int
pid_cmp(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

int
scan_pids(int root_fd, struct fd_reserve *reserve, pid_t **pid, size_t *n,
    size_t *cap)
{
	const struct dirent64 *e;
	bool held, sorted = true;
	char *dents, *p;
	ssize_t got;
	long v;
	int fd, r;

	fd = fd_reserve_openat(
	    reserve, root_fd, ".", O_RDONLY | O_DIRECTORY, &held);
	if (fd < 0)
		return fd;
	*n = 0;
	dents = xmalloc(DENTS_SIZE);
	while ((got = getdents64(fd, dents, DENTS_SIZE)) > 0)
		for (p = dents; p < dents + got; p += e->d_reclen) {
			e = (const struct dirent64 *)(const void *)p;
			v = procfs_parse_number(e->d_name);
			if (v <= 0)
				continue;
			*pid = array_grow(*pid, cap, *n + 1, sizeof(**pid));
			if (*n > 0 && (*pid)[*n - 1] >= v)
				sorted = false;
			(*pid)[(*n)++] = (pid_t)v;
		}
	r = got < 0 ? -errno : 0;
	free(dents);
	fd_reserve_close(reserve, fd, held);
	if (!sorted)
		qsort(*pid, *n, sizeof(**pid), pid_cmp);
	return r;
}
