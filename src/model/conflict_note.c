/* SPDX-License-Identifier: ISC */
/*
 * Reasons that are no sockets: rights, addresses, settings, the firewall; and
 * what would help.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "model/conflict_reason.h"

/* -- obstacles that are no sockets ---------------------------------------- */

static struct conflict_reason *
obstacle(struct judge *j, const struct conflict_ns *ns, enum conflict_kind kind,
    enum conflict_role role)
{
	return reason_add(j->rep, kind, role, ns->id);
}

static bool
is_low(const struct conflict_ns *ns, uint16_t port)
{
	return ns->limits.unprivileged_known && port < ns->limits.unprivileged;
}

static void
say_privileged(
    struct judge *j, const struct conflict_ns *ns, enum conflict_role role)
{
	struct conflict_reason *r = obstacle(j, ns, CONFLICT_PRIVILEGED, role);
	unsigned port = j->f->query.port;

	if (role == CONFLICT_NOTE) {
		xasprintf(&r->text,
		    "port %u is below %d: only a program with "
		    "CAP_NET_BIND_SERVICE may bind it",
		    port, (int)ns->limits.unprivileged);
		return;
	}
	xasprintf(&r->text,
	    "port %u is below %d, where programs without "
	    "CAP_NET_BIND_SERVICE may bind nothing; whether it is free could "
	    "not be tried",
	    port, (int)ns->limits.unprivileged);
	xasprintf(&r->evidence, "net.ipv4.ip_unprivileged_port_start = %d",
	    (int)ns->limits.unprivileged);
	reason_command(
	    r, reason_sudo(j->f, ns), xstrdup("tries it with all rights"));
	reason_commandf(r, "lets this program bind such ports",
	    "setcap cap_net_bind_service=+ep PROGRAM");
	reason_commandf(r, "lets everybody bind from this port on",
	    "sysctl -w net.ipv4.ip_unprivileged_port_start=%u", port);
}

static void
put_own_addrs(struct buf *b, const struct conflict_ns *ns, unsigned family)
{
	size_t i, n = 0;

	for (i = 0; i < ns->naddrs && n < 8; i++) {
		if (ns->addr[i].family != family)
			continue;
		buf_puts(b, n++ > 0 ? ", " : "");
		reason_put_end(b, &ns->addr[i].addr, family);
		buf_printf(b, " (%s)", ns->addr[i].iface);
	}
	if (n == 0)
		buf_puts(b, "none");
}

static void
say_not_local(struct judge *j, const struct conflict_ns *ns,
    const struct conflict_try *t, enum conflict_role role)
{
	struct conflict_reason *r = obstacle(j, ns, CONFLICT_NOT_LOCAL, role);
	struct endpoint addr = t->local;
	struct buf b = { 0 };

	addr.port = 0;
	reason_put_end(&b, &addr, t->family);
	buf_puts(&b, role == CONFLICT_NOTE
			 ? " is no address of this machine now: it can be "
			   "bound because net.ipv4.ip_nonlocal_bind (or its "
			   "like for IPv6) or a local route allows it"
			 : " is no address of this machine");
	r->text = buf_steal(&b);
	buf_printf(&b, "its IPv%u addresses: ", t->family);
	put_own_addrs(&b, ns, t->family);
	r->evidence = buf_steal(&b);
	if (role == CONFLICT_OBSTACLE)
		reason_commandf(r, "allows addresses that are not there yet",
		    "sysctl -w net.ipv%u.ip_nonlocal_bind=1", t->family);
}

static void
say_error(
    struct judge *j, const struct conflict_ns *ns, const struct conflict_try *t)
{
	enum conflict_kind kind = CONFLICT_OTHER_ERROR;
	struct conflict_reason *r;
	struct buf b = { 0 };

	if (t->plain == EAFNOSUPPORT)
		kind = CONFLICT_NO_FAMILY;
	else if (t->plain == ENODEV ||
		 (t->plain == EINVAL && t->family == 6 && t->ifindex == 0))
		kind = CONFLICT_NO_DEVICE;
	else if (judge_refused(t))
		kind = CONFLICT_POLICY;
	r = obstacle(j, ns, kind, CONFLICT_OBSTACLE);
	judge_put_what(&b, t);
	buf_puts(&b, ": ");
	if (kind == CONFLICT_NO_FAMILY)
		buf_printf(&b, "this kernel has no IPv%u", t->family);
	else if (kind == CONFLICT_NO_DEVICE)
		buf_puts(&b, "no interface was named for it, or none of that "
			     "name is there");
	else if (kind == CONFLICT_POLICY)
		buf_puts(&b, "refused, though the port's number is no reason");
	else
		buf_puts(&b, strerror(t->plain));
	r->text = buf_steal(&b);
}

