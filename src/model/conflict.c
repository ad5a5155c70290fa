/* SPDX-License-Identifier: ISC */
/* Facts about a port as they are gathered, and the life of a report. */
#include "config.h"

#include "model/conflict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

static const char *const verdict_names[] = {
	[CONFLICT_CAN] = "can-be-bound",
	[CONFLICT_REUSE] = "with-reuseaddr-only",
	[CONFLICT_PARTLY] = "partly",
	[CONFLICT_HELD] = "held",
	[CONFLICT_REFUSED] = "not-permitted",
	[CONFLICT_CANNOT] = "cannot-be-bound",
};
static const char *const role_names[] = {
	[CONFLICT_HOLDER] = "holder",
	[CONFLICT_OBSTACLE] = "obstacle",
	[CONFLICT_NOTE] = "note",
	[CONFLICT_TALKER] = "client",
};
static const struct {
	int error;
	const char *name;
} errors[] = {
	{ 0, "OK" },
	{ EADDRINUSE, "EADDRINUSE" },
	{ EADDRNOTAVAIL, "EADDRNOTAVAIL" },
	{ EACCES, "EACCES" },
	{ EPERM, "EPERM" },
	{ EAFNOSUPPORT, "EAFNOSUPPORT" },
	{ ENODEV, "ENODEV" },
	{ EINVAL, "EINVAL" },
	{ EMFILE, "EMFILE" },
	{ ENFILE, "ENFILE" },
	{ ENOBUFS, "ENOBUFS" },
	{ ENOMEM, "ENOMEM" },
};

const char *
conflict_verdict_name(enum conflict_verdict v)
{
	return verdict_names[v];
}

const char *
conflict_role_name(enum conflict_role role)
{
	return role_names[role];
}

const char *
conflict_errno_name(int error, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < nitems(errors); i++)
		if (errors[i].error == error)
			return errors[i].name;
	snprintf(buf, size, "errno %d", error);
	return buf;
}

/* -- facts ---------------------------------------------------------------- */

static void
ns_done(struct conflict_ns *ns)
{
	size_t i;

	for (i = 0; i < ns->naddrs; i++)
		free(ns->addr[i].iface);
	for (i = 0; i < ns->nredirects; i++) {
		free(ns->redirect[i].to);
		free(ns->redirect[i].rule);
		free(ns->redirect[i].remove);
	}
	free(ns->addr);
	free(ns->redirect);
	free(ns->name);
}

static void
strings_free(char **s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(s[i]);
	free(s);
}

void
conflict_facts_done(struct conflict_facts *f)
{
	size_t i;

	for (i = 0; i < f->nns; i++)
		ns_done(&f->ns[i]);
	for (i = 0; i < f->nsocks; i++) {
		free(f->sock[i].unit);
		free(f->sock[i].forwards);
		free(f->sock[i].container);
		free(f->sock[i].stop);
	}
	free(f->ns);
	free(f->sock);
	strings_free(f->unknown, f->nunknown);
	memset(f, 0, sizeof(*f));
}

struct conflict_ns *
conflict_add_ns(
    struct conflict_facts *f, uint32_t id, const char *name, bool many)
{
	struct conflict_ns *ns;

	f->ns = array_grow(f->ns, &f->ns_cap, f->nns + 1, sizeof(*f->ns));
	ns = &f->ns[f->nns++];
	*ns = (struct conflict_ns){
		.id = id, .name = xstrdup(name), .many = many
	};
	return ns;
}

void
conflict_add_addr(struct conflict_ns *ns, const struct endpoint *addr,
    unsigned family, uint32_t ifindex, const char *iface)
{
	struct conflict_addr *a;
	size_t i;

	for (i = 0; i < ns->naddrs; i++)
		if (ns->addr[i].family == family &&
		    ns->addr[i].ifindex == ifindex &&
		    memcmp(ns->addr[i].addr.addr, addr->addr, 16) == 0)
			return;
	ns->addr = array_grow(
	    ns->addr, &ns->addrs_cap, ns->naddrs + 1, sizeof(*ns->addr));
	a = &ns->addr[ns->naddrs++];
	*a = (struct conflict_addr){ .addr = *addr,
		.family = (uint8_t)family,
		.ifindex = ifindex,
		.iface = xstrdup(iface) };
}

