/* SPDX-License-Identifier: ISC */
/*
 * Finds network namespaces, names them and enters them. The one place that
 * calls setns(2). A namespace is known by its number; what is opened is
 * checked to be a namespace and the one that was meant, since names under
 * /run/netns and pids can be given to others at any time.
 */
#include "config.h"

#include "collect/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define NETNS_DIR     "/run/netns"
#define NETNS_SELF    "/proc/thread-self/ns/net"
#define NETNS_INIT    "/proc/1/ns/net"
#define NETNS_MAGIC   0x6e736673 /* NSFS_MAGIC */
#define NETNS_PID_MAX 4194304

struct found {
	uint32_t id;
	char *path; /* NULL: the thread's own */
	char *name; /* NULL: by pid, when it is needed */
	pid_t pid;
};

struct list {
	struct found *at;
	size_t n, cap;
	struct hash by_id;
	bool denied; /* some process did not show its namespace */
};

struct netns_names {
	struct found *at; /* id, name */
	size_t n, cap;
};

static uint64_t
list_key(const void *arg, uint32_t i)
{
	const struct list *l = arg;

	return l->at[i].id;
}

static void
list_done(struct list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->at[i].path);
		free(l->at[i].name);
	}
	free(l->at);
	hash_done(&l->by_id);
}

/* NULL: it was there already. */
static struct found *
list_add(struct list *l, uint32_t id)
{
	struct found *f;

	if (hash_find(&l->by_id, id) != HASH_NONE)
		return NULL;
	l->at = array_grow(l->at, &l->cap, l->n + 1, sizeof(*l->at));
	f = &l->at[l->n];
	*f = (struct found){ .id = id };
	hash_add(&l->by_id, id, (uint32_t)l->n++);
	return f;
}

/* The number in "net:[4026531840]". */
static bool
netns_number(const char *text, uint32_t *ret)
{
	size_t n = strlen(text);
	char digits[16];
	uint64_t id;

	if (n < 7 || n >= 6 + sizeof(digits) ||
	    strncmp(text, "net:[", 5) != 0 || text[n - 1] != ']')
		return false;
	memcpy(digits, text + 5, n - 6);
	digits[n - 6] = '\0';
	if (!num_u64(digits, 1, UINT32_MAX, &id))
		return false;
	*ret = (uint32_t)id;
	return true;
}

/* What it is a link to, never following the link. -errno: none. */
static int
netns_readlink(int dirfd, const char *path, uint32_t *ret)
{
	char text[64];
	ssize_t n;

	n = readlinkat(dirfd, path, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return netns_number(text, ret) ? 0 : -EINVAL;
}

/* A descriptor of a namespace, or -errno: -EINVAL if it is anything else. */
static int
netns_open(int dirfd, const char *path, uint32_t *id)
{
	struct statfs fs;
	struct stat st;
	int fd, r;

	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && (uint32_t)fs.f_type != NETNS_MAGIC)
		r = -EINVAL;
	if (r < 0) {
		close(fd);
		return r;
	}
	*id = (uint32_t)st.st_ino;
	return fd;
}

uint32_t
netns_self(void)
{
	uint32_t id = 0;

	(void)netns_readlink(AT_FDCWD, NETNS_SELF, &id); /* stays 0 */
	return id;
}

static char *
netns_pid_name(pid_t pid)
{
	char path[64], raw[64], *comm, *name;
	struct buf b = { 0 };
	ssize_t n = -1;
	int fd;

	buf_printf(&b, "/proc/%d/comm", (int)pid);
	strlcpy(path, b.data, sizeof(path));
	buf_done(&b);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, raw, sizeof(raw));
		close(fd);
	}
	while (n > 0 && raw[n - 1] == '\n')
		n--;
	if (n <= 0) {
		xasprintf(&name, "pid %d", (int)pid);
		return name;
	}
	comm = text_clean(raw, (size_t)n);
	xasprintf(&name, "pid %d (%s)", (int)pid, comm);
	free(comm);
	return name;
}

/* -- which there are ------------------------------------------------------ */

/* Those with a name of their own. only: 0, or the one that is looked for. */
static void
list_named(struct list *l, uint32_t only)
{
	struct dirent *e;
	struct found *f;
	uint32_t id;
	DIR *d;
	int fd;

	d = opendir(NETNS_DIR);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		fd = netns_open(dirfd(d), e->d_name, &id);
		if (fd < 0)
			continue;
		close(fd);
		if ((only != 0 && id != only) || (f = list_add(l, id)) == NULL)
			continue;
		f->name = text_clean(e->d_name, strlen(e->d_name));
		xasprintf(&f->path, "%s/%s", NETNS_DIR, e->d_name);
	}
	closedir(d);
}

