/* SPDX-License-Identifier: ISC */
/*
 * The lesson beside the table: its steps, what is to be seen and thought
 * about, what happened, and the segments that did it. The sockets' states
 * are counted from the table, so that both say the same.
 */
#include "config.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/lab.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define TALL       30 /* lines from which all steps are listed */
#define LOG_SHARE  3  /* of the lines the log gets at least one in so many */
#define LOG_LEAST  3
#define STATES_GAP 3
#define LOG_NAMES  72 /* columns from which the hosts' names are written out */

struct lab_pane {
	struct prose prose;
	char *title;
	const struct lab_step *shown; /* what top belongs to */
	int phase;
};

static const struct lab_lesson *
lesson_of(const struct ui_lab *l)
{
	return l->lessons[l->lesson];
}

static const char *
lab_title(struct pane *p)
{
	struct lab_pane *s = p->priv;
	const struct ui_lab *l = p->ui->lab;

	free(s->title);
	xasprintf(&s->title, "Lesson %zu of %zu: %s", l->lesson + 1,
	    l->nlessons, lesson_of(l)->title);
	return s->title;
}

/* -- text ----------------------------------------------------------------- */

static void
put_steps(struct prose *p, const struct ui_lab *l)
{
	const struct lab_lesson *lesson = lesson_of(l);
	bool utf8 = text_utf8();
	const char *mark;
	char *line;
	size_t i;

	for (i = 0; i < lesson->nsteps; i++) {
		if (i < l->step || (i == l->step && l->phase == LAB_AFTER))
			mark = utf8 ? "✓" : "x";
		else if (i == l->step)
			mark = utf8 ? "▸" : ">";
		else
			mark = " ";
		xasprintf(
		    &line, "%s %zu  %s", mark, i + 1, lesson->step[i].title);
		prose_pair(p, NULL, line);
		free(line);
	}
}

static void
put_heading(struct prose *p, const struct ui_lab *l)
{
	const struct lab_lesson *lesson = lesson_of(l);
	char *line;

	xasprintf(&line, "Step %zu of %zu: %s", l->step + 1, lesson->nsteps,
	    lesson->step[l->step].title);
	prose_heading(p, line);
	free(line);
}

static void
fill(struct pane *p)
{
	struct lab_pane *s = p->priv;
	const struct ui_lab *l = p->ui->lab;
	const struct lab_step *step = &lesson_of(l)->step[l->step];
	bool tall = p->h >= TALL;

	prose_clear(&s->prose);
	if (l->phase == LAB_BROKEN) {
		prose_pair(&s->prose, "Failed", l->wrong);
		return;
	}
	if (tall || l->phase == LAB_SETTING_UP) {
		prose_pair(&s->prose, NULL, lesson_of(l)->about);
		prose_pair(&s->prose, NULL, lesson_of(l)->source);
		prose_pair(&s->prose, NULL, "");
	}
	if (tall)
		put_steps(&s->prose, l);
	if (l->phase == LAB_SETTING_UP)
		return;
	put_heading(&s->prose, l);
	if (tall || l->phase != LAB_AFTER) {
		prose_pair(&s->prose, "Will", step->say);
		prose_pair(&s->prose, "Look at", step->watch);
	}
	prose_pair(&s->prose, "Think", step->ask);
	if (l->phase == LAB_AFTER)
		prose_pair(&s->prose, l->wrong != NULL ? "Wrong" : "So",
		    l->wrong != NULL ? l->wrong : step->after);
}

/* What a key would do now; short, for a pane beside the table. */
static const char *
hint(const struct ui_lab *l)
{
	bool last = l->step + 1 == lesson_of(l)->nsteps;

	switch (l->phase) {
	case LAB_SETTING_UP:
		return "The hosts are set up ..";
	case LAB_BEFORE:
		return "Space: let it happen  r: restart  L: lessons";
	case LAB_RUNNING:
		return "It happens ..  r: restart  L: lessons";
	case LAB_AFTER:
		if (l->wrong == NULL && last)
			return "Lesson over. Space: next  r: again  "
			       "L: lessons";
		if (l->wrong == NULL)
			return "Space: next step  r: restart  L: lessons";
		break;
	case LAB_BROKEN:
		break;
	}
	return "r: restart  L: lessons";
}

/* -- states and segments -------------------------------------------------- */

static size_t
live_socks(const struct table *t, struct sock_rec *ret, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < t->n && n < max; i++)
		if ((t->row[i]->flags & ROW_GONE) == 0)
			ret[n++] = t->row[i]->rec;
	return n;
}

/* "client ESTABLISHED   server LISTEN, ESTABLISHED", in two lines where one is
 * too short. Returns how many it took. */
