/* SPDX-License-Identifier: ISC */
/* Drawing a list in columns. What stands in the cells is the pane's. */
#include "config.h"

#include "ui/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/ui.h"

#define GRID_WIDE_COLS 110
#define MARGIN         1
#define GAP            1

static bool
is_shown(const struct grid_col *c, const struct pane *p)
{
	return (c->flags & GRID_WIDE) == 0 || p->w >= GRID_WIDE_COLS;
}

static void
seen(struct grid *g, size_t c, const char *text)
{
	int w = (int)text_width(text);

	if (w > g->w[c])
		g->w[c] = w;
}

static void
measure(struct grid *g, struct pane *p, int h)
{
	struct buf text = { 0 };
	size_t c;
	int i;

	if (g->screen_w != p->w)
		for (c = 0; c < GRID_COLS_MAX; c++)
			g->w[c] = 0;
	g->screen_w = p->w;
	for (c = 0; g->col[c].title != NULL; c++) {
		seen(g, c, g->col[c].title);
		for (i = p->top; i < p->n && i < p->top + h; i++) {
			buf_reset(&text);
			g->cell(p, i, c, &text);
			if (text.len > 0)
				seen(g, c, text.data);
		}
	}
	buf_done(&text);
}

/* Widths that fit: the widest of those that give way gives first. */
static void
fit(const struct grid *g, const struct pane *p, int w[GRID_COLS_MAX])
{
	size_t c, widest;
	int sum = MARGIN;

	for (c = 0; g->col[c].title != NULL; c++) {
		w[c] = is_shown(&g->col[c], p) ? g->w[c] : 0;
		sum += w[c] > 0 ? w[c] + GAP : 0;
	}
	for (; sum - GAP > p->w; sum--) {
		widest = GRID_COLS_MAX;
		for (c = 0; g->col[c].title != NULL; c++)
			if ((g->col[c].flags & GRID_FLEX) != 0 &&
			    w[c] > g->col[c].min &&
			    (widest == GRID_COLS_MAX || w[c] > w[widest]))
				widest = c;
		if (widest == GRID_COLS_MAX)
			return; /* the edge cuts */
		w[widest]--;
	}
}

static void
draw_cell(struct pane *p, int y, int x, int w, unsigned flags, unsigned attr,
    const char *text)
{
	struct buf cut = { 0 };
	int tw = (int)text_width(text);

	if (tw > w && (flags & GRID_ADDR) != 0) {
		(void)text_fit(
		    &cut, text, (size_t)w, TEXT_CUT_MIDDLE, !text_utf8());
		pane_text(p, y, x, w, attr, cut.data == NULL ? "" : cut.data);
		buf_done(&cut);
		return;
	}
	if ((flags & GRID_RIGHT) != 0 && tw < w)
		x += w - tw;
	pane_text(p, y, x, w, attr, text);
}

static void
draw_titles(const struct grid *g, struct pane *p, const int w[GRID_COLS_MAX])
{
	unsigned attr = theme_attr(ROLE_TITLE);
	size_t c;
	int x = MARGIN;

	pane_fill(p, 1, 0, p->w, attr);
	for (c = 0; g->col[c].title != NULL; c++) {
		if (w[c] == 0)
			continue;
		draw_cell(
		    p, 1, x, w[c], g->col[c].flags, attr, g->col[c].title);
		x += w[c] + GAP;
	}
}

static enum theme_role
role_of(const struct grid *g, struct pane *p, int i)
{
	return g->role != NULL ? g->role(p, i) : ROLE_TEXT;
}

static void
draw_line(const struct grid *g, struct pane *p, int y, int i,
    const int w[GRID_COLS_MAX])
{
	bool at = i == p->at;
	unsigned attr = theme_attr(!at                    ? role_of(g, p, i)
				   : ui_focus(p->ui) == p ? ROLE_SELECTED
							  : ROLE_SELECTED_DULL);
	struct buf text = { 0 };
	size_t c;
	int x = MARGIN;

	if (at) {
		pane_fill(p, y, 0, p->w, attr);
		pane_text(p, y, 0, 1, attr, ">");
	}
	for (c = 0; g->col[c].title != NULL; c++) {
		if (w[c] == 0)
			continue;
		buf_reset(&text);
		g->cell(p, i, c, &text);
		if (text.len > 0)
			draw_cell(
			    p, y, x, w[c], g->col[c].flags, attr, text.data);
		x += w[c] + GAP;
	}
	buf_done(&text);
}