/* The default one is that of pid 1; who may not see that takes its own. */
static void
list_default(struct list *l, uint32_t self, bool self_only)
{
	struct found *f;
	uint32_t id = self;

	if (netns_readlink(AT_FDCWD, NETNS_INIT, &id) < 0 && self == 0)
		return;
	if (self_only && id != self)
		return;
	f = list_add(l, id);
	if (f == NULL)
		return;
	f->name = xstrdup("default");
	if (id != self)
		f->path = xstrdup(NETNS_INIT);
}

static void
list_processes(struct list *l)
{
	char path[64];
	struct dirent *e;
	struct found *f;
	uint64_t pid;
	uint32_t id;
	DIR *d;
	int r;

	d = opendir("/proc");
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (!num_u64(e->d_name, 1, NETNS_PID_MAX, &pid))
			continue;
		strlcpy(path, e->d_name, sizeof(path));
		strlcat(path, "/ns/net", sizeof(path));
		r = netns_readlink(dirfd(d), path, &id);
		if (r == -EACCES || r == -EPERM)
			l->denied = true;
		if (r < 0 || (f = list_add(l, id)) == NULL)
			continue;
		xasprintf(&f->path, "/proc/%s", path);
		f->pid = (pid_t)pid;
	}
	closedir(d);
}

/* -- names ---------------------------------------------------------------- */

struct netns_names *
netns_names_new(void)
{
	return xcalloc(1, sizeof(struct netns_names));
}

void
netns_names_free(struct netns_names *nn)
{
	size_t i;

	if (nn == NULL)
		return;
	for (i = 0; i < nn->n; i++)
		free(nn->at[i].name);
	free(nn->at);
	free(nn);
}

static struct found *
names_find(const struct netns_names *nn, uint32_t id)
{
	size_t i;

	for (i = 0; i < nn->n; i++)
		if (nn->at[i].id == id)
			return &nn->at[i];
	return NULL;
}

/* Told once, and again when another namespace got the number. */
static void
names_tell(
    struct netns_names *nn, struct snap *snap, uint32_t id, const char *name)
{
	struct found *f = names_find(nn, id);

	if (f != NULL && strcmp(f->name, name) == 0)
		return;
	if (f == NULL) {
		nn->at =
		    array_grow(nn->at, &nn->cap, nn->n + 1, sizeof(*nn->at));
		f = &nn->at[nn->n++];
		*f = (struct found){ .id = id };
	}
	free(f->name);
	f->name = xstrdup(name);
	snap_add_name(snap, NAME_NETNS, 0, id, name);
}

/* -- entering ------------------------------------------------------------- */

struct entry {
	struct netns_names *names;
	struct snap *snap;
	int (*fn)(void *, const struct netns *, char **);
	void *arg;
	int own_fd; /* -1: not opened */
	uint32_t own;
	bool away; /* the thread is in another than its own */
};

static int
go_home(struct entry *en)
{
	if (!en->away)
		return 0;
	if (setns(en->own_fd, CLONE_NEWNET) < 0)
		return -errno;
	en->away = false;
	return 0;
}

/* Moves the thread there. */
static int
enter(struct entry *en, const struct found *f, char **cause)
{
	uint32_t id = 0;
	int fd, r;

	if (f->id == en->own) {
		r = go_home(en);
		if (r < 0)
			xasprintf(cause,
			    "cannot return to the own network "
			    "namespace: %s",
			    strerror(-r));
		return r;
	}
	fd = netns_open(AT_FDCWD, f->path, &id);
	if (fd < 0) {
		xasprintf(cause, "%s",
		    fd == -EINVAL ? "not a network namespace" : strerror(-fd));
		return fd;
	}
	if (id != f->id) { /* its name or pid is another's by now */
		close(fd);
		xasprintf(cause, "it went away");
		return -ENOENT;
	}
	r = setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
	close(fd);
	if (r == 0)
		en->away = true;
	else
		xasprintf(cause, "cannot be entered: %s%s", strerror(-r),
		    r == -EPERM ? " (needs CAP_SYS_ADMIN)" : "");
	return r;
}