static int
draw_states(struct pane *p, int y)
{
	const struct ui_lab *l = p->ui->lab;
	struct sock_rec rec[LAB_SOCKS_MAX];
	struct lab_count count[LAB_COUNTS_MAX];
	struct buf b[LAB_NHOSTS] = { { 0 } };
	int host, x = 0, w[LAB_NHOSTS], lines;
	size_t n;

	n = live_socks(p->ui->table, rec, LAB_SOCKS_MAX);
	n = lab_count_socks(count, rec, n, l->netns);
	for (host = 0; host < LAB_NHOSTS; host++) {
		lab_counts_put(&b[host], count, n, host);
		w[host] = (int)(text_width(lab_host_name(host)) + 1 +
				text_width(b[host].data));
	}
	lines = w[LAB_CLIENT] + STATES_GAP + w[LAB_SERVER] > p->w ? 2 : 1;
	for (host = 0; host < LAB_NHOSTS; host++) {
		pane_text(p, y, x, p->w - x, theme_attr(ROLE_KEY),
		    lab_host_name(host));
		pane_text(p, y, x + (int)text_width(lab_host_name(host)) + 1,
		    p->w, theme_attr(ROLE_TEXT), b[host].data);
		if (lines == 2)
			y++;
		else
			x += w[host] + STATES_GAP;
		buf_done(&b[host]);
	}
	return lines;
}

static enum theme_role
line_role(const struct ui_lab *l, size_t i)
{
	const struct lab_log *line = &l->log[i];

	if (i < l->log_step)
		return ROLE_DIM;
	if (line->is_call)
		return line->call.wrong        ? ROLE_ERROR
		       : line->call.error != 0 ? ROLE_WARNING
					       : ROLE_TEXT;
	return line->segment.fate == LAB_HELD   ? ROLE_CHANGED
	       : line->segment.fate == LAB_LOST ? ROLE_GONE
						: ROLE_GOOD;
}

/* The newest at the bottom. */
static void
draw_log(struct pane *p, int y, int h)
{
	const struct ui_lab *l = p->ui->lab;
	size_t first = l->nlog > (size_t)h ? l->nlog - (size_t)h : 0, i;
	struct buf b = { 0 };

	for (i = first; i < l->nlog; i++) {
		buf_reset(&b);
		lab_log_put(&b, &l->log[i], p->w < LOG_NAMES, !text_utf8());
		pane_text(p, y + (int)(i - first), 0, p->w,
		    theme_attr(line_role(l, i)), b.data);
	}
	buf_done(&b);
}

/* -- the pane ------------------------------------------------------------- */

/* The text is the pane's: it scrolls; the rest stands beneath it. */
static void
draw_text(struct pane *p, int h)
{
	struct lab_pane *s = p->priv;
	struct pane part = *p;

	part.h = h;
	prose_draw(&s->prose, &part);
	p->n = part.n + p->h - h;
	p->top = part.top;
}

/* Room for what this step did, within a share of the pane. */
static int
log_lines(const struct ui_lab *l, int h)
{
	int now = (int)(l->nlog - l->log_step), most = h / LOG_SHARE;

	if (h >= TALL)
		return most;
	return now < LOG_LEAST ? LOG_LEAST : now > most ? most : now;
}

static void
lab_draw(struct pane *p)
{
	static const char more[] = " Down: more";
	struct lab_pane *s = p->priv;
	struct ui_lab *l = p->ui->lab;
	const struct lab_step *step = &lesson_of(l)->step[l->step];
	int log, text, lines, states;

	/* Another step's text is read from its beginning. */
	if (step != s->shown || (int)l->phase != s->phase) {
		p->top = 0;
		s->shown = step;
		s->phase = (int)l->phase;
	}
	fill(p);
	lines = prose_lines(&s->prose, p->w);
	log = log_lines(l, p->h);
	text = p->h - 2 - log;
	if (lines < text)
		text = lines;
	if (text < 1)
		text = 1;
	draw_text(p, text);
	states = draw_states(p, text);
	draw_log(p, text + states, p->h - 1 - states - text);
	pane_fill(p, p->h - 1, 0, p->w, theme_attr(ROLE_KEYTEXT));
	pane_text(p, p->h - 1, 0, p->w, theme_attr(ROLE_KEYTEXT), hint(l));
	if (p->top + text < lines)
		pane_text(p, p->h - 1, p->w - (int)sizeof(more) + 1,
		    (int)sizeof(more), theme_attr(ROLE_KEYTEXT), more);
}

/* Esc leaves no classroom without a teacher. */
static bool
lab_escape(struct pane *p)
{
	ui_pane_focus(p->ui, p->ui->pane[0]);
	return true;
}

static unsigned
lab_needs(const struct pane *p)
{
	(void)p;
	return NEED_OWNER | NEED_TIMER;
}

static void
lab_free(struct pane *p)
{
	struct lab_pane *s = p->priv;

	prose_done(&s->prose);
	free(s->title);
	free(s);
}

static const struct pane_ops pane_lab_ops = {
	.name = "lab",
	.map = MAP_LAB,
	.title = lab_title,
	.draw = lab_draw,
	.escape = lab_escape,
	.needs = lab_needs,
	.free = lab_free,
};

void
pane_lab_open(struct ui *ui)
{
	struct pane *p = ui_pane_find(ui, &pane_lab_ops);
	struct lab_pane *s;

	if (p != NULL) {
		ui_pane_focus(ui, p);
		return;
	}
	s = xcalloc(1, sizeof(*s));
	prose_init(&s->prose);
	s->prose.by_section = true;
	p = ui_pane_open(ui, &pane_lab_ops, PLACE_SIDE, s);
	/* The two hosts have few sockets: the lesson has the most room. */
	p->want_h = 15;
	ui->dirty |= DIRTY_LAYOUT;
}
