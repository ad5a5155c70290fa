/* SPDX-License-Identifier: ISC */
/*
 * The verdict and the order of the reasons. The attempts decide whether the
 * port can be bound; sockets and settings only explain it.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/conflict_reason.h"

#define TALKERS_MAX 8

bool
judge_udp(const struct judge *j)
{
	return j->f->query.proto == SOCK_UDP;
}

/* -- one attempt ---------------------------------------------------------- */

bool
judge_in_use(const struct conflict_try *t)
{
	return t->plain == EADDRINUSE;
}

bool
judge_refused(const struct conflict_try *t)
{
	return t->plain == EACCES || t->plain == EPERM;
}

static enum conflict_verdict
verdict_of(const struct conflict_ns *ns, bool held_by_rules)
{
	size_t i, n = 0, ok = 0, reuse = 0, held = 0, no = 0;
	const struct conflict_try *t;

	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		/* No IPv6 at all: the IPv4 answer is the whole one. */
		if (t->extra || (t->plain == EAFNOSUPPORT && ns->ntries > 1))
			continue;
		n++;
		ok += t->plain == 0;
		reuse += t->plain == 0 || t->reuse == 0;
		held += judge_in_use(t);
		no += judge_refused(t);
	}
	if (n > 0 && ok == n)
		return CONFLICT_CAN;
	if (n > 0 && reuse == n)
		return CONFLICT_REUSE;
	if (ok > 0)
		return CONFLICT_PARTLY;
	if (held > 0 || (no > 0 && held_by_rules))
		return CONFLICT_HELD;
	return no > 0 ? CONFLICT_REFUSED : CONFLICT_CANNOT;
}

void
judge_put_what(struct buf *b, const struct conflict_try *t)
{
	reason_put_end(b, &t->local, t->family);
	if (t->family == 6 && endpoint_is_any(&t->local))
		buf_puts(
		    b, t->v6only ? " for IPv6 alone" : " for IPv6 and IPv4");
}

static char *
outcome(int error, bool at_listen)
{
	char *text;

	if (error == 0)
		return xstrdup("can be bound");
	xasprintf(&text, "%s%s", strerror(error),
	    at_listen ? ", by listen(2): bind(2) worked" : "");
	return text;
}

static void
put_lines(const struct conflict_ns *ns, struct conflict_result *res)
{
	const struct conflict_try *t;
	struct conflict_line *l;
	struct buf b = { 0 };
	size_t i;

	res->line = xcalloc(ns->ntries + 1, sizeof(*res->line));
	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		l = &res->line[res->nlines++];
		l->try = *t;
		judge_put_what(&b, t);
		l->what = buf_steal(&b);
		l->plain = outcome(t->plain, t->plain_listen);
		if (t->reuse >= 0)
			l->reuse = outcome(t->reuse, t->reuse_listen);
	}
}

/* -- which sockets are in the way ----------------------------------------- */

/* The best that can be said of a socket against all that was tried. */
static enum overlap
meets(const struct conflict_ns *ns, const struct conflict_sock *s, bool failed)
{
	enum overlap o, best = OVERLAP_NO_PORT;
	const struct conflict_try *t;
	size_t i;

	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		if (t->extra || (failed ? !judge_in_use(t) && !judge_refused(t)
					: t->plain != 0))
			continue;
		o = conflict_overlap(t, s);
		if (o > best)
			best = o;
	}
	return best;
}

static bool
asked_any(const struct conflict_query *q)
{
	size_t i;

	for (i = 0; i < q->naddr; i++)
		if (!endpoint_is_any(&q->addr[i]))
			return false;
	return true;
}

bool
judge_in_range(const struct conflict_ns *ns, uint16_t port)
{
	const struct port_limits *l = &ns->limits;

	return l->ephemeral_lo > 0 && port >= l->ephemeral_lo &&
	       port <= l->ephemeral_hi;
}

