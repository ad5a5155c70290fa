/* SPDX-License-Identifier: ISC */
/*
 * What is behind a process: its unit and whether that restarts it, the
 * container it belongs to or forwards to, who supervises it, and whether this
 * session hangs on it. See facts.h.
 */
#include "config.h"

#include "act/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/parents.h"
#include "act/session.h"
#include "act/units.h"
#include "base/procfs.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/act_plan.h"
#include "model/proc.h"

#define STAT_MAX   4096
#define CGROUP_MAX 16384
#define PATH_LEN   64

struct one {
	pid_t pid;
	uint64_t start;
	uint32_t uid;
	struct sock_rec rec;
	struct act_port *port;
	size_t nports;
	struct act_facts *facts; /* NULL: gone */
	char *comm, *cmdline;
};

struct facts_job {
	enum act_kind kind;
	char *root;
	struct session session;
	struct one *one;
	size_t n;
};

struct facts_job *
facts_job_new(const struct act *a, const char *root)
{
	struct facts_job *j = xcalloc(1, sizeof(*j));
	const struct act_target *t;
	struct one *o;
	size_t i;

	j->kind = a->kind;
	j->root = xstrdup(root);
	j->n = a->n;
	j->one = xcalloc(a->n + 1, sizeof(*j->one));
	for (i = 0; i < a->n; i++) {
		t = &a->target[i];
		o = &j->one[i];
		o->pid = t->pid;
		o->start = t->start;
		o->uid = t->uid;
		o->rec = t->rec;
		o->nports = t->nports;
		o->port = xreallocarray(NULL, t->nports + 1, sizeof(*o->port));
		if (t->nports > 0)
			memcpy(o->port, t->port, t->nports * sizeof(*o->port));
	}
	return j;
}

void
facts_job_free(struct facts_job *j)
{
	size_t i;

	if (j == NULL)
		return;
	for (i = 0; i < j->n; i++) {
		act_facts_free(j->one[i].facts);
		free(j->one[i].port);
		free(j->one[i].comm);
		free(j->one[i].cmdline);
	}
	free(j->one);
	free(j->root);
	free(j);
}

static bool
read_stat(int proc, pid_t pid, struct procfs_stat *st)
{
	char path[PATH_LEN], text[STAT_MAX];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%ld/stat", (long)pid);
	n = procfs_read_at(proc, path, text, sizeof(text));
	return n > 0 && procfs_parse_stat(text, (size_t)n, st);
}

/* Unit and container, by cgroup. */
static void
read_cgroup(int proc, pid_t pid, struct act_facts *f)
{
	char path[PATH_LEN], text[CGROUP_MAX], *cgroup;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%ld/cgroup", (long)pid);
	n = procfs_read_at(proc, path, text, sizeof(text));
	cgroup = n > 0 ? procfs_cgroup_path(text, (size_t)n) : NULL;
	if (cgroup == NULL)
		return;
	proc_cgroup_parse(cgroup, &f->unit, &f->container);
	f->user_unit = strstr(cgroup, "/user@") != NULL;
	free(cgroup);
}

