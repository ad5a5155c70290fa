/* SPDX-License-Identifier: ISC */
/*
 * A scan beside the table: how it stands, and what it found, as it comes.
 * Several scans are tabs.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/scan.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define BELOW_H     13 /* lines it would like below the table */
#define HINT_FROM   6  /* lines from which the keys are told */
#define FOOT_FROM   14 /* lines from which a line's meaning is */
#define FOOT        3
#define BAR         10
#define BAR_WIDE    24
#define WIDE        70
#define CAUSE_MAX   3
#define TAB_MAX     24
#define RIGHT_LEAST 12 /* columns the right part is worth */

struct pane_scan {
	char *title;
	int tab_x[SCAN_JOBS_MAX + 1]; /* where each begins; of what is drawn */
	int list_y, list_h;
};

/* -- the head ----------------------------------------------------------------- */

/* One text after the other on a line. */
struct pen {
	struct pane *p;
	int y, x;
};

static void
ink(struct pen *pen, enum theme_role role, const char *text)
{
	if (pen->x >= pen->p->w)
		return;
	pane_text(
	    pen->p, pen->y, pen->x, pen->p->w - pen->x, theme_attr(role), text);
	pen->x += (int)text_width(text);
}

static const char *const state_words[] = { [JOB_STARTING] = "starting",
	[JOB_PAUSED] = "paused",
	[JOB_STOPPING] = "stopping",
	[JOB_DONE] = "done",
	[JOB_STOPPED] = "stopped",
	[JOB_FAILED] = "failed" };

static void
put_short_state(const struct ui_scan *j, struct buf *out)
{
	int percent = scan_percent(j);

	if (j->state != JOB_RUNNING && j->state != JOB_STARTING)
		buf_puts(out, state_words[j->state]);
	else if (percent < 0 || j->state == JOB_STARTING)
		buf_puts(out, "..");
	else
		buf_printf(out, "%d%%", percent);
}

/* How the one stands that is shown goes before that there are others. */
static bool
has_tabs(const struct pane *p)
{
	return p->ui->scans->n > 1 && p->h > 1;
}

static void
draw_tabs(struct pane *p)
{
	const struct ui_scans *s = p->ui->scans;
	struct pane_scan *pane = p->priv;
	struct pen pen = { .p = p };
	struct buf text = { 0 };
	size_t i, first = 0;
	int w;

	/* The one that is shown must be among those that are seen. */
	while (first < s->at && (int)(s->at - first + 1) * (TAB_MAX - 6) > p->w)
		first++;
	memset(pane->tab_x, -1, sizeof(pane->tab_x));
	for (i = first; i < s->n; i++) {
		buf_reset(&text);
		buf_printf(&text, " %zu ", i + 1);
		(void)text_fit(&text, s->job[i]->order.what, TAB_MAX - 10,
		    TEXT_CUT_MIDDLE, !text_utf8());
		buf_putc(&text, ' ');
		put_short_state(s->job[i], &text);
		buf_putc(&text, ' ');
		w = (int)text_width(text.data);
		if (pen.x + w > p->w && pen.x > 0)
			break;
		pane->tab_x[i] = pen.x;
		ink(&pen, i == s->at ? ROLE_SORTED : ROLE_TITLE, text.data);
	}
	pane->tab_x[i] = pen.x;
	pane_fill(p, 0, pen.x, p->w - pen.x, theme_attr(ROLE_TITLE));
	if (first > 0)
		pane_text(p, 0, 0, 1, theme_attr(ROLE_TITLE), "<");
	if (i < s->n)
		pane_text(p, 0, p->w - 1, 1, theme_attr(ROLE_TITLE), ">");
	buf_done(&text);
}

static void
put_bar(int percent, int width, struct buf *out)
{
	int i, full = percent < 0 ? 0 : percent * width / 100;

	buf_putc(out, '[');
	for (i = 0; i < width; i++)
		buf_putc(out, i < full ? '#' : '-');
	buf_putc(out, ']');
}

