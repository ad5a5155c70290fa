/* SPDX-License-Identifier: ISC */
/*
 * The bind doctor: whether a port can be bound, and if not, why. It is looked
 * at in the background, once when asked; what is shown is what was so then.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/conflict.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/ui.h"

struct why {
	struct prose prose;
	char *asked; /* as typed, clean */
	char *title;
	bool looking, answered;
};

static void
why_draw(struct pane *p)
{
	struct why *w = p->priv;

	prose_draw(&w->prose, p);
}

static bool
why_find(struct pane *p, const char *text, bool next)
{
	struct why *w = p->priv;

	return prose_find(&w->prose, p, text, next);
}

static const char *
why_title(struct pane *p)
{
	struct why *w = p->priv;

	free(w->title);
	xasprintf(&w->title, "Bind doctor: %s%s", w->asked,
	    w->looking ? ", looking .." : "");
	return w->title;
}

static void
why_free(struct pane *p)
{
	struct why *w = p->priv;

	prose_done(&w->prose);
	free(w->asked);
	free(w->title);
	free(w);
}

const struct pane_ops pane_why_ops = {
	.name = "why",
	.map = MAP_DETAIL,
	.title = why_title,
	.draw = why_draw,
	.find = why_find,
	.free = why_free,
};

static void
put_line(
    void *arg, enum conflict_put_kind kind, const char *label, const char *text)
{
	struct prose *p = arg;

	if (kind == CONFLICT_PUT_HEADING)
		prose_heading(p, text);
	else
		prose_pair(p, label, text);
}

void
ui_why_done(struct ui *ui, struct conflict_report *rep, const char *cause)
{
	struct pane *p = ui_pane_find(ui, &pane_why_ops);
	struct why *w;

	ui->dirty |= DIRTY_ALL;
	if (p == NULL) { /* closed meanwhile */
		conflict_report_free(rep);
		return;
	}
	w = p->priv;
	w->looking = false;
	if (rep == NULL) {
		ui_error(ui, "%s", cause);
		/* The answer before stays, if there was one. */
		if (!w->answered)
			ui_pane_close(ui, p);
		return;
	}
	w->answered = true;
	free(w->asked);
	w->asked = xstrdup(rep->subject);
	prose_clear(&w->prose);
	prose_heading(&w->prose, rep->headline);
	conflict_lines(rep, put_line, &w->prose);
	p->top = 0;
	conflict_report_free(rep);
}

/* netns: the number of the socket's; 0: the deck's own choice. */
static int
ask(struct ui *ui, const char *text, uint32_t netns, char **cause)
{
	struct pane *p;
	struct why *w;
	int r;

	if (ui->services->why == NULL) {
		xasprintf(cause, "why: not offered here");
		return -ENOTSUP;
	}
	r = ui->services->why(ui->services->arg, text, netns, cause);
	if (r < 0)
		return r;
	p = ui_pane_find(ui, &pane_why_ops);
	if (p == NULL) {
		w = xcalloc(1, sizeof(*w));
		prose_init(&w->prose);
		prose_pair(&w->prose, NULL, "Trying to bind it ..");
		p = ui_pane_open(ui, &pane_why_ops, PLACE_POPUP, w);
		p->want_w = 100;
		p->want_h = 1000; /* as much as there is */
	}
	w = p->priv;
	free(w->asked);
	w->asked = text_clean(text, strlen(text));
	w->looking = true;
	ui->dirty |= DIRTY_ALL;
	return 0;
}

static void
prompted(struct ui *ui, const char *text)
{
	char *cause = NULL;

	if (text != NULL && *text != '\0' && ask(ui, text, 0, &cause) < 0)
		ui_error(ui, "%s", cause);
	free(cause);
}

int
pane_why_open(struct ui *ui, const char *text, char **cause)
{
	const struct row *row = ui_row(ui);
	char port[32];
	struct buf b = { 0 };

	if (text != NULL)
		return ask(ui, text, 0, cause);
	if (row == NULL || row->rec.local.port == 0) {
		prompt_open(ui, &(struct prompt_spec){
				    .label = "Port (as in 8080, 53/udp): ",
				    .history = "why",
				    .done = prompted });
		return 0;
	}
	buf_printf(
	    &b, "%u/%s", row->rec.local.port, sock_proto_name(row->rec.proto));
	strlcpy(port, b.data, sizeof(port));
	buf_done(&b);
	return ask(ui, port, row->rec.netns, cause);
}
