/* SPDX-License-Identifier: ISC */
/*
 * One socket in words: where it stands, what its state means, who holds it
 * and since when. What is not known is left out or said to be unknown; numbers
 * are never invented.
 */
#include "config.h"

#include "model/describe.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/exposure.h"
#include "know/service.h"
#include "model/column_get.h"
#include "model/describe_lines.h"

/* Holders told in full; pre-forking servers have hundreds. */
#define OWNERS_IN_FULL 8

static void
add(struct describe *d, const char *label, char *text)
{
	d->line = array_grow(d->line, &d->cap, d->n + 1, sizeof(*d->line));
	d->line[d->n].label = label;
	d->line[d->n++].text = text;
}

void
describe_heading(struct describe *d, const char *label)
{
	add(d, label, NULL);
}

void
describe_line(struct describe *d, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	add(d, label, text);
}

void
describe_buf(struct describe *d, const char *label, struct buf *b)
{
	if (b->len > 0)
		add(d, label, buf_steal(b));
}

void
describe_done(struct describe *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		free(d->line[i].text);
	free(d->line);
	memset(d, 0, sizeof(*d));
}

/* Where it stands */

static const char *
port_words(uint16_t port)
{
	static const char *const words[] = { [PORT_WELL_KNOWN] =
						 "well-known port",
		[PORT_REGISTERED] = "registered port",
		[PORT_DYNAMIC] = "dynamic port" };

	return words[port_class(port)];
}

static void
one_end(struct describe *d, const struct row *r, bool peer,
    const struct view_ctx *ctx)
{
	const struct endpoint *ep = peer ? &r->rec.peer : &r->rec.local;
	struct view_ctx numeric = *ctx;
	const struct service *s = NULL;
	const char *host = NULL;
	struct buf b = { 0 };

	numeric.numeric_ports = true;
	numeric.resolve = false;
	column_put_endpoint(r, peer, true, &numeric, &b);
	describe_buf(d, peer ? "Peer" : "Local", &b);
	if (ep->port != 0)
		s = service_by_port(ep->port, r->rec.proto);
	if (s != NULL)
		describe_line(d, "Service", "%s: %s%s (%s)", s->name, s->what,
		    strstr(s->what, "encrypted") != NULL  ? ""
		    : (s->flags & SERVICE_PLAIN) != 0     ? ", not encrypted"
		    : (s->flags & SERVICE_ENCRYPTED) != 0 ? ", encrypted"
							  : "",
		    port_words(ep->port));
	else if (ep->port != 0)
		describe_line(
		    d, "Service", "none known (%s)", port_words(ep->port));
	if (ctx->resolve && !endpoint_is_any(ep))
		host = names_host(ctx->table->names, ep, r->rec.family);
	if (host != NULL && host[0] != '\0')
		describe_line(d, "Host", "%s", host);
}

static void
about_place(struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	struct value v;

	describe_line(d, "Protocol", "%s over IPv%d%s",
	    r->rec.proto == SOCK_UDP ? "UDP" : "TCP", r->rec.family,
	    col_v6only_get(r, ctx, &v) && v.u != 0 ? ", IPv6 only"
	    : r->rec.family == 6 && endpoint_is_v4mapped(&r->rec.local)
		? ", carrying IPv4"
		: "");
	one_end(d, r, false, ctx);
	if (row_has_peer(r))
		one_end(d, r, true, ctx);
	if (col_exposed_get(r, ctx, &v))
		describe_line(d, "Reach", "%s: %s",
		    exposure_name((enum exposure)v.u),
		    exposure_words((enum exposure)v.u));
	if (col_iface_get(r, ctx, &v))
		describe_line(d, "Interface", "bound to %s", v.s);
	else if ((r->rec.known & KNOWN_IFACE) != 0 && r->rec.ifindex != 0)
		describe_line(
		    d, "Interface", "bound to number %u", r->rec.ifindex);
	if (col_netns_get(r, ctx, &v))
		describe_line(d, "Namespace", "%s (%u)", v.s, r->rec.netns);
	else if (r->rec.netns != 0)
		describe_line(d, "Namespace", "%u", r->rec.netns);
	if ((r->flags & ROW_GONE) != 0)
		describe_line(d, "Gone", "this socket is closed");
}

/* State and time */

static void
about_history(
    struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	const struct history *h = r->history;
	char text[TEXT_UNIT_MAX];
	struct buf b = { 0 };
	uint64_t now = ctx->table->now_ns;
	unsigned i;

	if (h == NULL || h->n < 2)
		return;
	for (i = 0; i < h->n && i < nitems(h->at); i++) {
		if (i > 0)
			buf_puts(&b, ", then ");
		buf_puts(&b, sock_state_name((enum sock_state)h->at[i].state));
		buf_puts(&b, " ");
		buf_puts(&b,
		    text_duration(text,
			now > h->at[i].mono_ns ? now - h->at[i].mono_ns : 0));
		buf_puts(&b, " ago");
	}
	describe_buf(d, "History", &b);
}

