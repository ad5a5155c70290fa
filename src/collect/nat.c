/* SPDX-License-Identifier: ISC */
/* NAT rules of whatever origin: kept, walked as a packet would be. */
#include "config.h"

#include "collect/nat.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define DEPTH_MAX 16    /* as the kernel's own (16 jumps) */
#define STEPS_MAX 20000 /* rules looked at, over all ways */
#define TAKEN_MAX 16
#define NO_RULE   UINT32_MAX

static uint64_t
key_hash(const char *key)
{
	return hash_bytes(key, strlen(key), 0);
}

static uint64_t
chain_key(const void *arg, uint32_t i)
{
	const struct nat *n = arg;

	return key_hash(n->chain[i].key);
}

void
nat_init(
    struct nat *n, const struct conflict_query *q, const struct conflict_ns *ns)
{
	*n = (struct nat){ .query = q, .ns = ns };
	hash_init(&n->by_key, chain_key, n);
}

void
nat_done(struct nat *n)
{
	size_t i;

	for (i = 0; i < n->nchains; i++)
		free(n->chain[i].key);
	for (i = 0; i < n->nrules; i++) {
		free(n->rule[i].to);
		free(n->rule[i].label);
		free(n->rule[i].remove);
	}
	hash_done(&n->by_key);
	free(n->chain);
	free(n->rule);
}

uint32_t
nat_chain(struct nat *n, const char *key)
{
	uint64_t h = key_hash(key);
	uint32_t i = hash_find(&n->by_key, h);

	if (i != HASH_NONE)
		return i;
	n->chain = array_grow(
	    n->chain, &n->chains_cap, n->nchains + 1, sizeof(*n->chain));
	n->chain[n->nchains] = (struct nat_chain){
		.key = xstrdup(key), .first = NO_RULE, .last = NO_RULE
	};
	hash_add(&n->by_key, h, (uint32_t)n->nchains);
	return (uint32_t)n->nchains++;
}

void
nat_add_rule(struct nat *n, const struct nat_rule *r)
{
	struct nat_chain *c = &n->chain[r->chain];
	uint32_t at = (uint32_t)n->nrules;

	n->rule =
	    array_grow(n->rule, &n->rules_cap, n->nrules + 1, sizeof(*n->rule));
	n->rule[n->nrules++] = *r;
	n->rule[at].next = NO_RULE;
	if (c->last == NO_RULE)
		c->first = at;
	else
		n->rule[c->last].next = at;
	c->last = at;
}

/* -- what is asked of the query ------------------------------------------- */

static bool
in_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 ||
	       ((a[whole] ^ b[whole]) & (0xff << (8 - rest) & 0xff)) == 0;
}

static bool
any_own(
    const struct nat *n, unsigned family, const uint8_t *addr, unsigned bits)
{
	static const uint8_t lo4[4] = { 127, 0, 0, 1 };
	static const uint8_t lo6[16] = { [15] = 1 };
	size_t i;

	if (in_prefix(family == 4 ? lo4 : lo6, addr, bits))
		return true;
	for (i = 0; i < n->ns->naddrs; i++)
		if (n->ns->addr[i].family == family &&
		    in_prefix(n->ns->addr[i].addr.addr, addr, bits))
			return true;
	return false;
}

enum nat_match
nat_match_addr(
    const struct nat *n, unsigned family, const uint8_t *addr, unsigned bits)
{
	const struct conflict_query *q = n->query;
	size_t i;

	if (bits == 0)
		return NAT_YES;
	for (i = 0; i < q->naddr; i++) {
		if (q->family[i] != family)
			continue;
		if (endpoint_is_any(&q->addr[i]))
			break;
		if (in_prefix(q->addr[i].addr, addr, bits))
			return q->naddr == 1 ? NAT_YES : NAT_MAYBE;
	}
	/* All addresses are meant, or one that is not in it. */
	if (i < q->naddr || q->naddr == 0)
		return any_own(n, family, addr, bits) ? NAT_MAYBE : NAT_NO;
	return NAT_NO;
}

