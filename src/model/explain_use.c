/* SPDX-License-Identifier: ISC */
/* What has a port, or is in a state, on this machine now. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "know/exposure.h"
#include "model/column_get.h"
#include "model/explain_lines.h"

#define HOLDERS_TOLD 8
#define PROCS_TOLD   6

/* Rows counted by the process that holds them. */
struct tally_by {
	const struct proc *proc;
	uint32_t n;
};

struct tally {
	struct tally_by *by;
	size_t n, cap;
	uint32_t total;
	uint32_t nobody; /* no process holds them any more */
	uint32_t hidden; /* one does, and cannot be seen */
};

static bool
has_nobody(const struct row *r)
{
	return (r->rec.known & KNOWN_INODE) != 0 && r->rec.inode == 0;
}

static void
tally_add(struct tally *t, const struct row *r)
{
	const struct proc *p = r->owners.proc;
	size_t i;

	t->total++;
	if (p == NULL) {
		if (has_nobody(r) || r->rec.state == SOCK_TIME_WAIT)
			t->nobody++;
		else
			t->hidden++;
		return;
	}
	for (i = 0; i < t->n; i++)
		if (t->by[i].proc->pid == p->pid &&
		    t->by[i].proc->start == p->start) {
			t->by[i].n++;
			return;
		}
	t->by = array_grow(t->by, &t->cap, t->n + 1, sizeof(*t->by));
	t->by[t->n++] = (struct tally_by){ .proc = p, .n = 1 };
}

static int
most_first(const void *a, const void *b)
{
	const struct tally_by *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->proc->pid < y->proc->pid ? -1 : x->proc->pid > y->proc->pid;
}

/* "3: curl (5001) 2, java (77)"; frees the tally. */
static void
tally_tell(struct explain_answer *a, const char *label, struct tally *t,
    const struct explain_here *here)
{
	struct buf b = { 0 };
	const char *sep = ": ";
	size_t i;

	if (t->n > 1)
		qsort(t->by, t->n, sizeof(*t->by), most_first);
	buf_printf(&b, "%" PRIu32, t->total);
	for (i = 0; i < t->n && i < PROCS_TOLD; i++) {
		buf_printf(&b, "%s%s (%ld)", sep, t->by[i].proc->comm,
		    (long)t->by[i].proc->pid);
		if (t->by[i].n < t->total)
			buf_printf(&b, " %" PRIu32, t->by[i].n);
		sep = ", ";
	}
	if (t->n > PROCS_TOLD)
		buf_printf(&b, ", and %zu more processes", t->n - PROCS_TOLD);
	if (t->nobody == t->total && t->total > 0)
		buf_puts(&b, ", without a process");
	else if (t->nobody > 0)
		buf_printf(
		    &b, "%s%" PRIu32 " without a process", sep, t->nobody);
	if (t->hidden > 0)
		buf_printf(&b, "%s%" PRIu32 " whose owner is not visible%s%s",
		    t->nobody > 0 ? ", " : sep, t->hidden,
		    here->hidden != NULL ? ": " : "",
		    here->hidden != NULL ? here->hidden : "");
	explain_text(a, label, "%s", b.data);
	buf_done(&b);
	free(t->by);
}

/* -- sockets on a port ---------------------------------------------------- */

/* What a socket with the port as its own does with it. */
static const char *
holds(const struct row *r)
{
	switch (r->rec.state) {
	case SOCK_LISTEN:
		return "Listens";
	case SOCK_UNCONNECTED:
		return "Receives";
	case SOCK_BOUND:
		return "Bound only";
	default:
		return NULL;
	}
}

static void
put_owner(struct buf *b, const struct row *r, const struct explain_here *here)
{
	const struct owners *o = &r->owners;
	uint32_t procs;

	if (o->proc == NULL) {
		buf_puts(b,
		    has_nobody(r) ? "no process" : "its owner is not visible");
		if (!has_nobody(r) && here->hidden != NULL)
			buf_printf(b, " (%s)", here->hidden);
		return;
	}
	buf_printf(b, "%s (%ld", o->proc->comm, (long)o->proc->pid);
	procs = owners_procs(o);
	if (procs > 1)
		buf_printf(b, " and %" PRIu32 " more", procs - 1);
	buf_putc(b, ')');
	if (o->proc->user != NULL)
		buf_printf(b, ", user %s", o->proc->user);
	if (o->proc->unit != NULL)
		buf_printf(b, ", unit %s", o->proc->unit);
	if (o->proc->container != NULL)
		buf_printf(b, ", container %s", o->proc->container);
	if (o->proc->note != NULL)
		buf_printf(b, ", %s", o->proc->note);
}

