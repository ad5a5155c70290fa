/* SPDX-License-Identifier: ISC */
/*
 * Names, command lines, paths and cgroups of processes. The command line may
 * take for ever, so it is read by slow_reader.c; the rest cannot hang.
 */
#include "config.h"

#include "collect/proc_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define PATH_SIZE  (TEXT_U64_MAX + 16)
#define CGROUP_MAX (64 * 1024)

struct proc_text {
	int root_fd;
	struct fd_reserve *reserve;
	struct user_cache *users;
	struct slow_reader *cmdline;
	long hz;
};

/* The helper's own: it may outlive us. */
struct cmdline_root {
	int fd;
};

static char *
proc_path(char *path, pid_t pid, const char *rest)
{
	char *p = text_u64(path, (uint64_t)pid);

	memcpy(p, rest, strlen(rest) + 1);
	return path;
}

static ssize_t
cmdline_read(void *arg, pid_t pid, char *buf, size_t size)
{
	const struct cmdline_root *root = arg;
	char path[PATH_SIZE];

	return procfs_read_at(
	    root->fd, proc_path(path, pid, "/cmdline"), buf, size);
}

static void
cmdline_free(void *arg)
{
	struct cmdline_root *root = arg;

	if (root->fd >= 0)
		close(root->fd);
	free(root);
}

struct proc_text *
proc_text_new(
    int root_fd, struct fd_reserve *reserve, slow_read_fn read, void *arg)
{
	struct proc_text *t = xcalloc(1, sizeof(*t));
	struct cmdline_root *root;

	t->root_fd = root_fd;
	t->reserve = reserve;
	t->users = user_cache_new();
	t->hz = sysconf(_SC_CLK_TCK);
	if (read != NULL) {
		t->cmdline =
		    slow_reader_new(read, arg, NULL, PROCFS_CMDLINE_MAX);
		return t;
	}
	root = xcalloc(1, sizeof(*root));
	root->fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 3);
	t->cmdline = slow_reader_new(
	    cmdline_read, root, cmdline_free, PROCFS_CMDLINE_MAX);
	return t;
}

void
proc_text_free(struct proc_text *t)
{
	if (t == NULL)
		return;
	slow_reader_free(t->cmdline);
	user_cache_free(t->users);
	free(t);
}

/* Of the difference of the two clocks, which stands still, and not of each
 * one's seconds: the same process always has the same second. */
static uint64_t
start_wall(const struct proc_text *t, uint64_t start)
{
	const uint64_t ns = UINT64_C(1000000000);
	struct timespec now = clock_wall();
	uint64_t boot, wall, hz = (uint64_t)t->hz;

	if (t->hz <= 0 || now.tv_sec < 0)
		return 0;
	boot = clock_boot_ns();
	wall = (uint64_t)now.tv_sec * ns + (uint64_t)now.tv_nsec;
	if (wall < boot)
		return 0;
	return (wall - boot + start % hz * (ns / hz)) / ns + start / hz;
}

static char *
read_link(const struct proc_text *t, pid_t pid, const char *which)
{
	char path[PATH_SIZE], text[PATH_MAX];
	ssize_t n;

	n = readlinkat(
	    t->root_fd, proc_path(path, pid, which), text, sizeof(text));
	return n <= 0 ? NULL : text_clean(text, (size_t)n);
}

static char *
read_cgroup(const struct proc_text *t, pid_t pid)
{
	char path[PATH_SIZE], *text, *ret = NULL;
	size_t n;

	if (procfs_slurp_at(t->root_fd, proc_path(path, pid, "/cgroup"),
		CGROUP_MAX, &text, &n) != 0)
		return NULL;
	ret = procfs_cgroup_path(text, n);
	free(text);
	return ret;
}

static void
put_cmdline(struct text_want *w, struct slow_job *job)
{
	char **argv = NULL;
	int argc = 0;

	if (job->len == -ETIMEDOUT) {
		xasprintf(&w->proc->cmdline, "[%s]", w->proc->comm);
		w->stuck = true;
	} else if (job->len > 0) {
		w->proc->cmdline = procfs_cmdline_text(
		    job->data, (size_t)job->len, &argv, &argc);
		w->proc->note =
		    proc_docker_proxy_note(w->proc->comm, argv, argc);
		free(argv);
	}
	free(job->data);
	w->proc->detail |= PROC_CMDLINE;
}

static void
read_cmdlines(struct proc_text *t, struct text_want *want, size_t n)
{
	struct slow_job *job = xcalloc(n > 0 ? n : 1, sizeof(*job));
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if ((want[i].detail & PROC_CMDLINE) != 0 &&
		    !want[i].skip_cmdline)
			job[k++].pid = want[i].proc->pid;
	slow_reader_run(t->cmdline, job, k);
	for (i = k = 0; i < n; i++) {
		struct slow_job skipped = { .len = -ETIMEDOUT };

		if ((want[i].detail & PROC_CMDLINE) == 0)
			continue;
		put_cmdline(
		    &want[i], want[i].skip_cmdline ? &skipped : &job[k]);
		if (!want[i].skip_cmdline)
			k++;
	}
	free(job);
}

static struct proc *
read_rest(struct proc_text *t, const struct text_want *w)
{
	const struct procfs_stat *st = w->stat;
	struct proc *p = proc_new(st->pid, st->start);

	p->ppid = st->ppid;
	p->uid = w->uid;
	p->start_wall = start_wall(t, st->start);
	if (st->comm_len > 0) {
		free(p->comm);
		p->comm = text_clean(st->comm, st->comm_len);
	}
	p->user = xstrdup(user_cache_name(t->users, w->uid));
	p->detail = PROC_COMM;
	if ((w->detail & PROC_CGROUP) != 0) {
		p->cgroup = read_cgroup(t, st->pid);
		if (p->cgroup != NULL)
			proc_cgroup_parse(p->cgroup, &p->unit, &p->container);
		p->detail |= PROC_CGROUP;
	}
	if ((w->detail & PROC_PATHS) != 0) {
		p->exe = read_link(t, st->pid, "/exe");
		p->cwd = read_link(t, st->pid, "/cwd");
		p->detail |= PROC_PATHS;
	}
	return p;
}

/* Another process may have taken the number meanwhile: then nothing but the
 * name is this one's. */
static void
drop_if_replaced(struct proc_text *t, struct text_want *w)
{
	struct procfs_stat now;
	struct proc *p = w->proc, *bare;

	if ((p->detail & ~(unsigned)PROC_COMM) == 0)
		return;
	if (scan_stat(t->root_fd, t->reserve, p->pid, &now) != 0 ||
	    now.start == p->start)
		return;
	bare = proc_new(p->pid, p->start);
	bare->ppid = p->ppid;
	bare->uid = p->uid;
	bare->start_wall = p->start_wall;
	bare->detail = p->detail;
	free(bare->comm);
	bare->comm = xstrdup(p->comm);
	bare->user = xstrdup(p->user);
	proc_unref(p);
	w->proc = bare;
}

void
proc_text_read(struct proc_text *t, struct text_want *want, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		want[i].stuck = false;
		want[i].proc = read_rest(t, &want[i]);
	}
	read_cmdlines(t, want, n);
	for (i = 0; i < n; i++)
		drop_if_replaced(t, &want[i]);
}
