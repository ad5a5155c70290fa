/* SPDX-License-Identifier: ISC */
/*
 * How near the machine is to its limits, and who leaks: in the table's
 * place, what is full first; beneath, what the selected line means. The
 * collector reads limits only while this is open.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/leak.h"
#include "model/pressure.h"
#include "ui/grid.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/ui.h"

#define TOP       6 /* lines a kind */
#define WIDE      110
#define FOOT      6  /* lines for the meaning */
#define FOOT_FROM 14 /* with fewer lines there is no room for it */
#define BAR       6  /* where there is room: 12 */

struct line {
	const struct leak *leak;            /* one of these .. */
	const struct pressure_item *item;   /* (borrowed until the next */
	const struct pressure_event *event; /* reading) */
	uint64_t key;
};

struct pane_pressure {
	struct grid grid;
	struct line *line;
	size_t n, cap;
	uint64_t key; /* under the cursor; 0: it was not moved yet */
};

enum {
	COL_VERDICT,
	COL_WHAT,
	COL_VALUE,
	COL_LIMIT,
	COL_PERCENT,
	COL_BAR,
	COL_RATE
};
static const struct grid_col pressure_cols[] = {
	{ "", 5, 0 },
	{ "WHAT", 13, GRID_FLEX | GRID_ADDR },
	{ "USED", 4, GRID_RIGHT },
	{ "OF", 6, GRID_RIGHT },
	{ "", 4, GRID_RIGHT },
	{ "", BAR, 0 },
	{ "/S", 4, GRID_RIGHT },
	{ .title = NULL },
};

/* -- lines ---------------------------------------------------------------- */

static uint64_t
key_of(const struct line *l)
{
	struct buf b = { 0 };
	uint64_t key;

	if (l->leak != NULL)
		buf_printf(&b, "leak %d %d", (int)l->leak->pid, l->leak->what);
	else if (l->event != NULL)
		buf_printf(
		    &b, "event %d %u", l->event->counter, l->event->netns);
	else {
		buf_printf(&b, "item %d %u %d %u", l->item->kind,
		    l->item->netns, (int)l->item->pid, l->item->family);
		buf_put(&b, &l->item->local, sizeof(l->item->local));
		buf_put(&b, &l->item->peer, sizeof(l->item->peer));
	}
	key = hash_bytes(b.data, b.len, 0);
	buf_done(&b);
	return key;
}

static void
add_line(struct pane_pressure *s, struct line line)
{
	s->line = array_grow(s->line, &s->cap, s->n + 1, sizeof(*s->line));
	line.key = key_of(&line);
	s->line[s->n++] = line;
}

/* Counters that counted: those that do so now stand first. */
static void
add_events(struct pane_pressure *s, const struct pressure_view *v, bool now)
{
	const struct pressure_event *e;
	size_t i;

	for (i = 0; i < v->nevents; i++) {
		e = &v->event[i];
		if (e->total > 0 && (e->per_s > 0) == now)
			add_line(s, (struct line){ .event = e });
	}
}

static void
refill(struct pane *p)
{
	const struct pressure_view *v = &p->ui->pressure;
	struct pane_pressure *s = p->priv;
	const struct leak *leak;
	size_t i, n = leaks_found(p->ui->leaks, &leak);

	s->n = 0;
	for (i = 0; i < n; i++)
		add_line(s, (struct line){ .leak = &leak[i] });
	for (i = 0; i < v->n; i++)
		add_line(s, (struct line){ .item = &v->item[i] });
	add_events(s, v, true);
	add_events(s, v, false);
	if (s->key == 0)
		p->at = 0; /* nothing was chosen yet: the worst */
	for (i = 0; i < s->n; i++)
		if (s->line[i].key == s->key)
			p->at = (int)i;
	p->n = (int)s->n;
	if (p->at >= p->n)
		p->at = p->n > 0 ? p->n - 1 : 0;
}

static const struct line *
line_at(const struct pane *p)
{
	const struct pane_pressure *s = p->priv;

	return p->n > 0 ? &s->line[p->at] : NULL;
}

/* -- cells ---------------------------------------------------------------- */

