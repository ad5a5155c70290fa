/* SPDX-License-Identifier: ISC */
/*
 * The popup that every menu is: a list, a cursor, one choice. What is chosen
 * and what follows from it is the caller's.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/menu.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define MARK_W    2
#define GAP       2
#define NOTE_MAX  60
#define NOTE_LONG 100
#define EXPLAIN_H 3 /* an empty line and two of text */

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
		.menu = m,
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

/* Lines for items; the rest explains. */
static int
list_height(const struct pane *p)
{
	const struct menu *m = p->priv;

	return m->explains && p->h > 2 * EXPLAIN_H ? p->h - EXPLAIN_H : p->h;
}

static void
draw_note(struct pane *p, int y)
{
	const struct menu *m = p->priv;
	const char *text = m->item[p->at].note;
	size_t len;
	char *line;

	while (y < p->h && text != NULL && *text != '\0') {
		len = prose_break(text, p->w - MARK_W);
		line = xstrndup(text, len);
		pane_text(
		    p, y++, MARK_W, p->w - MARK_W, theme_attr(ROLE_TEXT), line);
		free(line);
		text += len;
		text += strspn(text, " ");
	}
}

static void
menu_draw(struct pane *p)
{
	const struct menu *m = p->priv;
	int y, w = label_width(m), whole = p->h, h = list_height(p);

	p->n = (int)m->n;
	p->h = h;
	pane_clamp(p);
	p->h = whole;
	if (w > p->w - MARK_W)
		w = p->w - MARK_W;
	for (y = 0; y < h && p->top + y < p->n; y++)
		draw_item(p, y, &m->item[p->top + y], w);
	if (h < p->h)
		draw_note(p, h + 1);
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
	struct menu *m = p->priv;
	int whole = p->h;

	m->typed[0] = '\0';
	p->h = list_height(p);
	pane_move(p, move);
	p->h = whole;
	preview(p);
}

static void
menu_end(struct ui *ui, struct menu *m)
{
	if (m != NULL && m->arg != NULL)
		m->release(ui, m->arg);
	menu_free(m);
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
	menu_end(ui, m);
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
begins(const struct menu_item *item, const char *text)
{
	char id[16];

	(void)snprintf(id, sizeof id, "%d", item->id);
	return strncasecmp(item->label, text, strlen(text)) == 0 ||
	       strncmp(id, text, strlen(text)) == 0;
}

/* The item that begins with what was typed; a digit that is one's whole
 * number goes first to that. */
static bool
go_typed(struct pane *p)
{
	const struct menu *m = p->priv;
	char id[16];
	size_t i, found = m->n;

	for (i = 0; i < m->n; i++) {
		(void)snprintf(id, sizeof id, "%d", m->item[i].id);
		if (strcmp(id, m->typed) == 0)
			break;
		if (found == m->n && begins(&m->item[i], m->typed))
			found = i;
	}
	if (i < m->n)
		found = i;
	if (found == m->n)
		return false;
	p->at = (int)found;
	return true;
}

static bool
menu_first(struct pane *p, int key)
{
	struct menu *m = p->priv;
	size_t n = strlen(m->typed);

	if (!m->typing || key > '~' || !isalnum(key))
		return false;
	if (n > 0 && n + 1 < sizeof m->typed) {
		m->typed[n] = (char)key;
		m->typed[n + 1] = '\0';
		if (go_typed(p))
			return true;
	}
	m->typed[0] = '\0';
	if (strchr("jkgGq", key) != NULL)
		return false;
	m->typed[0] = (char)key;
	m->typed[1] = '\0';
	if (!go_typed(p))
		m->typed[0] = '\0';
	return true;
}

static bool
menu_mouse(struct pane *p, int y, int x, enum mouse_button button)
{
	(void)x;
	if (button != MOUSE_LEFT && button != MOUSE_DOUBLE)
		return false;
	if (p->top + y >= p->n || y >= list_height(p))
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
	menu_end(p->ui, p->priv);
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
	.first = menu_first,
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
	int max = m->explains ? NOTE_LONG : NOTE_MAX;

	for (i = 0; i < m->n; i++) {
		if (m->item[i].note == NULL)
			continue;
		n = (int)text_width(m->item[i].note);
		if (n > note)
			note = n < max ? n : max;
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
		menu_end(ui, m);
		return;
	}
	if ((p = ui_pane_find(ui, &pane_menu_ops)) != NULL) {
		(void)menu_escape(p);
		ui_pane_close(ui, p);
	}
	p = ui_pane_open(ui, &pane_menu_ops, PLACE_POPUP, m);
	p->want_w = wanted_width(m);
	p->want_h = (int)m->n + (m->explains ? EXPLAIN_H : 0);
	p->n = (int)m->n;
	item = marked(m);
	p->at = item == NULL ? 0 : (int)(item - m->item);
	ui->dirty |= DIRTY_LAYOUT;
}
