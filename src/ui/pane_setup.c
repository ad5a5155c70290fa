/* SPDX-License-Identifier: ISC */
/*
 * The setup screen: columns, settings, keys, each a list of one table. What
 * is changed holds at once; the file is written only when asked for.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/setup.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define HEAD_LINES 2 /* tabs, an empty line */
#define FOOT_LINES 4 /* an empty line, two of help, one of keys */

static struct pane *
setup_pane(struct ui *ui)
{
	return ui_pane_find(ui, &pane_setup_ops);
}

static int
list_height(const struct pane *p)
{
	int h = p->h - HEAD_LINES - FOOT_LINES;

	return h < 1 ? 1 : h;
}

static void
draw_tabs(struct pane *p)
{
	const struct setup *s = p->priv;
	size_t i;
	int x = 0;

	for (i = 0; i < SETUP_NTABS; i++) {
		pane_text(p, 0, x, p->w - x,
		    theme_attr(i == s->tab ? ROLE_SELECTED : ROLE_DIM),
		    setup_tabs[i].title);
		x += (int)text_width(setup_tabs[i].title) + 3;
	}
}

static void
draw_help(struct pane *p, int y)
{
	const struct setup *s = p->priv;
	const char *text = setup_tabs[s->tab].help(s, p->at);
	size_t len;
	char *line;
	int i;

	for (i = 0; i < 2 && *text != '\0'; i++) {
		len = prose_break(text, p->w);
		line = xstrndup(text, len);
		pane_text(p, y + i, 0, p->w, theme_attr(ROLE_TEXT), line);
		free(line);
		text += len;
		text += strspn(text, " ");
	}
}

static void
draw_keys(struct pane *p, int y)
{
	static const struct {
		const char *command, *words;
	} hints[] = {
		{ "item up", "up" },
		{ "item down", "down" },
		{ "item default", "as it came" },
		{ "item save", "save" },
	};
	const struct setup *s = p->priv;
	struct buf line = { 0 };
	const char *key;
	size_t i;

	buf_printf(&line, "%s", setup_tabs[s->tab].keys);
	for (i = s->tab == SETUP_COLUMNS ? 0 : 3; i < nitems(hints); i++) {
		key = keytable_key_of(p->ui->keys, MAP_LIST, hints[i].command);
		if (key != NULL)
			buf_printf(&line, "   %s %s", key, hints[i].words);
	}
	pane_text(p, y, 0, p->w, theme_attr(ROLE_DIM), line.data);
	buf_done(&line);
}

static void
setup_draw(struct pane *p)
{
	const struct setup *s = p->priv;
	const struct setup_tab *tab = &setup_tabs[s->tab];
	int h = list_height(p), whole = p->h, y;
	unsigned attr;

	p->n = tab->count(s);
	p->h = h;
	pane_clamp(p);
	p->h = whole;
	draw_tabs(p);
	for (y = 0; y < h && p->top + y < p->n; y++) {
		attr =
		    theme_attr(p->top + y == p->at ? ROLE_SELECTED : ROLE_TEXT);
		pane_fill(p, HEAD_LINES + y, 0, p->w, attr);
		tab->draw(p, HEAD_LINES + y, p->top + y, attr);
	}
	draw_help(p, HEAD_LINES + h + 1);
	draw_keys(p, HEAD_LINES + h + 3);
}

static void
switch_tab(struct pane *p, size_t to)
{
	struct setup *s = p->priv;

	s->kept[s->tab].at = p->at;
	s->kept[s->tab].top = p->top;
	s->tab = to;
	p->at = s->kept[to].at;
	p->top = s->kept[to].top;
	p->n = setup_tabs[to].count(s);
	p->ui->dirty |= DIRTY_ALL;
}

static void
setup_move(struct pane *p, enum pane_move move)
{
	const struct setup *s = p->priv;
	int whole = p->h;

	if (move == PANE_LEFT || move == PANE_RIGHT) {
		switch_tab(
		    p, (s->tab + (move == PANE_LEFT ? SETUP_NTABS - 1 : 1)) %
			   SETUP_NTABS);
		return;
	}
	p->h = list_height(p);
	pane_move(p, move);
	p->h = whole;
}