static bool
said(const struct judge *j, enum conflict_kind kind, uint32_t netns)
{
	size_t i;

	for (i = 0; i < j->rep->nreasons; i++)
		if (j->rep->reason[i].kind == kind &&
		    j->rep->reason[i].netns == netns)
			return true;
	return false;
}

/* The kernel says it is in use, and nothing that was seen explains it. */
static void
say_unseen(struct judge *j, const struct conflict_ns *ns)
{
	const struct conflict_try *t;
	struct conflict_reason *r;
	struct buf b = { 0 };
	size_t i, k;

	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		if (t->extra || !judge_in_use(t))
			continue;
		for (k = 0; k < j->f->nsocks; k++)
			if (j->f->sock[k].row->rec.netns == ns->id &&
			    j->f->sock[k].row->rec.proto == j->f->query.proto &&
			    conflict_overlap(t, &j->f->sock[k]) >=
				OVERLAP_MAYBE)
				break;
		if (k < j->f->nsocks)
			continue;
		j->rep->disagrees = true;
		r = obstacle(j, ns, CONFLICT_UNSEEN, CONFLICT_OBSTACLE);
		judge_put_what(&b, t);
		buf_puts(&b, " is in use, but no socket that explains it is "
			     "to be seen");
		r->text = buf_steal(&b);
		return;
	}
}

void
judge_say_obstacles(struct judge *j, const struct conflict_ns *ns)
{
	const struct conflict_try *t;
	size_t i;

	say_unseen(j, ns);
	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		if (t->extra || t->plain == 0 || judge_in_use(t))
			continue;
		if (t->plain == EACCES && !ns->may_low &&
		    is_low(ns, t->local.port)) {
			if (!said(j, CONFLICT_PRIVILEGED, ns->id))
				say_privileged(j, ns, CONFLICT_OBSTACLE);
		} else if (t->plain == EADDRNOTAVAIL)
			say_not_local(j, ns, t, CONFLICT_OBSTACLE);
		else if (t->plain != EAFNOSUPPORT ||
			 !said(j, CONFLICT_NO_FAMILY, ns->id))
			say_error(j, ns, t);
	}
}

/* -- notes ---------------------------------------------------------------- */

static void
say_reuse(struct judge *j, const struct conflict_ns *ns,
    enum conflict_verdict verdict)
{
	struct conflict_reason *r;

	if (judge_udp(j) ||
	    (verdict != CONFLICT_REUSE && verdict != CONFLICT_HELD &&
		verdict != CONFLICT_PARTLY))
		return;
	if (verdict == CONFLICT_REUSE) {
		r = obstacle(j, ns, CONFLICT_REUSEADDR, CONFLICT_NOTE);
		r->text = xstrdup("a program that sets SO_REUSEADDR can bind "
				  "it now: setsockopt(fd, SOL_SOCKET, "
				  "SO_REUSEADDR, &one, sizeof(one)) before "
				  "bind(2)");
	} else if (judge_group_find(j, ns->id, CONFLICT_LISTENER,
		       CONFLICT_DOCKER_PROXY) == NULL &&
		   judge_group_find(
		       j, ns->id, CONFLICT_BOUND, CONFLICT_TIME_WAIT) != NULL) {
		r = obstacle(j, ns, CONFLICT_REUSEADDR_NOT, CONFLICT_NOTE);
		r->text = xstrdup("SO_REUSEADDR would not do: the socket that "
				  "has the port had not set it");
	}
}

