/* SPDX-License-Identifier: ISC */
/* From a row's history to a way through the states. */
#include "config.h"

#include "model/state_path.h"

#include <string.h>

#include "base/array.h"

#define NS_PER_DS UINT64_C(100000000)

static uint64_t
ago(const struct table *t, uint64_t mono_ns)
{
	return t->now_ns > mono_ns ? t->now_ns - mono_ns : 0;
}

static void
add_step(struct state_path *p, enum sock_state state, uint64_t ago_ns)
{
	enum sock_state before =
	    p->n > 0 ? p->step[p->n - 1].state : SOCK_CLOSED;
	struct state_step *s = &p->step[p->n];

	s->state = state;
	s->ago_ns = ago_ns;
	s->at_least = false;
	s->how = p->n > 0 ? flow_between(before, state) : FLOW_N;
	/* Two states one step apart: that step it was. */
	if (s->how != FLOW_N)
		p->seen |= FLOW_BIT(s->how);
	p->certain |= p->seen | flow_certain(before, state);
	p->n++;
}

void
state_path_of(struct state_path *p, const struct table *t, const struct row *r)
{
	const struct history *h = r->history;
	unsigned i;

	memset(p, 0, sizeof(*p));
	if (h == NULL || h->n == 0)
		add_step(p, (enum sock_state)r->rec.state,
		    ago(t, t->epoch_ns + r->born_ds * NS_PER_DS));
	else
		for (i = 0; i < h->n && i < nitems(p->step); i++)
			add_step(p, (enum sock_state)h->at[i].state,
			    ago(t, h->at[i].mono_ns));
	p->step[0].at_least = (r->flags & ROW_BORN) == 0;
	for (i = 0; i < p->n; i++)
		p->states |= SOCK_STATE_BIT(p->step[i].state);
	for (i = 0; i < FLOW_N; i++)
		if ((p->certain & FLOW_BIT(i)) != 0)
			p->states |= SOCK_STATE_BIT(flows[i].from) |
				     SOCK_STATE_BIT(flows[i].to);
}