static void
tell_holder(struct explain_answer *a, const char *label, const struct row *r,
    const struct explain_here *here)
{
	struct buf b = { 0 };
	struct value v;

	buf_printf(&b, "%s ", sock_proto_name(r->rec.proto));
	column_put_endpoint(r, false, true, here->ctx, &b);
	buf_puts(&b, ": ");
	put_owner(&b, r, here);
	/* The same port in another namespace is another port. */
	if (col_netns_get(r, here->ctx, &v) && strcmp(v.s, "default") != 0)
		buf_printf(&b, ", in namespace %s", v.s);
	if (col_exposed_get(r, here->ctx, &v))
		buf_printf(&b, ". %s", exposure_words((enum exposure)v.u));
	explain_text(a, label, "%s", b.data);
	buf_done(&b);
}

static bool
within(const struct explain_port *p, const struct row *r, uint16_t port)
{
	return port != 0 && port >= p->lo && port <= p->hi &&
	       (p->proto == 0 || r->rec.proto == p->proto);
}

/* Sockets that only have the port, and what they do with it. */
static size_t
tell_holders(struct explain_answer *a, const struct explain_port *p,
    const struct explain_here *here)
{
	const struct table *t = here->table;
	const char *label, *last = NULL;
	size_t i, n = 0;

	for (i = 0; i < t->n; i++) {
		if ((t->row[i]->flags & ROW_GONE) != 0 ||
		    (label = holds(t->row[i])) == NULL ||
		    !within(p, t->row[i], t->row[i]->rec.local.port))
			continue;
		if (n++ >= HOLDERS_TOLD)
			continue;
		tell_holder(a, label == last ? NULL : label, t->row[i], here);
		last = label;
	}
	if (n > HOLDERS_TOLD)
		explain_text(a, NULL, "and %zu more", n - HOLDERS_TOLD);
	return n;
}

void
explain_use_port(struct explain_answer *a, const struct explain_port *p,
    const struct explain_here *here)
{
	struct tally own = { 0 }, theirs = { 0 };
	const struct table *t = here != NULL ? here->table : NULL;
	const struct row *r;
	struct buf b = { 0 };
	size_t i, n;

	if (t == NULL)
		return;
	buf_printf(&b, p->lo == p->hi ? "Port %u%s%s now" : "Ports %u%s%s-",
	    p->lo, p->lo == p->hi && p->proto != 0 ? "/" : "",
	    p->lo == p->hi && p->proto != 0 ? sock_proto_name(p->proto) : "");
	if (p->lo != p->hi)
		buf_printf(&b, "%u now", p->hi);
	explain_heading(a, b.data);
	buf_done(&b);
	n = tell_holders(a, p, here);
	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if ((r->flags & ROW_GONE) != 0 || !row_has_peer(r))
			continue;
		if (within(p, r, r->rec.local.port))
			tally_add(&own, r);
		if (within(p, r, r->rec.peer.port))
			tally_add(&theirs, r);
	}
	n += own.total + theirs.total;
	if (own.total > 0)
		tally_tell(a, "Connections", &own, here);
	if (theirs.total > 0)
		tally_tell(a, "Clients", &theirs, here);
	if (n == 0)
		explain_text(a, "Sockets", "none with it at either end");
}

/* -- sockets in a state --------------------------------------------------- */

void
explain_use_state(struct explain_answer *a, enum sock_state s,
    const struct explain_here *here)
{
	const struct table *t = here != NULL ? here->table : NULL;
	struct tally tally = { 0 };
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++)
		if ((t->row[i]->flags & ROW_GONE) == 0 &&
		    t->row[i]->rec.state == s)
			tally_add(&tally, t->row[i]);
	explain_heading(a, "Now");
	tally_tell(a, "Here", &tally, here);
}
