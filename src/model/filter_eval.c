/* SPDX-License-Identifier: ISC */
/*
 * Whether a row matches. What is not known equals nothing, and is neither
 * less nor greater than anything; "not equal" is the opposite of "equal".
 */
#include "config.h"

#include "model/filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/column_get.h"
#include "model/filter_match.h"

/* Linux's ip_local_port_range where the table was not told. */
#define EPHEMERAL_LO 32768
#define EPHEMERAL_HI 60999

static bool
prefix_eq(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0;
}

/* As the kernel's bytecode has it: IPv4 also matches mapped addresses, and
 * nothing else crosses the families. */
static bool
net_match(const struct filter *f, const struct endpoint *ep, unsigned family)
{
	if (f->net.port >= 0 && f->net.port != ep->port)
		return false;
	if (f->net.family == 0)
		return true;
	if (f->net.family == family)
		return prefix_eq(ep->addr, f->net.addr, f->net.prefix);
	return f->net.family == 4 && endpoint_is_v4mapped(ep) &&
	       prefix_eq(ep->addr + 12, f->net.addr, f->net.prefix);
}

static bool
host_match(const struct filter *f, const struct row *r)
{
	if (f->side != SIDE_PEER && net_match(f, &r->rec.local, r->rec.family))
		return true;
	return f->side != SIDE_LOCAL &&
	       net_match(f, &r->rec.peer, r->rec.family);
}

static bool
port_cmp(const struct filter *f, uint16_t port)
{
	switch (f->op) {
	case OP_LT:
		return port < f->port;
	case OP_LE:
		return port <= f->port;
	case OP_GT:
		return port > f->port;
	case OP_GE:
		return port >= f->port;
	default:
		return port >= f->port && port <= f->port_hi;
	}
}

static bool
port_match(const struct filter *f, const struct row *r)
{
	bool both = f->side == SIDE_EITHER;
	uint16_t local = r->rec.local.port, peer = r->rec.peer.port;

	if (f->side != SIDE_PEER && port_cmp(f, local) &&
	    (!both || local != 0 || f->port_hi == 0))
		return true;
	return f->side != SIDE_LOCAL && port_cmp(f, peer) &&
	       (!both || peer != 0 || f->port_hi == 0);
}

static bool
iface_match(
    const struct filter *f, const struct row *r, const struct view_ctx *ctx)
{
	struct value v;

	if ((r->rec.known & KNOWN_IFACE) == 0)
		return false;
	if (f->ifindex != 0)
		return r->rec.ifindex == f->ifindex;
	if (strcmp(f->text, "0") == 0)
		return r->rec.ifindex == 0;
	return col_iface_get(r, ctx, &v) && strcmp(v.s, f->text) == 0;
}

/* The socket's own group; the owner's where the kernel does not tell. */
static bool
cgroup_match(
    const struct filter *f, const struct row *r, const struct view_ctx *ctx)
{
	struct value v;

	if ((r->rec.known & KNOWN_CGROUP) != 0) {
		if (f->cgroup != 0)
			return r->rec.cgroup == f->cgroup;
		return col_skcgroup_get(r, ctx, &v) &&
		       strcmp(v.s, f->text) == 0;
	}
	return col_cgroup_get(r, ctx, &v) && strcmp(v.s, f->text) == 0;
}

static bool
autobound(const struct row *r, const struct table *t)
{
	uint16_t lo = EPHEMERAL_LO, hi = EPHEMERAL_HI;

	if (t->ephemeral_hi != 0) {
		lo = t->ephemeral_lo;
		hi = t->ephemeral_hi;
	}
	return r->rec.local.port >= lo && r->rec.local.port <= hi;
}

static bool
value_eq(const struct value *a, const struct value *b)
{
	if (a->type == VAL_TEXT && b->type == VAL_TEXT)
		return strcasecmp(a->s, b->s) == 0;
	return value_cmp(a, b) == 0;
}

/* One holder's answer; "not" is the caller's. */
static bool
cell_match(
    const struct filter *f, const struct row *r, const struct view_ctx *ctx)
{
	bool least =
	    (f->col->flags & COL_ATLEAST) != 0 && (r->flags & ROW_BORN) == 0;
	struct value v;
	int cmp;

	if (f->op == OP_MATCH || f->op == OP_NOMATCH)
		return filter_match_cell(f->re, f->col, r, ctx);
	if (!f->col->get(r, ctx, &v))
		return false;
	if (v.type == VAL_ADDR)
		return net_match(f, v.ep, v.family);
	if (f->op == OP_EQ || f->op == OP_NE)
		return !least && value_eq(&v, &f->arg);
	cmp = value_cmp(&v, &f->arg);
	switch (f->op) {
	case OP_LT:
		return !least && cmp < 0;
	case OP_LE:
		return !least && cmp <= 0;
	case OP_GT:
		return cmp > 0;
	default:
		return cmp >= 0;
	}
}

static bool
column_match(
    const struct filter *f, const struct row *r, const struct view_ctx *ctx)
{
	bool not = f->op == OP_NE || f->op == OP_NOMATCH;
	struct row one;
	struct owner o;
	uint32_t i;

	if ((f->col->flags & COL_OWNER) == 0 || r->owners.n < 2)
		return cell_match(f, r, ctx) != not ;
	/* The same row as each of its holders has it. */
	one = *r;
	one.owners.all = NULL;
	one.owners.n = 1;
	for (i = 0; i < r->owners.n; i++) {
		o = owners_at(&r->owners, i);
		one.owners.proc = o.proc;
		one.owners.fd = o.fd;
		if (cell_match(f, &one, ctx))
			return !not ;
	}
	return not ;
}

static bool
term_match(
    const struct filter *f, const struct row *r, const struct view_ctx *ctx)
{
	switch (f->kind) {
	case FILTER_STATES:
		return (f->states & SOCK_STATE_BIT(r->rec.state)) != 0;
	case FILTER_HOST:
		return host_match(f, r) != (f->op == OP_NE);
	case FILTER_PORT:
		return port_match(f, r) != (f->op == OP_NE);
	case FILTER_IFACE:
		return iface_match(f, r, ctx) != (f->op == OP_NE);
	case FILTER_MARK:
		return ((r->rec.known & KNOWN_MARK) != 0 &&
			   (r->rec.mark & f->mask) == f->mark) !=
		       (f->op == OP_NE);
	case FILTER_CGROUP:
		return cgroup_match(f, r, ctx) != (f->op == OP_NE);
	case FILTER_AUTOBOUND:
		return autobound(r, ctx->table);
	case FILTER_COLUMN:
		return column_match(f, r, ctx);
	case FILTER_WORD:
		return filter_match_row(f->re, r, ctx);
	default:
		return true;
	}
}

bool
filter_eval(
    const struct filter *f, const struct row *r, const struct view_ctx *ctx)
{
	for (; f != NULL; f = f->rhs) {
		switch (f->kind) {
		case FILTER_AND:
			if (!filter_eval(f->lhs, r, ctx))
				return false;
			break;
		case FILTER_OR:
			if (filter_eval(f->lhs, r, ctx))
				return true;
			break;
		case FILTER_NOT:
			return !filter_eval(f->lhs, r, ctx);
		default:
			return term_match(f, r, ctx);
		}
	}
	return true;
}
