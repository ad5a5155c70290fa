/* SPDX-License-Identifier: ISC */
/* Sorted ranges of addresses: merged, cut, counted. */
#include "config.h"

#include "model/target_range.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

#define TIDY_MIN 4096 /* fewer are not worth sorting in between */

void
ranges_done(struct ranges *r)
{
	free(r->v);
	*r = (struct ranges){ 0 };
}

static void
append(struct ranges *r, const struct range *one)
{
	r->v = array_grow(r->v, &r->cap, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = *one;
}

void
ranges_add(struct ranges *r, const struct range *one)
{
	if (r->n >= TIDY_MIN && r->n >= 2 * r->tidy && r->n == r->cap)
		ranges_tidy(r);
	append(r, one);
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_place(const struct range *a, uint8_t family, uint32_t scope, uint64_t net,
    uint64_t number)
{
	int c;

	if ((c = cmp_u64(a->family, family)) != 0 ||
	    (c = cmp_u64(a->scope, scope)) != 0 ||
	    (c = cmp_u64(a->net, net)) != 0)
		return c;
	return cmp_u64(a->lo, number);
}

static int
cmp_range(const void *va, const void *vb)
{
	const struct range *b = vb;

	return cmp_place(va, b->family, b->scope, b->net, b->lo);
}

static bool
same_net(const struct range *a, const struct range *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       a->net == b->net;
}

void
ranges_tidy(struct ranges *r)
{
	struct range *last, *v = r->v;
	size_t i, n = 0;

	if (r->n == 0 || r->tidy == r->n)
		return;
	qsort(v, r->n, sizeof(*v), cmp_range);
	for (i = 1; i < r->n; i++) {
		last = &v[n];
		if (!same_net(last, &v[i]) ||
		    (v[i].lo > last->hi && v[i].lo - last->hi > 1))
			v[++n] = v[i];
		else if (v[i].hi > last->hi)
			last->hi = v[i].hi;
	}
	r->n = r->tidy = n + 1;
}

/* The first range that begins after this place. */
static size_t
first_after(const struct ranges *r, uint8_t family, uint32_t scope,
    uint64_t net, uint64_t number)
{
	size_t lo = 0, hi = r->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (cmp_place(&r->v[mid], family, scope, net, number) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct range *
ranges_find(const struct ranges *r, uint8_t family, uint32_t scope,
    uint64_t net, uint64_t number)
{
	size_t i = first_after(r, family, scope, net, number);
	const struct range *last;

	if (i == 0)
		return NULL;
	last = &r->v[i - 1];
	if (last->family != family || last->scope != scope ||
	    last->net != net || last->hi < number)
		return NULL;
	return last;
}

uint64_t
range_add_u64(uint64_t a, uint64_t b)
{
	return a + b >= a ? a + b : UINT64_MAX;
}

/* 2^64 at most, which saturates, too. */
static uint64_t
range_size(const struct range *r)
{
	return range_add_u64(r->hi - r->lo, 1);
}

uint64_t
ranges_count(const struct ranges *r)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < r->n; i++)
		sum = range_add_u64(sum, range_size(&r->v[i]));
	return sum;
}

/* What is left of one range when those that `out` has with this scope are
 * taken out. */
static uint64_t
cut_one(struct ranges *to, struct range left, const struct ranges *out,
    uint32_t scope)
{
	const struct range *o;
	struct range piece;
	uint64_t gone = 0;
	size_t i;

	i = first_after(out, left.family, scope, left.net, left.lo);
	if (i > 0) /* that one may reach so far */
		i--;
	for (; i < out->n; i++) {
		o = &out->v[i];
		if (cmp_place(o, left.family, scope, left.net, left.hi) > 0)
			break;
		if (o->family != left.family || o->scope != scope ||
		    o->net != left.net || o->hi < left.lo)
			continue; /* only the first */
		piece = left;
		if (o->lo > left.lo) {
			piece.hi = o->lo - 1;
			append(to, &piece);
			left.lo = o->lo;
		}
		piece.lo = left.lo;
		piece.hi = o->hi < left.hi ? o->hi : left.hi;
		gone = range_add_u64(gone, range_size(&piece));
		if (o->hi >= left.hi)
			return gone;
		left.lo = o->hi + 1;
	}
	append(to, &left);
	return gone;
}

static uint64_t
cut_scope(struct ranges *r, const struct ranges *out, bool own)
{
	struct ranges to = { 0 };
	uint64_t gone = 0;
	size_t i;

	if (out->n == 0)
		return 0;
	for (i = 0; i < r->n; i++) {
		if (own && r->v[i].scope == 0)
			append(&to, &r->v[i]);
		else
			gone =
			    range_add_u64(gone, cut_one(&to, r->v[i], out,
						    own ? r->v[i].scope : 0));
	}
	/* Pieces come out in order. */
	to.tidy = to.n;
	ranges_done(r);
	*r = to;
	return gone;
}

uint64_t
ranges_cut(struct ranges *r, const struct ranges *out)
{
	uint64_t gone;

	gone = cut_scope(r, out, false);
	return range_add_u64(gone, cut_scope(r, out, true));
}

static bool
has_net(const struct ranges *nets, const struct range *r, uint32_t scope)
{
	return ranges_find(nets, r->family, scope, 0, r->net) != NULL;
}

uint64_t
ranges_cut_nets(struct ranges *r, const struct ranges *nets)
{
	uint64_t gone = 0;
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		if (has_net(nets, &r->v[i], 0) ||
		    has_net(nets, &r->v[i], r->v[i].scope))
			gone = range_add_u64(gone, range_size(&r->v[i]));
		else
			r->v[n++] = r->v[i];
	}
	r->n = r->tidy = n;
	return gone;
}

static uint64_t
load_u64(const uint8_t *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void
store_u64(uint8_t *p, uint64_t v)
{
	int i;

	for (i = 7; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

void
range_of_addr(struct range *r, const struct scan_addr *a)
{
	*r = (struct range){ .family = a->family };
	if (a->family == 4) {
		r->lo = load_u64(a->addr) >> 32;
	} else {
		r->scope = a->scope;
		r->net = load_u64(a->addr);
		r->lo = load_u64(a->addr + 8);
	}
	r->hi = r->lo;
}

void
range_to_addr(const struct range *r, uint64_t number, struct scan_addr *ret)
{
	*ret = (struct scan_addr){ .family = r->family, .scope = r->scope };
	if (r->family == 4) {
		store_u64(ret->addr, number << 32);
	} else {
		store_u64(ret->addr, r->net);
		store_u64(ret->addr + 8, number);
	}
}