bool
nat_family_asked(const struct nat *n, unsigned family)
{
	size_t i;

	if (n->query->naddr == 0 || family == 0)
		return true;
	for (i = 0; i < n->query->naddr; i++)
		if (n->query->family[i] == family ||
		    (family == 4 && endpoint_is_any(&n->query->addr[i])))
			return true;
	return false;
}

enum nat_match
nat_match_ports(const struct nat *n, uint64_t lo, uint64_t hi)
{
	return n->query->port >= lo && n->query->port <= hi ? NAT_YES : NAT_NO;
}

enum nat_match
nat_not(enum nat_match m)
{
	return m == NAT_YES ? NAT_NO : m == NAT_NO ? NAT_YES : NAT_MAYBE;
}

bool
nat_is_itself(
    const struct nat *n, unsigned family, const char *addr, uint64_t port)
{
	uint8_t bytes[16] = { 0 };

	if (port != 0 && port != n->query->port)
		return false;
	if (addr == NULL)
		return true;
	if (inet_pton(family == 4 ? AF_INET : AF_INET6, addr, bytes) != 1)
		return false;
	return any_own(n, family, bytes, family == 4 ? 32 : 128);
}

/* -- the walk ------------------------------------------------------------- */

struct walk {
	const struct nat *nat;
	struct conflict_ns *ns;
	enum nat_hook hook;
	unsigned steps, depth;
};

static void
taken(const struct walk *w, const struct nat_rule *r, bool sure)
{
	struct conflict_redirect *d = NULL;
	size_t i;

	for (i = 0; i < w->ns->nredirects && d == NULL; i++)
		if (strcmp(w->ns->redirect[i].rule, r->label) == 0)
			d = &w->ns->redirect[i];
	if (d == NULL) {
		if (w->ns->nredirects == TAKEN_MAX)
			return;
		d = conflict_add_redirect(w->ns);
		d->to = xstrdup(r->to);
		d->rule = xstrdup(r->label);
		d->remove = r->remove == NULL ? NULL : xstrdup(r->remove);
		d->sure = sure;
	}
	d->sure &= sure;
	d->incoming |= w->hook == NAT_HOOK_INCOMING;
	d->own |= w->hook == NAT_HOOK_OWN;
}

/* False: for sure nothing after this is reached. */
static bool
walk_chain(struct walk *w, uint32_t chain, bool sure)
{
	const struct nat_rule *r;
	uint32_t i;
	bool on = true;

	if (w->depth == DEPTH_MAX)
		return true;
	w->depth++;
	for (i = w->nat->chain[chain].first;
	     i != NO_RULE && on && w->steps < STEPS_MAX; i = r->next) {
		r = &w->nat->rule[i];
		w->steps++;
		if (r->verdict == NAT_TAKEN)
			taken(w, r, sure && r->match == NAT_YES);
		if (r->verdict == NAT_JUMP)
			on = walk_chain(
				 w, r->jump, sure && r->match == NAT_YES) ||
			     r->match != NAT_YES;
		else if (r->match == NAT_YES && r->verdict == NAT_RETURN)
			break;
		else if (r->match == NAT_YES && r->verdict != NAT_GO_ON)
			on = false;
	}
	w->depth--;
	return on;
}

/* Nothing comes to a loopback address from outside, and what the machine
 * itself sends there has met the other hook by then. */
static bool
loopback_asked(const struct conflict_query *q)
{
	size_t i;

	for (i = 0; i < q->naddr; i++)
		if (!endpoint_is_loopback(&q->addr[i], q->family[i]))
			return false;
	return q->naddr > 0;
}

void
nat_walk(const struct nat *n, struct conflict_ns *ns)
{
	struct walk w = { .nat = n, .ns = ns };
	bool loopback = loopback_asked(n->query);
	size_t i;

	for (i = 0; i < n->nchains; i++) {
		if (n->chain[i].hook == NAT_HOOK_NONE ||
		    (loopback && n->chain[i].hook == NAT_HOOK_INCOMING))
			continue;
		w.hook = n->chain[i].hook;
		(void)walk_chain(&w, (uint32_t)i, true);
	}
}
