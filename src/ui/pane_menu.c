/* SPDX-License-Identifier: ISC */
/*
 * The popup that every menu is: a list, a cursor, one choice. What is chosen
 * and what follows from it is the caller's.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/menu.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define MARK_W   2
#define GAP      2
#define NOTE_MAX 60

struct menu *
menu_new(
    const char *title, void (*choose)(struct ui *, const struct menu_item *))
{
	struct menu *m = xcalloc(1, sizeof(*m));

	m->title = xstrdup(title);
	m->choose = choose;
	return m;
}

struct menu_item *
menu_add(struct menu *m, const char *label, const char *note, const char *value)
{
	struct menu_item *item;

	m->item = array_grow(m->item, &m->cap, m->n + 1, sizeof(*m->item));
	item = &m->item[m->n++];
	*item = (struct menu_item){
		.label = xstrdup(label),
		.note = note == NULL ? NULL : xstrdup(note),
		.value = value == NULL ? NULL : xstrdup(value),
	};
	return item;
}

void
menu_free(struct menu *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n; i++) {
		free(m->item[i].label);
		free(m->item[i].note);
		free(m->item[i].value);
	}
	free(m->item);
	free(m->title);
	free(m);
}

static const struct menu_item *
marked(const struct menu *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->item[i].marked)
			return &m->item[i];
	return NULL;
}

static int
label_width(const struct menu *m)
{
	size_t i;
	int w, max = 0;

	for (i = 0; i < m->n; i++) {
		w = (int)text_width(m->item[i].label);
		if (w > max)
			max = w;
	}
	return max;
}

static void
draw_item(struct pane *p, int y, const struct menu_item *item, int label_w)
{
	const struct menu *m = p->priv;
	bool at = item == &m->item[p->at];
	unsigned attr = theme_attr(at ? ROLE_SELECTED : ROLE_TEXT);
	int note_x = MARK_W + label_w + GAP;

	pane_fill(p, y, 0, p->w, attr);
	if (item->marked)
		pane_text(p, y, 0, MARK_W, attr, "*");
	pane_text(p, y, MARK_W, p->w - MARK_W, attr, item->label);
	if (item->note != NULL && note_x < p->w)
		pane_text(p, y, note_x, p->w - note_x,
		    at ? attr : theme_attr(ROLE_DIM), item->note);
}

static void
menu_draw(struct pane *p)
{
	const struct menu *m = p->priv;
	int y, w = label_width(m);

	p->n = (int)m->n;
	pane_clamp(p);
	if (w > p->w - MARK_W)
		w = p->w - MARK_W;
	for (y = 0; y < p->h && p->top + y < p->n; y++)
		draw_item(p, y, &m->item[p->top + y], w);
}

static const char *
menu_title(struct pane *p)
{
	const struct menu *m = p->priv;

	return m->title;
}

static void
preview(struct pane *p)
{
	const struct menu *m = p->priv;

	if (m->preview != NULL && p->at >= 0 && (size_t)p->at < m->n)
		m->preview(p->ui, &m->item[p->at]);
}

static void
menu_move(struct pane *p, enum pane_move move)
{
	pane_move(p, move);
	preview(p);
}

static void
menu_enter(struct pane *p)
{
	struct menu *m = p->priv;
	struct ui *ui = p->ui;
	size_t at = (size_t)p->at;

	if (at >= m->n)
		return;
	p->priv = NULL; /* ours now: closing must not free it */
	ui_pane_close(ui, p);
	m->choose(ui, &m->item[at]);
	menu_free(m);
}

static bool
menu_escape(struct pane *p)
{
	const struct menu *m = p->priv;

	if (m->cancel != NULL)
		m->cancel(p->ui, marked(m));
	return false;
}

static bool
menu_mouse(struct pane *p, int y, int x, enum mouse_button button)
{
	(void)x;
	if (button != MOUSE_LEFT && button != MOUSE_DOUBLE)
		return false;
	if (p->top + y >= p->n)
		return true;
	if (p->at == p->top + y) {
		menu_enter(p);
		return true;
	}
	p->at = p->top + y;
	preview(p);
	return true;
}

static bool
menu_find(struct pane *p, const char *text, bool next)
{
	const struct menu *m = p->priv;
	char *lower = prose_lower(text);
	size_t i, at;
	bool found = false;

	for (i = 0; i < m->n && !found; i++) {
		at = ((size_t)p->at + i + (next ? 1 : 0)) % m->n;
		found = text_contains(m->item[at].label, lower) ||
			(m->item[at].note != NULL &&
			    text_contains(m->item[at].note, lower));
		if (found)
			p->at = (int)at;
	}
	free(lower);
	if (found)
		preview(p);
	return found;
}

static void
menu_pane_free(struct pane *p)
{
	menu_free(p->priv);
}

const struct pane_ops pane_menu_ops = {
	.name = "menu",
	.map = MAP_LIST,
	.cursor = true,
	.title = menu_title,
	.draw = menu_draw,
	.move = menu_move,
	.enter = menu_enter,
	.escape = menu_escape,
	.find = menu_find,
	.mouse = menu_mouse,
	.free = menu_pane_free,
};

/* Wide enough for every item, but not for the longest of notes. */
static int
wanted_width(const struct menu *m)
{
	size_t i;
	int w = label_width(m), note = 0, n, title;

	for (i = 0; i < m->n; i++) {
		if (m->item[i].note == NULL)
			continue;
		n = (int)text_width(m->item[i].note);
		if (n > note)
			note = n < NOTE_MAX ? n : NOTE_MAX;
	}
	w += MARK_W + 1 + (note > 0 ? GAP + note : 0);
	title = (int)text_width(m->title) + 4;
	return w > title ? w : title;
}

void
menu_open(struct ui *ui, struct menu *m, const char *if_empty)
{
	const struct menu_item *item;
	struct pane *p;

	if (m->n == 0) {
		ui_status(ui, "%s", if_empty);
		menu_free(m);
		return;
	}
	if ((p = ui_pane_find(ui, &pane_menu_ops)) != NULL) {
		(void)menu_escape(p);
		ui_pane_close(ui, p);
	}
	p = ui_pane_open(ui, &pane_menu_ops, PLACE_POPUP, m);
	p->want_w = wanted_width(m);
	p->want_h = (int)m->n;
	p->n = (int)m->n;
	item = marked(m);
	p->at = item == NULL ? 0 : (int)(item - m->item);
	ui->dirty |= DIRTY_LAYOUT;
}
