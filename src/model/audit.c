/* SPDX-License-Identifier: ISC */
/* Listeners out of a view: which sockets are one, how far they can be reached,
 * where they are asked. The rules are audit_rules.c's. */
#include "config.h"

#include "model/audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "know/exposure.h"
#include "model/column_get.h"
#include "model/scan_self.h"

static const char *const reaches[] = {
	[AUDIT_LOOPBACK] = "loopback",
	[AUDIT_LINK] = "link",
	[AUDIT_WORLD] = "world",
};

const char *
audit_reach_name(enum audit_reach reach)
{
	return reaches[reach];
}

/* -- how far ---------------------------------------------------------------- */

static enum audit_reach
reach_of_addr(const uint8_t addr[16], unsigned family)
{
	switch (exposure_of(addr, family)) {
	case EXPOSURE_LOOPBACK:
		return AUDIT_LOOPBACK;
	case EXPOSURE_LINK:
		return AUDIT_LINK;
	case EXPOSURE_PRIVATE:
	case EXPOSURE_PUBLIC:
	case EXPOSURE_ALL:
		break;
	}
	return AUDIT_WORLD;
}

/* Takes connections of this family at all of its addresses. */
static bool
takes_all(const struct row *row, unsigned family)
{
	const struct sock_rec *r = &row->rec;

	if (!endpoint_is_any(&r->local))
		return false;
	return r->family == family || (r->family == 6 && family == 4 &&
					  !((r->known & KNOWN_V6ONLY) != 0 &&
					      (r->flags & SOCKF_V6ONLY) != 0));
}

/* The own address with the widest reach that the socket takes connections at,
 * or NULL. */
static const struct scan_addr *
widest(const struct audit *a, const struct row *row, enum audit_reach *reach)
{
	const struct scan_addr *best = NULL, *own;
	enum audit_reach r;
	size_t i;

	for (i = 0; i < a->nown; i++) {
		own = &a->own[i];
		if (!takes_all(row, own->family))
			continue;
		r = reach_of_addr(own->addr, own->family);
		if (best != NULL && r <= *reach)
			continue;
		best = own;
		*reach = r;
	}
	return best;
}

static bool
on_loopback(const struct audit *a, const struct row *row)
{
	const char *iface = row->rec.ifindex == 0
				? NULL
				: names_get(a->table->names, NAME_IFACE,
				      row->rec.netns, row->rec.ifindex);

	return iface != NULL && strcmp(iface, "lo") == 0;
}

static bool
is_here(const struct audit *a, const struct row *row)
{
	return a->own != NULL && row->rec.netns == a->netns;
}

static enum audit_reach
reach_of(const struct audit *a, const struct row *row)
{
	enum audit_reach reach = AUDIT_LOOPBACK;

	if (on_loopback(a, row))
		return AUDIT_LOOPBACK;
	if (!endpoint_is_any(&row->rec.local))
		return reach_of_addr(row->rec.local.addr, row->rec.family);
	if (!is_here(a, row))
		return AUDIT_WORLD;
	(void)widest(a, row, &reach);
	return reach;
}

/* -- where it is asked ------------------------------------------------------ */

static bool
is_multicast(const struct scan_addr *a)
{
	return a->family == 4 ? a->addr[0] >= 224 : a->addr[0] == 0xff;
}

/* As others would meet it: many servers are more open to 127.0.0.1. */
static bool
ask_at(const struct audit *a, const struct row *row, struct scan_addr *ret)
{
	enum audit_reach reach = AUDIT_LOOPBACK;
	const struct scan_addr *own;

	if (!is_here(a, row))
		return false;
	if (scan_self_addr(&row->rec, &row->rec.local, ret))
		return !is_multicast(ret);
	own = on_loopback(a, row) ? NULL : widest(a, row, &reach);
	memset(ret, 0, sizeof(*ret));
	if (own != NULL)
		*ret = *own;
	else {
		ret->family = takes_all(row, 4) ? 4 : 6;
		ret->addr[ret->family == 4 ? 0 : 15] =
		    ret->family == 4 ? 127 : 1;
		if (ret->family == 4)
			ret->addr[3] = 1;
	}
	return true;
}

/* -- lines ------------------------------------------------------------------ */

static bool
same_line(const struct audit_line *l, const struct row *row)
{
	const struct proc *p = audit_proc(l), *q = row->owners.proc;

	return l->port == row->rec.local.port && l->proto == row->rec.proto &&
	       l->netns == row->rec.netns &&
	       (p == q || (p != NULL && q != NULL && p->pid == q->pid));
}

