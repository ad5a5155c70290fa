/* SPDX-License-Identifier: ISC */
/*
 * The table itself: titles, rows, headings. Only what is seen is formatted.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/paint.h"
#include "ui/table_cols.h"
#include "ui/theme.h"

#define GAUGE_W      6u
#define HEADING_WIDE 110
#define NAME_LEAST   5 /* less of a name beside a port says nothing */

static const enum theme_role state_roles[SOCK_NSTATES] = {
	[SOCK_STATE_UNKNOWN] = ROLE_DIM,
	[SOCK_ESTABLISHED] = ROLE_ESTABLISHED,
	[SOCK_SYN_SENT] = ROLE_CLOSING,
	[SOCK_SYN_RECEIVED] = ROLE_CLOSING,
	[SOCK_FIN_WAIT_1] = ROLE_CLOSING,
	[SOCK_FIN_WAIT_2] = ROLE_CLOSING,
	[SOCK_TIME_WAIT] = ROLE_WAITING,
	[SOCK_CLOSED] = ROLE_DIM,
	[SOCK_CLOSE_WAIT] = ROLE_WARNING,
	[SOCK_LAST_ACK] = ROLE_CLOSING,
	[SOCK_LISTEN] = ROLE_LISTEN,
	[SOCK_CLOSING] = ROLE_CLOSING,
	[SOCK_BOUND] = ROLE_WAITING,
	[SOCK_UNCONNECTED] = ROLE_LISTEN,
	[SOCK_CONNECTED] = ROLE_ESTABLISHED,
};

static int
margin(const struct ui *ui)
{
	/* With rules for alerts there is a place for their sign. */
	return (ui->group.mode == GROUP_FLAT ? 1 : 3) + (ui->alerts != NULL);
}

static const struct column *
sorted(const struct ui *ui)
{
	return ui->view.nsort > 0 ? ui->view.sort[0].col : NULL;
}

/* Connections of a listener, and how full its accept queue is; fewer words
 * where there is no room (brief: 0, 1, 2). */
static void
put_gauge(const struct group_head *head, int brief, struct buf *b)
{
	const struct sock_rec *r = &head->row->rec;
	uint32_t full, i;

	if (brief == 0 && head->unaccepted > 0)
		buf_printf(b, "%u accepted, %u not yet",
		    head->rows - head->unaccepted, head->unaccepted);
	else if (brief < 2)
		buf_printf(b, brief == 0 ? "%u accepted" : "%u acc.",
		    head->rows - head->unaccepted);
	if (r->state != SOCK_LISTEN || (r->known & KNOWN_QUEUES) == 0 ||
	    r->sendq == 0)
		return;
	full = r->recvq >= r->sendq
		   ? GAUGE_W
		   : (uint32_t)((uint64_t)r->recvq * GAUGE_W / r->sendq);
	if (full == 0 && r->recvq > 0)
		full = 1;
	buf_puts(b, brief < 2 ? " [" : "[");
	for (i = 0; i < GAUGE_W; i++)
		buf_putc(b, i < full ? '#' : '-');
	buf_printf(b, "] %u/%u", r->recvq, r->sendq);
}

/* The peer of a heading that is a listener: all of its connections. */
static bool
is_gauge(const struct group_head *head, const struct column *c)
{
	return head != NULL && head->row != NULL &&
	       strcmp(c->name, "peer") == 0;
}

/* The address of "0.0.0.0:5432 postgresql" is what must be seen. */
static size_t
core_length(const struct column *c, const char *text)
{
	return c->type == VAL_ADDR ? strcspn(text, " ") : strlen(text);
}

static void
see_cell(struct table_cols *t, size_t i, char *text)
{
	size_t n = core_length(t->col[i], text);
	int w = (int)text_width(text), core = w;
	char c = text[n], *gauge = strchr(text, '[');

	/* An accept gauge can do without its words. */
	if (gauge != NULL && gauge > text && gauge[-1] == ' ')
		core = (int)text_width(gauge);
	else if (c != '\0') {
		text[n] = '\0';
		core = (int)text_width(text);
		text[n] = c;
	}
	table_cols_seen(t, i, w, core);
}

/* "nginx +3": workers that share a listener are easily overlooked. */
static void
put_more_holders(const struct column *c, const struct row *row, struct buf *b)
{
	uint32_t n = owners_procs(&row->owners);

	if (n > 1 && strcmp(c->name, "process") == 0)
		buf_printf(b, " +%u", n - 1);
}

/* Of a scan of this deck: whose it is, is often not to be seen. */
static void
put_cell(
    struct ui *ui, const struct column *c, const struct row *row, struct buf *b)
{
	if ((row->flags & ROW_SCAN) != 0 && row->owners.proc == NULL &&
	    strcmp(c->name, "process") == 0) {
		buf_puts(b, "own scan");
		return;
	}
	column_put(c, row, &ui->view.ctx, b);
	put_more_holders(c, row, b);
}

