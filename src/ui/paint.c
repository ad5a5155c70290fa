/* SPDX-License-Identifier: ISC */
/*
 * From text to the screen, and nothing else in the program puts it there. All
 * is drawn anew each time into curses' memory: curses sends the difference.
 */
#include "config.h"

#include "ui/paint.h"

#include <curses.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "ui/term.h"
#include "ui/theme.h"

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPH_N] = {
	[GLYPH_HLINE] = { "─", "-" },
	[GLYPH_VLINE] = { "│", "|" },
	[GLYPH_TOP_LEFT] = { "┌", "+" },
	[GLYPH_TOP_RIGHT] = { "┐", "+" },
	[GLYPH_BOTTOM_LEFT] = { "└", "+" },
	[GLYPH_BOTTOM_RIGHT] = { "┘", "+" },
	[GLYPH_TEE] = { "┬", "+" },
	[GLYPH_OPEN] = { "▾", "-" },
	[GLYPH_CLOSED] = { "▸", "+" },
	[GLYPH_BRANCH] = { "├", "|" },
	[GLYPH_LAST] = { "└", "`" },
	[GLYPH_UP] = { "▲", "^" },
	[GLYPH_DOWN] = { "▼", "v" },
	[GLYPH_DOT] = { "·", "," },
};

const char *
glyph(enum glyph g)
{
	return text_utf8() ? glyphs[g].utf8 : glyphs[g].ascii;
}

const char *
glyph_spark(double v)
{
	static const char *const utf8[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇",
		"█" };
	static const char *const ascii[] = { "_", ".", ",", "-", "=", "+", "*",
		"#" };
	int i = (int)(v * 7 + 0.5);

	i = i < 0 ? 0 : i > 7 ? 7 : i;
	return text_utf8() ? utf8[i] : ascii[i];
}

/* Cuts at the screen's edge; false: nothing is left. */
static bool
clip(const struct ui *ui, int y, int x, int *width)
{
	if (y < 0 || y >= ui->rows || x < 0 || x >= ui->cols || *width <= 0)
		return false;
	if (*width > ui->cols - x)
		*width = ui->cols - x;
	return true;
}

void
ui_text(struct ui *ui, int y, int x, int width, unsigned attr, const char *text)
{
	struct buf ascii = { 0 };

	if (!clip(ui, y, x, &width))
		return;
	if (!text_utf8()) {
		text_to_ascii(&ascii, text);
		text = ascii.data == NULL ? "" : ascii.data;
	}
	buf_reset(&ui->scratch);
	(void)text_fit(
	    &ui->scratch, text, (size_t)width, TEXT_CUT_END, !text_utf8());
	if (ui->scratch.len > 0) {
		(void)attrset((attr_t)attr);
		(void)mvaddnstr(y, x, ui->scratch.data, (int)ui->scratch.len);
	}
	buf_done(&ascii);
}

void
ui_fill(struct ui *ui, int y, int x, int width, unsigned attr)
{
	if (clip(ui, y, x, &width))
		(void)mvhline(y, x, ' ' | (chtype)attr, width);
}

static void
repeat(struct ui *ui, int y, int x, int width, unsigned attr, enum glyph g)
{
	for (; width > 0; width--, x++)
		ui_text(ui, y, x, 1, attr, glyph(g));
}

void
pane_text(
    struct pane *p, int y, int x, int width, unsigned attr, const char *text)
{
	if (y < 0 || y >= p->h || x < 0 || x >= p->w)
		return;
	ui_text(p->ui, p->y + y, p->x + x, width < p->w - x ? width : p->w - x,
	    attr, text);
}

void
pane_fill(struct pane *p, int y, int x, int width, unsigned attr)
{
	if (y < 0 || y >= p->h || x < 0 || x >= p->w)
		return;
	ui_fill(p->ui, p->y + y, p->x + x, width < p->w - x ? width : p->w - x,
	    attr);
}

static void
draw_box(struct pane *p, unsigned attr)
{
	struct ui *ui = p->ui;
	int y = p->y - 1, x = p->x - 2, w = p->w + 4, i;

	ui_text(ui, y, x, 1, attr, glyph(GLYPH_TOP_LEFT));
	repeat(ui, y, x + 1, w - 2, attr, GLYPH_HLINE);
	ui_text(ui, y, x + w - 1, 1, attr, glyph(GLYPH_TOP_RIGHT));
	for (i = 1; i <= p->h; i++) {
		ui_text(ui, y + i, x, 1, attr, glyph(GLYPH_VLINE));
		ui_fill(ui, y + i, x + 1, w - 2, theme_attr(ROLE_TEXT));
		ui_text(ui, y + i, x + w - 1, 1, attr, glyph(GLYPH_VLINE));
	}
	ui_text(ui, y + i, x, 1, attr, glyph(GLYPH_BOTTOM_LEFT));
	repeat(ui, y + i, x + 1, w - 2, attr, GLYPH_HLINE);
	ui_text(ui, y + i, x + w - 1, 1, attr, glyph(GLYPH_BOTTOM_RIGHT));
}

