/* SPDX-License-Identifier: ISC */
/* What the rules of the config raised, newest first, in the table's place. */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/alerts.h"
#include "ui/grid.h"
#include "ui/panes.h"

struct pane_alerts {
	struct grid grid;
	uint64_t total; /* when the cursor was last seen: new ones push it */
};

enum {
	COL_AGO,
	COL_AT,
	COL_RULE,
	COL_FIRST, /* from here on columns of the table */
	COL_LOCAL = COL_FIRST + 2
};
static const struct grid_col alert_cols[] = {
	{ "AGO", 5, GRID_RIGHT },
	{ "AT", 8, GRID_WIDE },
	{ "RULE", 6, 0 },
	{ "PROTO", 5, 0 },
	{ "STATE", 8, 0 },
	{ "LOCAL", 13, GRID_FLEX | GRID_ADDR },
	{ "PEER", 13, GRID_FLEX | GRID_ADDR },
	{ "PID", 5, GRID_RIGHT },
	{ "PROCESS", 8, GRID_FLEX },
	{ .title = NULL },
};
static const char *const alert_names[] = { "proto", "state", "local", "peer",
	"pid", "process" };

static const struct ui_alert *
line_at(const struct pane *p, int i)
{
	const struct ui_alerts *a = p->ui->alerts;

	return &a->line[a->n - 1 - (size_t)i];
}

static void
put_at(const struct ui_alert *l, struct buf *out)
{
	struct timespec wall = clock_wall();
	uint64_t now = clock_mono_ns();

	grid_put_clock(out,
	    wall.tv_sec - (time_t)((now > l->mono_ns ? now - l->mono_ns : 0) /
				   UINT64_C(1000000000)));
}

static void
alert_cell(struct pane *p, int i, size_t c, struct buf *out)
{
	const struct ui_alert *l = line_at(p, i);
	uint64_t now = clock_mono_ns();
	char unit[TEXT_UNIT_MAX];

	if (c == COL_AGO)
		buf_puts(out, text_duration(unit,
				  now > l->mono_ns ? now - l->mono_ns : 0));
	else if (c == COL_AT)
		put_at(l, out);
	else if (c == COL_RULE)
		buf_puts(out, l->rule);
	else if (l->others == 0)
		column_put(column_find(alert_names[c - COL_FIRST]), &l->row,
		    &p->ui->view.ctx, out);
	else if (c == COL_LOCAL)
		buf_printf(out, "%llu more", (unsigned long long)l->others);
}

/* The cursor stays on its line while others come in above it. */
static void
refill(struct pane *p)
{
	const struct ui_alerts *a = p->ui->alerts;
	struct pane_alerts *s = p->priv;
	int before = p->n;

	p->n = a != NULL ? (int)a->n : 0;
	if (p->at > 0 && p->n > before)
		p->at += p->n - before;
	if (p->at >= p->n)
		p->at = p->n > 0 ? p->n - 1 : 0;
	s->total = a != NULL ? a->total : 0;
}

static void
alerts_draw(struct pane *p)
{
	struct pane_alerts *s = p->priv;
	struct buf caption = { 0 };

	refill(p);
	buf_puts(&caption, "Alerts");
	if (p->n > 0)
		buf_printf(&caption, ": %llu, newest first",
		    (unsigned long long)s->total);
	grid_draw(&s->grid, p, caption.data,
	    p->ui->alerts == NULL
		? "There are no rules. One a line in the config file: alert "
		  "NAME = FILTER; a socket that matches is marked, and listed "
		  "here."
		: "Nothing has matched a rule yet.");
	buf_done(&caption);
}

/* The socket as it is now; gone: as it was then. */
static struct row *
alerts_row(struct pane *p)
{
	struct ui_alerts *a = p->ui->alerts;
	struct ui_alert *l;
	struct row *row;

	refill(p);
	if (p->n == 0)
		return NULL;
	l = &a->line[a->n - 1 - (size_t)p->at];
	if (l->others > 0)
		return NULL;
	row = table_find(p->ui->table, sock_key(&l->row.rec));
	return row != NULL ? row : &l->row;
}

static void
alerts_free_pane(struct pane *p)
{
	free(p->priv);
}

const struct pane_ops pane_alerts_ops = {
	.name = "alerts",
	.map = MAP_LIST,
	.cursor = true,
	.draw = alerts_draw,
	.move = grid_move,
	.enter = grid_enter_detail,
	.find = grid_find,
	.mouse = grid_mouse,
	.row = alerts_row,
	.free = alerts_free_pane,
};

void
pane_alerts_toggle(struct ui *ui)
{
	const struct grid grid = {
		.col = alert_cols, .cell = alert_cell, .refill = refill
	};

	(void)grid_toggle(
	    ui, &pane_alerts_ops, &grid, sizeof(struct pane_alerts));
}