/* In the order of the screen. */
enum part {
	PART_HOW,
	PART_BAR,
	PART_PERCENT,
	PART_RATE,
	PART_LEFT,
	PART_PHASE,
	PART_STATE,
	NPARTS
};

static void
put_part(const struct ui_scan *j, enum part part, int bar, struct buf *out)
{
	const struct scan_event *e = &j->report->progress;
	bool runs = j->state == JOB_RUNNING && e->type == SCAN_EV_PROGRESS;
	char unit[TEXT_UNIT_MAX];
	int percent = scan_percent(j);

	if (part == PART_HOW)
		scan_put_how(j, out);
	else if (part == PART_BAR && bar > 0)
		put_bar(percent, bar, out);
	else if (part == PART_PERCENT && percent >= 0)
		buf_printf(out, "%d%%", percent);
	else if (part == PART_RATE && runs)
		buf_printf(out, "%s/s", text_rate(unit, e->progress.rate));
	else if (part == PART_LEFT && runs && e->progress.left_ms != UINT64_MAX)
		buf_printf(out, "ETA %s",
		    text_duration(
			unit, e->progress.left_ms / 1000 * 1000000000));
	else if (part == PART_PHASE && runs)
		buf_puts(out, e->progress.phase);
	else if (part == PART_STATE && j->state != JOB_RUNNING)
		buf_puts(out, state_words[j->state]);
}

/* What it is at, by parts: where there is no room for all, those that say
 * least go first, each as a whole. */
static void
draw_moving(struct pane *p, int y, const struct ui_scan *j)
{
	static const enum theme_role roles[NPARTS] = { [PART_HOW] = ROLE_TEXT,
		[PART_BAR] = ROLE_GRAPH,
		[PART_PERCENT] = ROLE_GRAPH,
		[PART_RATE] = ROLE_TEXT,
		[PART_LEFT] = ROLE_TEXT,
		[PART_PHASE] = ROLE_DIM,
		[PART_STATE] = ROLE_WARNING };
	static const enum part goes[] = { PART_PHASE, PART_BAR, PART_RATE,
		PART_HOW };
	struct pen pen = { .p = p, .y = y, .x = 1 };
	struct buf b[NPARTS] = { 0 };
	int i, w = 0;
	size_t k;

	for (i = 0; i < NPARTS; i++) {
		put_part(j, i, p->w >= WIDE ? BAR_WIDE : BAR, &b[i]);
		if (b[i].len > 0)
			w += (int)b[i].len + 2;
	}
	for (k = 0; k < nitems(goes) && w > p->w; k++)
		if (b[goes[k]].len > 0) {
			w -= (int)b[goes[k]].len + 2;
			buf_reset(&b[goes[k]]);
		}
	for (i = 0; i < NPARTS; i++) {
		if (b[i].len > 0) {
			ink(&pen, roles[i], b[i].data);
			pen.x += i == PART_BAR ? 1 : 2;
		}
		buf_done(&b[i]);
	}
}

static void
draw_over(struct pane *p, int y, const struct ui_scan *j)
{
	struct pen pen = { .p = p, .y = y, .x = 1 };
	char took[TEXT_UNIT_MAX];
	struct buf how = { 0 }, b = { 0 };

	(void)text_duration(took, scan_took_ns(j));
	if (j->state == JOB_DONE)
		buf_printf(&b, "done in %s", took);
	else
		buf_printf(&b, "%s after %s", state_words[j->state], took);
	if (j->state != JOB_DONE && scan_percent(j) >= 0)
		buf_printf(&b, ", at %d%%", scan_percent(j));
	scan_put_how(j, &how);
	buf_puts(&how, "  ");
	if ((int)(how.len + b.len) < p->w)
		ink(&pen, ROLE_TEXT, how.data);
	ink(&pen, j->state == JOB_DONE ? ROLE_GOOD : ROLE_WARNING, b.data);
	buf_done(&how);
	buf_done(&b);
}