static void
draw_empty(struct pane *p, const char *text)
{
	char line[160];
	size_t len;
	int y;

	for (y = GRID_HEAD; *text != '\0' && y < p->h; y++) {
		len = prose_break(text, p->w - 4);
		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		memcpy(line, text, len);
		line[len] = '\0';
		pane_text(p, y, 2, p->w - 2, theme_attr(ROLE_DIM), line);
		text += len;
		text += strspn(text, " ");
	}
}

static void
draw_caption(struct pane *p, const char *caption)
{
	static const char hint[] = "Esc: back";
	int x = p->w - (int)sizeof(hint);

	pane_text(
	    p, 0, MARGIN, p->w - MARGIN, theme_attr(ROLE_HEADING), caption);
	if ((int)text_width(caption) + MARGIN + 2 < x)
		pane_text(p, 0, x, p->w - x, theme_attr(ROLE_DIM), hint);
}

void
grid_draw(
    struct grid *g, struct pane *p, const char *caption, const char *empty)
{
	int w[GRID_COLS_MAX], whole = p->h, h = p->h - GRID_HEAD - g->foot, y;

	p->h = h < 1 ? 1 : h;
	pane_clamp(p);
	h = p->h;
	p->h = whole;
	measure(g, p, h);
	fit(g, p, w);
	draw_caption(p, caption);
	if (p->n > 0)
		draw_titles(g, p, w);
	for (y = 0; y < h && p->top + y < p->n; y++)
		draw_line(g, p, GRID_HEAD + y, p->top + y, w);
	if (p->n == 0)
		draw_empty(p, empty);
}

static void
moved(struct pane *p)
{
	const struct grid *g = p->priv;

	if (g->moved != NULL && p->n > 0)
		g->moved(p);
}

void
grid_move(struct pane *p, enum pane_move move)
{
	const struct grid *g = p->priv;
	int whole = p->h;

	g->refill(p);
	if (p->h > GRID_HEAD + 1)
		p->h -= GRID_HEAD;
	pane_move(p, move);
	p->h = whole;
	moved(p);
}

/* The line under the mouse, or -1. */
static int
line_at(const struct pane *p, int y)
{
	const struct grid *g = p->priv;
	int i = p->top + y - GRID_HEAD;

	return y < GRID_HEAD || y >= p->h - g->foot || i >= p->n ? -1 : i;
}

bool
grid_mouse(struct pane *p, int y, int x, enum mouse_button button)
{
	const struct grid *g = p->priv;
	int i;

	(void)x;
	g->refill(p);
	i = line_at(p, y);
	if (i < 0 || (button != MOUSE_LEFT && button != MOUSE_DOUBLE))
		return true;
	p->at = i;
	moved(p);
	if (button == MOUSE_DOUBLE)
		p->ops->enter(p);
	return true;
}

static bool
find(struct pane *p, const char *text, bool next)
{
	const struct grid *g = p->priv;
	struct buf cell = { 0 };
	char *lower = prose_lower(text);
	bool found = false;
	size_t c;
	int k, i;

	for (k = 0; k < p->n && !found; k++) {
		i = (p->at + k + (next ? 1 : 0)) % p->n;
		for (c = 0; g->col[c].title != NULL && !found; c++) {
			buf_reset(&cell);
			g->cell(p, i, c, &cell);
			found = cell.len > 0 && text_contains(cell.data, lower);
		}
		if (found)
			p->at = i;
	}
	buf_done(&cell);
	free(lower);
	return found;
}

bool
grid_find(struct pane *p, const char *text, bool next)
{
	const struct grid *g = p->priv;

	g->refill(p);
	if (!find(p, text, next))
		return false;
	moved(p);
	return true;
}

void
grid_enter_detail(struct pane *p)
{
	pane_detail_toggle(p->ui);
}

struct pane *
grid_toggle(struct ui *ui, const struct pane_ops *ops, const struct grid *g,
    size_t priv_size)
{
	struct pane *p = ui_pane_find(ui, ops);
	void *priv;

	if (p != NULL) {
		ui_pane_close(ui, p);
		return NULL;
	}
	ui_pane_close_main(ui);
	priv = xcalloc(1, priv_size);
	memcpy(priv, g, sizeof(*g));
	return ui_pane_open(ui, ops, PLACE_MAIN, priv);
}

void
grid_put_clock(struct buf *out, time_t at)
{
	char text[16];
	struct tm tm;

	if (localtime_r(&at, &tm) != NULL &&
	    strftime(text, sizeof(text), "%H:%M:%S", &tm) > 0)
		buf_puts(out, text);
}