static void
draw_border(struct pane *p, bool focus)
{
	unsigned line = theme_attr(ROLE_BORDER);
	const char *title =
	    p->ops->title == NULL ? p->ops->name : p->ops->title(p);
	int x = p->x, i;

	if (p->border == BORDER_BOX) {
		draw_box(p, line);
		x = p->x - 1;
	} else if (p->border == BORDER_LEFT) {
		x = p->x - 2;
		for (i = 0; i < p->h; i++)
			ui_text(
			    p->ui, p->y + i, x, 1, line, glyph(GLYPH_VLINE));
		ui_text(p->ui, p->y - 1, x, 1, line, glyph(GLYPH_TEE));
		repeat(p->ui, p->y - 1, x + 1, p->w + 1, line, GLYPH_HLINE);
		x++;
	} else
		repeat(p->ui, p->y - 1, 0, p->ui->cols, line, GLYPH_HLINE);
	i = (int)text_width(title) + 2;
	if (i > p->w)
		i = p->w;
	ui_fill(p->ui, p->y - 1, x + 1, i, theme_attr(ROLE_TEXT));
	ui_text(p->ui, p->y - 1, x + 2, i - 2,
	    theme_attr(focus ? ROLE_HEADING : ROLE_DIM), title);
}

static void
draw_panes(struct ui *ui)
{
	struct pane *p;
	size_t i;

	for (i = 0; i < ui->npanes; i++) {
		p = ui->pane[i];
		if (p->hidden)
			continue;
		if (p->border != BORDER_NONE)
			draw_border(p, p == ui_focus(ui));
		p->ops->draw(p);
	}
}

/*
 * The function bar: one label after the other, key then word. Calls back with
 * the place of each; stops when told.
 */
struct bar_item {
	const struct keybind *bind;
	const char *key;
	int x, key_w, text_w;
};

static bool
bar_next(const struct ui *ui, const struct keybind **k, struct bar_item *it)
{
	const char *key;

	for (; (*k)->key != NULL; (*k)++) {
		if ((*k)->bar == NULL)
			continue;
		key = keytable_lookup(
			  ui->keys, (*k)->map, key_parse((*k)->key)) != NULL &&
			      strcmp(keytable_lookup(ui->keys, (*k)->map,
					 key_parse((*k)->key)),
				  (*k)->command) == 0
			  ? (*k)->key
			  : keytable_key_of(ui->keys, (*k)->map, (*k)->command);
		if (key == NULL)
			continue;
		it->x += it->key_w + it->text_w;
		it->bind = *k;
		it->key = key;
		it->key_w = (int)text_width(key);
		it->text_w = (int)text_width((*k)->bar) + 1;
		(*k)++;
		return it->x + it->key_w + it->text_w <= ui->cols;
	}
	return false;
}

const char *
bar_command(const struct ui *ui, int x)
{
	const struct keybind *k = keys_default;
	struct bar_item it = { 0 };

	while (bar_next(ui, &k, &it))
		if (x >= it.x && x < it.x + it.key_w + it.text_w)
			return it.bind->command;
	return NULL;
}

static void
draw_bar(struct ui *ui)
{
	const struct keybind *k = keys_default;
	struct bar_item it = { 0 };
	int y = ui->bar_y;

	if (ui->status != NULL) {
		unsigned attr = theme_attr(
		    ui->status_kind == STATUS_ERROR ? ROLE_ERROR : ROLE_KEY);

		ui_fill(ui, y, 0, ui->cols, attr);
		ui_text(ui, y, 1, ui->cols - 2, attr, ui->status);
		return;
	}
	while (bar_next(ui, &k, &it)) {
		ui_text(ui, y, it.x, it.key_w, theme_attr(ROLE_KEY), it.key);
		ui_fill(ui, y, it.x + it.key_w, it.text_w,
		    theme_attr(ROLE_KEYTEXT));
		ui_text(ui, y, it.x + it.key_w, it.text_w,
		    theme_attr(ROLE_KEYTEXT), it.bind->bar);
	}
	it.x += it.key_w + it.text_w;
	ui_fill(ui, y, it.x, ui->cols - it.x, theme_attr(ROLE_KEYTEXT));
}

static void
draw_too_small(struct ui *ui)
{
	static const char *const line[] = { "sockdeck", "needs 40x8" };
	size_t i;

	for (i = 0; i < nitems(line); i++)
		ui_text(
		    ui, (int)i, 0, ui->cols, theme_attr(ROLE_WARNING), line[i]);
}

bool
ui_paint(struct ui *ui)
{
	if (ui->dirty == 0)
		return true;
	if (!term_writable())
		return false;
	if (ui->dirty & DIRTY_LAYOUT)
		layout_update(ui);
	(void)bkgdset(' ' | (chtype)theme_attr(ROLE_TEXT));
	(void)erase();
	ui->cursor_y = -1;
	if (ui->too_small)
		draw_too_small(ui);
	else {
		header_draw(ui);
		filter_line_draw(ui);
		draw_panes(ui);
		draw_bar(ui);
		filter_error_draw(ui);
		prompt_draw(ui);
	}
	if (ui->cursor_y >= 0) {
		(void)curs_set(1);
		(void)move(ui->cursor_y, ui->cursor_x);
	} else {
		(void)curs_set(0);
		(void)move(0, 0);
	}
	(void)wnoutrefresh(stdscr);
	(void)doupdate();
	ui->dirty = 0;
	(void)term_flush();
	return true;
}
