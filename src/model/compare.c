/* SPDX-License-Identifier: ISC */
/*
 * Two sets of sockets side by side. Each pass pairs those left over by a key
 * that asks for less than the one before: the same; the same place; the same
 * program elsewhere. What is still alone came or went.
 */
#include "config.h"

#include "model/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "know/exposure.h"
#include "model/column_get.h"

/* net.ipv4.ip_local_port_range as it comes: recordings do not tell. */
#define EPHEMERAL_LO 32768
#define EPHEMERAL_HI 60999

/* -- sides ---------------------------------------------------------------- */

static char *
text_of(const struct row *r, const struct view_ctx *ctx, column_get_fn *get)
{
	struct value v;

	return xstrdup(get(r, ctx, &v) ? v.s : "");
}

static char *
address_of(
    const struct row *r, const struct view_ctx *ctx, bool peer, bool port)
{
	struct buf b = { 0 };

	column_put_endpoint(r, peer, port, ctx, &b);
	return buf_steal(&b);
}

static bool
listens(const struct row *r)
{
	return r->rec.state == SOCK_LISTEN || r->rec.state == SOCK_BOUND ||
	       r->rec.peer.port == 0;
}

/* Nobody's: it goes by itself. */
static bool
left_over(const struct row *r)
{
	return !listens(r) && r->owners.proc == NULL &&
	       ((r->rec.known & KNOWN_INODE) == 0 || r->rec.inode == 0);
}

/* Other machines' namespaces have other numbers. */
static char *
netns_of(const struct row *r, const struct view_ctx *ctx, bool several)
{
	struct value v;

	if (!several || !col_netns_get(r, ctx, &v) ||
	    strcmp(v.s, "default") == 0)
		return xstrdup("");
	return xstrdup(v.s);
}

static void
add_item(struct compare_side *s, const struct row *r,
    const struct view_ctx *ctx, bool several)
{
	const struct sock_rec *rec = &r->rec;
	bool incoming = table_listener(ctx->table, r) != NULL;
	struct compare_item *i;

	s->item = array_grow(s->item, &s->cap, s->n + 1, sizeof(*s->item));
	i = &s->item[s->n++];
	*i = (struct compare_item){
		.row = r, .proto = rec->proto, .port = rec->local.port
	};
	i->netns = netns_of(r, ctx, several);
	i->addr = address_of(r, ctx, false, false);
	i->process = text_of(r, ctx, col_process_get);
	i->user = text_of(r, ctx, col_user_get);
	i->unit = text_of(r, ctx, col_unit_get);
	if (listens(r)) {
		i->peer = xstrdup("");
		if (rec->proto == SOCK_UDP && i->port >= EPHEMERAL_LO &&
		    i->port <= EPHEMERAL_HI)
			i->port = 0;
		return;
	}
	i->peer = address_of(r, ctx, true, !incoming);
	if (!incoming)
		i->port = 0;
}

static int
by_place(const struct compare_item *a, const struct compare_item *b)
{
	int r = (int)a->proto - (int)b->proto;

	if (r == 0)
		r = (int)a->port - (int)b->port;
	if (r == 0)
		r = strcmp(a->addr, b->addr);
	if (r == 0)
		r = strcmp(a->peer, b->peer);
	return r != 0 ? r : strcmp(a->netns, b->netns);
}

static int
by_all(const struct compare_item *a, const struct compare_item *b)
{
	int r = by_place(a, b);

	return r != 0 ? r : strcmp(a->process, b->process);
}

/* The same program at another address, or another port. */
static int
by_port(const struct compare_item *a, const struct compare_item *b)
{
	int r = (int)a->proto - (int)b->proto;

	if (r == 0)
		r = (int)a->port - (int)b->port;
	if (r == 0)
		r = strcmp(a->process, b->process);
	if (r == 0)
		r = strcmp(a->peer, b->peer);
	return r != 0 ? r : strcmp(a->netns, b->netns);
}

static int
by_address(const struct compare_item *a, const struct compare_item *b)
{
	int r = (int)a->proto - (int)b->proto;

	if (r == 0)
		r = strcmp(a->addr, b->addr);
	if (r == 0)
		r = strcmp(a->process, b->process);
	if (r == 0)
		r = strcmp(a->peer, b->peer);
	return r != 0 ? r : strcmp(a->netns, b->netns);
}

static int
item_cmp(const void *a, const void *b)
{
	return by_all(a, b);
}

static void
item_done(struct compare_item *i)
{
	free(i->netns);
	free(i->addr);
	free(i->peer);
	free(i->process);
	free(i->user);
	free(i->unit);
}

/* Sorted, and of those that agree the first. */
static void
make_unique(struct compare_side *s)
{
	size_t i, n = 0;

	if (s->n == 0)
		return;
	qsort(s->item, s->n, sizeof(*s->item), item_cmp);
	for (i = 0; i < s->n; i++)
		if (n > 0 && by_all(&s->item[n - 1], &s->item[i]) == 0)
			item_done(&s->item[i]);
		else
			s->item[n++] = s->item[i];
	s->n = n;
}

void
compare_side_init(struct compare_side *s, const struct view *v)
{
	struct view_ctx ctx = v->ctx;
	bool several = false;
	size_t i;

	*s = (struct compare_side){ 0 };
	ctx.numeric_ports = true;
	ctx.names_beside = ctx.resolve = false;
	for (i = 1; i < v->n; i++)
		several |= v->row[i]->rec.netns != v->row[0]->rec.netns;
	for (i = 0; i < v->n; i++)
		if (!left_over(v->row[i]))
			add_item(s, v->row[i], &ctx, several);
	make_unique(s);
}