static void
setup_enter(struct pane *p)
{
	const struct setup *s = p->priv;

	if (setup_tabs[s->tab].enter != NULL && p->at < p->n)
		setup_tabs[s->tab].enter(p, p->at);
	p->ui->dirty |= DIRTY_ALL;
}

static bool
setup_key(struct pane *p, int key)
{
	if (key != ' ')
		return false;
	setup_enter(p);
	return true;
}

static bool
setup_mouse(struct pane *p, int y, int x, enum mouse_button button)
{
	size_t i;
	int at;

	if (button != MOUSE_LEFT && button != MOUSE_DOUBLE)
		return false;
	if (y == 0) {
		for (i = 0; i < SETUP_NTABS && x >= 0; i++) {
			if (x < (int)text_width(setup_tabs[i].title))
				switch_tab(p, i);
			x -= (int)text_width(setup_tabs[i].title) + 3;
		}
		return true;
	}
	at = p->top + y - HEAD_LINES;
	if (y < HEAD_LINES || y >= HEAD_LINES + list_height(p) || at >= p->n)
		return true;
	if (at == p->at || x < SETUP_MARK_W) {
		p->at = at;
		setup_enter(p);
	}
	p->at = at;
	p->ui->dirty |= DIRTY_ALL;
	return true;
}

static bool
setup_find(struct pane *p, const char *text, bool next)
{
	const struct setup *s = p->priv;
	const struct setup_tab *tab = &setup_tabs[s->tab];
	char *lower = prose_lower(text);
	bool found = false;
	int k, i, n = tab->count(s);

	for (k = 0; k < n && !found; k++) {
		i = (p->at + k + (next ? 1 : 0)) % n;
		found = text_contains(tab->name(s, i), lower);
		if (found)
			p->at = i;
	}
	free(lower);
	return found;
}

static const char *
setup_title(struct pane *p)
{
	(void)p;
	return "Setup";
}

static void
setup_free(struct pane *p)
{
	struct setup *s = p->priv;

	chooser_done(&s->columns);
	free(s);
}

const struct pane_ops pane_setup_ops = {
	.name = "setup",
	.map = MAP_LIST,
	.cursor = true,
	.title = setup_title,
	.draw = setup_draw,
	.move = setup_move,
	.enter = setup_enter,
	.find = setup_find,
	.key = setup_key,
	.mouse = setup_mouse,
	.free = setup_free,
};

void
pane_setup_open(struct ui *ui)
{
	struct pane *p = setup_pane(ui);
	struct setup *s;

	if (p != NULL) {
		ui_pane_close(ui, p);
		return;
	}
	s = xcalloc(1, sizeof(*s));
	chooser_init(&s->columns, &ui->columns);
	p = ui_pane_open(ui, &pane_setup_ops, PLACE_POPUP, s);
	p->want_w = 88;
	p->want_h = 40;
	p->n = setup_tabs[SETUP_COLUMNS].count(s);
	ui->dirty |= DIRTY_LAYOUT;
}

bool
pane_setup_item(struct ui *ui, const char *what)
{
	struct pane *p = setup_pane(ui);
	struct setup *s;

	if (p == NULL || ui_focus(ui) != p)
		return false;
	s = p->priv;
	if (strcmp(what, "save") == 0) {
		cmd_run(ui, "save");
		return true;
	}
	if (s->tab != SETUP_COLUMNS)
		return true; /* only columns have an order */
	if (strcmp(what, "up") == 0)
		setup_columns_move(p, -1);
	else if (strcmp(what, "down") == 0)
		setup_columns_move(p, 1);
	else if (strcmp(what, "default") == 0)
		setup_columns_default(p);
	else
		return false;
	ui->dirty |= DIRTY_ALL;
	return true;
}