static int
visit(struct entry *en, struct found *f, bool many, char **cause)
{
	struct netns ns = { .id = f->id, .many = many };
	int r;

	r = enter(en, f, cause);
	if (r < 0)
		return r;
	if (f->name == NULL)
		f->name = netns_pid_name(f->pid);
	ns.name = f->name;
	r = en->fn(en->arg, &ns, cause);
	if (r < 0)
		return r;
	names_tell(en->names, en->snap, f->id, f->name);
	en->snap->netns_seen++;
	return 0;
}

/* Where the thread is already. The name is looked for once. */
static int
each_current(struct entry *en, char **cause)
{
	struct found *known, f = { .id = netns_self() };
	struct list l = { 0 };
	struct netns ns = { .id = f.id };
	int r;

	known = names_find(en->names, f.id);
	if (known != NULL)
		f.name = xstrdup(known->name);
	else {
		hash_init(&l.by_id, list_key, &l);
		if (f.id != 0)
			list_named(&l, f.id);
		list_default(&l, f.id, true);
		if (l.n > 0) {
			f.name = l.at[0].name;
			l.at[0].name = NULL;
		} else
			f.name = netns_pid_name(getpid());
		list_done(&l);
	}
	ns.name = f.name;
	r = en->fn(en->arg, &ns, cause);
	if (r == 0) {
		names_tell(en->names, en->snap, f.id, f.name);
		en->snap->netns_seen++;
	}
	free(f.name);
	return r;
}

static int
find_one(const char *spec, struct found *f, char **cause)
{
	uint64_t pid;
	int fd;

	if (strcmp(spec, "default") == 0) {
		f->path = xstrdup(NETNS_INIT);
		f->name = xstrdup(spec);
	} else if (num_u64(spec, 1, NETNS_PID_MAX, &pid)) {
		xasprintf(&f->path, "/proc/%s/ns/net", spec);
		f->pid = (pid_t)pid;
	} else if (spec[0] == '/') {
		f->path = xstrdup(spec);
		f->name = text_clean(spec, strlen(spec));
	} else if (strchr(spec, '/') != NULL || spec[0] == '.' ||
		   spec[0] == '\0') {
		xasprintf(
		    cause, "network namespace \"%s\": no such name", spec);
		return -EINVAL;
	} else {
		xasprintf(&f->path, "%s/%s", NETNS_DIR, spec);
		f->name = text_clean(spec, strlen(spec));
	}
	fd = netns_open(AT_FDCWD, f->path, &f->id);
	if (fd < 0) {
		xasprintf(cause, "network namespace \"%s\": %s: %s", spec,
		    f->path,
		    fd == -EINVAL ? "not a network namespace" : strerror(-fd));
		return fd;
	}
	close(fd);
	return 0;
}

static int
each_one(struct entry *en, const char *spec, char **cause)
{
	struct found f = { 0 };
	char *why = NULL;
	int r;

	r = find_one(spec, &f, cause);
	if (r == 0) {
		r = visit(en, &f, false, &why);
		if (r < 0)
			xasprintf(cause, "network namespace \"%s\": %s", spec,
			    why != NULL ? why : strerror(-r));
	}
	free(why);
	free(f.path);
	free(f.name);
	return r;
}

/* "net:[4026531840]": whichever way leads there. */
static int
each_numbered(struct entry *en, const char *spec, char **cause)
{
	struct list l = { 0 };
	uint32_t id = 0, i;
	char *why = NULL;
	int r = -EINVAL;

	if (!netns_number(spec, &id)) {
		xasprintf(
		    cause, "network namespace \"%s\": no such number", spec);
		return r;
	}
	hash_init(&l.by_id, list_key, &l);
	list_named(&l, id);
	list_default(&l, en->own, false);
	i = hash_find(&l.by_id, id);
	if (i == HASH_NONE) {
		list_processes(&l);
		i = hash_find(&l.by_id, id);
	}
	r = i == HASH_NONE ? -ENOENT : visit(en, &l.at[i], false, &why);
	if (r < 0)
		xasprintf(cause, "network namespace \"%s\": %s", spec,
		    i == HASH_NONE ? "not found, or hidden from you"
		    : why != NULL  ? why
				   : strerror(-r));
	free(why);
	list_done(&l);
	return r;
}

/* Went away while we looked: nothing is missing then. */
static bool
vanished(int error)
{
	return error == -ENOENT || error == -ESRCH;
}

