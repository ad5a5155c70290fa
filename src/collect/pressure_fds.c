/* SPDX-License-Identifier: ISC */
/*
 * How many descriptors each process has, of how many. The count is the size
 * of /proc/PID/fd (Linux >= 6.2; before, its entries, which takes the rights
 * to list them); the limit changes seldom and is remembered, and read again
 * for those near it, and for all now and then.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/procfs.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/pressure.h"
#include "collect/pressure_text.h"

#define WORST       10 /* processes told */
#define LIMITS_MAX  4096
#define AGAIN_AFTER 16 /* readings, for those far from their limit */
#define PATH_LEN    64

struct known {
	pid_t pid;
	uint64_t dir_ino; /* of PID/fd: another process has another */
	struct pressure_gauge fds;
	uint32_t age;
};

struct pressure_fds {
	char *proc;
	struct known *at, *was; /* by pid: this reading, the one before */
	size_t n, cap, nwas, was_cap;
	uint32_t hidden;
	bool sized; /* /proc/PID/fd has its count for a size */
};

struct pressure_fds *
pressure_fds_new(const char *proc)
{
	struct pressure_fds *f = xcalloc(1, sizeof(*f));

	f->proc = xstrdup(proc);
	return f;
}

void
pressure_fds_free(struct pressure_fds *f)
{
	if (f == NULL)
		return;
	free(f->proc);
	free(f->at);
	free(f->was);
	free(f);
}

static const char *
path_of(char path[PATH_LEN], pid_t pid, const char *file)
{
	(void)snprintf(path, PATH_LEN, "%d/%s", (int)pid, file);
	return path;
}

static int
known_cmp(const void *va, const void *vb)
{
	const struct known *a = va, *b = vb;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static int
worse_cmp(const void *va, const void *vb)
{
	const struct known *a = va, *b = vb;
	int r = pressure_gauge_cmp(&a->fds, &b->fds);

	return r != 0 ? r : known_cmp(a, b);
}

/* Before Linux 6.2 the directory has no size. */
static int
count_entries(int root, const char *path, uint64_t *ret)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	uint64_t n = 0;
	DIR *d;

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (d == NULL) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	*ret = n;
	return 0;
}

static void
read_limit(int root, struct known *k)
{
	char path[PATH_LEN], text[LIMITS_MAX];
	ssize_t n;

	n = procfs_read_at(
	    root, path_of(path, k->pid, "limits"), text, sizeof(text));
	k->fds.limit = PRESSURE_UNKNOWN;
	if (n > 0)
		(void)pressure_text_nofile(text, (size_t)n, &k->fds.limit);
	k->age = 0;
}

static const struct known *
find(const struct pressure_fds *f, pid_t pid)
{
	struct known key = { .pid = pid };

	if (f->nwas == 0)
		return NULL;
	return bsearch(&key, f->was, f->nwas, sizeof(*f->was), known_cmp);
}

static void
look_at(struct pressure_fds *f, int root, pid_t pid)
{
	struct known k = { .pid = pid };
	const struct known *was;
	char path[PATH_LEN];
	struct stat st;

	if (fstatat(root, path_of(path, pid, "fd"), &st, 0) < 0) {
		f->hidden += errno == EACCES || errno == EPERM;
		return; /* else it is gone */
	}
	k.dir_ino = st.st_ino;
	k.fds.value = (uint64_t)st.st_size;
	if (!f->sized && st.st_size == 0 &&
	    count_entries(root, path, &k.fds.value) < 0) {
		f->hidden++;
		return;
	}
	if (k.fds.value == 0)
		return; /* a kernel thread */
	was = find(f, pid);
	if (was == NULL || was->dir_ino != k.dir_ino ||
	    was->age >= AGAIN_AFTER || k.fds.value * 2 >= was->fds.limit)
		read_limit(root, &k);
	else {
		k.fds.limit = was->fds.limit;
		k.age = was->age + 1;
	}
	f->at = array_grow(f->at, &f->cap, f->n + 1, sizeof(*f->at));
	f->at[f->n++] = k;
}

static void
list(struct pressure_fds *f, int root)
{
	struct dirent *e;
	DIR *d;
	long pid;
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	d = fd < 0 ? NULL : fdopendir(fd);
	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if ((pid = procfs_parse_number(e->d_name)) > 0)
			look_at(f, root, (pid_t)pid);
	closedir(d);
}

/* Its name and start time: only of those that are told. */
static void
name_it(int root, struct pressure_proc *p)
{
	char path[PATH_LEN], text[LIMITS_MAX];
	struct procfs_stat st;
	ssize_t n;

	n = procfs_read_at(
	    root, path_of(path, p->pid, "stat"), text, sizeof(text));
	if (n > 0 && procfs_parse_stat(text, (size_t)n, &st)) {
		p->start = st.start;
		p->comm = text_clean(st.comm, st.comm_len);
	} else
		p->comm = xstrdup("?");
}

static void
tell(struct pressure_fds *f, int root, struct pressure *now)
{
	size_t i;

	qsort(f->at, f->n, sizeof(*f->at), worse_cmp);
	now->nprocs = f->n < WORST ? f->n : WORST;
	now->proc = xcalloc(now->nprocs + 1, sizeof(*now->proc));
	for (i = 0; i < now->nprocs; i++) {
		now->proc[i].pid = f->at[i].pid;
		now->proc[i].fds = f->at[i].fds;
		name_it(root, &now->proc[i]);
	}
	now->procs_seen = (uint32_t)f->n;
	now->procs_hidden = f->hidden;
	qsort(f->at, f->n, sizeof(*f->at), known_cmp);
}

void
pressure_fds_read(struct pressure_fds *f, struct pressure *now)
{
	struct known *swap = f->was;
	struct stat st;
	size_t cap = f->was_cap;
	int root = open(f->proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return;
	f->was = f->at;
	f->nwas = f->n;
	f->was_cap = f->cap;
	f->at = swap;
	f->cap = cap;
	f->n = 0;
	f->hidden = 0;
	/* We have descriptors ourselves. */
	f->sized = fstatat(root, "self/fd", &st, 0) == 0 && st.st_size > 0;
	list(f, root);
	if (f->n > 0)
		tell(f, root, now);
	else
		now->procs_hidden = f->hidden;
	close(root);
}
