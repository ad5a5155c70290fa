/* SPDX-License-Identifier: ISC */
/* One reading into a table and a view: what one-shot commands start from. */
#include "config.h"

#include "app/oneshot.h"

#include <string.h>

#include "base/text.h"

void
oneshot_families(struct request *q, const struct args *a)
{
	q->tcp = a->tcp || !a->udp;
	q->udp = a->udp || !a->tcp;
	q->v4 = a->v4 || !a->v6;
	q->v6 = a->v6 || !a->v4;
}

int
oneshot_open(
    struct oneshot *o, const struct args *a, unsigned need, char **cause)
{
	struct collect_opts opts = { .from = a->from };
	struct request *q = &o->request;

	memset(o, 0, sizeof(*o));
	o->table = table_new();
	view_init(&o->view, o->table);
	o->view.ctx.numeric_ports = true;
	o->view.ctx.ascii = !text_utf8();
	o->view.filter = a->filter;
	q->tcp = q->udp = q->v4 = q->v6 = true;
	q->states = SOCK_STATES_ALL & filter_states_possible(a->filter);
	q->filter = a->filter;
	q->netns = a->netns;
	q->need = view_needs(&o->view) | NEED_OWNER | NEED_USER | need;
	if ((q->states & SOCK_STATE_BIT(SOCK_BOUND)) != 0)
		q->need |= NEED_BOUND;
	return collect_open(&o->collect, &opts, cause);
}

/* Of a recording, the last reading. */
int
oneshot_read(struct oneshot *o, char **cause)
{
	bool end;
	int r;

	do {
		snap_free(o->snap);
		o->snap = NULL;
		r = collect_read(o->collect, &o->request, &o->snap, cause);
		if (r != 0)
			return r;
		table_merge(o->table, o->snap, NULL);
		end = o->snap->source != SOURCE_FILE ||
		      (o->snap->flags & SNAP_END) != 0;
	} while (!end);
	view_build(&o->view);
	return 0;
}

void
oneshot_close(struct oneshot *o)
{
	snap_free(o->snap);
	collect_close(o->collect);
	view_done(&o->view);
	table_free(o->table);
	memset(o, 0, sizeof(*o));
}