/* One of those that a list names; gives up the name it has by itself. */
static int
list_item(struct found *f, const char *item, char **cause)
{
	const char *is = strchr(item, '=');
	int r = find_one(is == NULL ? item : is + 1, f, cause);

	if (r == 0 && is != NULL) {
		free(f->name);
		f->name = text_clean(item, (size_t)(is - item));
	}
	return r;
}

/* Named twice, it is read once. */
static int
visit_item(struct entry *en, struct list *seen, const char *item, char **cause)
{
	struct found f = { 0 };
	int r = go_home(en); /* or our own pid would name another */

	if (r == 0)
		r = list_item(&f, item, cause);
	if (r == 0 && list_add(seen, f.id) != NULL)
		r = visit(en, &f, true, cause);
	free(f.path);
	free(f.name);
	return r;
}

/* "web,db": one after the other; what is not to be read is warned of. */
static int
each_listed(struct entry *en, const char *spec, char **cause)
{
	char *copy = xstrdup(spec), *rest = copy, *item, *why;
	struct list seen = { 0 };
	int r, error = -ENOENT;

	hash_init(&seen.by_id, list_key, &seen);
	while ((item = strsep(&rest, ",")) != NULL) {
		why = NULL;
		if ((r = visit_item(en, &seen, item, &why)) < 0) {
			error = r;
			en->snap->netns_failed++;
			snap_warn(en->snap, "network namespace %s: %s", item,
			    why != NULL ? why : strerror(-r));
		}
		free(why);
	}
	list_done(&seen);
	free(copy);
	if (en->snap->netns_seen > 0)
		return 0;
	xasprintf(cause, "network namespaces \"%s\": none could be read: %s",
	    spec, strerror(-error));
	return error;
}

/* Several, unless there is one of just this name. */
static bool
is_list(const char *spec)
{
	struct found f = { 0 };
	char *none = NULL;
	bool one;

	if (strpbrk(spec, ",=") == NULL)
		return false;
	one = find_one(spec, &f, &none) == 0;
	free(none);
	free(f.path);
	free(f.name);
	return !one;
}

static int
each_all(struct entry *en, char **cause)
{
	struct list l = { 0 };
	char *why;
	size_t i;
	int r, done = 0, error = -ENOENT;

	hash_init(&l.by_id, list_key, &l);
	list_named(&l, 0);
	list_default(&l, en->own, false);
	list_processes(&l);
	for (i = 0; i < l.n; i++) {
		why = NULL;
		r = visit(en, &l.at[i], true, &why);
		if (r == 0)
			done++;
		else if (!vanished(r)) {
			error = r;
			en->snap->netns_failed++;
			snap_warn(en->snap, "network namespace %s: %s",
			    l.at[i].name != NULL ? l.at[i].name : l.at[i].path,
			    why != NULL ? why : strerror(-r));
		}
		free(why);
	}
	if (l.denied)
		snap_warn(en->snap,
		    "network namespaces of others' processes are hidden "
		    "(needs CAP_SYS_PTRACE)");
	list_done(&l);
	if (done > 0)
		return 0;
	xasprintf(
	    cause, "no network namespace could be read: %s", strerror(-error));
	return error;
}

int
netns_each(const char *spec, struct netns_names *names, struct snap *snap,
    int (*fn)(void *, const struct netns *, char **), void *arg, char **cause)
{
	struct entry en = {
		.names = names, .snap = snap, .fn = fn, .arg = arg, .own_fd = -1
	};
	int r, back;

	snap->netns_seen = snap->netns_failed = 0;
	if (spec == NULL)
		return each_current(&en, cause);
	en.own_fd = netns_open(AT_FDCWD, NETNS_SELF, &en.own);
	if (en.own_fd < 0) {
		xasprintf(cause, "%s: %s", NETNS_SELF, strerror(-en.own_fd));
		return en.own_fd;
	}
	if (strcmp(spec, "all") == 0)
		r = each_all(&en, cause);
	else if (strncmp(spec, "net:[", 5) == 0)
		r = each_numbered(&en, spec, cause);
	else if (is_list(spec))
		r = each_listed(&en, spec, cause);
	else
		r = each_one(&en, spec, cause);
	back = go_home(&en);
	close(en.own_fd);
	if (back < 0 && r == 0) {
		xasprintf(cause,
		    "cannot return to the own network namespace: %s",
		    strerror(-back));
		r = back;
	}
	return r;
}