static bool
has_listener(const struct judge *j, const struct conflict_ns *ns)
{
	const struct sock_rec *rec;
	size_t i;

	for (i = 0; i < j->f->nsocks; i++) {
		rec = &j->f->sock[i].row->rec;
		if (rec->netns == ns->id && rec->proto == SOCK_TCP &&
		    rec->local.port == j->f->query.port &&
		    rec->state == SOCK_LISTEN)
			return true;
	}
	return false;
}

/* A connection without a listener: made from here, or left over? */
static enum conflict_kind
kind_of_connection(const struct judge *j, const struct conflict_ns *ns,
    const struct sock_rec *rec)
{
	if (rec->state != SOCK_SYN_SENT && has_listener(j, ns))
		return CONFLICT_ACCEPTED;
	if (rec->state == SOCK_SYN_SENT ||
	    (judge_in_range(ns, rec->local.port) &&
		!judge_in_range(ns, rec->peer.port)))
		return CONFLICT_EPHEMERAL;
	return CONFLICT_CONNECTION;
}

static enum conflict_kind
kind_of_listener(const struct judge *j, const struct conflict_sock *s)
{
	const struct proc *p = s->row->owners.proc;
	bool any = endpoint_is_any(&s->row->rec.local);

	if (s->unit != NULL ||
	    (p != NULL && p->pid == 1 && strcmp(p->comm, "systemd") == 0))
		return CONFLICT_SYSTEMD_SOCKET;
	if (s->forwards != NULL)
		return CONFLICT_DOCKER_PROXY;
	if (s->row->rec.proto == SOCK_UDP)
		return CONFLICT_UDP;
	if (any && s->row->rec.family == 6 && s->opts.v6only == 0)
		return CONFLICT_DUAL_STACK;
	if (any && !asked_any(&j->f->query))
		return CONFLICT_LISTENER_ANY;
	return !any && asked_any(&j->f->query) ? CONFLICT_LISTENER_ADDR
					       : CONFLICT_LISTENER;
}

static enum conflict_kind
kind_of(const struct judge *j, const struct conflict_ns *ns,
    const struct conflict_sock *s)
{
	const struct sock_rec *rec = &s->row->rec;

	switch (rec->state) {
	case SOCK_LISTEN:
	case SOCK_UNCONNECTED:
		return kind_of_listener(j, s);
	case SOCK_BOUND:
		return CONFLICT_BOUND;
	case SOCK_TIME_WAIT:
		return CONFLICT_TIME_WAIT;
	case SOCK_FIN_WAIT_1:
	case SOCK_FIN_WAIT_2:
	case SOCK_CLOSING:
	case SOCK_LAST_ACK:
		return CONFLICT_CLOSING;
	case SOCK_CONNECTED:
		return judge_in_range(ns, rec->local.port)
			   ? CONFLICT_EPHEMERAL
			   : CONFLICT_UDP_CONNECTED;
	default:
		return kind_of_connection(j, ns, rec);
	}
}

static enum conflict_kind
kind_out_of_the_way(enum overlap o)
{
	return o == OVERLAP_NO_V6ONLY   ? CONFLICT_V6ONLY
	       : o == OVERLAP_NO_DEVICE ? CONFLICT_OTHER_DEVICE
	       : o == OVERLAP_NO_ADDR   ? CONFLICT_OTHER_ADDRESS
					: CONFLICT_RACE;
}

/* -- groups --------------------------------------------------------------- */

