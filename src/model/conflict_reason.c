/* SPDX-License-Identifier: ISC */
/*
 * Sockets put into words: who holds the port, how that was seen, and what
 * would free it. Which sockets make a reason is conflict_judge.c's affair.
 */
#include "config.h"

#include "model/conflict_reason.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/copyline.h"
#include "model/names.h"

#define OWNERS_MAX 64
#define ENDS_MAX   3 /* addresses named of many */

struct conflict_reason *
reason_add(struct conflict_report *rep, enum conflict_kind kind,
    enum conflict_role role, uint32_t netns)
{
	struct conflict_reason *r;

	rep->reason = array_grow(rep->reason, &rep->reasons_cap,
	    rep->nreasons + 1, sizeof(*rep->reason));
	r = &rep->reason[rep->nreasons++];
	*r = (struct conflict_reason){
		.kind = kind, .role = role, .netns = netns
	};
	return r;
}

void
reason_command(struct conflict_reason *r, char *text, char *effect)
{
	if (r->ncommands == CONFLICT_COMMANDS) {
		free(text);
		free(effect);
		return;
	}
	r->command[r->ncommands++] =
	    (struct conflict_command){ .text = text, .effect = effect };
}

void
reason_commandf(
    struct conflict_reason *r, const char *effect, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	reason_command(r, text, xstrdup(effect));
}

/* -- words ---------------------------------------------------------------- */

void
reason_put_end(struct buf *b, const struct endpoint *e, unsigned family)
{
	char text[TEXT_IP_MAX], *end;

	end = endpoint_addr_text(text, e, family);
	if (family == 6)
		buf_putc(b, '[');
	buf_put(b, text, (size_t)(end - text));
	if (family == 6)
		buf_putc(b, ']');
	if (e->port != 0)
		buf_printf(b, ":%u", e->port);
}

char *
reason_netns_name(const struct conflict_facts *f, uint32_t id)
{
	const char *name =
	    f->names == NULL ? NULL : names_get(f->names, NAME_NETNS, 0, id);
	char *text;

	if (name != NULL)
		return xstrdup(name);
	xasprintf(&text, "number %u", id);
	return text;
}

const struct proc *
reason_proc(const struct conflict_group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->sock[i]->row->owners.proc != NULL &&
		    (g->sock[i]->row->rec.flags & SOCKF_ORPHAN) == 0)
			return g->sock[i]->row->owners.proc;
	return NULL;
}

static void
put_proc(struct buf *b, const struct proc *p)
{
	buf_printf(b, "%s (pid %d", p->comm, (int)p->pid);
	if (p->user != NULL)
		buf_printf(b, ", user %s", p->user);
	else if (p->uid != UINT32_MAX)
		buf_printf(b, ", user %u", p->uid);
	buf_putc(b, ')');
}

static void
add_owner(struct conflict_reason *r, const struct proc *p)
{
	size_t i;

	for (i = 0; i < r->nowners; i++)
		if (r->owner[i].pid == p->pid)
			return;
	if (r->nowners == OWNERS_MAX) {
		r->owners_cut = true;
		return;
	}
	r->owner = array_grow(
	    r->owner, &r->owners_cap, r->nowners + 1, sizeof(*r->owner));
	r->owner[r->nowners++] = (struct conflict_owner){ .pid = p->pid,
		.process = xstrdup(p->comm),
		.user = p->user == NULL ? NULL : xstrdup(p->user) };
}

static void
add_owners(struct conflict_reason *r, const struct conflict_group *g)
{
	const struct row *row;
	size_t i;
	uint32_t j;

	for (i = 0; i < g->n; i++) {
		row = g->sock[i]->row;
		if ((row->rec.flags & SOCKF_ORPHAN) != 0)
			continue;
		for (j = 0; j < row->owners.n; j++)
			add_owner(r, owners_at(&row->owners, j).proc);
	}
}