struct conflict_redirect *
conflict_add_redirect(struct conflict_ns *ns)
{
	struct conflict_redirect *r;

	ns->redirect = array_grow(ns->redirect, &ns->redirects_cap,
	    ns->nredirects + 1, sizeof(*ns->redirect));
	r = &ns->redirect[ns->nredirects++];
	memset(r, 0, sizeof(*r));
	return r;
}

void
conflict_add_sock(struct conflict_facts *f, const struct row *row)
{
	const struct sock_rec *rec = &row->rec;
	struct conflict_sock *s;

	f->sock =
	    array_grow(f->sock, &f->socks_cap, f->nsocks + 1, sizeof(*f->sock));
	s = &f->sock[f->nsocks++];
	*s = (struct conflict_sock){ .row = row, .opts = { -1, -1, -1 } };
	if ((rec->known & KNOWN_V6ONLY) != 0)
		s->opts.v6only = (rec->flags & SOCKF_V6ONLY) != 0;
}

void
conflict_add_unknown(struct conflict_facts *f, const char *fmt, ...)
{
	va_list ap;
	char *text;
	size_t i;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	for (i = 0; i < f->nunknown; i++)
		if (strcmp(f->unknown[i], text) == 0) {
			free(text);
			return;
		}
	f->unknown = array_grow(
	    f->unknown, &f->unknown_cap, f->nunknown + 1, sizeof(*f->unknown));
	f->unknown[f->nunknown++] = text;
}

static void
plan_one(struct conflict_ns *ns, const struct endpoint *local, unsigned family,
    bool v6only)
{
	if (ns->ntries == CONFLICT_TRIES)
		return;
	ns->try[ns->ntries++] = (struct conflict_try){ .local = *local,
		.family = (uint8_t)family,
		.v6only = v6only,
		.reuse = -1 };
}

void
conflict_plan(const struct conflict_query *q, struct conflict_ns *ns)
{
	struct endpoint any = { .port = q->port };
	size_t i;

	if (q->naddr == 0) {
		plan_one(ns, &any, 4, false);
		plan_one(ns, &any, 6, true);
		plan_one(ns, &any, 6, false);
	}
	for (i = 0; i < q->naddr; i++) {
		/* At an address of its own, IPV6_V6ONLY makes no difference
		 * but for a mapped one, which it forbids. */
		plan_one(ns, &q->addr[i], q->family[i],
		    q->family[i] == 6 && endpoint_is_any(&q->addr[i]));
		if (q->family[i] == 6 && endpoint_is_any(&q->addr[i]))
			plan_one(ns, &q->addr[i], 6, false);
	}
}

/* -- report --------------------------------------------------------------- */

static void
reason_done(struct conflict_reason *r)
{
	size_t i;

	for (i = 0; i < r->nowners; i++) {
		free(r->owner[i].process);
		free(r->owner[i].user);
	}
	for (i = 0; i < r->ncommands; i++) {
		free(r->command[i].text);
		free(r->command[i].effect);
	}
	free(r->owner);
	free(r->text);
	free(r->evidence);
}

static void
result_done(struct conflict_result *r)
{
	size_t i;

	for (i = 0; i < r->nlines; i++) {
		free(r->line[i].what);
		free(r->line[i].plain);
		free(r->line[i].reuse);
	}
	free(r->line);
	free(r->name);
	free(r->headline);
}

void
conflict_report_free(struct conflict_report *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nreasons; i++)
		reason_done(&r->reason[i]);
	for (i = 0; i < r->nresults; i++)
		result_done(&r->result[i]);
	free(r->reason);
	free(r->result);
	free(r->subject);
	free(r->headline);
	strings_free(r->unknown, r->nunknown);
	free(r);
}