static void
put_hosts(const struct ui_scan *j, struct buf *out)
{
	const struct scan_report *r = j->report;
	uint64_t hosts = 0;

	if (r->start.type == SCAN_EV_START)
		hosts = r->start.start.hosts;
	/* At the end of the list, out of sight perhaps. */
	if (r->nnote > 0)
		buf_printf(
		    out, "%zu note%s  ", r->nnote, r->nnote == 1 ? "" : "s");
	if (hosts == 0)
		return;
	buf_printf(out, "%zu of %" PRIu64 " host%s up", r->nup, hosts,
	    hosts == 1 ? "" : "s");
}

static void
draw_counts(struct pane *p, int y, const struct ui_scan *j)
{
	static const struct {
		enum scan_state state;
		enum theme_role role;
		bool always;
	} counts[] = { { SCAN_OPEN, ROLE_GOOD, true },
		{ SCAN_OPEN_FILTERED, ROLE_CHANGED, false },
		{ SCAN_UNFILTERED, ROLE_TEXT, false },
		{ SCAN_FILTERED, ROLE_WARNING, false },
		{ SCAN_CLOSED, ROLE_DIM, false } };
	struct pen pen = { .p = p, .y = y, .x = 1 };
	struct buf b = { 0 };
	uint64_t n;
	size_t i;
	int w;

	for (i = 0; i < nitems(counts); i++) {
		n = scan_count(j, counts[i].state);
		if (n == 0 && !counts[i].always)
			continue;
		buf_reset(&b);
		buf_printf(&b, "%" PRIu64 " %s  ", n,
		    scan_state_name(counts[i].state));
		/* A number that is cut would be another one. */
		if (pen.x + (int)text_width(b.data) - 2 > p->w)
			break;
		ink(&pen, counts[i].role, b.data);
	}
	buf_reset(&b);
	put_hosts(j, &b);
	if (b.len > 0) {
		w = (int)text_width(b.data);
		if (pen.x + w < p->w)
			pane_text(p, y, p->w - w - 1, w, theme_attr(ROLE_DIM),
			    b.data);
	}
	buf_done(&b);
}

/* Broken at words, at most so many lines; returns those it took. */
static int
draw_text(
    struct pane *p, int y, int most, enum theme_role role, const char *text)
{
	struct buf ascii = { 0 };
	int lines = 0;
	size_t len;
	char *cut;

	if (text_utf8())
		buf_puts(&ascii, text);
	else
		text_to_ascii(&ascii, text);
	for (text = ascii.data; *text != '\0' && lines < most; lines++) {
		len = prose_break(text, p->w - 2);
		cut = xstrndup(text, len);
		pane_text(p, y + lines, 1, p->w - 1, theme_attr(role), cut);
		free(cut);
		text += len;
		text += strspn(text, " ");
	}
	buf_done(&ascii);
	return lines;
}

/* Lines above the list. */
static int
draw_head(struct pane *p, const struct ui_scan *j)
{
	int y = 0;

	if (has_tabs(p))
		draw_tabs(p), y++;
	if (scan_is_over(j))
		draw_over(p, y++, j);
	else
		draw_moving(p, y++, j);
	if (p->h > 3)
		draw_counts(p, y++, j);
	if (j->state == JOB_FAILED && j->cause != NULL && p->h > y + 2)
		y += draw_text(p, y, CAUSE_MAX, ROLE_ERROR, j->cause);
	return y;
}

/* -- the list ------------------------------------------------------------------- */

static void
draw_line(struct pane *p, int y, const struct ui_scan *j,
    const struct scan_line *l, bool at)
{
	struct buf left = { 0 }, right = { 0 };
	enum theme_role role = scan_line_put(j, l, p->w, &left, &right);
	unsigned focus = theme_attr(
	    ui_focus(p->ui) == p ? ROLE_SELECTED : ROLE_SELECTED_DULL);
	int x = l->kind == LINE_HOST || l->kind == LINE_VERDICT ||
			l->kind == LINE_HEADING
		    ? 1
		    : 2;
	int lw = left.len > 0 ? (int)text_width(left.data) : 0, rw = 0;

	if (at) {
		pane_fill(p, y, 0, p->w, focus);
		pane_text(p, y, 0, 1, focus, ">");
	}
	if (right.len > 0)
		rw = (int)text_width(right.data);
	/* What it is goes before why it is so. */
	if (x + lw + 2 + rw + 1 > p->w)
		rw = p->w - x - lw - 3;
	if (left.len > 0)
		pane_text(p, y, x, p->w - x, at ? focus : theme_attr(role),
		    left.data);
	if (rw >= RIGHT_LEAST ||
	    (right.len > 0 && rw == (int)text_width(right.data)))
		pane_text(p, y, p->w - rw - 1, rw,
		    at ? focus : theme_attr(ROLE_DIM), right.data);
	buf_done(&left);
	buf_done(&right);
}