static bool
together(const struct conflict_group *g, enum conflict_kind kind,
    uint32_t netns, const struct conflict_sock *s)
{
	const struct row *a = g->sock[0]->row, *b = s->row;

	if (g->kind != kind || g->netns != netns)
		return false;
	if (kind == CONFLICT_TIME_WAIT)
		return true;
	if (kind == CONFLICT_CLOSING)
		return a->rec.state == b->rec.state;
	/* Workers that share a port are one holder; so is one process with
	 * several sockets. */
	if (a->rec.state == SOCK_LISTEN && b->rec.state == SOCK_LISTEN &&
	    a->rec.family == b->rec.family &&
	    memcmp(&a->rec.local, &b->rec.local, sizeof(a->rec.local)) == 0)
		return true;
	if (a->rec.family != b->rec.family)
		return false;
	/* Who is not to be seen is at least of the same user. */
	if (a->owners.proc == NULL || b->owners.proc == NULL)
		return a->owners.proc == b->owners.proc &&
		       kind >= CONFLICT_EPHEMERAL && a->rec.uid == b->rec.uid &&
		       ((a->rec.flags ^ b->rec.flags) & SOCKF_ORPHAN) == 0;
	return a->owners.proc->pid == b->owners.proc->pid;
}

static void
group_add(struct judge *j, enum conflict_kind kind,
    const struct conflict_ns *ns, const struct conflict_sock *s)
{
	struct conflict_group *g = NULL;
	size_t i;

	for (i = 0; i < j->n && g == NULL; i++)
		if (together(&j->group[i], kind, s->row->rec.netns, s))
			g = &j->group[i];
	if (g == NULL) {
		j->group =
		    array_grow(j->group, &j->cap, j->n + 1, sizeof(*j->group));
		g = &j->group[j->n++];
		*g = (struct conflict_group){
			.kind = kind, .ns = ns, .netns = s->row->rec.netns
		};
	}
	g->sock = array_grow(g->sock, &g->cap, g->n + 1, sizeof(*g->sock));
	g->sock[g->n++] = s;
}

static const struct conflict_ns *
tried_in(const struct judge *j, uint32_t netns)
{
	size_t i;

	for (i = 0; i < j->f->nns; i++)
		if (j->f->ns[i].id == netns)
			return &j->f->ns[i];
	return NULL;
}

/* A socket with the local port, in a namespace where binding was tried. */
static void
sort_out_local(struct judge *j, const struct conflict_ns *ns,
    const struct conflict_sock *s)
{
	enum overlap lost = meets(ns, s, true), won = meets(ns, s, false);

	if (lost >= OVERLAP_MAYBE)
		group_add(j, kind_of(j, ns, s), ns, s);
	else if (lost == OVERLAP_NO_HOLD || won == OVERLAP_NO_HOLD)
		return;
	else if (lost == OVERLAP_NO_PORT && won == OVERLAP_NO_PORT)
		return; /* no attempt got as far as to meet it */
	else if (won == OVERLAP_YES) {
		group_add(j, CONFLICT_RACE, ns, s);
		j->rep->disagrees = true;
	} else
		group_add(j,
		    kind_out_of_the_way(won == OVERLAP_MAYBE ? OVERLAP_NO_V6ONLY
					: won > lost         ? won
							     : lost),
		    ns, s);
}

/* An open door, not a passing connection. */
static bool
is_service(const struct sock_rec *rec)
{
	return rec->state == SOCK_LISTEN || rec->state == SOCK_UNCONNECTED ||
	       rec->state == SOCK_BOUND;
}

static void
sort_out(struct judge *j, const struct conflict_sock *s)
{
	const struct conflict_query *q = &j->f->query;
	const struct sock_rec *rec = &s->row->rec;
	const struct conflict_ns *ns = tried_in(j, rec->netns);
	bool local = rec->local.port == q->port;

	if (local && rec->proto != q->proto) {
		if (ns != NULL && is_service(rec))
			group_add(j, CONFLICT_OTHER_PROTO, ns, s);
	} else if (local && ns == NULL) {
		if (is_service(rec))
			group_add(j, CONFLICT_OTHER_NETNS, NULL, s);
	} else if (local)
		sort_out_local(j, ns, s);
	else if (ns != NULL && rec->proto == q->proto &&
		 rec->peer.port == q->port &&
		 (rec->flags & SOCKF_ORPHAN) == 0 && rec->inode != 0)
		group_add(j, CONFLICT_CLIENT, ns, s);
}

