/* SPDX-License-Identifier: ISC */
/*
 * Sockets by NETLINK_SOCK_DIAG. A netlink socket is opened for each reading
 * and namespace and closed again: an open one would keep a deleted namespace
 * alive. Only TCP and UDP are ever asked for: asking for others makes the
 * kernel load their modules.
 */
#include "config.h"

#include "collect/src_diag.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xmalloc.h"
#include "collect/cgroup_path.h"
#include "collect/diag_dump.h"
#include "collect/diag_filter.h"
#include "collect/diag_link.h"
#include "collect/netns.h"
#include "collect/netns_ifaces.h"
#include "collect/netns_idle.h"
#include "collect/source.h"
#include "collect/tcp_limits_read.h"

#define DIAG_RETRIES 3

struct source_diag {
	struct source base;
	struct netns_names *names;
	struct netns_ifaces *ifaces;
	const struct diag_link *link;
	struct diag_buf buf;
	unsigned skip; /* enum diag_filter_skip: what the kernel refused */
	uint32_t seq;
};

/* One reading. */
struct reading {
	struct source_diag *d;
	const struct request *req;
	const struct sink *sink;
	struct snap *snap;
	const struct netns *ns;
	struct diag_io io; /* in this namespace */
	struct diag_walk walk;
	struct buf code;
	uint32_t states; /* what the request and its filter leave */
	bool again;      /* the answer has holes: worth another try */

	struct sock_rec focus; /* the one to be read whole */
	bool focus_met;
};

static struct source_diag *
self(struct source *s)
{
	return (struct source_diag *)(void *)s;
}

/* -- what to ask ---------------------------------------------------------- */

static uint32_t
filter_ifindex(void *arg, const char *name)
{
	(void)arg;
	return if_nametoindex(name);
}

static uint64_t
filter_cgroup(void *arg, const char *path)
{
	(void)arg;
	return cgroup_id_of_path(path);
}

static void
compile_filter(struct reading *rd)
{
	const struct diag_filter_opts opts = { .skip = rd->d->skip,
		.ifindex = filter_ifindex,
		.cgroup = filter_cgroup };

	(void)diag_filter_compile(rd->req->filter, &opts, &rd->code);
}

/*
 * BOUND costs a walk of its own through the kernel's tables: only for those
 * who show it, or who chose states and chose this one.
 */
static uint32_t
wanted_states(const struct request *req)
{
	uint32_t bound = SOCK_STATE_BIT(SOCK_BOUND), states = req->states;

	if (req->filter != NULL)
		states &= filter_states_possible(req->filter);
	if ((req->need & NEED_BOUND) == 0 &&
	    (states & SOCK_STATES_ALL) == SOCK_STATES_ALL)
		states &= ~bound;
	return states;
}

/* The kernel does not take this bytecode: it is asked with less, or none. */
static bool
ask_for_less(struct reading *rd, int error)
{
	if (rd->code.len == 0)
		return false;
	if (error == -EPERM && (rd->d->skip & DIAG_SKIP_MARK) == 0)
		rd->d->skip |= DIAG_SKIP_MARK;
	else if (error == -EINVAL && (rd->d->skip & DIAG_SKIP_CGROUP) == 0)
		rd->d->skip |= DIAG_SKIP_CGROUP;
	else if (error == -EINVAL || error == -EPERM)
		rd->d->skip |= DIAG_SKIP_ALL;
	else
		return false;
	log_debug("filter bytecode refused: %s", strerror(-error));
	compile_filter(rd);
	return true;
}

static int
ask(struct reading *rd, struct diag_ask *a)
{
	int r;

	do {
		a->code = rd->code.data;
		a->code_len = rd->code.len;
		if (++rd->d->seq == 0)
			rd->d->seq = 1;
		rd->walk.seq = rd->d->seq;
		rd->walk.interrupted = false;
		r = diag_dump(&rd->io, &rd->d->buf, a, &rd->walk);
	} while (r < 0 && ask_for_less(rd, r));
	if (rd->walk.interrupted)
		rd->again = true;
	if (r == -ENOBUFS || r == -EMSGSIZE) {
		rd->again = true;
		r = 0;
	}
	return r;
}

static void
got_sock(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct reading *rd = arg;

	if (rec->cookie == rd->req->focus.cookie && rec->cookie != 0 &&
	    rec->netns == rd->req->focus.netns) {
		rd->focus = *rec;
		rd->focus_met = true;
		return;
	}
	if (rec->ifindex != 0 && (rd->req->need & NEED_IFACE) != 0)
		netns_ifaces_want(rd->d->ifaces, rec->netns, rec->ifindex);
	rd->sink->sock(rd->sink->arg, rec, ext);
}

