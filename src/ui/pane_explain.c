/* SPDX-License-Identifier: ISC */
/*
 * The selected socket explained: the states with how many sockets are in
 * each, its own way through them, and in words what goes on with it. It
 * follows the selection; what is said comes from model/narrate and know.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/narrate.h"
#include "model/state_path.h"
#include "ui/diagram.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/ui.h"

/* Lines of words beneath a drawing, or the smaller drawing is taken. */
#define WORDS_MIN_H 6
#define WORDS_BELOW 6
#define WHEN_MAX    (TEXT_UNIT_MAX + 16)

struct explain {
	struct prose prose; /* items 0 .. diagram.h - 1 are the drawing's */
	struct diagram diagram;
	struct sock_key shown;
	char *title;
};

static const struct diagram_layout *
layout_for(const struct pane *p, bool udp)
{
	const struct diagram_layout *large = udp ? &diagram_udp : &diagram_tcp;
	const struct diagram_layout *small =
	    udp ? &diagram_udp_compact : &diagram_tcp_compact;

	if (p->w >= large->w && p->h >= large->h + WORDS_MIN_H)
		return large;
	return p->w >= small->w ? small : NULL;
}

static const char *
ago_text(char text[WHEN_MAX], const struct state_step *s)
{
	char unit[TEXT_UNIT_MAX];

	strlcpy(text, s->at_least ? "at least " : "", WHEN_MAX);
	strlcat(text, text_duration(unit, s->ago_ns), WHEN_MAX);
	strlcat(text, " ago", WHEN_MAX);
	return text;
}

/* -- the drawing ----------------------------------------------------------- */

static void
draw_diagram(struct pane *p, int y, size_t item)
{
	struct explain *e = p->priv;
	const struct diagram *d = &e->diagram;
	struct buf text = { 0 };
	uint8_t role;
	int x, from;

	/* Runs of one role. */
	for (from = 0; from < d->w; from = x) {
		role = d->cell[item][from].role;
		for (x = from; x < d->w && d->cell[item][x].role == role; x++)
			;
		buf_reset(&text);
		diagram_text(d, (int)item, from, x, text_utf8(), &text);
		pane_text(p, y, from, x - from,
		    theme_attr((enum theme_role)role), text.data);
	}
	buf_done(&text);
}

/* No source lists sockets that are not bound to anything; some do not list
 * those that are bound alone, either. */
static uint32_t
not_listed(const struct ui *ui)
{
	return SOCK_STATE_BIT(SOCK_CLOSED) |
	       (ui->source.source == SOURCE_PROCFS ? SOCK_STATE_BIT(SOCK_BOUND)
						   : 0);
}

static void
put_diagram(struct explain *e, struct pane *p, const struct row *row,
    const struct state_path *path)
{
	const struct diagram_layout *l =
	    layout_for(p, row != NULL && row->rec.proto == SOCK_UDP);
	struct diagram_view v = { .count = p->ui->table->by_state,
		.unknown = not_listed(p->ui) };
	char when[nitems(path->step)][WHEN_MAX];
	struct buf text = { 0 };
	unsigned i;
	int y;

	e->diagram.h = 0;
	if (l == NULL)
		return;
	if (row != NULL) {
		if ((row->flags & ROW_GONE) == 0)
			v.at = (enum sock_state)row->rec.state;
		v.path = path->certain;
		v.been = path->states;
		for (i = 0; i < path->n; i++)
			v.when[path->step[i].state] =
			    ago_text(when[i], &path->step[i]);
	}
	diagram_draw(&e->diagram, l, &v);
	for (y = 0; y < e->diagram.h; y++) {
		buf_reset(&text);
		diagram_text(
		    &e->diagram, y, 0, e->diagram.w, text_utf8(), &text);
		prose_verbatim(&e->prose, text.data);
	}
	buf_done(&text);
}

/* Too narrow for a drawing: each state with the steps that lead on. */
static void
put_list(struct explain *e, struct pane *p, const struct row *row)
{
	bool udp = row != NULL && row->rec.proto == SOCK_UDP;
	struct buf label = { 0 }, text = { 0 };
	unsigned rank, s, f;
	uint32_t n;

	prose_heading(&e->prose, "States");
	for (rank = 1; rank < SOCK_NSTATES; rank++)
		for (s = 1; s < SOCK_NSTATES; s++) {
			if (s == 12 || rank != sock_state_rank(s) ||
			    (udp !=
				(s == SOCK_UNCONNECTED || s == SOCK_CONNECTED)))
				continue;
			buf_reset(&label);
			buf_reset(&text);
			n = p->ui->table->by_state[s];
			buf_printf(&label, "%s%s ",
			    row != NULL && row->rec.state == s ? ">" : "",
			    sock_state_name(s));
			if (n == 0 &&
			    (not_listed(p->ui) & SOCK_STATE_BIT(s)) != 0)
				buf_putc(&label, '-');
			else
				buf_printf(&label, "%u", n);
			for (f = 0; f < FLOW_N; f++)
				if (flows[f].from == s)
					buf_printf(&text, "%s%s: %s",
					    text.len > 0 ? "; " : "",
					    flows[f].what,
					    flows[f].to == FLOW_END
						? "gone"
						: sock_state_name(flows[f].to));
			prose_pair(&e->prose, label.data,
			    text.len > 0 ? text.data : "");
		}
	buf_done(&label);
	buf_done(&text);
}

/* -- words ----------------------------------------------------------------- */