static void
about_state(struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	const struct state_fact *fact =
	    state_fact((enum sock_state)r->rec.state);
	char text[TEXT_UNIT_MAX];
	struct value v;

	describe_heading(d, "State");
	describe_line(d, "State", "%s: %s",
	    sock_state_name((enum sock_state)r->rec.state), fact->brief);
	/* What a state means is of no use where none was seen. */
	if ((r->flags & ROW_UNSEEN) == 0) {
		describe_line(d, "Meaning", "%s", fact->meaning);
		describe_line(d, "Next", "%s", fact->next);
		describe_line(d, "Lasts", "%s", fact->lasts);
	}
	if (col_age_get(r, ctx, &v))
		describe_line(d, "Age", "%s%s",
		    (r->flags & ROW_BORN) != 0     ? ""
		    : (r->flags & ROW_UNSEEN) != 0 ? "at most "
						   : "at least ",
		    text_duration(text, v.u));
	if (r->history != NULL && col_state_age_get(r, ctx, &v))
		describe_line(
		    d, "In state", "for %s", text_duration(text, v.u));
	about_history(d, r, ctx);
	if (col_shutdown_get(r, ctx, &v))
		describe_line(d, "Shut down", "%s",
		    strcmp(v.s, "rd") == 0   ? "for reading"
		    : strcmp(v.s, "wr") == 0 ? "for writing"
					     : "for reading and writing");
}

/* Owners */

static void
about_owner(struct describe *d, const struct owner *o)
{
	const struct proc *p = o->proc;
	char when[CLOCK_RFC3339_MAX];
	struct timespec ts = { 0 };

	if (o->fd >= 0)
		describe_line(d, "Process", "%s, pid %d, descriptor %d",
		    p->comm, (int)p->pid, o->fd);
	else
		describe_line(d, "Process", "%s, pid %d", p->comm, (int)p->pid);
	if (p->cmdline != NULL)
		describe_line(d, "Command", "%s", p->cmdline);
	if (p->user != NULL)
		describe_line(d, "User", "%s (%u)", p->user, p->uid);
	else if (p->uid != UINT32_MAX)
		describe_line(d, "User", "%u", p->uid);
	if (p->exe != NULL)
		describe_line(d, "Program", "%s", p->exe);
	if (p->cwd != NULL)
		describe_line(d, "Directory", "%s", p->cwd);
	if (p->unit != NULL)
		describe_line(d, "Unit", "%s", p->unit);
	if (p->container != NULL)
		describe_line(d, "Container", "%s", p->container);
	if (p->note != NULL)
		describe_line(d, "Note", "%s", p->note);
	if (p->cgroup != NULL)
		describe_line(d, "Cgroup", "%s", p->cgroup);
	if (p->ppid > 0)
		describe_line(d, "Parent", "pid %d", (int)p->ppid);
	if (p->start_wall != 0) {
		ts.tv_sec = (time_t)p->start_wall;
		clock_rfc3339(ts, when);
		/* Its milliseconds are not known. */
		describe_line(d, "Started", "%.10s %.8s UTC", when, when + 11);
	}
}

/* It came and went between two readings. */
static void
about_unseen(
    struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	const struct row *l = table_listener(ctx->table, r);

	describe_line(d, "Process",
	    "not known: it came and went between two readings, and of a closed "
	    "socket the kernel does not tell who held it");
	if (l != NULL && l->owners.proc != NULL)
		describe_line(d, "Accepted by",
		    "most likely %s (%d), which listens at its local port",
		    l->owners.proc->comm, (int)l->owners.proc->pid);
}

static void
about_nobody(
    struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	if ((r->flags & ROW_UNSEEN) != 0) {
		about_unseen(d, r, ctx);
		return;
	}
	switch (r->rec.state) {
	case SOCK_TIME_WAIT:
	case SOCK_SYN_RECEIVED:
		describe_line(d, "Process",
		    "none: the kernel alone keeps a socket in this state");
		return;
	default:
		break;
	}
	if (row_unaccepted(r))
		describe_line(d, "Process",
		    "none yet: it waits in the listener's accept queue until "
		    "the program takes it with accept(2)");
	else if ((r->rec.flags & SOCKF_ORPHAN) != 0)
		describe_line(d, "Process",
		    "none any more: its process closed it or ended, and the "
		    "kernel finishes");
	else
		describe_line(d, "Process",
		    "not known: not looked for, or of another user whose "
		    "descriptors are not readable");
}

