/* SPDX-License-Identifier: ISC */
/* Which sockets the config's rules mean, and how often that is told. */
#include "config.h"

#include "model/alert.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "model/filter.h"

#define MINUTE_NS UINT64_C(60000000000)

struct rule {
	const char *name;
	struct filter *filter;
	bool owners; /* asks for the owner */
	/* this minute */
	uint64_t since_ns, told, held;
};

/* That a rule fired for a socket. */
struct fired {
	struct sock_key key;
	uint32_t rule;
};

struct alerts {
	struct rule *rule;
	size_t n;
	uint64_t limit;
	struct fired *fired;
	size_t nfired, fired_cap;
	struct hash by_key;
};

static uint64_t
fired_key(struct sock_key key, uint32_t rule)
{
	return hash_mix(
	    key.cookie ^ hash_mix((uint64_t)key.netns << 32 | rule));
}

static uint64_t
key_of(const void *arg, uint32_t i)
{
	const struct alerts *a = arg;

	return fired_key(a->fired[i].key, a->fired[i].rule);
}

struct alerts *
alerts_new(const struct config *c)
{
	struct filter_error e = { 0 };
	struct alerts *a;
	struct rule *r;
	size_t i;

	if (c->nalerts == 0)
		return NULL;
	a = xcalloc(1, sizeof(*a));
	a->rule = xcalloc(c->nalerts, sizeof(*a->rule));
	a->limit = c->opt.alert_limit;
	hash_init(&a->by_key, key_of, a);
	for (i = 0; i < c->nalerts; i++) {
		r = &a->rule[a->n];
		/* The config was checked when it was read. */
		if (filter_parse(c->alert[i].text, &r->filter, &e) != 0) {
			filter_error_done(&e);
			continue;
		}
		r->name = c->alert[i].name;
		r->owners = (filter_needs(r->filter) &
				(NEED_OWNER | NEED_CMDLINE | NEED_CGROUP |
				    NEED_PATHS)) != 0;
		a->n++;
	}
	return a;
}

void
alerts_free(struct alerts *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		filter_free(a->rule[i].filter);
	free(a->rule);
	free(a->fired);
	hash_done(&a->by_key);
	free(a);
}

unsigned
alerts_needs(const struct alerts *a)
{
	unsigned need = 0;
	size_t i;

	for (i = 0; a != NULL && i < a->n; i++)
		need |= filter_needs(a->rule[i].filter);
	return need;
}

/* A minute is over: what was held back is told as a number. */
static void
end_minute(struct rule *r, uint64_t now_ns, alert_fn fn, void *arg)
{
	const struct alert_hit hit = { .rule = r->name, .count = r->held };

	if (r->told == 0 || now_ns - r->since_ns < MINUTE_NS)
		return;
	r->told = r->held = 0;
	if (hit.count > 0)
		fn(arg, &hit);
}

static void
fire(struct alerts *a, struct rule *r, const struct row *row, uint64_t now_ns,
    alert_fn fn, void *arg)
{
	const struct alert_hit hit = {
		.rule = r->name, .row = row, .count = 1
	};

	if (r->told == 0)
		r->since_ns = now_ns;
	if (r->told >= a->limit) {
		r->held++;
		return;
	}
	r->told++;
	fn(arg, &hit);
}

/* False: it fired for this socket before. */
static bool
first_time(struct alerts *a, struct sock_key key, uint32_t rule)
{
	uint64_t k = fired_key(key, rule);

	if (hash_find(&a->by_key, k) != HASH_NONE)
		return false;
	a->fired = array_grow(
	    a->fired, &a->fired_cap, a->nfired + 1, sizeof(*a->fired));
	a->fired[a->nfired] = (struct fired){ .key = key, .rule = rule };
	hash_add(&a->by_key, k, (uint32_t)a->nfired++);
	return true;
}

/* Sockets that are no more are forgotten. */
static void
forget_gone(struct alerts *a, const struct table *t)
{
	size_t i, n = 0;

	for (i = 0; i < a->nfired; i++)
		if (table_find(t, a->fired[i].key) != NULL)
			a->fired[n++] = a->fired[i];
	if (n == a->nfired)
		return;
	a->nfired = n;
	hash_clear(&a->by_key);
	for (i = 0; i < n; i++)
		hash_add(&a->by_key, key_of(a, (uint32_t)i), (uint32_t)i);
}

bool
alerts_check(struct alerts *a, const struct view_ctx *ctx, bool owners,
    uint64_t now_ns, alert_fn fn, void *arg)
{
	struct table *t = ctx->table;
	bool any, changed = false;
	struct rule *r;
	struct row *row;
	size_t i, k;

	if (a == NULL)
		return false;
	for (k = 0; k < a->n; k++)
		end_minute(&a->rule[k], now_ns, fn, arg);
	for (i = 0; i < t->n; i++) {
		row = t->row[i];
		if ((row->flags & ROW_GONE) != 0)
			continue;
		any = false;
		for (k = 0; k < a->n; k++) {
			r = &a->rule[k];
			/* "not user=root" is no accusation while nobody
			 * looked. */
			if ((r->owners && !owners) ||
			    !filter_eval(r->filter, row, ctx))
				continue;
			any = true;
			if (first_time(a, sock_key(&row->rec), (uint32_t)k))
				fire(a, r, row, now_ns, fn, arg);
		}
		if (any != ((row->flags & ROW_ALERT) != 0)) {
			row->flags ^= ROW_ALERT;
			changed = true;
		}
	}
	forget_gone(a, t);
	return changed;
}

void
alerts_check_row(struct alerts *a, const struct row *row,
    const struct view_ctx *ctx, uint64_t now_ns, alert_fn fn, void *arg)
{
	size_t k;

	if (a == NULL)
		return;
	for (k = 0; k < a->n; k++) {
		end_minute(&a->rule[k], now_ns, fn, arg);
		if (a->rule[k].owners)
			continue; /* nobody's: nothing to go by */
		if (filter_eval(a->rule[k].filter, row, ctx))
			fire(a, &a->rule[k], row, now_ns, fn, arg);
	}
}
