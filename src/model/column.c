/* SPDX-License-Identifier: ISC */
/*
 * What can be done with any column: find it by name, put its text, compare
 * its values, choose a set. A hundred thousand rows of eight cells are put
 * here for one `list`, so nothing here formats with printf.
 */
#include "config.h"

#include "model/column.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "model/column_get.h"

const struct column *
column_find(const char *name)
{
	const struct column *c;

	for (c = columns; c->name != NULL; c++)
		if (strcasecmp(c->name, name) == 0 ||
		    (c->alias != NULL && strcasecmp(c->alias, name) == 0))
			return c;
	return NULL;
}

static void
nearer(const char *word, const char *name, unsigned *best, const char **ret)
{
	unsigned d;

	if (name == NULL)
		return;
	d = text_distance(word, name);
	if (d < *best) {
		*best = d;
		*ret = name;
	}
}

const char *
column_nearest(const char *word)
{
	const struct column *c;
	const char *ret = NULL;
	size_t len = strlen(word);
	/* A third of the letters may be wrong, and one always. */
	unsigned best = len < 6 ? 2 : 3;

	if (len < 2)
		return NULL;
	for (c = columns; c->name != NULL; c++) {
		nearer(word, c->name, &best, &ret);
		nearer(word, c->alias, &best, &ret);
	}
	if (ret != NULL || len < 3)
		return ret;
	for (c = columns; c->name != NULL; c++)
		if (strncasecmp(c->name, word, len) == 0)
			return c->name;
	return NULL;
}

void
column_put_u64(struct buf *b, uint64_t u)
{
	char *p = buf_reserve(b, TEXT_U64_MAX);
	char *end = text_u64(p, u);

	*end = '\0';
	b->len += (size_t)(end - p);
}

static void
put_port(const struct endpoint *ep, unsigned proto, const struct view_ctx *ctx,
    struct buf *b)
{
	const char *name = NULL;

	if (ep->port == 0) {
		buf_putc(b, '*');
		return;
	}
	if (!ctx->numeric_ports && !ctx->names_beside)
		name = service_port_name(ep->port, proto);
	if (name != NULL)
		buf_puts(b, name);
	else
		column_put_u64(b, ep->port);
}

static void
put_addr(const struct endpoint *ep, unsigned family, bool brackets,
    const struct view_ctx *ctx, struct buf *b)
{
	const char *host = NULL;
	char *p, *end;

	if (ctx->resolve && !endpoint_is_any(ep))
		host = names_host(ctx->table->names, ep, family);
	if (host != NULL && host[0] != '\0') {
		buf_puts(b, host);
		return;
	}
	p = end = buf_reserve(b, TEXT_IP_MAX + 2);
	brackets = brackets && family == 6;
	if (brackets)
		*end++ = '[';
	end = endpoint_addr_text(end, ep, family);
	if (brackets)
		*end++ = ']';
	*end = '\0';
	b->len += (size_t)(end - p);
}

void
column_put_endpoint(const struct row *r, bool peer, bool port,
    const struct view_ctx *ctx, struct buf *b)
{
	const struct endpoint *ep = peer ? &r->rec.peer : &r->rec.local;
	struct value v;

	/* Both families: known not to be IPv6-only. */
	if (!peer && r->rec.family == 6 && (r->rec.known & KNOWN_V6ONLY) != 0 &&
	    (r->rec.flags & SOCKF_V6ONLY) == 0 && endpoint_is_any(ep))
		buf_putc(b, '*');
	else
		put_addr(ep, r->rec.family, port, ctx, b);
	if (!peer && (r->rec.known & KNOWN_IFACE) != 0 && r->rec.ifindex != 0) {
		buf_putc(b, '%');
		if (col_iface_get(r, ctx, &v))
			buf_puts(b, v.s);
		else
			column_put_u64(b, r->rec.ifindex);
	}
	if (port) {
		buf_putc(b, ':');
		put_port(ep, r->rec.proto, ctx, b);
	}
}

void
value_put(const struct value *v, const struct view_ctx *ctx,
    const struct row *r, struct buf *b)
{
	char unit[TEXT_UNIT_MAX];

	switch (v->type) {
	case VAL_UINT:
		column_put_u64(b, v->u);
		break;
	case VAL_BYTES:
		buf_puts(b, text_bytes(unit, (double)v->u));
		break;
	case VAL_RATE:
		buf_puts(b, text_rate(unit, v->d));
		break;
	case VAL_DURATION:
		buf_puts(b, text_duration(unit, v->u));
		break;
	case VAL_TEXT:
		buf_puts(b, v->s);
		break;
	case VAL_ADDR:
		if (r != NULL && v->ep == &r->rec.local) {
			column_put_endpoint(r, false, true, ctx, b);
			break;
		}
		put_addr(v->ep, v->family, true, ctx, b);
		buf_putc(b, ':');
		put_port(v->ep, r != NULL ? r->rec.proto : SOCK_TCP, ctx, b);
		break;
	case VAL_STATE:
		buf_puts(b, sock_state_name((enum sock_state)v->u));
		break;
	case VAL_BOOL:
		buf_puts(b, v->u != 0 ? "yes" : "no");
		break;
	case VAL_NONE:
		buf_putc(b, '-');
		break;
	}
}

