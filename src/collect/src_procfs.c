/* SPDX-License-Identifier: ISC */
/*
 * Sockets by /proc/net/{tcp,tcp6,udp,udp6}, for machines where netlink is
 * refused or missing. The same rows; what these tables do not tell is left
 * unknown. procnet.c parses the lines.
 */
#include "config.h"

#include "collect/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "collect/netns.h"
#include "collect/procfs.h"
#include "collect/procnet.h"
#include "model/need.h"

#define TABLE_MAX ((size_t)1 << 30) /* 7 million sockets */

static const struct net_file {
	const char *name;
	uint8_t proto, family;
} net_files[] = {
	{ .name = "tcp", .proto = SOCK_TCP, .family = 4 },
	{ .name = "tcp6", .proto = SOCK_TCP, .family = 6 },
	{ .name = "udp", .proto = SOCK_UDP, .family = 4 },
	{ .name = "udp6", .proto = SOCK_UDP, .family = 6 },
};

struct src_procfs {
	struct source base;
	char *root; /* "/proc", or a test's directory */
	bool real;
	long hz;
	struct netns_names *names;
	/* Cookies seen in this reading: the tables are read in pieces, and a
	 * socket that moves meanwhile is printed twice. */
	struct hash seen;
	uint64_t *cookie;
	size_t ncookies, cookies_cap;
};

/* One reading. */
struct reading {
	struct src_procfs *src;
	const struct request *req;
	const struct sink *sink;
	struct snap *snap;
	const struct netns *ns;
	size_t garbled;
};

static uint64_t
cookie_key(const void *arg, uint32_t i)
{
	const struct src_procfs *s = arg;

	return s->cookie[i];
}

static int
procnet_open(struct source **ret, const char *arg, char **cause)
{
	struct src_procfs *s;

	if (arg == NULL && access("/proc/net/tcp", R_OK) != 0 &&
	    access("/proc/net/tcp6", R_OK) != 0) {
		int e = errno;

		xasprintf(cause, "/proc/net/tcp: %s", strerror(e));
		return -e;
	}
	s = xcalloc(1, sizeof(*s));
	s->base.ops = &source_procfs;
	s->real = arg == NULL;
	s->root = xstrdup(s->real ? "/proc" : arg);
	s->hz = sysconf(_SC_CLK_TCK);
	s->names = netns_names_new();
	hash_init(&s->seen, cookie_key, s);
	*ret = &s->base;
	return 0;
}

static void
procnet_close(struct source *src)
{
	struct src_procfs *s = (struct src_procfs *)(void *)src;

	if (s == NULL)
		return;
	netns_names_free(s->names);
	hash_done(&s->seen);
	free(s->cookie);
	free(s->root);
	free(s);
}

static bool
first_time(struct src_procfs *s, uint64_t cookie)
{
	if (hash_find(&s->seen, cookie) != HASH_NONE)
		return false;
	s->cookie = array_grow(
	    s->cookie, &s->cookies_cap, s->ncookies + 1, sizeof(*s->cookie));
	s->cookie[s->ncookies] = cookie;
	hash_add(&s->seen, cookie, (uint32_t)s->ncookies++);
	return true;
}

static void
read_lines(
    struct reading *rd, const struct net_file *f, const char *text, size_t len)
{
	struct procnet_want want = {
		.netns = rd->ns->id,
		.proto = f->proto,
		.family = f->family,
		.timer = (rd->req->need & NEED_TIMER) != 0,
		.hz = rd->src->hz,
	};
	const char *p, *nl, *end = text + len;
	struct sock_rec rec;

	/* The first line is a heading. */
	p = memchr(text, '\n', len);
	for (p = p == NULL ? end : p + 1; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (!procnet_parse(p, (size_t)(nl - p), &want, &rec)) {
			rd->garbled++;
			continue;
		}
		if (!first_time(rd->src, rec.cookie))
			continue;
		rd->snap->total++;
		if ((rd->req->states & SOCK_STATE_BIT(rec.state)) == 0 &&
		    rec.state != SOCK_STATE_UNKNOWN)
			continue;
		rd->sink->sock(rd->sink->arg, &rec, NULL);
	}
}

static bool
file_wanted(const struct request *req, const struct net_file *f)
{
	return (f->proto == SOCK_TCP ? req->tcp : req->udp) &&
	       (f->family == 4 ? req->v4 : req->v6);
}

/*
 * thread-self: after setns(2) in this thread, self would still be the whole
 * process's namespace.
 */
static int
read_file(struct reading *rd, const struct net_file *f)
{
	char *path, *text;
	size_t len;
	int r;

	xasprintf(&path, "%s/%s/%s", rd->src->root,
	    rd->src->real ? "thread-self/net" : "net", f->name);
	r = procfs_slurp_at(AT_FDCWD, path, TABLE_MAX, &text, &len);
	if (r == -ENOENT && rd->src->real) {
		free(path);
		xasprintf(&path, "/proc/net/%s", f->name);
		r = procfs_slurp_at(AT_FDCWD, path, TABLE_MAX, &text, &len);
	}
	if (r == 0) {
		read_lines(rd, f, text, len);
		free(text);
	} else if (r != -ENOENT) /* no such protocol here: no sockets */
		snap_warn(rd->snap, "%s: %s", path, strerror(-r));
	free(path);
	return r;
}

static int
read_netns(void *arg, const struct netns *ns, char **cause)
{
	struct reading *rd = arg;
	size_t i, wanted = 0, missing = 0;
	int r = 0;

	rd->ns = ns;
	for (i = 0; i < nitems(net_files); i++) {
		if (!file_wanted(rd->req, &net_files[i]))
			continue;
		wanted++;
		r = read_file(rd, &net_files[i]);
		missing += r != 0;
	}
	if (wanted == 0 || missing < wanted)
		return 0;
	xasprintf(cause, "%s/net: %s", rd->src->root, strerror(-r));
	return r;
}

static int
procnet_read(struct source *src, const struct request *req,
    const struct sink *sink, struct snap *snap, char **cause)
{
	struct src_procfs *s = (struct src_procfs *)(void *)src;
	struct reading rd = {
		.src = s, .req = req, .sink = sink, .snap = snap
	};
	int r;

	s->ncookies = 0;
	hash_clear(&s->seen);
	snap->source = SOURCE_PROCFS;
	if (s->real)
		r = netns_each(
		    req->netns, s->names, snap, read_netns, &rd, cause);
	else {
		struct netns one = { .id = 0, .name = "default" };

		snap->netns_seen = 1;
		r = read_netns(&rd, &one, cause);
	}
	if (rd.garbled > 0)
		snap_warn(snap, "%zu lines of %s/net could not be read",
		    rd.garbled, s->root);
	return r;
}

const struct source_ops source_procfs = {
	.name = "procfs",
	.kind = SOURCE_PROCFS,
	.open = procnet_open,
	.read = procnet_read,
	.close = procnet_close,
};
