/* SPDX-License-Identifier: ISC */
/*
 * The tree of a filter: made, copied, taken apart, and what can be told of it
 * without a row. filter_parse.c reads it, filter_text.c writes it,
 * filter_eval.c asks it.
 */
#include "config.h"

#include "model/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "model/filter_match.h"

/* A chain of ANDs or ORs leans right and may be long: it is walked in a loop;
 * recursion is for the left, as deep as parentheses. */
void
filter_free(struct filter *f)
{
	struct filter *rhs;

	for (; f != NULL; f = rhs) {
		rhs = f->rhs;
		filter_free(f->lhs);
		filter_match_free(f->re);
		free(f->text);
		free(f->lower);
		free(f);
	}
}

struct filter *
filter_clone(const struct filter *f)
{
	struct filter *ret = NULL, **link = &ret, *copy;

	for (; f != NULL; f = f->rhs) {
		copy = xmalloc(sizeof(*copy));
		*copy = *f;
		copy->rhs = NULL;
		copy->lhs = filter_clone(f->lhs);
		copy->re = filter_match_clone(f->re);
		if (f->text != NULL)
			copy->text = xstrdup(f->text);
		if (f->lower != NULL)
			copy->lower = xstrdup(f->lower);
		if (f->arg.type == VAL_TEXT && f->arg.s == f->text)
			copy->arg.s = copy->text;
		*link = copy;
		link = &copy->rhs;
	}
	return ret;
}

struct filter *
filter_and(struct filter *a, struct filter *b)
{
	struct filter *f;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	f = xcalloc(1, sizeof(*f));
	f->kind = FILTER_AND;
	f->lhs = a;
	f->rhs = b;
	return f;
}

struct filter *
filter_states(uint32_t mask)
{
	struct filter *f = xcalloc(1, sizeof(*f));

	f->kind = FILTER_STATES;
	f->states = mask & SOCK_STATES_ALL;
	return f;
}

/* For which states it can be true, and for which it is whatever the rest. */
struct states {
	uint32_t possible, certain;
};

/* A term that only rows in these states can meet (unless it says "not"). */
static struct states
states_only(const struct filter *f, uint32_t mask)
{
	if (f->op == OP_NE || f->op == OP_NOMATCH)
		return (
		    struct states){ SOCK_STATES_ALL, SOCK_STATES_ALL & ~mask };
	return (struct states){ mask, 0 };
}

static struct states
states_of_column(const struct filter *f)
{
	static const uint32_t listen = SOCK_STATE_BIT(SOCK_LISTEN);

	if (f->col->type == VAL_STATE && f->op == OP_EQ)
		return (struct states){ SOCK_STATE_BIT(f->arg.u),
			SOCK_STATE_BIT(f->arg.u) };
	if (f->col->type == VAL_STATE && f->op == OP_NE)
		return (
		    struct states){ SOCK_STATES_ALL & ~SOCK_STATE_BIT(f->arg.u),
			SOCK_STATES_ALL & ~SOCK_STATE_BIT(f->arg.u) };
	if (strcmp(f->col->name, "exposed") == 0)
		return states_only(
		    f, listen | SOCK_STATE_BIT(SOCK_UNCONNECTED));
	if (strcmp(f->col->name, "backlog") == 0)
		return states_only(f, listen);
	return (struct states){ SOCK_STATES_ALL, 0 };
}

static struct states states_of(const struct filter *);

/* AND and OR: over the chain, however long. */
static struct states
states_of_chain(const struct filter *f)
{
	enum filter_kind kind = f->kind;
	bool and = kind == FILTER_AND;
	uint32_t all = and? SOCK_STATES_ALL : 0;
	struct states ret = { all, all }, s;

	for (;; f = f->rhs) {
		s = states_of(f->kind == kind ? f->lhs : f);
		ret.possible =
		    and? ret.possible & s.possible : ret.possible | s.possible;
		ret.certain =
		    and? ret.certain & s.certain : ret.certain | s.certain;
		if (f->kind != kind)
			return ret;
	}
}

static struct states
states_of(const struct filter *f)
{
	struct states s;

	switch (f->kind) {
	case FILTER_AND:
	case FILTER_OR:
		return states_of_chain(f);
	case FILTER_NOT:
		s = states_of(f->lhs);
		return (struct states){ SOCK_STATES_ALL & ~s.certain,
			SOCK_STATES_ALL & ~s.possible };
	case FILTER_TRUE:
		return (struct states){ SOCK_STATES_ALL, SOCK_STATES_ALL };
	case FILTER_STATES:
		return (struct states){ f->states, f->states };
	case FILTER_COLUMN:
		return states_of_column(f);
	default:
		return (struct states){ SOCK_STATES_ALL, 0 };
	}
}

uint32_t
filter_states_possible(const struct filter *f)
{
	return f != NULL ? states_of(f).possible : SOCK_STATES_ALL;
}

static unsigned
needs_of_words(void)
{
	const struct column *c;
	unsigned need = 0;

	for (c = columns; c->name != NULL; c++)
		if ((c->flags & COL_WORD) != 0)
			need |= c->need;
	return need;
}

static unsigned
needs_of_term(const struct filter *f)
{
	static const uint32_t bound = SOCK_STATE_BIT(SOCK_BOUND);

	switch (f->kind) {
	case FILTER_STATES:
		return (f->states & bound) != 0 ? NEED_BOUND : 0;
	case FILTER_IFACE:
		return f->ifindex == 0 ? NEED_IFACE : 0;
	case FILTER_CGROUP:
		return NEED_SKCGROUP;
	case FILTER_WORD:
		return needs_of_words();
	case FILTER_COLUMN:
		if (f->col->type == VAL_STATE && f->op == OP_EQ &&
		    f->arg.u == SOCK_BOUND)
			return NEED_BOUND;
		return f->col->need;
	default:
		return 0;
	}
}

unsigned
filter_needs(const struct filter *f)
{
	unsigned need = 0;

	for (; f != NULL; f = f->rhs)
		need |= needs_of_term(f) | filter_needs(f->lhs);
	return need;
}

bool
filter_volatile(const struct filter *f)
{
	for (; f != NULL; f = f->rhs)
		if ((f->kind == FILTER_COLUMN &&
			(f->col->flags & COL_VOLATILE) != 0) ||
		    filter_volatile(f->lhs))
			return true;
	return false;
}