static void
say_groups(struct judge *j, enum conflict_role role, enum conflict_kind from,
    enum conflict_kind to)
{
	struct conflict_reason *r;
	enum conflict_kind kind;
	size_t i, said = 0, left = 0;

	for (kind = from; kind <= to; kind++)
		for (i = 0; i < j->n; i++) {
			if (j->group[i].kind != kind)
				continue;
			if (role == CONFLICT_TALKER && said == TALKERS_MAX) {
				left++;
				continue;
			}
			reason_of_group(j->f, j->rep, &j->group[i], role);
			said++;
		}
	if (left > 0) {
		r = reason_add(j->rep, from, role, 0);
		xasprintf(&r->text, "and %zu more clients", left);
	}
}

const struct conflict_group *
judge_group_find(const struct judge *j, uint32_t netns, enum conflict_kind from,
    enum conflict_kind to)
{
	enum conflict_kind kind;
	size_t i;

	for (kind = from; kind <= to; kind++)
		for (i = 0; i < j->n; i++)
			if (j->group[i].kind == kind &&
			    j->group[i].netns == netns)
				return &j->group[i];
	return NULL;
}

/* -- headline ------------------------------------------------------------- */

/* The first thing said of this role, in this namespace. */
static const char *
first_text(const struct judge *j, uint32_t netns, enum conflict_role role)
{
	size_t i;

	for (i = 0; i < j->rep->nreasons; i++)
		if (j->rep->reason[i].role == role &&
		    j->rep->reason[i].netns == netns)
			return j->rep->reason[i].text;
	return NULL;
}

/* "IPv4", "[::1]:8080": what of several attempts failed or worked. */
static void
put_parts(struct buf *b, const struct conflict_ns *ns, bool worked)
{
	const struct conflict_try *t;
	size_t i, n = 0;

	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		if (t->extra || (t->plain == 0) != worked)
			continue;
		buf_puts(b, n++ > 0 ? ", " : "");
		judge_put_what(b, t);
	}
}

static void
put_because(const struct judge *j, struct buf *b, const struct conflict_ns *ns)
{
	const char *why = first_text(j, ns->id, CONFLICT_HOLDER);

	if (why == NULL)
		why = first_text(j, ns->id, CONFLICT_OBSTACLE);
	if (why != NULL)
		buf_printf(b, ": %s", why);
}

/* All that works is of this family, and nothing of it fails but what wants the
 * other as well; 0: it is not that simple. */
static unsigned
only_family(const struct conflict_ns *ns)
{
	const struct conflict_try *t;
	unsigned works = 0, fails = 0, family;
	size_t i;

	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		family = 1U << t->family;
		if (t->extra || (t->family == 6 && !t->v6only &&
				    endpoint_is_any(&t->local)))
			continue;
		if (t->plain == 0)
			works |= family;
		else
			fails |= family;
	}
	if ((works & fails) != 0)
		return 0;
	return works == 1U << 4 ? 4 : works == 1U << 6 ? 6 : 0;
}

static char *
headline(const struct judge *j, const struct conflict_ns *ns,
    enum conflict_verdict verdict)
{
	struct buf b = { 0 };
	unsigned family;

	buf_puts(&b, j->rep->subject);
	if (ns->many)
		buf_printf(&b, " in %s", ns->name);
	switch (verdict) {
	case CONFLICT_CAN:
		buf_puts(&b, " can be bound");
		if (ns->nredirects > 0)
			buf_printf(&b, ", but %s",
			    first_text(j, ns->id, CONFLICT_OBSTACLE));
		break;
	case CONFLICT_REUSE:
		buf_puts(&b, " can be bound with SO_REUSEADDR only");
		put_because(j, &b, ns);
		break;
	case CONFLICT_PARTLY:
		family = only_family(ns);
		if (family != 0)
			buf_printf(&b, " can be bound for IPv%u alone", family);
		else {
			buf_puts(&b, " can be bound in part: ");
			put_parts(&b, ns, true);
			buf_puts(&b, ", but not ");
			put_parts(&b, ns, false);
		}
		put_because(j, &b, ns);
		break;
	case CONFLICT_REFUSED:
		buf_puts(&b, " cannot be bound by you");
		put_because(j, &b, ns);
		break;
	case CONFLICT_HELD:
	case CONFLICT_CANNOT:
		buf_puts(&b, " cannot be bound");
		put_because(j, &b, ns);
		break;
	}
	buf_putc(&b, '.');
	return buf_steal(&b);
}

