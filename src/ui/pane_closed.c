/* SPDX-License-Identifier: ISC */
/*
 * Sockets that are closed, seen by a reading or not: when, how long they lived,
 * who held them. In the table's place; the filter holds here too.
 */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "ui/grid.h"
#include "ui/panes.h"
#include "ui/ui.h"

#define DS_NS UINT64_C(100000000)

struct closed {
	struct grid grid;
	struct row **row; /* newest first; made anew by refill() */
	size_t n, cap;
	size_t all;          /* without the filter */
	struct sock_key key; /* under the cursor */
};

enum {
	COL_AGO,
	COL_AT,
	COL_LIVED,
	COL_FIRST, /* from here on columns of the table */
	COL_PROCESS = COL_FIRST + 6
};
static const struct grid_col closed_cols[] = {
	{ "CLOSED", 6, GRID_RIGHT },
	{ "AT", 8, GRID_WIDE },
	{ "LIVED", 5, GRID_RIGHT },
	{ "PROTO", 5, 0 },
	{ "LAST STATE", 8, 0 },
	{ "LOCAL", 13, GRID_FLEX | GRID_ADDR },
	{ "PEER", 13, GRID_FLEX | GRID_ADDR },
	{ "PID", 5, GRID_RIGHT },
	{ "USER", 6, GRID_WIDE },
	{ "PROCESS", 8, GRID_FLEX },
	{ .title = NULL },
};
static const char *const closed_names[] = { "proto", "state", "local", "peer",
	"pid", "user", "process" };

/* Since the row was closed. */
static uint64_t
ago_ns(const struct table *t, const struct row *row)
{
	uint64_t gone = t->epoch_ns + row->gone_ds * DS_NS;
	uint64_t now = clock_mono_ns();

	return now > gone ? now - gone : 0;
}

static void
put_at(const struct table *t, const struct row *row, struct buf *out)
{
	struct timespec wall = clock_wall();

	grid_put_clock(
	    out, wall.tv_sec - (time_t)(ago_ns(t, row) / UINT64_C(1000000000)));
}

/* Who held it, the kernel does not tell; who listens at its local port took
 * it, as good as surely. */
static void
put_listener(const struct ui *ui, const struct row *row, struct buf *out)
{
	const struct row *l = table_listener(ui->table, row);

	if (l != NULL && l->owners.proc != NULL)
		buf_printf(out, "via %s", l->owners.proc->comm);
	else
		buf_putc(out, '-');
}

static void
closed_cell(struct pane *p, int i, size_t c, struct buf *out)
{
	const struct closed *s = p->priv;
	const struct row *row = s->row[i];
	const struct table *t = p->ui->table;
	uint64_t age = row_age_ns(t, row);
	char unit[TEXT_UNIT_MAX];

	if (c == COL_AGO)
		buf_puts(out, text_duration(unit, ago_ns(t, row)));
	else if (c == COL_AT)
		put_at(t, row, out);
	else if (c == COL_LIVED) {
		/* Older than the deck itself: at least. Between two readings:
		 * at most the time between them. */
		if ((row->flags & ROW_UNSEEN) != 0) {
			buf_putc(out, '<');
			age += DS_NS; /* never less than nothing */
		} else if ((row->flags & ROW_BORN) == 0)
			buf_putc(out, '>');
		buf_puts(out, text_duration(unit, age));
	} else if (c == COL_PROCESS && (row->flags & ROW_UNSEEN) != 0)
		put_listener(p->ui, row, out);
	else
		column_put(column_find(closed_names[c - COL_FIRST]), row,
		    &p->ui->view.ctx, out);
}

static enum theme_role
closed_role(struct pane *p, int i)
{
	const struct closed *s = p->priv;

	return s->row[i]->flags & ROW_TAGGED ? ROLE_TAGGED : ROLE_TEXT;
}

static void
add(struct pane *p, struct row *row)
{
	const struct view *v = &p->ui->view;
	struct closed *s = p->priv;

	if (row->gone_ds < p->ui->closed_from_ds)
		return;
	s->all++;
	if (!filter_eval(v->filter, row, &v->ctx) ||
	    !filter_eval(v->toggles, row, &v->ctx))
		return;
	s->row = array_grow(s->row, &s->cap, s->n + 1, sizeof(*s->row));
	s->row[s->n++] = row;
}