static void
put_story(struct explain *e, struct pane *p, const struct row *row)
{
	struct narrate story = { 0 };
	const struct narrate_line *l;
	size_t i;

	narrate_row(&story, row, &p->ui->view.ctx);
	for (i = 0; i < story.n; i++) {
		l = &story.line[i];
		prose_pair(&e->prose,
		    i > 0 && l[-1].kind == l->kind ? NULL
						   : narrate_label(l->kind),
		    l->text);
		if (l->kind == NARRATE_WRONG)
			prose_role(&e->prose, ROLE_WARNING);
	}
	narrate_done(&story);
}

static void
put_path(struct explain *e, const struct state_path *path)
{
	const struct state_step *s;
	char when[WHEN_MAX];
	struct buf text = { 0 };
	unsigned i;

	prose_heading(&e->prose, "Its way");
	for (i = 0; i < path->n; i++) {
		s = &path->step[i];
		buf_reset(&text);
		buf_puts(&text, sock_state_name(s->state));
		if (s->how != FLOW_N)
			buf_printf(&text, ": %s", flows[s->how].words);
		else if (s->at_least)
			buf_puts(&text, ", when it was seen first");
		else if (i > 0)
			buf_puts(&text, "; what happened in between went by "
					"between two readings");
		else
			buf_puts(&text, ", when it appeared");
		prose_pair(&e->prose, ago_text(when, s), text.data);
	}
	buf_done(&text);
}

static void
put_general(struct explain *e, const struct row *row)
{
	const struct state_fact *fact =
	    state_fact((enum sock_state)row->rec.state);
	char *heading;

	xasprintf(&heading, "%s in general: %s",
	    sock_state_name((enum sock_state)row->rec.state), fact->brief);
	prose_heading(&e->prose, heading);
	free(heading);
	prose_pair(&e->prose, "Meaning", fact->meaning);
	prose_pair(&e->prose, "Lasts", fact->lasts);
	prose_pair(&e->prose, "Many", fact->heap);
	prose_pair(&e->prose, "Source", fact->source);
	if (row->rec.proto == SOCK_TCP)
		prose_pair(&e->prose, "Not drawn",
		    "A RST, a timeout that gives up, and close() where no "
		    "connection is yet end any state at once (RFC 9293 "
		    "figure 5).");
}

static void
fill(struct pane *p)
{
	struct explain *e = p->priv;
	const struct row *row = ui_row(p->ui);
	struct state_path path = { 0 };

	prose_clear(&e->prose);
	if (row != NULL)
		state_path_of(&path, p->ui->table, row);
	put_diagram(e, p, row, &path);
	if (row == NULL) {
		prose_pair(&e->prose, NULL, "No socket is selected.");
	} else {
		put_story(e, p, row);
		put_path(e, &path);
		put_general(e, row);
	}
	if (e->diagram.h == 0)
		put_list(e, p, row);
}

/* -- the pane -------------------------------------------------------------- */

static void
follow(struct pane *p)
{
	struct explain *e = p->priv;
	const struct row *row = ui_row(p->ui);
	struct sock_key key = { 0 };

	if (row != NULL)
		key = sock_key(&row->rec);
	ui_read_whole(p->ui, key);
	if (sock_key_eq(key, e->shown))
		return;
	e->shown = key;
	p->top = 0;
}

static void
explain_draw(struct pane *p)
{
	struct explain *e = p->priv;

	follow(p);
	fill(p);
	prose_draw(&e->prose, p);
}

static const char *
explain_title(struct pane *p)
{
	struct explain *e = p->priv;
	const struct row *row = ui_row(p->ui);

	free(e->title);
	e->title = NULL;
	if (row == NULL)
		return "States";
	xasprintf(&e->title, "States: this one is %s %s",
	    sock_proto_name(row->rec.proto),
	    sock_state_name((enum sock_state)row->rec.state));
	return e->title;
}

static bool
explain_find(struct pane *p, const char *text, bool next)
{
	struct explain *e = p->priv;

	return prose_find(&e->prose, p, text, next);
}

static unsigned
explain_needs(const struct pane *p)
{
	(void)p;
	return NEED_OWNER;
}

static void
explain_close(struct pane *p)
{
	ui_pane_close(p->ui, p);
}

static void
explain_free(struct pane *p)
{
	struct explain *e = p->priv;

	/* Another pane that wants it says so when it is drawn. */
	p->ui->detail = (struct sock_key){ 0 };
	prose_done(&e->prose);
	free(e->title);
	free(e);
}

const struct pane_ops pane_explain_ops = {
	.name = "diagram",
	.map = MAP_DETAIL,
	.title = explain_title,
	.draw = explain_draw,
	.enter = explain_close,
	.find = explain_find,
	.needs = explain_needs,
	.free = explain_free,
};

void
pane_explain_toggle(struct ui *ui)
{
	struct pane *p = ui_pane_find(ui, &pane_explain_ops);
	struct pane *list = ui_focus(ui);
	struct explain *e;
	bool was_seen = p != NULL && !p->hidden;

	if (p == list)
		list = ui->pane[0];
	if (p != NULL)
		ui_pane_close(ui, p);
	if (was_seen)
		return;
	e = xcalloc(1, sizeof(*e));
	prose_init(&e->prose);
	e->prose.by_section = true;
	e->prose.draw_verbatim = draw_diagram;
	p = ui_pane_open(ui, &pane_explain_ops, PLACE_SIDE, e);
	p->want_w = diagram_tcp.w;
	p->want_h = diagram_tcp_compact.h + WORDS_BELOW;
	/* The arrows go on moving in the list: the pane follows. */
	ui_pane_focus(ui, list);
	follow(p);
}
