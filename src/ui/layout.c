/* SPDX-License-Identifier: ISC */
/*
 * Which pane is where, and which has the focus. Panes say how they want to be
 * placed; nothing here knows what they show.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "ui/paint.h"
#include "ui/question.h"
#include "ui/ui.h"

#define SIDE_MIN_COLS 110 /* narrower: a side pane goes below the table */
#define SIDE_MIN_W    48
/* What a pane with a size of its own leaves to the table. */
#define MAIN_MIN_W 60
#define MAIN_MIN_H 5

/* The last of a place is the one that is seen. */
static struct pane *
front(const struct ui *ui, enum pane_place place)
{
	size_t i;

	/* The focused one first. */
	if (ui->pane[ui->focus]->place == place)
		return ui->pane[ui->focus];
	for (i = ui->npanes; i-- > 0;)
		if (ui->pane[i]->place == place)
			return ui->pane[i];
	return NULL;
}

static void
set_rect(struct pane *p, int y, int x, int h, int w)
{
	p->y = y;
	p->x = x;
	p->h = h < 0 ? 0 : h;
	p->w = w < 0 ? 0 : w;
	p->hidden = false;
}

static void
place_side(struct ui *ui, struct pane *side, int *main_h, int *main_w)
{
	int w, h;

	if (ui->cols >= SIDE_MIN_COLS &&
	    ui->cols - side->want_w - 2 >= MAIN_MIN_W) {
		w = ui->cols * 2 / 5;
		if (w < SIDE_MIN_W)
			w = SIDE_MIN_W;
		if (w < side->want_w + 2)
			w = side->want_w + 2;
		*main_w = ui->cols - w;
		side->border = BORDER_LEFT;
		set_rect(
		    side, ui->body_y + 1, *main_w + 2, ui->body_h - 1, w - 2);
	} else {
		h = side->want_h + 1;
		if (h > ui->body_h - MAIN_MIN_H)
			h = ui->body_h - MAIN_MIN_H;
		if (h < ui->body_h / 2)
			h = ui->body_h / 2;
		if (side->want_h > h && side->want_h < ui->body_h - 4)
			h = side->want_h;
		*main_h = ui->body_h - h;
		side->border = BORDER_TOP;
		set_rect(side, ui->body_y + *main_h + 1, 0, h - 1, ui->cols);
	}
}

static void
place_popup(struct ui *ui, struct pane *p)
{
	int h, w;

	if (p->ops->wish != NULL)
		p->ops->wish(p, ui->cols - 4);
	h = p->want_h;
	w = p->want_w;
	if (h <= 0 || h > ui->body_h - 2)
		h = ui->body_h - 2;
	if (w <= 0 || w > ui->cols - 4)
		w = ui->cols - 4;
	p->border = BORDER_BOX;
	set_rect(
	    p, ui->body_y + (ui->body_h - h) / 2, (ui->cols - w) / 2, h, w);
}

void
layout_update(struct ui *ui)
{
	struct pane *side, *popup, *p;
	int h, w;
	size_t i;

	ui->head_h = header_lines(ui);
	ui->filter_y = ui->head_h;
	ui->body_y = ui->filter_y + 1;
	ui->bar_y = ui->rows - 1;
	ui->body_h = ui->bar_y - ui->body_y;
	if (ui->body_h < 1)
		ui->body_h = 1;
	for (i = 0; i < ui->npanes; i++)
		ui->pane[i]->hidden = true;
	h = ui->body_h;
	w = ui->cols;
	if ((side = front(ui, PLACE_SIDE)) != NULL)
		place_side(ui, side, &h, &w);
	if ((popup = front(ui, PLACE_POPUP)) != NULL)
		place_popup(ui, popup);
	p = front(ui, PLACE_MAIN);
	p->border = BORDER_NONE;
	set_rect(p, ui->body_y, 0, h, w);
	for (i = 0; i < ui->npanes; i++)
		pane_clamp(ui->pane[i]);
	ui_select_sync(ui);
}

struct pane *
ui_focus(const struct ui *ui)
{
	return ui->pane[ui->focus];
}

void
ui_pane_focus(struct ui *ui, struct pane *p)
{
	size_t i;

	for (i = 0; i < ui->npanes; i++)
		if (ui->pane[i] == p)
			ui->focus = i;
	ui->dirty |= DIRTY_ALL;
}