/* "NSpid:\t4711\t1": pid 1 of a pid namespace beneath ours. */
static bool
is_init_of_container(int proc, pid_t pid)
{
	char path[PATH_LEN], text[STAT_MAX], *line, *end;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%ld/status", (long)pid);
	n = procfs_read_at(proc, path, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	line = strstr(text, "\nNSpid:\t");
	if (line == NULL)
		return false;
	line += 8;
	end = strchr(line, '\n');
	if (end == NULL || end - line < 2)
		return false;
	return end[-1] == '1' && end[-2] == '\t';
}

static void
read_parent(int proc, struct act_facts *f)
{
	struct procfs_stat st;

	if (f->parent <= 0 || !read_stat(proc, f->parent, &st))
		return;
	f->parent_comm = text_clean(st.comm, st.comm_len);
	f->main = f->parent == 1 || strcmp(f->parent_comm, "systemd") == 0;
}

static void
find_out(struct facts_job *j, int proc, struct one *o)
{
	struct procfs_stat st;
	struct act_facts *f;

	if (!read_stat(proc, o->pid, &st) || st.start != o->start)
		return;
	o->comm = text_clean(st.comm, st.comm_len);
	o->facts = f = xcalloc(1, sizeof(*f));
	f->init = o->pid == 1;
	f->kthread = st.kthread;
	f->parent = st.ppid;
	f->self = o->pid == j->session.self || o->pid == j->session.guard;
	f->ancestor = session_is_ancestor(&j->session, o->pid);
	f->session = o->pid == j->session.mux;
	read_cgroup(proc, o->pid, f);
	f->container_init = is_init_of_container(proc, o->pid);
	read_parent(proc, f);
	parents_read(proc, o->pid, &st, f, &o->cmdline);
	units_read(j->root, f, o->uid, o->port, o->nports);
}

void
facts_job_run(struct facts_job *j)
{
	char *path;
	size_t i;
	int proc;

	xasprintf(&path, "%s/proc", j->root);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(path);
	if (proc < 0)
		return;
	session_read(&j->session, proc);
	for (i = 0; i < j->n && j->kind == ACT_SIGNAL; i++)
		find_out(j, proc, &j->one[i]);
	(void)close(proc);
}

/* The name may be older than an execve(2): it is the one that the question
 * gives, so it must be right. */
static void
rename_target(struct act_target *t, char *comm)
{
	const char *rest = t->title + strlen(t->name);
	char *title;

	xasprintf(&title, "%s%s", comm, rest);
	free(t->title);
	free(t->name);
	t->title = title;
	t->name = comm;
}

static void
apply_process(struct one *o, struct act_target *t)
{
	bool session;

	if (o->facts == NULL)
		return;
	session = o->facts->session || (t->facts != NULL && t->facts->session);
	act_facts_free(t->facts);
	t->facts = o->facts;
	t->facts->session = session;
	o->facts = NULL;
	if (strcmp(t->name, o->comm) != 0) {
		rename_target(t, o->comm);
		o->comm = NULL;
	}
	if (o->cmdline != NULL) {
		free(t->detail);
		t->detail = o->cmdline;
		o->cmdline = NULL;
	}
}

/* Those who hold the connection this session came in by. */
static void
mark_holders(struct act *a, const struct row *row)
{
	struct act_target *t;
	uint32_t n;

	if (row->owners.proc == NULL)
		return;
	for (t = a->target; t < a->target + a->n; t++)
		for (n = 0; n < row->owners.n; n++)
			if (t->facts != NULL &&
			    owners_at(&row->owners, n).proc->pid == t->pid)
				t->facts->session = true;
}

static void
mark_session(const struct session *s, struct act *a, const struct table *table)
{
	struct act_target *t;
	size_t i;

	for (i = 0; i < table->n && a->kind == ACT_SIGNAL; i++)
		if (session_is_ssh(s, &table->row[i]->rec))
			mark_holders(a, table->row[i]);
	for (t = a->target; t < a->target + a->n && a->kind == ACT_CLOSE; t++)
		if (session_is_ssh(s, &t->rec)) {
			if (t->facts == NULL)
				t->facts = xcalloc(1, sizeof(*t->facts));
			t->facts->session = true;
		}
}

void
facts_job_apply(struct facts_job *j, struct act *a, const struct table *table)
{
	size_t i;

	for (i = 0; i < j->n && i < a->n; i++)
		if (a->target[i].pid == j->one[i].pid &&
		    a->target[i].start == j->one[i].start)
			apply_process(&j->one[i], &a->target[i]);
	if (j->session.ssh)
		mark_session(&j->session, a, table);
	a->incomplete = false;
	act_words(a);
}