static void
leak_cell(const struct leak *leak, size_t c, struct buf *out)
{
	if (c == COL_VERDICT)
		buf_puts(out, leak->what == LEAK_TOTAL ? "grows" : "leak");
	else if (c == COL_WHAT)
		leak_put(leak, out);
	else if (c == COL_VALUE)
		buf_printf(out, "%u", leak->to);
}

static void
event_cell(const struct pressure_event *e, size_t c, struct buf *out)
{
	if (c == COL_VERDICT)
		buf_puts(out, e->per_s > 0 ? "now" : "");
	else if (c == COL_WHAT)
		buf_puts(out, pressure_counter_fact(e->counter)->name);
	else if (c == COL_VALUE)
		buf_printf(out, "%llu", (unsigned long long)e->total);
	else if (c == COL_RATE && e->per_s < 0)
		buf_putc(out, '-');
	else if (c == COL_RATE)
		buf_printf(out, e->per_s < 10 ? "%.1f" : "%.0f", e->per_s);
}

static void
item_cell(const struct ui *ui, const struct pressure_item *it, size_t c,
    bool wide, struct buf *out)
{
	const struct pressure_view *v = &ui->pressure;

	if (c == COL_VERDICT)
		buf_puts(out, pressure_verdict_name(it->verdict));
	else if (c == COL_WHAT)
		pressure_put_what(v, it, ui->table->names, out);
	else if (c == COL_VALUE)
		pressure_put_value(v, it, out);
	else if (c == COL_LIMIT)
		pressure_put_limit(v, it, out);
	else if (c == COL_PERCENT)
		pressure_put_percent(it, out);
	else if (c == COL_BAR)
		pressure_put_bar(it, wide ? 2 * BAR : BAR, out);
}

static void
pressure_cell(struct pane *p, int i, size_t c, struct buf *out)
{
	const struct pane_pressure *s = p->priv;
	const struct line *l = &s->line[i];

	if (l->leak != NULL)
		leak_cell(l->leak, c, out);
	else if (l->event != NULL)
		event_cell(l->event, c, out);
	else
		item_cell(p->ui, l->item, c, p->w >= WIDE, out);
}

static enum theme_role
pressure_role(struct pane *p, int i)
{
	static const enum theme_role roles[] = { [PRESSURE_FULL] = ROLE_ERROR,
		[PRESSURE_HIGH] = ROLE_WARNING,
		[PRESSURE_OK] = ROLE_TEXT,
		[PRESSURE_NOT_KNOWN] = ROLE_DIM };
	const struct pane_pressure *s = p->priv;
	const struct line *l = &s->line[i];

	if (l->leak != NULL)
		return l->leak->what == LEAK_TOTAL ? ROLE_WARNING : ROLE_ERROR;
	if (l->event != NULL)
		return l->event->per_s > 0 ? ROLE_WARNING : ROLE_DIM;
	return roles[l->item->verdict];
}

/* -- drawing -------------------------------------------------------------- */

static void
put_caption(struct pane *p, struct buf *out)
{
	const struct pressure_view *v = &p->ui->pressure;
	size_t full = 0, high = 0, i, leaks;
	const struct leak *leak;

	for (i = 0; i < v->n; i++) {
		full += v->item[i].verdict == PRESSURE_FULL;
		high += v->item[i].verdict == PRESSURE_HIGH;
	}
	leaks = leaks_found(p->ui->leaks, &leak);
	buf_printf(out, "Pressure: %zu full, %zu high, %zu leak%s", full, high,
	    leaks, leaks == 1 ? "" : "s");
	if (v->procs_hidden > 0)
		buf_printf(out, "; descriptors of %u processes hidden",
		    v->procs_hidden);
	if (!v->read && p->ui->source.source == SOURCE_FILE)
		buf_puts(out, "; a recording does not tell limits");
}

static void
put_meaning(const struct pane *p, const struct line *l, struct buf *out)
{
	if (l->leak != NULL) {
		leak_put(l->leak, out);
		buf_printf(out, ". %s Enter: these sockets.",
		    leak_meaning(l->leak->what));
	} else if (l->event != NULL) {
		pressure_put_event(
		    &p->ui->pressure, l->event, p->ui->table->names, out);
		buf_putc(out, '.');
	} else {
		pressure_put_what(
		    &p->ui->pressure, l->item, p->ui->table->names, out);
		buf_puts(out, ". ");
		pressure_put_meaning(l->item, out);
	}
}