/* Formats the visible cells once: to measure, then to draw. */
static void
format_cells(struct ui *ui, struct table_cols *t, size_t lines)
{
	const struct row *row;
	const struct group_head *head;
	size_t i, c, k = 0;

	t->cell = array_grow(
	    t->cell, &t->cells_cap, lines * t->n + 1, sizeof *t->cell);
	for (i = 0; i < lines; i++) {
		row = ui_line_row(ui, ui->top + i);
		head = ui_line_head(ui, ui->top + i);
		for (c = 0; c < t->n; c++) {
			t->cell[k++] = t->text.len;
			if (is_gauge(head, t->col[c]))
				put_gauge(head, 0, &t->text);
			else if (row != NULL)
				put_cell(ui, t->col[c], row, &t->text);
			buf_putc(&t->text, '\0');
			see_cell(t, c, t->text.data + t->cell[k - 1]);
		}
	}
}

static void
draw_titles(struct pane *p, const struct table_cols *t)
{
	const struct column *c;
	unsigned attr;
	char title[64];
	size_t k;
	int x, w, tw;

	pane_fill(p, 0, 0, p->w, theme_attr(ROLE_TITLE));
	for (k = 0; k < t->nat; k++) {
		c = t->col[t->at[k].i];
		x = t->at[k].x;
		w = t->at[k].w;
		attr = theme_attr(ROLE_TITLE);
		(void)snprintf(title, sizeof title, "%s%s", c->title,
		    c != sorted(p->ui)         ? ""
		    : p->ui->view.sort[0].desc ? glyph(GLYPH_DOWN)
					       : glyph(GLYPH_UP));
		tw = (int)text_width(title);
		if (c == sorted(p->ui)) {
			attr = theme_attr(ROLE_SORTED);
			pane_fill(p, 0, x, w, attr);
		}
		if ((c->flags & COL_RIGHT) && tw < w)
			x += w - tw;
		pane_text(p, 0, x, t->at[k].x + w - x, attr, title);
	}
	if (t->more_left)
		pane_text(p, 0, 0, 1, theme_attr(ROLE_TITLE), "<");
	if (t->more_right)
		pane_text(p, 0, p->w - 1, 1, theme_attr(ROLE_TITLE), ">");
}

/* What the whole line looks like, or ROLE_TEXT: each cell its own. */
static enum theme_role
line_role(const struct ui *ui, const struct row *row)
{
	if (row == NULL)
		return ROLE_HEADING;
	if (row->flags & ROW_TAGGED)
		return ROLE_TAGGED;
	if ((row->flags & (ROW_ALERT | ROW_GONE)) == ROW_ALERT)
		return ROLE_WARNING;
	if (row->flags & ROW_SCAN)
		return ROLE_DIM;
	if (!ui->config->opt.highlight)
		return ROLE_TEXT;
	if (row->flags & ROW_GONE)
		return ROLE_GONE;
	if (row->flags & ROW_NEW)
		return ROLE_NEW;
	if (row->flags & ROW_CHANGED)
		return ROLE_CHANGED;
	return ROLE_TEXT;
}

static enum theme_role
cell_role(const struct column *c, const struct row *row, const char *text)
{
	if (strcmp(text, "-") == 0 || strcmp(text, "0") == 0)
		return ROLE_DIM;
	if (c->type == VAL_STATE)
		return state_roles[row->rec.state % SOCK_NSTATES];
	return ROLE_TEXT;
}

/* The name beside a port goes first; then the address gives way in its
 * middle; the port stays whole. */
static void
fit_addr(struct buf *b, const struct column *c, const char *all, int w)
{
	char *text = xstrndup(all, core_length(c, all)), *host;
	const char *port = strrchr(text, ':');
	int pw = port == NULL ? 0 : (int)text_width(port);

	if ((int)text_width(text) <= w) {
		if ((int)text_width(text) + NAME_LEAST <= w)
			(void)text_fit(
			    b, all, (size_t)w, TEXT_CUT_END, !text_utf8());
		else
			buf_puts(b, text);
		free(text);
		return;
	}
	if (port == NULL || pw > w - 5) {
		(void)text_fit(
		    b, text, (size_t)w, TEXT_CUT_MIDDLE, !text_utf8());
		free(text);
		return;
	}
	host = xstrndup(text, (size_t)(port - text));
	(void)text_fit(
	    b, host, (size_t)(w - pw), TEXT_CUT_MIDDLE, !text_utf8());
	buf_puts(b, port);
	free(host);
	free(text);
}