/* -- the one that is looked at -------------------------------------------- */

struct exact {
	struct sock_rec rec;
	struct sock_ext ext;
	uint64_t cookie;
	bool met;
};

static void
got_exact(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct exact *x = arg;

	if (rec->cookie != x->cookie)
		return;
	x->rec = *rec;
	x->ext = *ext;
	x->met = true;
}

/* Where the kernel's look-up finds another socket (several listeners on one
 * port): the few with these ports are listed. */
static void
ask_by_ports(struct reading *rd, struct diag_ask *a, struct diag_walk *w)
{
	struct buf code = { 0 };

	diag_filter_ports(&code, rd->focus.local.port, rd->focus.peer.port);
	a->exact = NULL;
	a->states = diag_states(a->proto, SOCK_STATE_BIT(rd->focus.state));
	a->code = code.data;
	a->code_len = code.len;
	w->seq = ++rd->d->seq;
	(void)diag_dump(&rd->io, &rd->d->buf, a, w); /* it may be gone */
	buf_done(&code);
}

static void
read_focus(struct reading *rd)
{
	const unsigned all = NEED_TCPINFO | NEED_TIMER | NEED_EXT;
	struct exact *x;
	struct diag_ask a = { .proto = rd->focus.proto,
		.family = rd->focus.family,
		.ext = diag_ext(all),
		.states = UINT32_MAX,
		.exact = &rd->focus };
	struct diag_walk *w;

	if (!rd->focus_met)
		return;
	tcp_limits_read(&rd->snap->limits, rd->ns->id);
	x = xcalloc(1, sizeof(*x));
	w = xcalloc(1, sizeof(*w));
	x->cookie = rd->focus.cookie;
	w->want = rd->walk.want;
	w->want.need |= all;
	w->portid = rd->walk.portid;
	w->sock = got_exact;
	w->arg = x;
	if (rd->focus.state != SOCK_BOUND) {
		w->seq = ++rd->d->seq;
		(void)diag_dump(&rd->io, &rd->d->buf, &a, w); /* may be gone */
		if (!x->met &&
		    (rd->focus.state == SOCK_LISTEN || a.proto == SOCK_UDP))
			ask_by_ports(rd, &a, w);
	}
	rd->sink->sock(rd->sink->arg, x->met ? &x->rec : &rd->focus,
	    x->met ? &x->ext : NULL);
	if (rd->focus.ifindex != 0)
		netns_ifaces_want(
		    rd->d->ifaces, rd->focus.netns, rd->focus.ifindex);
	free(w);
	free(x);
}

/* -- one namespace -------------------------------------------------------- */

static int
read_tcp(struct reading *rd)
{
	const struct request *req = rd->req;
	struct diag_ask a = { .proto = SOCK_TCP,
		.ext = diag_ext(req->need),
		.states = diag_states(SOCK_TCP, rd->states) };

	if (!req->tcp || a.states == 0 || (!req->v4 && !req->v6))
		return 0;
	if (req->v4 != req->v6)
		a.family = req->v4 ? 4 : 6;
	return ask(rd, &a);
}

static int
read_udp(struct reading *rd, uint8_t family)
{
	struct diag_ask a = { .proto = SOCK_UDP,
		.family = family,
		.ext = diag_ext(rd->req->need & ~(unsigned)NEED_TCPINFO),
		.states = diag_states(SOCK_UDP, rd->states) };

	if (!rd->req->udp || a.states == 0 ||
	    !(family == 4 ? rd->req->v4 : rd->req->v6))
		return 0;
	return ask(rd, &a);
}

static int
read_protocols(struct reading *rd, char **cause)
{
	struct netns_idle idle = { 0 };
	int r;

	/* An empty dump walks the hash of all namespaces: 7 ms with 100,000
	 * sockets elsewhere, so those of idle namespaces are left out. BOUND
	 * sockets are not counted there. */
	if (rd->ns->many)
		netns_idle_read(&idle);
	if ((rd->states & SOCK_STATE_BIT(SOCK_BOUND)) != 0)
		idle.tcp = false;
	r = idle.tcp ? 0 : read_tcp(rd);
	if (r < 0) {
		xasprintf(cause, "sock_diag: TCP: %s", strerror(-r));
		return r;
	}
	r = idle.udp4 ? 0 : read_udp(rd, 4);
	if (r == 0 && !idle.udp6)
		r = read_udp(rd, 6);
	if (r < 0 && !rd->req->tcp) {
		xasprintf(cause, "sock_diag: UDP: %s", strerror(-r));
		return r;
	}
	if (r < 0)
		snap_warn(rd->snap, "UDP sockets are missing: sock_diag: %s",
		    r == -ENOENT ? "no udp_diag module" : strerror(-r));
	return 0;
}

