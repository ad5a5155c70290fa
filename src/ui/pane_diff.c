/* SPDX-License-Identifier: ISC */
/*
 * What changed since the baseline was marked: new, gone, in another state.
 * In the table's place; the filter holds here too.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/baseline.h"
#include "ui/grid.h"
#include "ui/panes.h"
#include "ui/ui.h"

struct changes {
	struct grid grid;
	struct diff diff;              /* all; made anew after a reading */
	const struct diff_line **line; /* those that match the filter */
	size_t n;
	struct sock_key key; /* under the cursor */
};

enum {
	COL_SIGN,
	COL_STATE,
	COL_FIRST /* from here on columns of the table */
};
static const struct grid_col diff_cols[] = {
	{ "", 1, 0 },
	{ "STATE", 8, 0 },
	{ "PROTO", 5, 0 },
	{ "LOCAL", 13, GRID_FLEX | GRID_ADDR },
	{ "PEER", 13, GRID_FLEX | GRID_ADDR },
	{ "PID", 5, GRID_RIGHT },
	{ "USER", 6, GRID_WIDE },
	{ "PROCESS", 8, GRID_FLEX },
	{ .title = NULL },
};
static const char *const diff_names[] = { "proto", "local", "peer", "pid",
	"user", "process" };
static const struct {
	const char *sign;
	enum theme_role role;
} kinds[DIFF_NKINDS] = {
	[DIFF_NEW] = { "+", ROLE_NEW },
	[DIFF_GONE] = { "-", ROLE_GONE },
	[DIFF_CHANGED] = { "~", ROLE_CHANGED },
};

static void
diff_cell(struct pane *p, int i, size_t c, struct buf *out)
{
	const struct changes *s = p->priv;
	const struct diff_line *line = s->line[i];

	if (c == COL_SIGN)
		buf_puts(out, kinds[line->kind].sign);
	else if (c == COL_STATE && line->kind == DIFF_CHANGED)
		buf_printf(out, "%s, was %s",
		    sock_state_name(line->row->rec.state),
		    sock_state_name(line->was));
	else if (c == COL_STATE)
		buf_puts(out, sock_state_name(line->row->rec.state));
	else
		column_put(column_find(diff_names[c - COL_FIRST]), line->row,
		    &p->ui->view.ctx, out);
}

static enum theme_role
diff_role(struct pane *p, int i)
{
	const struct changes *s = p->priv;

	return kinds[s->line[i]->kind].role;
}

static void
diff_changed(struct pane *p)
{
	struct changes *s = p->priv;

	if (p->ui->baseline != NULL)
		baseline_diff(p->ui->baseline, p->ui->table, &s->diff);
	s->n = 0; /* they pointed into what was */
	p->n = 0;
}

/* The filter may be another one; the cursor stays on its socket. */
static void
refill(struct pane *p)
{
	const struct view *v = &p->ui->view;
	struct changes *s = p->priv;
	const struct diff_line *line;
	size_t i;

	s->line = xreallocarray(
	    s->line, s->diff.n + 1, sizeof(const struct diff_line *));
	s->n = 0;
	for (i = 0; i < s->diff.n; i++) {
		line = &s->diff.line[i];
		if (!filter_eval(v->filter, line->row, &v->ctx) ||
		    !filter_eval(v->toggles, line->row, &v->ctx))
			continue;
		if (sock_key_eq(sock_key(&line->row->rec), s->key))
			p->at = (int)s->n;
		s->line[s->n++] = line;
	}
	p->n = (int)s->n;
	if (p->at >= p->n)
		p->at = p->n > 0 ? p->n - 1 : 0;
	if (p->n > 0)
		s->key = sock_key(&s->line[p->at]->row->rec);
}

static void
put_caption(struct pane *p, struct buf *out)
{
	const struct changes *s = p->priv;
	const struct ui *ui = p->ui;

	if (ui->baseline == NULL) {
		buf_puts(out, "Changes");
		return;
	}
	buf_puts(out, "Since ");
	grid_put_clock(out, baseline_time(ui->baseline).tv_sec);
	buf_printf(out, ": %zu new, %zu gone, %zu in another state",
	    s->diff.count[DIFF_NEW], s->diff.count[DIFF_GONE],
	    s->diff.count[DIFF_CHANGED]);
	if (s->n != s->diff.n)
		buf_printf(out, "; %zu match the filter", s->n);
}

static void
diff_draw(struct pane *p)
{
	struct changes *s = p->priv;
	struct buf caption = { 0 };

	refill(p);
	put_caption(p, &caption);
	grid_draw(&s->grid, p, caption.data,
	    p->ui->baseline == NULL
		? "There is no baseline yet. Press b to remember what is there "
		  "now; what is new, gone or in another state since then is "
		  "listed here."
	    : s->diff.n > 0 ? "Nothing that changed matches the filter."
			    : "Nothing has changed since the baseline.");
	buf_done(&caption);
}

static void
diff_moved(struct pane *p)
{
	struct changes *s = p->priv;

	s->key = sock_key(&s->line[p->at]->row->rec);
}

static struct row *
diff_row(struct pane *p)
{
	const struct changes *s = p->priv;

	refill(p);
	return p->n > 0 ? s->line[p->at]->row : NULL;
}

static unsigned
diff_needs(const struct pane *p)
{
	(void)p;
	return NEED_OWNER | NEED_USER;
}

static void
diff_free(struct pane *p)
{
	struct changes *s = p->priv;

	diff_done(&s->diff);
	free(s->line);
	free(s);
}

const struct pane_ops pane_diff_ops = {
	.name = "changes",
	.map = MAP_LIST,
	.cursor = true,
	.draw = diff_draw,
	.move = grid_move,
	.enter = grid_enter_detail,
	.find = grid_find,
	.needs = diff_needs,
	.changed = diff_changed,
	.mouse = grid_mouse,
	.row = diff_row,
	.free = diff_free,
};

void
pane_diff_toggle(struct ui *ui)
{
	const struct grid grid = { .col = diff_cols,
		.cell = diff_cell,
		.role = diff_role,
		.refill = refill,
		.moved = diff_moved };
	struct pane *p =
	    grid_toggle(ui, &pane_diff_ops, &grid, sizeof(struct changes));

	if (p != NULL)
		diff_changed(p);
}

void
pane_diff_mark(struct ui *ui)
{
	struct baseline *old = ui->baseline;
	struct pane *p = ui_pane_find(ui, &pane_diff_ops);
	struct buf text = { 0 };

	ui->baseline = baseline_new(ui->table, clock_wall());
	if (p != NULL)
		diff_changed(p);
	baseline_free(old);
	grid_put_clock(&text, baseline_time(ui->baseline).tv_sec);
	ui_status(ui, "Baseline: %zu sockets at %s; D shows what changes",
	    baseline_size(ui->baseline), text.data);
	buf_done(&text);
	ui->dirty |= DIRTY_ALL;
}