static void
draw_cell(struct pane *p, int y, int x, int w, const struct column *c,
    unsigned attr, const char *text)
{
	struct buf b = { 0 };
	int tw = (int)text_width(text);

	if (tw > w && c->type == VAL_ADDR) {
		fit_addr(&b, c, text, w);
		pane_text(p, y, x, w, attr, b.data);
		buf_done(&b);
		return;
	}
	if ((c->flags & COL_RIGHT) && tw < w)
		x += w - tw;
	pane_text(p, y, x, w, attr, text);
}

static void
draw_gauge(struct pane *p, int y, int x, int w, const struct group_head *head,
    unsigned attr)
{
	struct buf b = { 0 };
	int brief;

	for (brief = 0; brief < 3; brief++) {
		buf_reset(&b);
		put_gauge(head, brief, &b);
		if (brief == 2 || (int)text_width(b.data) <= w)
			break;
	}
	if (b.len > 0)
		pane_text(p, y, x, w, attr, b.data);
	buf_done(&b);
}

static void
draw_row(struct pane *p, int y, size_t line, const size_t *cell, bool selected)
{
	struct ui *ui = p->ui;
	const struct table_cols *t = ui->laid;
	const struct row *row = ui_line_row(ui, line);
	const struct group_head *head = ui_line_head(ui, line);
	enum theme_role role = line_role(ui, row), r;
	unsigned focus =
	    theme_attr(ui_focus(ui) == p ? ROLE_SELECTED : ROLE_SELECTED_DULL);
	const char *text;
	size_t k;

	if (selected)
		pane_fill(p, y, 0, p->w, focus);
	for (k = 0; k < t->nat; k++) {
		const struct column *c = t->col[t->at[k].i];

		text = t->text.data + cell[t->at[k].i];
		r = role == ROLE_TEXT ? cell_role(c, row, text) : role;
		if (is_gauge(head, c)) {
			draw_gauge(p, y, t->at[k].x, t->at[k].w, head,
			    selected ? focus : theme_attr(ROLE_GRAPH));
			continue;
		}
		draw_cell(p, y, t->at[k].x, t->at[k].w, c,
		    selected ? focus : theme_attr(r), text);
	}
	if (row->flags & ROW_ALERT)
		pane_text(p, y, margin(ui) - 1, 1,
		    selected ? focus : theme_attr(ROLE_ERROR), "!");
	if (row->flags & ROW_TAGGED)
		pane_text(p, y, 0, 1, selected ? focus : theme_attr(role), "*");
	else if (selected)
		pane_text(p, y, 0, 1, focus, ">");
}

/* What is beneath a heading; the traffic is the last thing to give up (brief:
 * 0, 1, 2). */
static void
put_beneath(const struct group_head *head, int brief, struct buf *b)
{
	char rx[TEXT_UNIT_MAX], tx[TEXT_UNIT_MAX];

	buf_printf(b, "%u socket%s", head->rows, head->rows == 1 ? "" : "s");
	if (head->listen > 0 && brief < 2)
		buf_printf(b, ", %u %s", head->listen,
		    brief == 0 ? "listening" : "listen");
	if (head->established > 0 && brief < 2)
		buf_printf(b, ", %u %s", head->established,
		    brief == 0 ? "established" : "estab");
	if (head->rx_bps > 0 || head->tx_bps > 0)
		buf_printf(b, "%srx %s/s tx %s/s", brief == 0 ? "   " : "  ",
		    text_rate(rx, head->rx_bps), text_rate(tx, head->tx_bps));
}

static void
draw_heading(
    struct pane *p, int y, const struct group_head *head, bool selected)
{
	unsigned focus = theme_attr(
	    ui_focus(p->ui) == p ? ROLE_SELECTED : ROLE_SELECTED_DULL);
	struct buf line = { 0 };
	int x, w, brief;

	if (selected) {
		pane_fill(p, y, 0, p->w, focus);
		pane_text(p, y, 0, 1, focus, ">");
	}
	w = (int)text_width(head->label);
	pane_text(p, y, 3, p->w - 3,
	    selected ? focus : theme_attr(ROLE_HEADING), head->label);
	/* In a column of their own where the labels leave room. */
	x = p->w < 80 ? 0 : p->w < HEADING_WIDE ? 24 : 36;
	if (x < w + 5)
		x = w + 5;
	for (brief = 0; brief < 3; brief++) {
		buf_reset(&line);
		put_beneath(head, brief, &line);
		if ((int)text_width(line.data) <= p->w - x)
			break;
	}
	pane_text(p, y, x, p->w - x, selected ? focus : theme_attr(ROLE_DIM),
	    line.data);
	buf_done(&line);
}