static void
about_owners(
    struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	struct owner o;
	struct value v;
	uint32_t i;

	describe_heading(d, r->owners.n > 1 ? "Owners" : "Owner");
	for (i = 0; i < r->owners.n && i < OWNERS_IN_FULL; i++) {
		o = owners_at(&r->owners, i);
		about_owner(d, &o);
	}
	if (r->owners.n > OWNERS_IN_FULL)
		describe_line(d, "More", "%u more descriptors hold it",
		    r->owners.n - OWNERS_IN_FULL);
	if (heard_get(&ctx->table->heard, sock_key(&r->rec)) != NULL)
		describe_line(d, "Answers", "%s",
		    heard_get(&ctx->table->heard, sock_key(&r->rec)));
	if ((r->flags & ROW_SCAN) != 0)
		describe_line(
		    d, "Scan", "it belongs to a port scan of this deck");
	if (r->owners.proc == NULL)
		about_nobody(d, r, ctx);
	else if ((r->rec.flags & SOCKF_ORPHAN) != 0 ||
		 r->rec.state == SOCK_TIME_WAIT)
		describe_line(d, "Left",
		    "that process no longer holds it; it was the last");
	if ((r->rec.known & KNOWN_UID) != 0) {
		const char *name =
		    names_get(ctx->table->names, NAME_USER, 0, r->rec.uid);

		if (name != NULL)
			describe_line(
			    d, "Socket of", "user %s (%u)", name, r->rec.uid);
		else
			describe_line(d, "Socket of", "user %u", r->rec.uid);
	}
	if (col_skcgroup_get(r, ctx, &v))
		describe_line(d, "Made in", "cgroup %s", v.s);
}

/* Beside it */

static void
about_others(
    struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	const struct row *pair = NULL, *listener = NULL;
	struct view_ctx numeric = *ctx;
	struct buf b = { 0 };

	if (row_has_peer(r)) {
		pair = table_pair(ctx->table, r);
		listener = table_listener(ctx->table, r);
	}
	if (pair == NULL && listener == NULL)
		return;
	numeric.numeric_ports = true;
	numeric.resolve = false;
	describe_heading(d, "On this machine");
	if (pair != NULL && pair->owners.proc != NULL)
		describe_line(d, "Other end", "%s, pid %d",
		    pair->owners.proc->comm, (int)pair->owners.proc->pid);
	else if (pair != NULL)
		describe_line(d, "Other end",
		    "a socket here, whose process is not known");
	if (listener == NULL)
		return;
	column_put_endpoint(listener, false, true, &numeric, &b);
	if (listener->owners.proc != NULL)
		buf_printf(&b, " of %s, pid %d", listener->owners.proc->comm,
		    (int)listener->owners.proc->pid);
	describe_buf(d, row_unaccepted(r) ? "Came in by" : "Accepted by", &b);
}

static void
about_numbers(
    struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	struct buf b = { 0 };
	struct value v;

	describe_heading(d, "Kernel's numbers");
	if (col_inode_get(r, ctx, &v))
		describe_line(d, "Inode", "%llu", (unsigned long long)v.u);
	if (col_cookie_get(r, ctx, &v))
		describe_line(d, "Cookie", "%llu (sk:%llx in ss)",
		    (unsigned long long)v.u, (unsigned long long)v.u);
	else
		describe_line(
		    d, "Cookie", "not known; known here by its addresses");
	if (col_mark_get(r, ctx, &v)) {
		col_mark_put(r, ctx, &b);
		describe_buf(d, "Mark", &b);
	}
	if (r->ext == NULL)
		return;
	if (r->ext->has_tos)
		describe_line(d, "TOS", "0x%02x (DSCP %d)", r->ext->tos,
		    r->ext->tos >> 2);
	if (r->ext->has_tclass)
		describe_line(d, "Traffic class", "0x%02x (DSCP %d)",
		    r->ext->tclass, r->ext->tclass >> 2);
	if (r->ext->has_class_id)
		describe_line(d, "Class id", "0x%x", r->ext->class_id);
}

static void
about_ss(struct describe *d, const struct row *r)
{
	static const struct {
		const char *label;
		void (*put)(const struct row *, struct buf *);
	} parts[] = { { "ss -o", describe_ss_timer },
		{ "ss -m", describe_ss_mem }, { "ss -i", describe_ss_info } };
	struct buf b = { 0 };
	bool any = false;
	size_t i;

	for (i = 0; i < nitems(parts); i++) {
		parts[i].put(r, &b);
		if (b.len > 0 && !any)
			describe_heading(d, "As ss prints it");
		any = any || b.len > 0;
		describe_buf(d, parts[i].label, &b);
	}
}

void
describe_row(
    struct describe *d, const struct row *r, const struct view_ctx *ctx)
{
	describe_heading(d, "Socket");
	about_place(d, r, ctx);
	about_owners(d, r, ctx);
	about_state(d, r, ctx);
	about_others(d, r, ctx);
	describe_queues(d, r);
	if (r->rec.proto == SOCK_TCP)
		describe_tcp(d, r);
	describe_memory(d, r);
	about_numbers(d, r, ctx);
	about_ss(d, r);
}
