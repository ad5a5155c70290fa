/* SPDX-License-Identifier: ISC */
/* Port forwarders, container runtimes, supervisors. See parents.h. */
#include "config.h"

#include "act/parents.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/copyline.h"
#include "model/proc.h"

#define PATH_LEN   64
#define TRIE_MAX   ((size_t)1 << 20)
#define CGROUP_MAX 16384
#define LOOK_MAX   4096 /* processes looked at for a container's address */

/* A process's command line, split. */
struct words {
	char *raw, *text; /* text: clean, joined */
	char **argv;
	int argc;
};

static void
words_read(int proc, pid_t pid, struct words *w)
{
	char path[PATH_LEN];
	ssize_t n;

	*w = (struct words){ .raw = xmalloc(PROCFS_CMDLINE_MAX + 1) };
	(void)snprintf(path, sizeof(path), "%ld/cmdline", (long)pid);
	n = procfs_read_at(proc, path, w->raw, PROCFS_CMDLINE_MAX);
	if (n > 0)
		w->text =
		    procfs_cmdline_text(w->raw, (size_t)n, &w->argv, &w->argc);
}

static void
words_done(struct words *w)
{
	free(w->raw);
	free(w->text);
	free(w->argv);
}

/* The word after one of these options, or what is attached by "=". */
static const char *
option(const struct words *w, const char *a, const char *b)
{
	const char *names[2] = { a, b };
	size_t n, k;
	int i;

	for (i = 1; i < w->argc; i++)
		for (k = 0; k < 2; k++) {
			if (names[k] == NULL)
				continue;
			n = strlen(names[k]);
			if (strncmp(w->argv[i], names[k], n) != 0)
				continue;
			if (w->argv[i][n] == '=')
				return w->argv[i] + n + 1;
			if (w->argv[i][n] == '\0' && i + 1 < w->argc)
				return w->argv[i + 1];
		}
	return NULL;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
is_hex_id(const char *s)
{
	return strspn(s, "0123456789abcdef") == strlen(s) && strlen(s) >= 12;
}

/* "docker:0123456789ab"; a name that is no id is taken whole. */
static void
set_container(struct act_facts *f, const char *runtime, const char *id)
{
	struct buf b = { 0 };

	if (id == NULL || *id == '\0')
		return;
	buf_printf(&b, "%s:", runtime);
	buf_put(&b, id, is_hex_id(id) ? 12 : strlen(id));
	free(f->container);
	f->container = text_clean(b.data, b.len);
	buf_done(&b);
}

/* -- which container has this address ------------------------------------- */

/* fib_trie: the address, and beneath it that it is the namespace's own. */
static bool
trie_has(const char *trie, const char *ip)
{
	const char *p = trie, *end;
	size_t n = strlen(ip);

	while ((p = strstr(p, "|-- ")) != NULL) {
		p += 4;
		if (strncmp(p, ip, n) != 0 || p[n] != '\n')
			continue;
		end = strstr(p, "|-- ");
		p = strstr(p, "/32 host LOCAL");
		if (p != NULL && (end == NULL || p < end))
			return true;
		if (p == NULL)
			return false;
	}
	return false;
}

/* if_inet6: 32 hexadecimal digits at the beginning of a line. */
static bool
inet6_has(const char *list, const struct in6_addr *ip)
{
	char hex[33];
	const char *p;
	size_t i;

	for (i = 0; i < 16; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", ip->s6_addr[i]);
	for (p = list; p != NULL && *p != '\0';
	     p = strchr(p, '\n') != NULL ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, hex, 32) == 0)
			return true;
	return false;
}

static bool
has_address(int proc, long pid, const char *ip)
{
	char path[PATH_LEN], *text = NULL;
	struct in6_addr six;
	bool v6 = inet_pton(AF_INET6, ip, &six) == 1, found;
	size_t len;

	(void)snprintf(path, sizeof(path), "%ld/net/%s", pid,
	    v6 ? "if_inet6" : "fib_trie");
	if (procfs_slurp_at(proc, path, TRIE_MAX, &text, &len) < 0)
		return false;
	found = v6 ? inet6_has(text, &six) : trie_has(text, ip);
	free(text);
	return found;
}

static char *
container_of(int proc, long pid)
{
	char path[PATH_LEN], text[CGROUP_MAX], *cgroup, *unit, *container;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%ld/cgroup", pid);
	n = procfs_read_at(proc, path, text, sizeof(text));
	cgroup = n > 0 ? procfs_cgroup_path(text, (size_t)n) : NULL;
	if (cgroup == NULL)
		return NULL;
	proc_cgroup_parse(cgroup, &unit, &container);
	free(cgroup);
	free(unit);
	return container;
}

/* One process of each container is asked for its addresses. */
static char *
container_with(int proc, const char *ip)
{
	char *container = NULL, *before = NULL;
	unsigned looked = 0;
	struct dirent *e;
	DIR *d;
	long pid;
	int fd;

	fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	while (container == NULL && (e = readdir(d)) != NULL) {
		pid = procfs_parse_number(e->d_name);
		if (pid <= 0 || looked++ == LOOK_MAX)
			continue;
		container = container_of(proc, pid);
		if (container != NULL &&
		    ((before != NULL && strcmp(before, container) == 0) ||
			!has_address(proc, pid, ip))) {
			free(before);
			before = container;
			container = NULL;
		}
	}
	free(before);
	(void)closedir(d);
	return container;
}

/* -- forwarders ------------------------------------------------------------ */

static void
docker_proxy(int proc, const struct words *w, struct act_facts *f)
{
	const char *ip = option(w, "-container-ip", "--container-ip"),
		   *port = option(w, "-container-port", "--container-port");
	struct buf b = { 0 };
	char *container;

	if (ip == NULL || port == NULL)
		return;
	buf_printf(&b, strchr(ip, ':') != NULL ? "[%s]:%s" : "%s:%s", ip, port);
	f->forwards = text_clean(b.data, b.len);
	buf_done(&b);
	container = container_with(proc, ip);
	free(f->container);
	f->container = container;
}

static void
conmon(int proc, const struct words *w, struct act_facts *f)
{
	const char *id = option(w, "-c", "--cid");

	(void)proc;
	set_container(f, "podman", id);
	f->forwards = xstrdup("its port");
}

static void
shim(int proc, const struct words *w, struct act_facts *f)
{
	const char *ns = option(w, "-namespace", "--namespace");

	(void)proc;
	set_container(f,
	    ns != NULL && strcmp(ns, "moby") == 0 ? "docker" : "containerd",
	    option(w, "-id", "--id"));
	f->forwards = xstrdup("its port");
}

static void
rootless(int proc, const struct words *w, struct act_facts *f)
{
	(void)proc;
	(void)w;
	f->forwards = xstrdup("a port");
}

/* By the process's name; a * stands for any rest. */
static const struct {
	const char *comm;
	void (*read)(int proc, const struct words *, struct act_facts *);
} forwarders[] = {
	{ "docker-proxy", docker_proxy },
	{ "rootlesskit-doc", docker_proxy },
	{ "conmon", conmon },
	{ "containerd-shim*", shim },
	{ "rootlessport*", rootless },
	{ "slirp4netns", rootless },
	{ "pasta*", rootless },
};

/* -- supervisors ------------------------------------------------------------ */

/* By the parent's name; %s: what it supervises, by its own command line. */
static const struct {
	const char *comm, *name, *stop;
} supervisors[] = {
	{ "runsv", "runit", "sv down %s" },
	{ "s6-supervise", "s6", "s6-svc -d .../%s" },
	{ "supervise", "daemontools", "svc -d .../%s" },
	{ "supervise-daemo*", "OpenRC", "rc-service %s stop" },
	{ "supervisord", "supervisord", "supervisorctl stop NAME" },
	{ "PM2*", "PM2", "pm2 stop NAME" },
	{ "monit", "monit", "monit stop NAME" },
	{ "circusd", "circus", "circusctl stop NAME" },
	{ "dinit", "dinit", "dinitctl stop NAME" },
	{ "god", "god", "god stop NAME" },
	{ "nodemon", "nodemon", NULL },
	{ "watchexec", "watchexec", NULL },
	{ "xinetd", "xinetd", NULL },
	{ "inetd", "inetd", NULL },
};

static bool
name_is(const char *comm, size_t len, const char *pattern)
{
	size_t n = strcspn(pattern, "*");

	if (pattern[n] == '*')
		return len >= n && memcmp(comm, pattern, n) == 0;
	return len == n && memcmp(comm, pattern, n) == 0;
}

/* The last word of the supervisor's command line names the service. */
static void
set_stop(struct act_facts *f, int proc, const char *format)
{
	const char *at = strstr(format, "%s");
	struct buf b = { 0 };
	struct words w;

	if (at == NULL) {
		f->supervisor_stop = xstrdup(format);
		return;
	}
	words_read(proc, f->parent, &w);
	if (w.argc > 1) {
		const char *name = base_name(w.argv[w.argc - 1]);

		buf_put(&b, format, (size_t)(at - format));
		copy_shell_word(&b, name, strlen(name));
		buf_puts(&b, at + 2);
		f->supervisor_stop = text_clean(b.data, b.len);
	}
	buf_done(&b);
	words_done(&w);
}

void
parents_read(int proc, pid_t pid, const struct procfs_stat *st,
    struct act_facts *f, char **cmdline)
{
	const char *parent = f->parent_comm;
	struct words w;
	size_t i;

	words_read(proc, pid, &w);
	for (i = 0; i < nitems(forwarders); i++)
		if (name_is(st->comm, st->comm_len, forwarders[i].comm)) {
			forwarders[i].read(proc, &w, f);
			break;
		}
	for (i = 0; i < nitems(supervisors) && parent != NULL; i++)
		if (name_is(parent, strlen(parent), supervisors[i].comm)) {
			f->supervisor = xstrdup(supervisors[i].name);
			if (supervisors[i].stop != NULL)
				set_stop(f, proc, supervisors[i].stop);
			break;
		}
	*cmdline = w.text;
	w.text = NULL;
	words_done(&w);
}