static int
foot_of(const struct pane *p)
{
	return p->h >= FOOT_FROM ? FOOT : 0;
}

static void
draw_meaning(struct pane *p)
{
	const struct line *l = line_at(p);
	int y = p->h - foot_of(p) + 1;
	struct buf text = { 0 }, ascii = { 0 };
	const char *s;
	char *cut;
	size_t len;

	if (l == NULL || foot_of(p) == 0)
		return;
	put_meaning(p, l, &text);
	if (text_utf8())
		buf_puts(&ascii, text.data);
	else
		text_to_ascii(&ascii, text.data);
	for (s = ascii.data; *s != '\0' && y < p->h; y++) {
		len = prose_break(s, p->w - 2);
		cut = xstrndup(s, len);
		pane_text(p, y, 1, p->w - 1, theme_attr(ROLE_DIM), cut);
		free(cut);
		s += len;
		s += strspn(s, " ");
	}
	buf_done(&ascii);
	buf_done(&text);
}

static void
pressure_draw(struct pane *p)
{
	struct pane_pressure *s = p->priv;
	struct buf caption = { 0 };

	refill(p);
	put_caption(p, &caption);
	s->grid.foot = foot_of(p);
	grid_draw(&s->grid, p, caption.data, "Reading the limits ...");
	draw_meaning(p);
	buf_done(&caption);
}

/* -- keys ----------------------------------------------------------------- */

static void
pressure_moved(struct pane *p)
{
	struct pane_pressure *s = p->priv;

	s->key = s->line[p->at].key;
}

/* The sockets behind the line, in the table. */
static void
pressure_enter(struct pane *p)
{
	struct ui *ui = p->ui;
	struct buf filter = { 0 };
	const struct line *l;

	refill(p);
	l = line_at(p);
	if (l == NULL)
		return;
	if (l->leak != NULL)
		leak_put_filter(l->leak, &filter);
	else if (l->event != NULL || !pressure_put_filter(l->item, &filter)) {
		ui_status(ui, "no sockets of this machine stand for this line");
		return;
	}
	ui_pane_close(ui, p);
	if (!ui_filter_set(ui, filter.data))
		ui_error(ui, "filter: %s", ui->filter_err.message);
	buf_done(&filter);
}

/* No line is a socket: nothing can be done to the one in the table behind. */
static struct row *
pressure_row(struct pane *p)
{
	(void)p;
	return NULL;
}

static unsigned
pressure_needs(const struct pane *p)
{
	(void)p;
	return NEED_PRESSURE | NEED_OWNER;
}

static void
pressure_changed(struct pane *p)
{
	struct pane_pressure *s = p->priv;

	pressure_view_build(&p->ui->pressure, p->ui->table, TOP);
	s->n = 0; /* they pointed into what was */
}

static void
pressure_free_pane(struct pane *p)
{
	struct pane_pressure *s = p->priv;

	pressure_view_done(&p->ui->pressure);
	free(s->line);
	free(s);
}

const struct pane_ops pane_pressure_ops = {
	.name = "pressure",
	.map = MAP_LIST,
	.cursor = true,
	.draw = pressure_draw,
	.move = grid_move,
	.enter = pressure_enter,
	.find = grid_find,
	.needs = pressure_needs,
	.changed = pressure_changed,
	.mouse = grid_mouse,
	.row = pressure_row,
	.free = pressure_free_pane,
};

void
pane_pressure_toggle(struct ui *ui)
{
	const struct grid grid = { .col = pressure_cols,
		.cell = pressure_cell,
		.role = pressure_role,
		.refill = refill,
		.moved = pressure_moved };
	struct pane *p = grid_toggle(
	    ui, &pane_pressure_ops, &grid, sizeof(struct pane_pressure));

	if (p == NULL)
		return;
	pressure_changed(p); /* what rows tell is there at once */
	ui->services->refresh(ui->services->arg);
}