static void
add_row(struct audit *a, const struct row *row)
{
	enum audit_reach reach = reach_of(a, row);
	struct scan_addr at;
	struct audit_line *l;
	size_t i;

	for (i = a->n; i > 0 && !same_line(&a->line[i - 1], row); i--)
		;
	if (i == 0) {
		a->line =
		    array_grow(a->line, &a->cap, a->n + 1, sizeof(*a->line));
		l = &a->line[a->n++];
		*l = (struct audit_line){ .port = row->rec.local.port,
			.proto = row->rec.proto,
			.netns = row->rec.netns };
	} else
		l = &a->line[i - 1];
	l->row = array_grow(
	    l->row, &l->rows_cap, l->nrows + 1, sizeof(const struct row *));
	l->row[l->nrows++] = row;
	if ((!l->asks || reach > l->reach) && ask_at(a, row, &at)) {
		l->asks = true;
		l->ask = (struct scan_ask){
			.addr = at, .port = l->port, .proto = l->proto
		};
	}
	if (reach > l->reach)
		l->reach = reach;
}

static int
row_cmp(const void *va, const void *vb)
{
	const struct row *a = *(const struct row *const *)va;
	const struct row *b = *(const struct row *const *)vb;
	int c;

	if (a->rec.netns != b->rec.netns)
		return a->rec.netns < b->rec.netns ? -1 : 1;
	if (a->rec.local.port != b->rec.local.port)
		return a->rec.local.port < b->rec.local.port ? -1 : 1;
	if (a->rec.proto != b->rec.proto)
		return a->rec.proto < b->rec.proto ? -1 : 1;
	if (a->rec.family != b->rec.family)
		return a->rec.family < b->rec.family ? -1 : 1;
	c = memcmp(a->rec.local.addr, b->rec.local.addr, 16);
	if (c != 0)
		return c;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

void
audit_take(struct audit *a, const struct view *v, pid_t self)
{
	const struct row **row = NULL, *r;
	size_t i, n = 0, cap = 0;

	/* Never NULL, so that it can be walked by pointer. */
	a->line = array_grow(a->line, &a->cap, 1, sizeof(*a->line));
	for (i = 0; i < v->n; i++) {
		r = v->row[i];
		if (!row_listens(r) ||
		    (r->owners.proc != NULL && r->owners.proc->pid == self))
			continue;
		row = array_grow(row, &cap, n + 1, sizeof(*row));
		row[n++] = r;
	}
	if (n > 1)
		qsort(row, n, sizeof(*row), row_cmp);
	for (i = 0; i < n; i++)
		add_row(a, row[i]);
	free(row);
}

void
audit_done(struct audit *a)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		free(a->line[i].row);
		free(a->line[i].service);
	}
	free(a->line);
	a->line = NULL;
	a->n = a->cap = 0;
}

/* -- words ------------------------------------------------------------------ */

const struct proc *
audit_proc(const struct audit_line *l)
{
	return l->row[0]->owners.proc;
}

void
audit_put_user(const struct audit *a, const struct audit_line *l, struct buf *b)
{
	struct view_ctx ctx = { .table = a->table };

	col_user_put(l->row[0], &ctx, b);
}

void
audit_put_addrs(
    const struct audit *a, const struct audit_line *l, struct buf *b)
{
	struct view_ctx ctx = { .table = a->table, .numeric_ports = true };
	size_t i, from, was = b->len;

	for (i = 0; i < l->nrows; i++) {
		from = b->len;
		if (i > 0)
			buf_putc(b, ' ');
		column_put_endpoint(l->row[i], false, false, &ctx, b);
		/* Sockets that share it take turns. */
		if (i > 0 && b->len - from - 1 == from - was &&
		    memcmp(b->data + was, b->data + from + 1, from - was) == 0)
			b->len = from;
		else
			was = from + (i > 0);
	}
}

int
audit_worst(const struct audit_line *l)
{
	return l->nfound > 0 ? (int)l->found[0].severity : -1;
}

size_t
audit_unowned(const struct audit *a)
{
	size_t i, n = 0;

	for (i = 0; i < a->n; i++)
		n += audit_proc(&a->line[i]) == NULL &&
		     a->line[i].row[0]->rec.inode != 0;
	return n;
}

size_t
audit_count(const struct audit *a, enum severity least)
{
	size_t i, k, n = 0;

	for (i = 0; i < a->n; i++)
		for (k = 0; k < a->line[i].nfound; k++)
			n += a->line[i].found[k].severity >= least;
	return n;
}