void
column_put(const struct column *c, const struct row *r,
    const struct view_ctx *ctx, struct buf *b)
{
	struct value v;

	if (c->put != NULL)
		c->put(r, ctx, b);
	else if (c->get(r, ctx, &v))
		value_put(&v, ctx, r, b);
	else
		buf_putc(b, '-');
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_double(double a, double b)
{
	/* A NaN would make an order without an order. */
	if (isnan(a) || isnan(b))
		return (isnan(a) != 0) - (isnan(b) != 0);
	return (a > b) - (a < b);
}

static int
cmp_addr(const struct value *a, const struct value *b)
{
	int r;

	if (a->family != b->family)
		return cmp_u64(a->family, b->family);
	r = memcmp(a->ep->addr, b->ep->addr, sizeof(a->ep->addr));
	return r != 0 ? r : cmp_u64(a->ep->port, b->ep->port);
}

int
value_cmp(const struct value *a, const struct value *b)
{
	int r;

	if (a->type == VAL_NONE || b->type == VAL_NONE)
		return (a->type == VAL_NONE) - (b->type == VAL_NONE);
	if (a->type != b->type)
		return cmp_u64(a->type, b->type);
	switch (a->type) {
	case VAL_RATE:
		return cmp_double(a->d, b->d);
	case VAL_TEXT:
		if (a->s == b->s)
			return 0;
		r = strcasecmp(a->s, b->s);
		return r != 0 ? r : strcmp(a->s, b->s);
	case VAL_ADDR:
		return cmp_addr(a, b);
	case VAL_STATE:
		return cmp_u64(sock_state_rank((enum sock_state)a->u),
		    sock_state_rank((enum sock_state)b->u));
	default:
		return cmp_u64(a->u, b->u);
	}
}

void
column_set_default(struct column_set *set, unsigned flag)
{
	const struct column *c;

	set->n = 0;
	for (c = columns; c->name != NULL && set->n < COLUMN_SET_MAX; c++)
		if ((c->flags & flag) != 0)
			set->col[set->n++] = c;
}

static size_t
set_find(const struct column_set *set, const struct column *c)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->col[i] == c)
			break;
	return i;
}

/* One item: "pid", "+rtt", "-user". A sentence in *cause if it is wrong. */
static int
set_apply(struct column_set *set, const char *item, char **cause)
{
	const struct column *c;
	const char *name = item, *near;
	char sign = '\0';
	size_t i;

	if (*name == '+' || *name == '-')
		sign = *name++;
	if (*name == '\0') {
		xasprintf(cause, "a column's name is missing");
		return -EINVAL;
	}
	c = column_find(name);
	if (c == NULL) {
		near = column_nearest(name);
		if (near != NULL)
			xasprintf(cause,
			    "no column is called \"%s\"; did you mean %s?",
			    name, near);
		else
			xasprintf(cause,
			    "no column is called \"%s\" (--list-columns "
			    "shows them all)",
			    name);
		return -EINVAL;
	}
	i = set_find(set, c);
	if (sign == '-') {
		if (i == set->n)
			return 0;
		memmove(set->col + i, set->col + i + 1,
		    (set->n - i - 1) * sizeof(set->col[0]));
		set->n--;
		return 0;
	}
	if (i < set->n) {
		if (sign == '+')
			return 0;
		xasprintf(cause, "the column %s is named twice", c->name);
		return -EINVAL;
	}
	if (set->n == COLUMN_SET_MAX) {
		xasprintf(cause, "more than %d columns", (int)COLUMN_SET_MAX);
		return -EINVAL;
	}
	set->col[set->n++] = c;
	return 0;
}

int
column_set_parse(struct column_set *set, const char *text, char **cause)
{
	struct column_set work = *set;
	const char *p = text, *end;
	char *item;
	size_t n;
	int r;

	p += strspn(p, " \t");
	if (*p != '+' && *p != '-')
		work.n = 0;
	for (;; p = end + 1) {
		p += strspn(p, " \t");
		end = p + strcspn(p, ",");
		for (n = (size_t)(end - p); n > 0; n--)
			if (p[n - 1] != ' ' && p[n - 1] != '\t')
				break;
		/* It may be quoted in the sentence. */
		item = text_clean(p, n);
		r = set_apply(&work, item, cause);
		free(item);
		if (r != 0)
			return r;
		if (*end == '\0')
			break;
	}
	if (work.n == 0) {
		xasprintf(cause, "no column is left");
		return -EINVAL;
	}
	*set = work;
	return 0;
}

unsigned
column_set_needs(const struct column_set *set)
{
	unsigned need = 0;
	size_t i;

	for (i = 0; i < set->n; i++)
		need |= set->col[i]->need;
	return need;
}
