/* SPDX-License-Identifier: ISC */
/*
 * The selection: a socket (by its key) or a heading (by its id), never a line
 * number. Lines change under it; it stays.
 */
#include "config.h"

#include <string.h>

#include "ui/ui.h"

size_t
ui_lines(const struct ui *ui)
{
	return ui->group.mode == GROUP_FLAT ? ui->view.n : ui->group.n;
}

struct row *
ui_line_row(const struct ui *ui, size_t i)
{
	if (i >= ui_lines(ui))
		return NULL;
	if (ui->group.mode == GROUP_FLAT)
		return ui->view.row[i];
	if (ui->group.line[i].head != NULL)
		return ui->group.line[i].head->row;
	return ui->group.line[i].row;
}

struct group_head *
ui_line_head(const struct ui *ui, size_t i)
{
	if (ui->group.mode == GROUP_FLAT || i >= ui->group.n)
		return NULL;
	return ui->group.line[i].head;
}

struct row *
ui_row(const struct ui *ui)
{
	size_t i;

	for (i = ui->npanes; i-- > 1;)
		if (ui->pane[i]->ops->row != NULL && !ui->pane[i]->hidden)
			return ui->pane[i]->ops->row(ui->pane[i]);
	return ui_line_row(ui, ui->at);
}

void
ui_read_whole(struct ui *ui, struct sock_key key)
{
	if (sock_key_eq(ui->detail, key))
		return;
	ui->detail = key;
	if (key.cookie != 0)
		ui->services->refresh(ui->services->arg);
}

struct group_head *
ui_head(const struct ui *ui)
{
	return ui_line_head(ui, ui->at);
}

/* Rows of the table pane below its titles. */
static size_t
page(const struct ui *ui)
{
	return ui->pane[0]->h > 1 ? (size_t)ui->pane[0]->h - 1 : 1;
}

static void
scroll_to(struct ui *ui)
{
	size_t h = page(ui);

	if (ui->top > ui->at)
		ui->top = ui->at;
	if (ui->at >= ui->top + h)
		ui->top = ui->at - h + 1;
}

static void
clamp_top(struct ui *ui)
{
	size_t n = ui_lines(ui), h = page(ui);

	if (ui->top + h > n)
		ui->top = n > h ? n - h : 0;
}

/* Remembers what stands on this line. */
static void
take_line(struct ui *ui, size_t i)
{
	const struct group_head *head = ui_line_head(ui, i);
	const struct row *row = ui_line_row(ui, i);

	ui->at = i;
	ui->cursor_head = head == NULL ? 0 : head->id;
	if (row != NULL)
		ui->cursor = sock_key(&row->rec);
	else
		memset(&ui->cursor, 0, sizeof ui->cursor);
}

void
ui_select_line(struct ui *ui, size_t i)
{
	size_t n = ui_lines(ui);

	if (n == 0)
		return;
	take_line(ui, i < n ? i : n - 1);
	scroll_to(ui);
	ui->dirty |= DIRTY_TABLE;
}

/* The line of the selected thing, or -1. */
static ptrdiff_t
find_line(const struct ui *ui)
{
	const struct group_line *l;
	size_t i;

	if (ui->group.mode == GROUP_FLAT) {
		/* It is usually where it was. */
		if (ui->at < ui->view.n &&
		    sock_key_eq(
			sock_key(&ui->view.row[ui->at]->rec), ui->cursor))
			return (ptrdiff_t)ui->at;
		return view_find(&ui->view, ui->cursor);
	}
	for (i = 0; i < ui->group.n; i++) {
		l = &ui->group.line[i];
		if (l->head != NULL) {
			if (l->head->id == ui->cursor_head)
				return (ptrdiff_t)i;
		} else if (ui->cursor_head == 0 && l->row != NULL &&
			   sock_key_eq(sock_key(&l->row->rec), ui->cursor))
			return (ptrdiff_t)i;
	}
	return -1;
}

void
ui_select_sync(struct ui *ui)
{
	size_t n = ui_lines(ui), h = page(ui);
	bool seen = ui->at >= ui->top && ui->at < ui->top + h;
	ptrdiff_t i;

	if (n == 0) {
		/* What was selected may come back: keep the key. */
		ui->at = ui->top = 0;
		return;
	}
	i = find_line(ui);
	if (i >= 0)
		ui->at = (size_t)i;
	else
		take_line(ui, ui->at < n ? ui->at : n - 1);
	clamp_top(ui);
	if (seen || ui->follow)
		scroll_to(ui);
}

bool
ui_select(struct ui *ui, struct sock_key key)
{
	struct sock_key old = ui->cursor;
	uint64_t old_head = ui->cursor_head;
	ptrdiff_t i;

	ui->cursor = key;
	ui->cursor_head = 0;
	if ((i = find_line(ui)) < 0) {
		ui->cursor = old;
		ui->cursor_head = old_head;
		return false;
	}
	ui_select_line(ui, (size_t)i);
	return true;
}

static void
move_to(struct ui *ui, ptrdiff_t i)
{
	ui_select_line(ui, i < 0 ? 0 : (size_t)i);
}

static void
table_move(struct ui *ui, enum pane_move how)
{
	ptrdiff_t at = (ptrdiff_t)ui->at, h = (ptrdiff_t)page(ui);
	ptrdiff_t n = (ptrdiff_t)ui_lines(ui);

	switch (how) {
	case PANE_UP:
		move_to(ui, at - 1);
		break;
	case PANE_DOWN:
		move_to(ui, at + 1);
		break;
	case PANE_PAGE_UP:
		move_to(ui, at - (h > 1 ? h - 1 : 1));
		break;
	case PANE_PAGE_DOWN:
		move_to(ui, at + (h > 1 ? h - 1 : 1));
		break;
	case PANE_HALF_UP:
		move_to(ui, at - (h + 1) / 2);
		break;
	case PANE_HALF_DOWN:
		move_to(ui, at + (h + 1) / 2);
		break;
	case PANE_TOP:
		move_to(ui, 0);
		break;
	case PANE_BOTTOM:
		move_to(ui, n - 1);
		break;
	case PANE_LEFT:
		if (ui->xscroll > 0)
			ui->xscroll--;
		break;
	case PANE_RIGHT:
		if ((size_t)ui->xscroll + 1 < ui->columns.n)
			ui->xscroll++;
		break;
	}
	ui->dirty |= DIRTY_TABLE;
}

void
ui_move(struct ui *ui, enum pane_move how)
{
	struct pane *p = ui_focus(ui);

	if (p == ui->pane[0])
		table_move(ui, how);
	else if (p->ops->move != NULL)
		p->ops->move(p, how);
	else
		pane_move(p, how);
	ui->dirty |= DIRTY_TABLE;
}
