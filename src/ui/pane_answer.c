/* SPDX-License-Identifier: ISC */
/*
 * :explain. The words asked for, answered as `sockdeck explain` does, with
 * the deck's own sockets; asked anew with each reading.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "model/explain.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/ui.h"

struct answer {
	struct prose prose;
	struct port_limits *limits; /* NULL: not known */
	char **word;
	size_t n;
	bool here; /* something in it depends on the sockets */
};

static void
words_free(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->word[i]);
	free(a->word);
	a->word = NULL;
	a->n = 0;
}

static void
fill(struct prose *p, const struct explain *e)
{
	const struct explain_answer *a;
	const struct explain_line *l;

	prose_clear(p);
	for (a = e->answer; a < e->answer + e->n; a++) {
		prose_heading(p, a->title);
		for (l = a->line; l < a->line + a->n; l++) {
			if (l->part == PART_HEADING) {
				prose_heading(p, l->text);
				continue;
			}
			/* What ends an answer belongs to no section. */
			if (l > a->line && l->part > PART_TEXT &&
			    l[-1].part <= PART_TEXT)
				prose_pair(p, NULL, "");
			prose_pair(p, l->label, l->text);
		}
	}
}

/* 0, with a sentence if only a part is known. -errno and a sentence: nothing
 * was answered, and the text is as it was. */
static int
ask(struct ui *ui, struct answer *a, const char *const *word, size_t n,
    char **cause)
{
	struct view_ctx ctx = ui->view.ctx;
	struct explain_here here = { .table = ui->table,
		.ctx = &ctx,
		.limits = a->limits,
		.hidden = snap_hidden_why(ui->source.source,
		    ui->source.privileged, ui->source.remedy) };
	struct explain e = { 0 };
	int r;

	ctx.numeric_ports = true;
	ctx.resolve = false;
	r = explain_ask(&e, word, n, &here, cause);
	if (r == 0 && e.nunknown > 0)
		*cause = xstrdup(e.unknown[0]);
	if (r == 0 && e.n == 0)
		r = -ENOENT;
	if (r == 0) {
		fill(&a->prose, &e);
		a->here = e.here;
	}
	explain_done(&e);
	return r;
}

static void
answer_changed(struct pane *p)
{
	struct answer *a = p->priv;
	char *cause = NULL;

	if (a->here)
		(void)ask(p->ui, a, (const char *const *)a->word, a->n, &cause);
	free(cause);
}

static void
answer_draw(struct pane *p)
{
	struct answer *a = p->priv;

	prose_draw(&a->prose, p);
}

static bool
answer_find(struct pane *p, const char *text, bool next)
{
	struct answer *a = p->priv;

	return prose_find(&a->prose, p, text, next);
}

static const char *
answer_title(struct pane *p)
{
	(void)p;
	return "Explain";
}

static unsigned
answer_needs(const struct pane *p)
{
	const struct answer *a = p->priv;

	return a->here ? NEED_OWNER | NEED_CMDLINE | NEED_CGROUP | NEED_USER |
			     NEED_IFACE
		       : 0;
}

static void
answer_free(struct pane *p)
{
	struct answer *a = p->priv;

	prose_done(&a->prose);
	words_free(a);
	free(a->limits);
	free(a);
}

const struct pane_ops pane_answer_ops = {
	.name = "answer",
	.map = MAP_DETAIL,
	.title = answer_title,
	.draw = answer_draw,
	.find = answer_find,
	.needs = answer_needs,
	.changed = answer_changed,
	.free = answer_free,
};

static struct answer *
answer_new(struct ui *ui)
{
	struct answer *a = xcalloc(1, sizeof(*a));

	prose_init(&a->prose);
	a->limits = xcalloc(1, sizeof(*a->limits));
	if (ui->services->port_limits == NULL ||
	    !ui->services->port_limits(ui->services->arg, a->limits)) {
		free(a->limits);
		a->limits = NULL;
	}
	return a;
}

int
pane_answer_open(struct ui *ui, const char *const *word, size_t n, char **cause)
{
	struct pane *p = ui_pane_find(ui, &pane_answer_ops);
	struct answer *a = p != NULL ? p->priv : answer_new(ui);
	size_t i;
	int r = ask(ui, a, word, n, cause);

	if (r < 0) {
		if (p == NULL)
			answer_free(&(struct pane){ .priv = a });
		return r;
	}
	words_free(a);
	a->word = xreallocarray(NULL, n + 1, sizeof(*a->word));
	for (i = 0; i < n; i++)
		a->word[a->n++] = xstrdup(word[i]);
	if (p == NULL) {
		p = ui_pane_open(ui, &pane_answer_ops, PLACE_POPUP, a);
		p->want_w = 100;
		p->want_h = 1000; /* as much as there is */
	}
	p->top = 0;
	ui->dirty |= DIRTY_LAYOUT | DIRTY_ALL;
	if (a->here)
		ui->services->refresh(ui->services->arg);
	return 0;
}