static int
read_netns(void *arg, const struct netns *ns, char **cause)
{
	struct reading *rd = arg;
	int r;

	r = rd->d->link->open(
	    rd->d->link->arg, &rd->io, &rd->walk.portid, cause);
	if (r < 0)
		return r;
	rd->ns = ns;
	rd->walk.want.netns = ns->id;
	compile_filter(rd);
	r = read_protocols(rd, cause);
	if (r == 0 && rd->req->focus.netns == ns->id)
		read_focus(rd);
	if (r == 0 && (rd->req->need & NEED_IFACE) != 0)
		netns_ifaces_tell(rd->d->ifaces, rd->snap);
	rd->d->link->close(&rd->io);
	return r;
}

static int
diag_read(struct source *s, const struct request *req, const struct sink *sink,
    struct snap *snap, char **cause)
{
	struct source_diag *d = self(s);
	struct reading *rd;
	int r, tries = 0;

	rd = xcalloc(1, sizeof(*rd));
	rd->d = d;
	rd->req = req;
	rd->sink = sink;
	rd->snap = snap;
	rd->states = wanted_states(req);
	rd->walk.want.need = req->need;
	rd->walk.sock = got_sock;
	rd->walk.arg = rd;
	for (;;) {
		rd->again = false;
		rd->focus_met = false;
		r = netns_each(
		    req->netns, d->names, snap, read_netns, rd, cause);
		if (r < 0 || !rd->again || tries++ == DIAG_RETRIES)
			break;
		sink->restart(sink->arg);
	}
	if (r == 0 && rd->again) {
		snap->flags |= SNAP_HOLES;
		snap_warn(snap,
		    "the kernel's list kept changing while it was read: "
		    "sockets may be missing");
	}
	if (rd->walk.dropped > 0)
		log_debug("netlink: %llu messages dropped",
		    (unsigned long long)rd->walk.dropped);
	buf_done(&rd->code);
	free(rd);
	return r;
}

/* -- open, close ---------------------------------------------------------- */

static void
got_nothing(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	(void)arg;
	(void)rec;
	(void)ext;
}

/* Asks for TCP sockets in no state at all: no walk, but an error where
 * sock_diag or its TCP part is missing. */
static int
probe(struct source_diag *d, char **cause)
{
	struct diag_ask a = { .proto = SOCK_TCP };
	struct reading *rd;
	int r;

	rd = xcalloc(1, sizeof(*rd));
	r = d->link->open(d->link->arg, &rd->io, &rd->walk.portid, cause);
	if (r == 0) {
		rd->walk.sock = got_nothing;
		rd->walk.seq = ++d->seq;
		r = diag_dump(&rd->io, &d->buf, &a, &rd->walk);
		if (r < 0)
			xasprintf(cause, "sock_diag: %s",
			    r == -ENOENT ? "no tcp_diag module" : strerror(-r));
		d->link->close(&rd->io);
	}
	free(rd);
	return r;
}

static void
diag_close(struct source *s)
{
	struct source_diag *d = self(s);

	if (d == NULL)
		return;
	netns_names_free(d->names);
	netns_ifaces_free(d->ifaces);
	diag_buf_done(&d->buf);
	free(d);
}

int
source_diag_open(
    struct source **ret, const struct diag_link *link, char **cause)
{
	struct source_diag *d;
	int r;

	d = xcalloc(1, sizeof(*d));
	d->base.ops = &source_diag;
	d->link = link;
	d->names = netns_names_new();
	d->ifaces = netns_ifaces_new();
	r = probe(d, cause);
	if (r < 0) {
		diag_close(&d->base);
		return r;
	}
	*ret = &d->base;
	return 0;
}

static int
diag_open(struct source **ret, const char *arg, char **cause)
{
	(void)arg;
	return source_diag_open(ret, &diag_link_netlink, cause);
}

const struct source_ops source_diag = {
	.name = "netlink",
	.kind = SOURCE_NETLINK,
	.open = diag_open,
	.read = diag_read,
	.close = diag_close,
};