static const char *
why_empty(const struct ui_scan *j)
{
	if (!scan_is_over(j))
		return "Nothing was found yet.";
	if (j->report->start.type != SCAN_EV_START)
		return "It did not come as far as to scan.";
	if (j->report->nup == 0)
		return "No host answered. -Pn scans hosts that do not answer "
		       "when they are asked whether they are there.";
	return "Nothing but closed ports.";
}

static void
draw_list(struct pane *p, struct ui_scan *j)
{
	struct pane_scan *s = p->priv;
	struct scan_view *v = &j->view;
	struct pane part = *p;
	int i;

	(void)scan_view_build(p->ui, j, p->w);
	part.h = s->list_h;
	part.n = (int)v->n;
	part.at = v->at;
	part.top = v->top;
	pane_clamp(&part);
	v->at = p->at = part.at;
	v->top = p->top = part.top;
	p->n = part.n;
	for (i = 0; i < s->list_h && v->top + i < (int)v->n; i++)
		draw_line(p, s->list_y + i, j, &v->line[v->top + i],
		    v->top + i == v->at);
	if (v->n == 0)
		(void)draw_text(
		    p, s->list_y, s->list_h, ROLE_DIM, why_empty(j));
}

/* What the line means. */
static void
draw_foot(struct pane *p, int y, const struct ui_scan *j)
{
	const struct scan_line *l = scan_view_line(j, j->view.at);
	struct buf why = { 0 };

	if (l != NULL)
		scan_line_why(p->ui, j, l, &why);
	if (why.len > 0)
		(void)draw_text(p, y, FOOT, ROLE_DIM, why.data);
	buf_done(&why);
}

/* -- the keys, at the bottom ------------------------------------------------------ */

struct hint {
	const char *command, *label;
};

/* As many as there is room for, from the first that is not yet told. Returns
 * the next. */
static size_t
put_hints(const struct ui *ui, const struct hint *h, size_t i, size_t n,
    int width, struct buf *out)
{
	struct buf one = { 0 };
	const char *key;

	for (; i < n; i++) {
		key = keytable_key_of(ui->keys, MAP_SCAN, h[i].command);
		if (key == NULL || h[i].label == NULL)
			continue;
		buf_reset(&one);
		buf_printf(
		    &one, "%s%s %s", out->len > 0 ? "  " : "", key, h[i].label);
		if ((int)(out->len + one.len) > width)
			break;
		buf_puts(out, one.data);
	}
	buf_done(&one);
	return i;
}

/* On the last lines, the most useful first; returns how many lines they
 * take. */