void
compare_side_done(struct compare_side *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		item_done(&s->item[i]);
	free(s->item);
	*s = (struct compare_side){ 0 };
}

/* -- pairs ---------------------------------------------------------------- */

typedef int item_order(
    const struct compare_item *, const struct compare_item *);

static void
add_line(struct compare *c, enum compare_kind kind, struct compare_item *was,
    struct compare_item *now, unsigned fields)
{
	if (was != NULL)
		was->done = true;
	if (now != NULL)
		now->done = true;
	if (kind == COMPARE_CHANGED && fields == 0)
		return;
	c->line = array_grow(c->line, &c->cap, c->n + 1, sizeof(*c->line));
	c->line[c->n++] = (struct compare_line){
		.kind = kind, .was = was, .now = now, .fields = fields
	};
}

static bool
both_and_differ(const char *a, const char *b)
{
	return *a != '\0' && *b != '\0' && strcmp(a, b) != 0;
}

static enum exposure
reach(const struct compare_item *i)
{
	return exposure_of(i->row->rec.local.addr, i->row->rec.family);
}

static unsigned
differ_in(const struct compare_item *was, const struct compare_item *now)
{
	unsigned fields = 0;

	if (*was->peer == '\0' && reach(was) != reach(now))
		fields |= COMPARE_EXPOSURE;

	if (both_and_differ(was->process, now->process))
		return fields | COMPARE_PROCESS; /* the rest follows from it */
	if (both_and_differ(was->user, now->user))
		fields |= COMPARE_USER;
	if (both_and_differ(was->unit, now->unit))
		fields |= COMPARE_UNIT;
	return fields;
}

static int
ptr_cmp(const void *a, const void *b, void *arg)
{
	item_order *const *order = arg;

	return (*order)(
	    *(struct compare_item *const *)a, *(struct compare_item *const *)b);
}

/* Those not yet paired, in that order; of a known program only, if asked. */
static struct compare_item **
left(struct compare_side *s, item_order *order, bool known, size_t *n)
{
	struct compare_item **p =
	    xcalloc(s->n + 1, sizeof(struct compare_item *));
	struct compare_item *it;
	size_t i;

	*n = 0;
	for (i = 0; i < s->n; i++) {
		it = &s->item[i];
		if (it->done ||
		    (known && (*it->process == '\0' || *it->peer != '\0')))
			continue;
		p[(*n)++] = it;
	}
	if (*n > 0)
		qsort_r(p, *n, sizeof(*p), ptr_cmp, &order);
	return p;
}

/* Pairs those that are equal in that order, one with one. */
static void
pass(struct compare *c, item_order *order, bool elsewhere, unsigned fields)
{
	struct compare_item **was, **now;
	size_t nwas, nnow, i = 0, k = 0;
	int r;

	was = left(&c->was, order, elsewhere, &nwas);
	now = left(&c->now, order, elsewhere, &nnow);
	while (i < nwas && k < nnow) {
		r = order(was[i], now[k]);
		if (r == 0) {
			if ((*was[i]->process == '\0') !=
			    (*now[k]->process == '\0'))
				c->unknown++;
			add_line(c, COMPARE_CHANGED, was[i], now[k],
			    fields | differ_in(was[i], now[k]));
		}
		i += r <= 0;
		k += r >= 0;
	}
	free(was);
	free(now);
}

static int
line_cmp(const void *a, const void *b)
{
	const struct compare_line *x = a, *y = b;
	int r;

	r = by_all(
	    x->now != NULL ? x->now : x->was, y->now != NULL ? y->now : y->was);
	return r != 0 ? r : (int)x->kind - (int)y->kind;
}

void
compare_run(struct compare *c)
{
	size_t i;

	pass(c, by_all, false, 0);
	pass(c, by_place, false, 0);
	pass(c, by_port, true, COMPARE_ADDRESS);
	pass(c, by_address, true, COMPARE_PORT);
	for (i = 0; i < c->was.n; i++)
		if (!c->was.item[i].done)
			add_line(c, COMPARE_GONE, &c->was.item[i], NULL, 0);
	for (i = 0; i < c->now.n; i++)
		if (!c->now.item[i].done)
			add_line(c, COMPARE_ADDED, NULL, &c->now.item[i], 0);
	if (c->n > 0)
		qsort(c->line, c->n, sizeof(*c->line), line_cmp);
}

void
compare_done(struct compare *c)
{
	compare_side_done(&c->was);
	compare_side_done(&c->now);
	free(c->line);
	*c = (struct compare){ 0 };
}

/* -- fields --------------------------------------------------------------- */

const char *
compare_field_name(unsigned bit)
{
	static const char *const name[] = { "address", "port", "process",
		"user", "unit", "exposed" };

	return bit < nitems(name) ? name[bit] : NULL;
}

void
compare_field_put(unsigned bit, const struct compare_item *i, struct buf *b)
{
	switch (1U << bit) {
	case COMPARE_ADDRESS:
		buf_puts(b, i->addr);
		break;
	case COMPARE_PORT:
		buf_printf(b, "%u", i->port);
		break;
	case COMPARE_PROCESS:
		buf_puts(b, i->process);
		break;
	case COMPARE_USER:
		buf_puts(b, i->user);
		break;
	case COMPARE_UNIT:
		buf_puts(b, i->unit);
		break;
	case COMPARE_EXPOSURE:
		buf_puts(b, exposure_name(reach(i)));
		break;
	default:
		break;
	}
}
