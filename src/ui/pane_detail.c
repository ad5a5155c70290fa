/* SPDX-License-Identifier: ISC */
/*
 * Everything known of the selected socket, in words. It follows the
 * selection; what is said comes from model/describe.
 */
#include "config.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "model/describe.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/ui.h"

struct detail {
	struct prose prose;
	struct sock_key shown;
	char *title;
};

static struct pane *
detail_pane(struct ui *ui)
{
	return ui_pane_find(ui, &pane_detail_ops);
}

/* Text after a reading or when another row was selected. */
static void
fill(struct pane *p)
{
	struct detail *d = p->priv;
	const struct row *row = ui_row(p->ui);
	struct describe text = { 0 };
	size_t i;

	prose_clear(&d->prose);
	if (row == NULL) {
		prose_pair(&d->prose, NULL, "No socket is selected.");
		return;
	}
	describe_row(&text, row, &p->ui->view.ctx);
	for (i = 0; i < text.n; i++) {
		if (text.line[i].text == NULL)
			prose_heading(&d->prose, text.line[i].label);
		else
			prose_pair(
			    &d->prose, text.line[i].label, text.line[i].text);
	}
	describe_done(&text);
}

/* The socket shown is read whole: with another one, that is wanted now. */
static void
follow(struct pane *p)
{
	struct ui *ui = p->ui;
	struct detail *d = p->priv;
	const struct row *row = ui_row(ui);
	struct sock_key key = { 0 };

	if (row != NULL)
		key = sock_key(&row->rec);
	ui_read_whole(ui, key);
	if (sock_key_eq(key, d->shown))
		return;
	d->shown = key;
	p->top = 0;
}

static void
detail_draw(struct pane *p)
{
	struct detail *d = p->priv;

	follow(p);
	fill(p);
	prose_draw(&d->prose, p);
}

static const char *
detail_title(struct pane *p)
{
	struct detail *d = p->priv;
	const struct row *row = ui_row(p->ui);

	free(d->title);
	d->title = NULL;
	if (row == NULL)
		return "Socket";
	xasprintf(&d->title, "Socket: %s %s", sock_proto_name(row->rec.proto),
	    sock_state_name(row->rec.state));
	return d->title;
}

static bool
detail_find(struct pane *p, const char *text, bool next)
{
	struct detail *d = p->priv;

	return prose_find(&d->prose, p, text, next);
}

static unsigned
detail_needs(const struct pane *p)
{
	(void)p;
	return NEED_OWNER | NEED_CMDLINE | NEED_CGROUP | NEED_PATHS |
	       NEED_USER | NEED_IFACE | NEED_SKCGROUP;
}

static void
detail_free(struct pane *p)
{
	struct detail *d = p->priv;

	p->ui->detail = (struct sock_key){ 0 };
	prose_done(&d->prose);
	free(d->title);
	free(d);
}

const struct pane_ops pane_detail_ops = {
	.name = "detail",
	.map = MAP_DETAIL,
	.title = detail_title,
	.draw = detail_draw,
	.find = detail_find,
	.needs = detail_needs,
	.free = detail_free,
};

void
pane_detail_toggle(struct ui *ui)
{
	struct pane *p = detail_pane(ui), *list = ui_focus(ui);
	struct detail *d;

	if (p != NULL) {
		ui_pane_close(ui, p);
		return;
	}
	d = xcalloc(1, sizeof(*d));
	prose_init(&d->prose);
	ui_pane_open(ui, &pane_detail_ops, PLACE_SIDE, d);
	/* The arrows go on moving in the list: the pane follows. */
	ui_pane_focus(ui, list);
	follow(detail_pane(ui));
}