static int
newer_first(const void *a, const void *b)
{
	const struct row *l = *(struct row *const *)a;
	const struct row *r = *(struct row *const *)b;

	if (l->gone_ds != r->gone_ds)
		return l->gone_ds < r->gone_ds ? 1 : -1;
	return l->seq < r->seq ? 1 : l->seq > r->seq ? -1 : 0;
}

/*
 * Rows may have gone and come since; the cursor stays on its socket. What
 * the table still shows as gone is closed already.
 */
static void
refill(struct pane *p)
{
	const struct table *t = p->ui->table;
	struct closed *s = p->priv;
	size_t i;

	s->n = s->all = 0;
	for (i = 0; i < t->n; i++)
		if ((t->row[i]->flags & ROW_GONE) != 0)
			add(p, t->row[i]);
	for (i = t->nclosed; i-- > 0;)
		add(p, t->closed[i]);
	if (s->n > 0)
		qsort(s->row, s->n, sizeof(*s->row), newer_first);
	for (i = 0; i < s->n; i++)
		if (sock_key_eq(sock_key(&s->row[i]->rec), s->key))
			p->at = (int)i;
	p->n = (int)s->n;
	if (p->at >= p->n)
		p->at = p->n > 0 ? p->n - 1 : 0;
	if (p->n > 0)
		s->key = sock_key(&s->row[p->at]->rec);
}

static void
put_caption(const struct pane *p, struct buf *b)
{
	const struct closed *s = p->priv;
	const struct ui *ui = p->ui;
	uint64_t lost = ui->table->ends_lost - ui->lost_before;

	buf_puts(b, "Closed sockets");
	if (s->n == s->all && s->all > 0)
		buf_printf(b, ": %zu, newest first", s->n);
	else if (s->all > 0)
		buf_printf(b, ": %zu of %zu match the filter, newest first",
		    s->n, s->all);
	if (lost > 0)
		buf_printf(
		    b, "; %llu more not listed", (unsigned long long)lost);
	if (ui->unseen_why != NULL)
		buf_printf(
		    b, "; none between two readings: %s", ui->unseen_why);
}

static void
closed_draw(struct pane *p)
{
	struct closed *s = p->priv;
	struct buf caption = { 0 };

	refill(p);
	put_caption(p, &caption);
	grid_draw(&s->grid, p, caption.data,
	    s->all > 0
		? "Nothing that has closed matches the filter."
		: "No socket has closed yet. What closes from now on is listed "
		  "here, with the process that held it last. \"<\": it came "
		  "and "
		  "went between two readings; then who listens at its port is "
		  "named, \"via\".");
	buf_done(&caption);
}

static void
closed_moved(struct pane *p)
{
	struct closed *s = p->priv;

	s->key = sock_key(&s->row[p->at]->rec);
}

static struct row *
closed_row(struct pane *p)
{
	const struct closed *s = p->priv;

	refill(p);
	return p->n > 0 ? s->row[p->at] : NULL;
}

static unsigned
closed_needs(const struct pane *p)
{
	(void)p;
	return NEED_OWNER | NEED_USER;
}

static void
closed_free(struct pane *p)
{
	struct closed *s = p->priv;

	free(s->row);
	free(s);
}

const struct pane_ops pane_closed_ops = {
	.name = "closed",
	.map = MAP_LIST,
	.cursor = true,
	.draw = closed_draw,
	.move = grid_move,
	.enter = grid_enter_detail,
	.find = grid_find,
	.needs = closed_needs,
	.mouse = grid_mouse,
	.row = closed_row,
	.free = closed_free,
};

void
pane_closed_clear(struct ui *ui)
{
	const struct table *t = ui->table;

	/* What the table still shows as gone comes to the list later. */
	ui->closed_from_ds = (uint32_t)((t->now_ns - t->epoch_ns) / DS_NS) + 1;
	ui->lost_before = t->ends_lost;
	if (t->nclosed > 0)
		table_closed_clear(ui->table);
	ui->dirty |= DIRTY_ALL;
}

void
pane_closed_toggle(struct ui *ui)
{
	const struct grid grid = { .col = closed_cols,
		.cell = closed_cell,
		.role = closed_role,
		.refill = refill,
		.moved = closed_moved };

	(void)grid_toggle(ui, &pane_closed_ops, &grid, sizeof(struct closed));
}