static void
put_nobody(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const struct sock_rec *rec = &g->sock[0]->row->rec;
	const char *user = NULL;

	if ((rec->flags & SOCKF_ORPHAN) != 0) {
		buf_puts(b, "no process any more");
		return;
	}
	if (f->privileged) {
		buf_puts(b, "the kernel itself (WireGuard, NFS, VXLAN and the "
			    "like) or a process of another PID namespace");
		return;
	}
	if (f->names != NULL && (rec->known & KNOWN_UID) != 0)
		user = names_get(f->names, NAME_USER, 0, rec->uid);
	buf_puts(b, "a process that you may not see");
	if (user != NULL)
		buf_printf(b, " (user %s)", user);
	else if ((rec->known & KNOWN_UID) != 0)
		buf_printf(b, " (user %u)", rec->uid);
}

bool
reason_put_who(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	struct conflict_reason count = { 0 };
	const struct proc *p = reason_proc(g);
	size_t i;

	if (p == NULL) {
		put_nobody(b, f, g);
		return false;
	}
	add_owners(&count, g);
	put_proc(b, p);
	if (count.nowners > 1)
		buf_printf(b, " and %s%zu more process%s",
		    count.owners_cut ? "at least " : "", count.nowners - 1,
		    count.nowners == 2 ? "" : "es");
	for (i = 0; i < count.nowners; i++) {
		free(count.owner[i].process);
		free(count.owner[i].user);
	}
	free(count.owner);
	return count.nowners > 1;
}