static int
draw_hints(struct pane *p, const struct ui_scan *j)
{
	bool over = scan_is_over(j), rest = over && j->state != JOB_DONE;
	const struct hint hints[] = {
		{ "scan-pause", over                     ? NULL
				: j->state == JOB_PAUSED ? "go on"
							 : "pause" },
		{ "scan-stop", over ? NULL : "stop" },
		{ "scan-resume", rest ? "go on" : NULL },
		{ "scan-again", over ? "again" : NULL },
		{ "scan-save", "save" },
		{ "identify", j->report->nasked > 0 ? "service" : NULL },
		{ "enter", "its socket" },
		{ "scan-close", over ? "close" : NULL },
		{ "scan-open", j->view.compare     ? NULL
			       : j->view.open_only ? "all"
						   : "open only" },
		{ "scan-compare", j->order.asked == NULL ? NULL
				  : j->view.compare      ? "ports"
							 : "compare" },
		{ "scan-copy", "copy" },
	};
	int y, lines = p->h >= FOOT_FROM ? 2 : p->h >= HINT_FROM;
	struct buf b[2] = { 0 };
	size_t at = 0;

	for (y = 0; y < lines; y++)
		at =
		    put_hints(p->ui, hints, at, nitems(hints), p->w - 2, &b[y]);
	if (lines == 2 && b[1].len == 0)
		lines = 1;
	for (y = 0; y < lines; y++) {
		pane_fill(
		    p, p->h - lines + y, 0, p->w, theme_attr(ROLE_KEYTEXT));
		if (b[y].len > 0)
			pane_text(p, p->h - lines + y, 1, p->w - 1,
			    theme_attr(ROLE_KEYTEXT), b[y].data);
	}
	buf_done(&b[0]);
	buf_done(&b[1]);
	return lines;
}

static void
draw_none(struct pane *p)
{
	const char *key = keytable_key_of(p->ui->keys, MAP_GLOBAL, "scan");
	struct buf b = { 0 };

	buf_puts(&b, "No scan yet.");
	if (key != NULL)
		buf_printf(&b,
		    " %s asks what to scan: the selected socket's peer, or "
		    "anything that is typed, as for nmap: \"-p- 10.0.0.9\". "
		    "\"--self\" is this machine.",
		    key);
	p->n = 0;
	(void)draw_text(p, 0, p->h, ROLE_DIM, b.data);
	buf_done(&b);
}

static void
scan_draw(struct pane *p)
{
	struct pane_scan *s = p->priv;
	struct ui_scan *j = scan_shown(p->ui);
	int hints, foot = 0;

	if (j == NULL) {
		draw_none(p);
		return;
	}
	s->list_y = draw_head(p, j);
	if ((j->view.compare || j->report->nasked > 0) && p->h >= FOOT_FROM)
		foot = FOOT;
	hints = draw_hints(p, j);
	s->list_h = p->h - s->list_y - hints - foot;
	if (s->list_h < 0)
		s->list_h = 0;
	draw_list(p, j);
	if (foot > 0)
		draw_foot(p, s->list_y + s->list_h, j);
}

static const char *
scan_title(struct pane *p)
{
	const struct ui_scan *j = scan_shown(p->ui);
	struct pane_scan *s = p->priv;

	if (j == NULL)
		return "Scan";
	free(s->title);
	if (strcmp(j->line, j->order.what) == 0)
		xasprintf(&s->title, "Scan %s", j->order.what);
	else
		xasprintf(&s->title, "Scan %s: %s", j->order.what, j->line);
	return s->title;
}

/* -- keys and mouse ------------------------------------------------------------------ */

/* What is moved in is what is on the screen: what came since is taken up at
 * the next painting, around it. */
static struct ui_scan *
ready(struct pane *p)
{
	struct ui_scan *j = scan_shown(p->ui);

	if (j != NULL && j->view.stale)
		(void)scan_view_build(p->ui, j, p->w);
	return j;
}

static void
scan_move(struct pane *p, enum pane_move how)
{
	struct ui_scan *j = ready(p);
	struct pane_scan *s = p->priv;
	struct pane part = *p;

	if (how == PANE_LEFT || how == PANE_RIGHT) {
		cmd_run(p->ui,
		    how == PANE_LEFT ? "scan-tab previous" : "scan-tab next");
		return;
	}
	if (j == NULL)
		return;
	part.h = s->list_h > 0 ? s->list_h : 1;
	part.n = (int)j->view.n;
	part.at = j->view.at;
	part.top = j->view.top;
	pane_move(&part, how);
	j->view.top = part.top;
	scan_view_moved(j, part.at);
}

static void
scan_enter(struct pane *p)
{
	cmd_run(p->ui, "scan-socket");
}