/* Whether all sockets in the way would share, and with whom. */
static void
say_sharing(struct judge *j, const struct conflict_ns *ns)
{
	size_t i, k, n = 0, port = 0, addr = 0, mine = 0;
	const struct conflict_group *g;
	struct conflict_reason *r;

	for (i = 0; i < j->n; i++) {
		g = &j->group[i];
		if (g->netns != ns->id || g->kind > CONFLICT_UDP_CONNECTED)
			continue;
		for (k = 0; k < g->n; k++) {
			n++;
			port += g->sock[k]->opts.reuseport == 1;
			addr += g->sock[k]->opts.reuseaddr == 1;
			mine += (g->sock[k]->row->rec.known & KNOWN_UID) != 0 &&
				g->sock[k]->row->rec.uid == j->f->uid;
		}
	}
	if (n == 0 || (port < n && !(judge_udp(j) && addr == n)))
		return;
	if (port == n && mine < n) {
		r = obstacle(j, ns, CONFLICT_REUSEPORT_UID, CONFLICT_NOTE);
		xasprintf(&r->text,
		    "the holder set SO_REUSEPORT, but shares with its own "
		    "user only, and you are user %u",
		    j->f->uid);
	} else if (port == n) {
		r = obstacle(j, ns, CONFLICT_REUSEPORT, CONFLICT_NOTE);
		r->text = xstrdup("the holder set SO_REUSEPORT: another socket "
				  "of the same user that sets it can be bound "
				  "beside it");
	}
	if (judge_udp(j) && addr == n) {
		r = obstacle(j, ns, CONFLICT_UDP_SHARE, CONFLICT_NOTE);
		r->text = xstrdup("the holder set SO_REUSEADDR: another UDP "
				  "socket that sets it can be bound beside it");
	}
}

static void
say_redirects(struct judge *j, const struct conflict_ns *ns)
{
	const struct conflict_redirect *d;
	struct conflict_reason *r;
	size_t i;

	for (i = 0; i < ns->nredirects; i++) {
		d = &ns->redirect[i];
		r = obstacle(j, ns, CONFLICT_REDIRECT, CONFLICT_OBSTACLE);
		xasprintf(&r->text, "a firewall rule %s %s to port %u to %s",
		    d->sure ? "sends" : "may send (it has conditions)",
		    d->incoming && d->own ? "all traffic"
		    : d->own              ? "what this machine itself sends"
					  : "what comes from other machines",
		    j->f->query.port, d->to);
		r->evidence = xstrdup(d->rule);
		if (d->remove != NULL)
			reason_commandf(r, "removes the rule", "%s", d->remove);
	}
}

static bool
is_special(const struct endpoint *e, unsigned family)
{
	return endpoint_is_any(e) || endpoint_is_loopback(e, family) ||
	       (family == 4 ? e->addr[0] >= 224 : e->addr[0] == 0xff) ||
	       endpoint_is_v4mapped(e);
}

static void
say_nonlocal(struct judge *j, const struct conflict_ns *ns)
{
	const struct conflict_try *t;
	size_t i, k;

	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		if (t->extra || t->plain != 0 || ns->naddrs == 0 ||
		    is_special(&t->local, t->family))
			continue;
		for (k = 0; k < ns->naddrs; k++)
			if (ns->addr[k].family == t->family &&
			    memcmp(ns->addr[k].addr.addr, t->local.addr, 16) ==
				0)
				break;
		if (k == ns->naddrs)
			say_not_local(j, ns, t, CONFLICT_NOTE);
	}
}

static void
say_settings(struct judge *j, const struct conflict_ns *ns)
{
	struct conflict_reason *r;
	uint16_t port = j->f->query.port;
	const struct port_limits *l = &ns->limits;

	if (l->reserved_known && portset_has(&l->reserved, port)) {
		r = obstacle(j, ns, CONFLICT_RESERVED, CONFLICT_NOTE);
		xasprintf(&r->text,
		    "port %u is reserved: the kernel gives it to no client by "
		    "itself, and that keeps nobody from binding it",
		    port);
		r->evidence =
		    xstrdup("it stands in net.ipv4.ip_local_reserved_ports");
	} else if (judge_in_range(ns, port)) {
		r = obstacle(j, ns, CONFLICT_EPHEMERAL_RANGE, CONFLICT_NOTE);
		xasprintf(&r->text,
		    "port %u lies in the range for clients: one may have it "
		    "at any time",
		    port);
		xasprintf(&r->evidence, "net.ipv4.ip_local_port_range = %u %u",
		    l->ephemeral_lo, l->ephemeral_hi);
		reason_reserve(r, ns, port, "keeps it from clients");
	}
	if (is_low(ns, port) && !said(j, CONFLICT_PRIVILEGED, ns->id))
		say_privileged(j, ns, CONFLICT_NOTE);
	say_nonlocal(j, ns);
}

void
judge_say_notes(struct judge *j, const struct conflict_ns *ns,
    enum conflict_verdict verdict)
{
	say_redirects(j, ns);
	say_reuse(j, ns, verdict);
	say_sharing(j, ns);
	say_settings(j, ns);
}