/* "10.0.0.1:80, [::1]:80 and 3 more": each address once. */
static void
put_ends(struct buf *b, const struct conflict_group *g, bool peer)
{
	struct buf seen = { 0 }, one = { 0 };
	const struct sock_rec *rec;
	size_t i, put = 0, more = 0;

	buf_putc(&seen, ' ');
	for (i = 0; i < g->n; i++) {
		rec = &g->sock[i]->row->rec;
		buf_reset(&one);
		buf_putc(&one, ' ');
		reason_put_end(
		    &one, peer ? &rec->peer : &rec->local, rec->family);
		buf_putc(&one, ' ');
		if (strstr(seen.data, one.data) != NULL)
			continue;
		buf_puts(&seen, one.data + 1);
		if (put == ENDS_MAX) {
			more++;
			continue;
		}
		one.data[one.len - 1] = '\0';
		buf_printf(b, "%s%s", put++ > 0 ? ", " : "", one.data + 1);
	}
	if (more > 0)
		buf_printf(b, " and %zu more", more);
	buf_done(&seen);
	buf_done(&one);
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static uint64_t
longest_wait(const struct conflict_group *g)
{
	const struct sock_rec *rec;
	uint64_t ms = 0;
	size_t i;

	for (i = 0; i < g->n; i++) {
		rec = &g->sock[i]->row->rec;
		if ((rec->known & KNOWN_TIMER) == 0 ||
		    rec->timer != TIMER_TIME_WAIT || rec->timer_ms == 0)
			return 0;
		if (rec->timer_ms > ms)
			ms = rec->timer_ms;
	}
	return ms;
}

/* -- sentences ------------------------------------------------------------ */

static void
say_listener(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const struct conflict_sock *s = g->sock[0];
	bool many = reason_put_who(b, f, g);

	if (g->kind == CONFLICT_BOUND)
		buf_puts(b, many ? " have bound " : " has bound ");
	else if (g->kind == CONFLICT_UDP)
		buf_puts(b, many ? " have " : " has ");
	else
		buf_puts(b, many ? " listen on " : " listens on ");
	put_ends(b, g, false);
	if (g->kind == CONFLICT_BOUND)
		buf_puts(b, " without listening");
	if (g->kind == CONFLICT_UDP)
		buf_puts(b, " (UDP)");
	if (s->row->rec.family == 6 && endpoint_is_any(&s->row->rec.local) &&
	    g->kind != CONFLICT_V6ONLY)
		buf_puts(b, s->opts.v6only == 0 ? ", for IPv4 as well"
			    : s->opts.v6only > 0
				? ", for IPv6 alone (IPV6_V6ONLY)"
				: "");
}

static void
say_systemd(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	(void)f;
	buf_puts(b, g->sock[0]->user_unit ? "a user's systemd" : "systemd");
	if (g->sock[0]->unit != NULL)
		buf_printf(b, " (unit %s)", g->sock[0]->unit);
	buf_puts(b, " listens on ");
	put_ends(b, g, false);
	buf_puts(b, " for a service that it starts when it is needed");
}

static void
say_docker(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const struct conflict_sock *s = g->sock[0];

	(void)reason_put_who(b, f, g);
	buf_puts(b, " holds ");
	put_ends(b, g, false);
	if (strchr(s->forwards, ':') != NULL)
		buf_printf(b, " for %s", s->forwards);
	if (s->container != NULL)
		buf_printf(b, ", for the container %s", s->container);
	else
		buf_puts(b, ", for a container");
}

static void
say_connection(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const struct sock_rec *rec = &g->sock[0]->row->rec;

	(void)reason_put_who(b, f, g);
	if (g->kind == CONFLICT_EPHEMERAL)
		buf_puts(b, ": a client that got this port by chance, ");
	else
		buf_puts(b, ": ");
	if (g->n > 1)
		buf_printf(b, "%zu connections ", g->n);
	else
		buf_puts(b, g->kind == CONFLICT_UDP_CONNECTED
				? "a UDP socket "
				: "a connection ");
	if (g->n == 1) {
		reason_put_end(b, &rec->local, rec->family);
		buf_puts(b, " to ");
		reason_put_end(b, &rec->peer, rec->family);
		buf_printf(b, " (%s)", sock_state_name(rec->state));
		return;
	}
	buf_puts(b, "with ");
	put_ends(b, g, true);
}

static void
say_accepted(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	buf_printf(b, "%zu connection%s that the listener accepted, of ", g->n,
	    plural(g->n));
	(void)reason_put_who(b, f, g);
	buf_puts(b, ", with ");
	put_ends(b, g, true);
}

static void
say_closing(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	bool tw = g->kind == CONFLICT_TIME_WAIT;
	uint64_t ms = longest_wait(g);

	buf_printf(b, "%zu closed connection%s in %s with ", g->n, plural(g->n),
	    tw ? "TIME-WAIT" : sock_state_name(g->sock[0]->row->rec.state));
	put_ends(b, g, true);
	if (!tw) {
		buf_puts(b, ", of ");
		(void)reason_put_who(b, f, g);
	}
	if (ms > 0)
		buf_printf(b, "; %s over in %llu s",
		    g->n == 1 ? "it is" : "all are",
		    (unsigned long long)((ms + 999) / 1000));
}

static void
say_other(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const struct sock_rec *rec = &g->sock[0]->row->rec;
	char *name;

	buf_puts(b, reason_put_who(b, f, g) ? " have " : " has ");
	put_ends(b, g, false);
	if (g->kind == CONFLICT_OTHER_PROTO)
		buf_printf(b, " in %s", sock_proto_name(rec->proto));
	if (g->kind == CONFLICT_OTHER_NETNS) {
		name = reason_netns_name(f, g->netns);
		buf_printf(b, " in the network namespace %s", name);
		free(name);
	}
	if (g->kind == CONFLICT_OTHER_DEVICE) {
		const char *dev = f->names == NULL
				      ? NULL
				      : names_get(f->names, NAME_IFACE,
					    rec->netns, rec->ifindex);

		if (dev != NULL)
			buf_printf(b, ", tied to interface %s", dev);
		else
			buf_printf(
			    b, ", tied to interface number %u", rec->ifindex);
	}
	buf_puts(b, g->kind == CONFLICT_RACE
			? ": it was in the way a moment ago"
			: ": not in the way");
}

static bool
is_own_addr(
    const struct conflict_ns *ns, const struct endpoint *e, unsigned fam)
{
	size_t i;

	if (endpoint_is_loopback(e, fam))
		return true;
	for (i = 0; ns != NULL && i < ns->naddrs; i++)
		if (ns->addr[i].family == fam &&
		    memcmp(ns->addr[i].addr.addr, e->addr, 16) == 0)
			return true;
	return false;
}

static void
say_client(struct buf *b, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const struct sock_rec *rec = &g->sock[0]->row->rec;

	(void)reason_put_who(b, f, g);
	buf_printf(b, ": a client, %zu connection%s to ", g->n, plural(g->n));
	put_ends(b, g, true);
	if (!is_own_addr(g->ns, &rec->peer, rec->family))
		buf_puts(b, ", another machine");
}

static const struct {
	enum conflict_kind kind;
	void (*say)(struct buf *, const struct conflict_facts *,
	    const struct conflict_group *);
} sentences[] = {
	{ CONFLICT_LISTENER, say_listener },
	{ CONFLICT_LISTENER_ANY, say_listener },
	{ CONFLICT_LISTENER_ADDR, say_listener },
	{ CONFLICT_DUAL_STACK, say_listener },
	{ CONFLICT_BOUND, say_listener },
	{ CONFLICT_UDP, say_listener },
	{ CONFLICT_SYSTEMD_SOCKET, say_systemd },
	{ CONFLICT_DOCKER_PROXY, say_docker },
	{ CONFLICT_UDP_CONNECTED, say_connection },
	{ CONFLICT_EPHEMERAL, say_connection },
	{ CONFLICT_CONNECTION, say_connection },
	{ CONFLICT_ACCEPTED, say_accepted },
	{ CONFLICT_CLOSING, say_closing },
	{ CONFLICT_TIME_WAIT, say_closing },
	{ CONFLICT_CLIENT, say_client },
};

/* -- evidence ------------------------------------------------------------- */

static void
put_flag(struct buf *b, const char *name, int value)
{
	if (value >= 0)
		buf_printf(b, "%s%s %s", b->len > 0 ? ", " : "", name,
		    value ? "on" : "off");
}

/* The holder's command line, where it runs, its socket's options. */
static void
evidence(struct buf *b, const struct conflict_group *g)
{
	const struct conflict_sock *s = g->sock[0];
	const struct proc *p = reason_proc(g);
	struct buf opts = { 0 };

	if (p != NULL && p->cmdline != NULL)
		buf_puts(b, p->cmdline);
	if (p != NULL && p->unit != NULL)
		buf_printf(b, "%sunit %s", b->len > 0 ? "; " : "", p->unit);
	if (p != NULL && p->container != NULL)
		buf_printf(
		    b, "%scontainer %s", b->len > 0 ? "; " : "", p->container);
	put_flag(&opts, "SO_REUSEADDR", s->opts.reuseaddr);
	put_flag(&opts, "SO_REUSEPORT", s->opts.reuseport);
	if (s->row->rec.family == 6)
		put_flag(&opts, "IPV6_V6ONLY", s->opts.v6only);
	if (opts.len > 0)
		buf_printf(b, "%s%s", b->len > 0 ? "; " : "", opts.data);
	buf_done(&opts);
}

void
reason_of_group(const struct conflict_facts *f, struct conflict_report *rep,
    const struct conflict_group *g, enum conflict_role role)
{
	struct conflict_reason *r = reason_add(rep, g->kind, role, g->netns);
	struct buf text = { 0 }, ev = { 0 };
	size_t i;

	for (i = 0; i < nitems(sentences); i++)
		if (sentences[i].kind == g->kind)
			break;
	if (i < nitems(sentences))
		sentences[i].say(&text, f, g);
	else
		say_other(&text, f, g);
	r->text = buf_steal(&text);
	r->nsocks = g->n;
	if (g->kind == CONFLICT_TIME_WAIT || g->kind == CONFLICT_CLOSING)
		r->wait_ms = longest_wait(g);
	add_owners(r, g);
	if (g->kind != CONFLICT_ACCEPTED)
		evidence(&ev, g);
	if (ev.len > 0)
		r->evidence = buf_steal(&ev);
	buf_done(&ev);
	reason_remedies(r, f, g);
}