static bool
scan_find(struct pane *p, const char *text, bool next)
{
	struct ui_scan *j = ready(p);
	struct buf b = { 0 };
	char *lower;
	bool found = false;
	size_t i = 0, k;

	if (j == NULL)
		return false;
	lower = prose_lower(text);
	for (k = 0; k < j->view.n && !found; k++) {
		i = ((size_t)j->view.at + k + (next ? 1 : 0)) % j->view.n;
		buf_reset(&b);
		scan_line_copy(p->ui, j, &j->view.line[i], &b);
		found = b.len > 0 && text_contains(b.data, lower);
	}
	if (found)
		scan_view_moved(j, (int)i);
	free(lower);
	buf_done(&b);
	return found;
}

static void
press_tab(struct pane *p, int x)
{
	const struct pane_scan *s = p->priv;
	struct ui_scans *all = p->ui->scans;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (s->tab_x[i] >= 0 && x >= s->tab_x[i] &&
		    x < s->tab_x[i + 1]) {
			all->at = i;
			pane_scan_changed(p->ui);
			return;
		}
}

static bool
scan_mouse(struct pane *p, int y, int x, enum mouse_button button)
{
	const struct pane_scan *s = p->priv;
	struct ui_scan *j = ready(p);
	int i;

	if (j == NULL || (button != MOUSE_LEFT && button != MOUSE_DOUBLE))
		return true;
	if (y == 0 && has_tabs(p)) {
		press_tab(p, x);
		return true;
	}
	i = j->view.top + y - s->list_y;
	if (y < s->list_y || y >= s->list_y + s->list_h || i >= (int)j->view.n)
		return true;
	scan_view_moved(j, i);
	if (button == MOUSE_DOUBLE)
		scan_enter(p);
	return true;
}

/* Time goes on, in what is shown too. */
static void
scan_tick(struct pane *p, uint64_t now_ns)
{
	const struct ui_scan *j = scan_shown(p->ui);

	if (j == NULL || p->hidden)
		return;
	if (!scan_is_over(j) || (j->view.dirty && now_ns >= j->view.next_ns))
		p->ui->dirty |= DIRTY_TABLE;
}

static unsigned
scan_needs(const struct pane *p)
{
	const struct ui_scan *j = scan_shown(p->ui);

	return j != NULL && j->view.compare
		   ? NEED_OWNER | NEED_USER | NEED_IFACE | NEED_CMDLINE
		   : 0;
}

static void
scan_free(struct pane *p)
{
	struct pane_scan *s = p->priv;

	free(s->title);
	free(s);
}

static const struct pane_ops pane_scan_ops = {
	.name = "scan",
	.map = MAP_SCAN,
	.cursor = true,
	.title = scan_title,
	.draw = scan_draw,
	.move = scan_move,
	.tick = scan_tick,
	.enter = scan_enter,
	.find = scan_find,
	.needs = scan_needs,
	.mouse = scan_mouse,
	.free = scan_free,
};

struct pane *
pane_scan_find(struct ui *ui)
{
	return ui_pane_find(ui, &pane_scan_ops);
}

void
pane_scan_open(struct ui *ui)
{
	struct pane *p = pane_scan_find(ui);

	if (p == NULL) {
		p = ui_pane_open(ui, &pane_scan_ops, PLACE_SIDE,
		    xcalloc(1, sizeof(struct pane_scan)));
		p->want_h = BELOW_H;
	} else
		ui_pane_focus(ui, p);
	ui->dirty |= DIRTY_ALL | DIRTY_LAYOUT;
}

void
pane_scan_toggle(struct ui *ui)
{
	struct pane *p = pane_scan_find(ui);

	if (p != NULL && !p->hidden)
		ui_pane_close(ui, p);
	else
		pane_scan_open(ui);
	ui->dirty |= DIRTY_ALL | DIRTY_LAYOUT;
}

void
pane_scan_changed(struct ui *ui)
{
	const struct ui_scan *j = scan_shown(ui);

	if (j != NULL && j->view.compare)
		ui->services->refresh(ui->services->arg);
	ui->dirty |= DIRTY_ALL;
}