/* -- all of it ------------------------------------------------------------ */

static void
judge_ns(struct judge *j, const struct conflict_ns *ns)
{
	struct conflict_result *res = &j->rep->result[j->rep->nresults++];
	bool held = judge_group_find(j, ns->id, CONFLICT_LISTENER,
			CONFLICT_TIME_WAIT) != NULL;

	res->netns = ns->id;
	res->name = xstrdup(ns->name);
	res->verdict = verdict_of(ns, held);
	put_lines(ns, res);
	judge_say_obstacles(j, ns);
	judge_say_notes(j, ns, res->verdict);
	res->headline = headline(j, ns, res->verdict);
	if (res->verdict > j->rep->verdict || j->rep->headline == NULL) {
		free(j->rep->headline);
		j->rep->headline = xstrdup(res->headline);
		j->rep->verdict = res->verdict;
	}
}

/* Holders, obstacles, notes, clients: each in the order they were found. */
static void
put_in_order(struct conflict_report *rep)
{
	struct conflict_reason *sorted;
	enum conflict_role role;
	size_t i, n = 0;

	if (rep->nreasons == 0)
		return;
	sorted = xcalloc(rep->nreasons, sizeof(*sorted));
	for (role = CONFLICT_HOLDER; role <= CONFLICT_TALKER; role++)
		for (i = 0; i < rep->nreasons; i++)
			if (rep->reason[i].role == role)
				sorted[n++] = rep->reason[i];
	free(rep->reason);
	rep->reason = sorted;
	rep->reasons_cap = rep->nreasons;
}

struct conflict_report *
conflict_judge(const struct conflict_facts *f)
{
	struct judge j = { .f = f, .rep = xcalloc(1, sizeof(*j.rep)) };
	const struct conflict_ns *ns;
	struct buf b = { 0 };
	size_t i;

	conflict_query_text(&f->query, &b);
	j.rep->subject = buf_steal(&b);
	j.rep->query = f->query;
	j.rep->result = xcalloc(f->nns + 1, sizeof(*j.rep->result));
	for (i = 0; i < f->nsocks; i++)
		sort_out(&j, &f->sock[i]);
	say_groups(&j, CONFLICT_HOLDER, CONFLICT_LISTENER, CONFLICT_TIME_WAIT);
	for (i = 0; i < f->nns; i++)
		judge_ns(&j, &f->ns[i]);
	say_groups(
	    &j, CONFLICT_NOTE, CONFLICT_OTHER_ADDRESS, CONFLICT_OTHER_PROTO);
	say_groups(&j, CONFLICT_NOTE, CONFLICT_RACE, CONFLICT_RACE);
	say_groups(&j, CONFLICT_TALKER, CONFLICT_CLIENT, CONFLICT_CLIENT);
	put_in_order(j.rep);
	for (i = 0; i < j.rep->nreasons; i++) {
		ns = tried_in(&j, j.rep->reason[i].netns);
		if (ns != NULL && ns->many)
			reason_commands_in(&j.rep->reason[i], ns);
	}
	j.rep->unknown = xcalloc(f->nunknown + 1, sizeof(char *));
	for (i = 0; i < f->nunknown; i++)
		j.rep->unknown[j.rep->nunknown++] = xstrdup(f->unknown[i]);
	for (i = 0; i < j.n; i++)
		free(j.group[i].sock);
	free(j.group);
	return j.rep;
}
