/* SPDX-License-Identifier: ISC */
/*
 * Puts a reading together: sockets from a source, their owners, names, and
 * only what changed where that is asked for. Knows nothing of how any of
 * these are found out.
 */
#include "config.h"

#include "collect/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/cgroup_path.h"
#include "collect/owner_source.h"
#include "collect/pressure.h"
#include "collect/procfs.h"
#include "collect/tag_cache.h"
#include "collect/unowned.h"
#include "collect/user_names.h"
#include "model/differ.h"

#define NEEDS_OF_OWNER (NEED_OWNER | NEED_CMDLINE | NEED_CGROUP | NEED_PATHS)
#define PORT_RANGE     "/proc/sys/net/ipv4/ip_local_port_range"

struct collect {
	struct source *source;
	const struct owner_ops *owner_ops;
	struct owner_source *owners; /* NULL until they are asked for */
	char *owners_failed;         /* why they cannot be had */
	struct differ *differ;       /* NULL: whole readings */
	struct cgroup_names *cgroups;
	struct user_names *users;
	struct pressure_reader *pressure; /* NULL until it is asked for */
	char *fallback; /* why it is not netlink; NULL: it is */
	uint64_t seq;

	/* What the last reading was asked for; a change of it is no news of
	 * the sockets. */
	struct {
		bool tcp, udp, v4, v6;
		uint32_t states;
		char *netns, *filter;
	} scope;

	/* one reading */
	const struct request *req;
	struct snap *snap;
	bool with_owners;
	bool owners_before; /* the reading before looked for them as well */
	struct unowned unowned;
	struct tag_cache tags;
};

static uint64_t
thread_cpu_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) +
	       (uint64_t)ts.tv_nsec;
}

/* -- open, close ---------------------------------------------------------- */

/* *fallback: why it is not netlink; NULL: it is. */
static int
open_source(struct source **ret, const struct collect_opts *opts,
    char **fallback, char **cause)
{
	char *why = NULL;
	int r;

	if (opts->from != NULL)
		return source_replay.open(ret, opts->from, cause);
	if (!opts->force_procfs) {
		r = source_diag.open(ret, NULL, &why);
		if (r == 0)
			return 0;
		xasprintf(fallback,
		    "netlink refused (%s): read from /proc/net, where "
		    "TCP internals, marks and interfaces are unknown",
		    why != NULL ? why : strerror(-r));
	}
	free(why);
	return source_procfs.open(ret, NULL, cause);
}

struct collect *
collect_with(struct source *source, const struct owner_ops *ops, bool delta)
{
	struct collect *c = xcalloc(1, sizeof(*c));

	c->source = source;
	c->owner_ops = ops;
	c->cgroups = cgroup_names_new();
	c->users = user_names_new();
	/* A recording tells the owners after the socket: it is read whole. */
	if (delta && source->ops->kind != SOURCE_FILE)
		c->differ = differ_new();
	return c;
}

int
collect_open(
    struct collect **ret, const struct collect_opts *opts, char **cause)
{
	struct source *source;
	struct collect *c;
	char *fallback = NULL;
	int r;

	r = open_source(&source, opts, &fallback, cause);
	if (r < 0) {
		free(fallback);
		return r;
	}
	c = collect_with(source, &owner_procfs, opts->delta);
	c->fallback = fallback;
	*ret = c;
	return 0;
}

void
collect_close(struct collect *c)
{
	if (c == NULL)
		return;
	if (c->source != NULL)
		c->source->ops->close(c->source);
	if (c->owners != NULL)
		c->owners->ops->close(c->owners);
	free(c->owners_failed);
	differ_free(c->differ);
	cgroup_names_free(c->cgroups);
	user_names_free(c->users);
	pressure_reader_free(c->pressure);
	free(c->fallback);
	free(c->scope.netns);
	free(c->scope.filter);
	unowned_done(&c->unowned);
	tag_cache_done(&c->tags);
	free(c);
}