/* The sign that opens and closes, or the branch a row hangs on. */
static void
draw_branch(struct pane *p, int y, size_t line, bool selected)
{
	struct ui *ui = p->ui;
	const struct group_line *l = &ui->group.line[line];
	bool last =
	    line + 1 >= ui->group.n || ui->group.line[line + 1].head != NULL;
	unsigned attr =
	    theme_attr(l->head != NULL ? ROLE_HEADING : ROLE_BORDER);

	if (selected)
		attr = theme_attr(
		    ui_focus(ui) == p ? ROLE_SELECTED : ROLE_SELECTED_DULL);
	if (l->head != NULL && l->head->rows > 0)
		pane_text(p, y, 1, 1, attr,
		    glyph(l->head->open ? GLYPH_OPEN : GLYPH_CLOSED));
	else if (l->depth > 0)
		pane_text(
		    p, y, 1, 1, attr, glyph(last ? GLYPH_LAST : GLYPH_BRANCH));
}

static void
draw_empty(struct pane *p)
{
	struct ui *ui = p->ui;
	const char *text = "no sockets";
	char near[80];

	if (ui->source.last_ns == 0)
		text = "reading ...";
	else if (ui->near_command != NULL) {
		(void)snprintf(near, sizeof near,
		    "nothing matches; did you mean sockdeck %s? Esc clears "
		    "the filter",
		    ui->near_command);
		text = near;
	} else if (ui->table->n > 0)
		text = ui->filter != NULL ? "nothing matches: Esc clears the "
					    "filter"
					  : "nothing matches: a shows all";
	pane_text(p, p->h / 3 < 2 ? 1 : p->h / 3,
	    (p->w - (int)text_width(text)) / 2 < 0
		? 0
		: (p->w - (int)text_width(text)) / 2,
	    p->w, theme_attr(ROLE_DIM), text);
}

static void
table_draw(struct pane *p)
{
	struct ui *ui = p->ui;
	struct table_cols *t;
	size_t lines = ui_lines(ui), n, i;
	const struct row *row;
	bool selected;

	if (ui->laid == NULL)
		ui->laid = xcalloc(1, sizeof *ui->laid);
	t = ui->laid;
	n = p->h > 1 ? (size_t)p->h - 1 : 0;
	if (ui->top >= lines)
		ui->top = lines > n ? lines - n : 0;
	if (n > lines - ui->top)
		n = lines - ui->top;
	table_cols_begin(t, &ui->columns, sorted(ui), p->w);
	format_cells(ui, t, n);
	table_cols_lay(t, margin(ui), ui->xscroll, sorted(ui));
	draw_titles(p, t);
	for (i = 0; i < n; i++) {
		selected = ui->top + i == ui->at;
		row = ui_line_row(ui, ui->top + i);
		if (row != NULL)
			draw_row(p, (int)i + 1, ui->top + i, &t->cell[i * t->n],
			    selected);
		else
			draw_heading(p, (int)i + 1,
			    ui_line_head(ui, ui->top + i), selected);
		if (ui->group.mode != GROUP_FLAT)
			draw_branch(p, (int)i + 1, ui->top + i, selected);
	}
	if (lines == 0)
		draw_empty(p);
}

/* A title sorts, and turns the order round at the second press. */
static void
title_pressed(struct ui *ui, int x)
{
	const struct table_cols *t = ui->laid;
	const struct column *c;
	char *spec;
	size_t k;

	for (k = 0; t != NULL && k < t->nat; k++) {
		if (x < t->at[k].x || x > t->at[k].x + t->at[k].w)
			continue;
		c = t->col[t->at[k].i];
		if (c == sorted(ui)) {
			cmd_run(ui, "sort-reverse");
			return;
		}
		xasprintf(&spec, "sort %s%s", c->flags & COL_DESC ? "-" : "",
		    c->name);
		cmd_run(ui, spec);
		free(spec);
		return;
	}
}

static bool
table_mouse(struct pane *p, int y, int x, enum mouse_button button)
{
	struct ui *ui = p->ui;

	if (y == 0) {
		if (button == MOUSE_LEFT || button == MOUSE_DOUBLE)
			title_pressed(ui, x);
		return true;
	}
	if (button != MOUSE_LEFT && button != MOUSE_DOUBLE)
		return false;
	if (ui->top + (size_t)y - 1 < ui_lines(ui)) {
		ui_select_line(ui, ui->top + (size_t)y - 1);
		if (button == MOUSE_DOUBLE || (x < 3 && ui_head(ui) != NULL))
			cmd_run(ui, "enter");
	}
	return true;
}

const struct pane_ops pane_table_ops = {
	.name = "table",
	.map = MAP_TABLE,
	.draw = table_draw,
	.mouse = table_mouse,
};