struct pane *
ui_pane_open(struct ui *ui, const struct pane_ops *ops, enum pane_place place,
    void *priv)
{
	struct pane *p;
	size_t i;

	if (ui->npanes == nitems(ui->pane))
		ui_pane_close(ui, ui->pane[1]);
	p = xcalloc(1, sizeof *p);
	p->ops = ops;
	p->ui = ui;
	p->place = place;
	p->priv = priv;
	p->hidden = true;
	p->from = ui_focus(ui);
	/* Painted in this order: what pops up stays above what opens later. */
	for (i = ui->npanes++; place != PLACE_POPUP && i > 1 &&
			       ui->pane[i - 1]->place == PLACE_POPUP;
	     i--)
		ui->pane[i] = ui->pane[i - 1];
	ui->pane[i] = p;
	ui->focus = i;
	ui->dirty |= DIRTY_ALL;
	if (ui->rows > 0)
		layout_update(ui);
	return p;
}

void
ui_pane_close(struct ui *ui, struct pane *p)
{
	struct pane *back = p == ui_focus(ui) ? p->from : ui_focus(ui);
	size_t i, j;

	for (i = 1; i < ui->npanes && ui->pane[i] != p; i++)
		;
	if (i >= ui->npanes)
		return;
	memmove(&ui->pane[i], &ui->pane[i + 1],
	    (ui->npanes - i - 1) * sizeof ui->pane[0]);
	ui->npanes--;
	if (ui->focus >= i)
		ui->focus--;
	/* Where the focus came from, if that is still there. */
	for (j = 0; j < ui->npanes; j++) {
		if (ui->pane[j] == back)
			ui->focus = j;
		if (ui->pane[j]->from == p)
			ui->pane[j]->from = p->from;
	}
	if (p->ops->free != NULL)
		p->ops->free(p);
	free(p);
	ui->dirty |= DIRTY_ALL;
}

struct pane *
ui_pane_find(struct ui *ui, const struct pane_ops *ops)
{
	size_t i;

	for (i = 0; i < ui->npanes; i++)
		if (ui->pane[i]->ops == ops)
			return ui->pane[i];
	return NULL;
}

void
ui_pane_close_left(struct ui *ui)
{
	size_t i;

	if (ui_focus(ui)->place == PLACE_POPUP || question_is_open(ui))
		return;
	for (i = ui->npanes; i-- > 1;)
		if (ui->pane[i]->place == PLACE_POPUP)
			ui_pane_close(ui, ui->pane[i]);
}

void
ui_pane_close_main(struct ui *ui)
{
	size_t i;

	for (i = ui->npanes; i-- > 1;)
		if (ui->pane[i]->place == PLACE_MAIN)
			ui_pane_close(ui, ui->pane[i]);
}

void
pane_clamp(struct pane *p)
{
	int last = p->n > 0 ? p->n - 1 : 0;

	if (p->at > last)
		p->at = last;
	if (p->at < 0)
		p->at = 0;
	if (p->ops->cursor && p->h > 0) {
		if (p->top > p->at)
			p->top = p->at;
		if (p->top < p->at - p->h + 1)
			p->top = p->at - p->h + 1;
	}
	if (p->top > p->n - p->h)
		p->top = p->n - p->h;
	if (p->top < 0)
		p->top = 0;
}

void
pane_move(struct pane *p, enum pane_move how)
{
	int *v = p->ops->cursor ? &p->at : &p->top;
	int page = p->h > 2 ? p->h - 1 : 1;

	switch (how) {
	case PANE_UP:
		*v -= 1;
		break;
	case PANE_DOWN:
		*v += 1;
		break;
	case PANE_PAGE_UP:
		*v -= page;
		break;
	case PANE_PAGE_DOWN:
		*v += page;
		break;
	case PANE_HALF_UP:
		*v -= (page + 1) / 2;
		break;
	case PANE_HALF_DOWN:
		*v += (page + 1) / 2;
		break;
	case PANE_TOP:
		*v = 0;
		break;
	case PANE_BOTTOM:
		*v = p->n;
		break;
	case PANE_LEFT:
	case PANE_RIGHT:
		break;
	}
	pane_clamp(p);
	p->ui->dirty |= DIRTY_TABLE;
}