size_t
collect_memory(const struct collect *c)
{
	size_t n = sizeof(*c) + unowned_memory(&c->unowned) +
		   tag_cache_memory(&c->tags);

	if (c->differ != NULL)
		n += differ_memory(c->differ);
	if (c->owners != NULL)
		n += c->owners->ops->memory(c->owners);
	return n;
}

/* -- what was asked before ------------------------------------------------ */

static bool
text_eq(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* True: other sockets than last time are asked for. */
static bool
scope_changed(struct collect *c, const struct request *req)
{
	struct buf b = { 0 };
	char *filter = NULL;
	bool changed;

	if (req->filter != NULL) {
		filter_to_text(req->filter, &b);
		filter = buf_steal(&b);
	}
	changed = c->scope.tcp != req->tcp || c->scope.udp != req->udp ||
		  c->scope.v4 != req->v4 || c->scope.v6 != req->v6 ||
		  c->scope.states != req->states ||
		  !text_eq(c->scope.netns, req->netns) ||
		  !text_eq(c->scope.filter, filter);
	free(c->scope.filter);
	c->scope.filter = filter;
	if (!changed)
		return false;
	c->scope.tcp = req->tcp;
	c->scope.udp = req->udp;
	c->scope.v4 = req->v4;
	c->scope.v6 = req->v6;
	c->scope.states = req->states;
	free(c->scope.netns);
	c->scope.netns = req->netns == NULL ? NULL : xstrdup(req->netns);
	return true;
}

/* -- owners --------------------------------------------------------------- */

static unsigned
owner_detail(unsigned need)
{
	unsigned detail = PROC_COMM;

	if ((need & NEED_CMDLINE) != 0)
		detail |= PROC_CMDLINE;
	if ((need & NEED_CGROUP) != 0)
		detail |= PROC_CGROUP;
	if ((need & NEED_PATHS) != 0)
		detail |= PROC_PATHS;
	return detail;
}

/* Enough to tell that they changed; 0 stays 0. */
static uint32_t
tag_fold(uint64_t tag)
{
	return tag == 0 ? 0 : (uint32_t)(tag ^ tag >> 32) | 1;
}

static uint32_t
owner_tag(struct collect *c, uint32_t inode)
{
	uint32_t tag;

	if (!tag_cache_get(&c->tags, inode, &tag)) {
		tag = tag_fold(c->owners->ops->find(c->owners, inode, NULL));
		tag_cache_put(&c->tags, inode, tag);
	}
	return tag;
}

static void
owners_begin(struct collect *c)
{
	uint64_t start = thread_cpu_ns();
	int r;

	c->with_owners = (c->req->need & NEEDS_OF_OWNER) != 0 &&
			 c->source->ops->kind != SOURCE_FILE;
	if (!c->with_owners)
		return;
	if (c->owners == NULL && c->owners_failed == NULL) {
		r = c->owner_ops->open(&c->owners, &c->owners_failed);
		if (r < 0 && c->owners_failed == NULL)
			c->owners_failed = xstrdup(strerror(-r));
	}
	if (c->owners == NULL) {
		c->with_owners = false;
		snap_warn(c->snap, "owners are unknown: %s", c->owners_failed);
		return;
	}
	c->owners->ops->begin(c->owners, owner_detail(c->req->need), c->snap);
	tag_cache_begin(&c->tags, c->owners->ops->epoch(c->owners));
	c->snap->flags |= SNAP_OWNERS;
	c->snap->cost_owners_ns += thread_cpu_ns() - start;
}

/* Looks for those who hold what nobody was known to hold. */
static void
owners_end(struct collect *c)
{
	uint64_t start = thread_cpu_ns();
	uint32_t tag;
	struct owner_source *os = c->owners;
	const struct owners *who;
	struct unowned *u = &c->unowned;
	struct snap_sock *s;
	size_t i;
	int r;

	if (!c->with_owners)
		return;
	tag_cache_end(&c->tags);
	unowned_sort(u);
	r = os->ops->update(os, u->inode, u->uid, u->ninodes,
	    owner_detail(c->req->need), c->snap);
	if (r < 0)
		snap_warn(c->snap, "owners: %s", strerror(-r));
	for (i = 0; i < u->n; i++) {
		who = NULL;
		tag = tag_fold(os->ops->find(os, u->at[i].inode, &who));
		if (tag == 0) {
			if (!u->at[i].counted)
				c->snap->hidden_owners++;
			continue;
		}
		if (u->at[i].row == UNOWNED_NO_ROW || who == NULL)
			continue; /* the next reading tells it as changed */
		s = &c->snap->sock[u->at[i].row];
		if (s->owners.n > 0)
			continue;
		owners_copy(&s->owners, who);
		if (c->differ != NULL)
			(void)differ_seen(c->differ, &s->rec, tag);
	}
	c->snap->cost_owners_ns += thread_cpu_ns() - start;
}

/* -- what the source hands over ------------------------------------------- */

static void
got_sock(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct collect *c = arg;
	const struct owners *who = NULL;
	struct unowned_sock *un = NULL;
	struct snap_sock *s;
	uint32_t tag = 0;
	bool here, news;

	if (c->with_owners && rec->inode != 0) {
		tag = owner_tag(c, rec->inode);
		if (tag == 0)
			un = unowned_add(&c->unowned, rec);
	}
	/* A recording's numbers are another machine's: what they are called
	 * here says nothing. */
	here = c->source->ops->kind != SOURCE_FILE;
	if (here && (rec->known & KNOWN_UID) != 0 &&
	    (c->req->need & NEED_USER) != 0)
		user_names_want(c->users, rec->uid);
	if (here && (rec->known & KNOWN_CGROUP) != 0 &&
	    (c->req->need & NEED_SKCGROUP) != 0)
		cgroup_names_want(c->cgroups, rec->cgroup);
	/* What ext holds changes all the time and is not in the digest. The
	 * first time that owners are looked for, there is a row for each to
	 * be told with. */
	news = ext != NULL || (un != NULL && !c->owners_before);
	if (c->differ != NULL && !differ_seen(c->differ, rec, tag) && !news)
		return;
	if (un != NULL)
		un->row = (uint32_t)c->snap->n;
	s = snap_add(c->snap);
	s->rec = *rec;
	if (tag != 0) {
		(void)c->owners->ops->find(c->owners, rec->inode, &who);
		if (who != NULL)
			owners_copy(&s->owners, who);
	}
	if (ext != NULL) {
		s->ext = xmalloc(sizeof(*ext));
		*s->ext = *ext;
	}
}

static void
got_owners(void *arg, struct owners *who)
{
	struct collect *c = arg;

	c->snap->flags |= SNAP_OWNERS;
	if (c->snap->n > 0) {
		owners_done(&c->snap->sock[c->snap->n - 1].owners);
		c->snap->sock[c->snap->n - 1].owners = *who;
		*who = (struct owners){ 0 };
	}
}

static void
got_age(void *arg, uint32_t age_ds)
{
	struct collect *c = arg;

	if (c->snap->n > 0)
		c->snap->sock[c->snap->n - 1].age_ds = age_ds;
}

/*
 * With a differ, what was new in the broken attempt is known by now and will
 * not be told again: it stays in the snap.
 */
static void
got_restart(void *arg)
{
	struct collect *c = arg;
	struct snap_sock *s;

	if (c->with_owners)
		tag_cache_begin(&c->tags, c->tags.epoch + 1); /* not valid */
	if (c->differ != NULL) {
		unowned_restart(&c->unowned);
		differ_begin(c->differ);
		return;
	}
	unowned_reset(&c->unowned);
	while (c->snap->n > 0) {
		s = &c->snap->sock[--c->snap->n];
		owners_done(&s->owners);
		free(s->ext);
	}
}

/* -- a reading ------------------------------------------------------------ */

static void
put_host(struct snap *snap)
{
	char name[HOST_NAME_MAX + 1] = "";

	(void)gethostname(name, sizeof(name) - 1); /* else it has none */
	free(snap->host);
	snap->host = text_clean(name, strlen(name));
}

static void
put_port_range(struct snap *snap)
{
	char text[64], *hi;
	uint64_t lo_port, hi_port;
	ssize_t n;

	n = procfs_read_at(AT_FDCWD, PORT_RANGE, text, sizeof(text) - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	hi = strpbrk(text, "\t ");
	if (hi == NULL)
		return;
	*hi++ = '\0';
	hi += strspn(hi, "\t ");
	if (!num_u64(text, 1, UINT16_MAX, &lo_port) ||
	    !num_u64(hi, lo_port, UINT16_MAX, &hi_port))
		return;
	snap->ephemeral_lo = (uint16_t)lo_port;
	snap->ephemeral_hi = (uint16_t)hi_port;
}

static void
put_pressure(struct collect *c)
{
	if ((c->req->need & NEED_PRESSURE) == 0 ||
	    c->source->ops->kind == SOURCE_FILE)
		return;
	if (c->pressure == NULL)
		c->pressure = pressure_reader_new();
	c->snap->pressure = pressure_read(c->pressure, c->req->netns);
}

static int
read_source(struct collect *c, char **cause)
{
	const struct sink sink = { .sock = got_sock,
		.owners = got_owners,
		.age = got_age,
		.restart = got_restart,
		.arg = c };
	uint64_t start = thread_cpu_ns();
	int r;

	r = c->source->ops->read(c->source, c->req, &sink, c->snap, cause);
	c->snap->cost_dump_ns = thread_cpu_ns() - start;
	return r;
}

static void
finish(struct collect *c, bool other_scope)
{
	struct snap *snap = c->snap;

	owners_end(c);
	put_pressure(c);
	/* And who runs this: the header says it. */
	if (c->source->ops->kind != SOURCE_FILE &&
	    (c->req->need & NEED_USER) != 0)
		user_names_want(c->users, geteuid());
	user_names_tell(c->users, snap);
	cgroup_names_tell(c->cgroups, snap);
	if (c->fallback != NULL)
		snap_warn(snap, "%s", c->fallback);
	if (c->differ == NULL) {
		snap->total = snap->n;
		return;
	}
	differ_end(c->differ, snap, (snap->flags & SNAP_HOLES) != 0);
	if (other_scope && snap->seq > 1)
		snap->flags |= SNAP_RESCOPE;
}

int
collect_read(struct collect *c, const struct request *req, struct snap **ret,
    char **cause)
{
	struct snap *snap = snap_new();
	bool other_scope = false;
	int r;

	snap->seq = ++c->seq;
	snap->mono_ns = clock_mono_ns();
	snap->wall = clock_wall();
	snap->source = c->source->ops->kind;
	c->req = req;
	c->snap = snap;
	unowned_reset(&c->unowned);
	if (c->source->ops->kind != SOURCE_FILE) {
		put_host(snap);
		put_port_range(snap);
	}
	if (c->differ != NULL) {
		other_scope = scope_changed(c, req);
		differ_begin(c->differ);
	}
	owners_begin(c);
	r = read_source(c, cause);
	if (r == 0)
		finish(c, other_scope);
	else if (c->differ != NULL)
		differ_reset(c->differ); /* what it told is thrown away */
	c->owners_before = r == 0 && c->with_owners;
	c->req = NULL;
	c->snap = NULL;
	if (r < 0) {
		/* What the differ took for told was not. */
		if (c->differ != NULL)
			differ_reset(c->differ);
		snap_free(snap);
		return r;
	}
	*ret = snap;
	return 0;
}
