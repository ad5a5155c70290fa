/* SPDX-License-Identifier: ISC */
/*
 * How a question looks: the list of what will be hit, which scrolls, and
 * beneath it what is asked and each choice with what it does, which must all
 * be seen before an answer counts.
 */
#include "config.h"

#include "ui/pane_question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/paint.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define WIDTH_MAX 96
#define CHOICE_X  7 /* where a choice's words begin, after its key */

/* What stands beneath the list: drawn, or only measured (pane NULL). */
struct foot {
	struct pane *p;
	int y, w;
};

static void
put(struct foot *f, int x, unsigned attr, const char *text)
{
	if (f->p != NULL)
		pane_text(f->p, f->y, x, f->w - x, attr, text);
}

/* Lines broken at words; "": none. */
static void
put_wrapped(struct foot *f, int x, unsigned attr, const char *text)
{
	int room = f->w - x < 8 ? 8 : f->w - x;
	size_t len;
	char *line;

	while (*text != '\0') {
		len = prose_break(text, room);
		line = xstrndup(text, len);
		put(f, x, attr, line);
		free(line);
		f->y++;
		text += len;
		text += strspn(text, " ");
	}
}

static const char *
key_of(const struct ui *ui, const char *command)
{
	const char *key = keytable_key_of(ui->keys, MAP_QUESTION, command);

	return key == NULL ? "-" : key;
}

static void
put_key(struct foot *f, const struct question *q, size_t i, const char *key)
{
	unsigned attr = theme_attr(ROLE_KEY);

	if (q->n > 0 && i == q->at)
		put(f, 0, theme_attr(ROLE_SELECTED), ">");
	put(f, 2, attr, key);
}

static void
put_choice(struct foot *f, const struct question *q, size_t i)
{
	const struct question_choice *c = &q->choice[i];
	char command[32], *text;
	unsigned attr = theme_attr(ROLE_DIM);

	(void)snprintf(command, sizeof command, "answer %s", c->name);
	put_key(f, q, i, key_of(q->ui, command));
	if (c->refused != NULL)
		xasprintf(&text, "%s: not possible: %s", c->label, c->refused);
	else if (c->what != NULL)
		xasprintf(&text, "%s: %s", c->label, c->what);
	else
		text = xstrdup(c->label);
	if (c->refused == NULL && question_is_armed(q))
		attr = theme_attr(i == q->at ? ROLE_SELECTED : ROLE_TEXT);
	put_wrapped(f, CHOICE_X, attr, text);
	free(text);
}

/* Where the digits go. */
static void
put_typed(struct foot *f, const struct question *q)
{
	struct ui *ui = q->ui;
	char line[80];
	int n;

	n = snprintf(line, sizeof line, "Type %s, then Enter: %.*s",
	    question_word(q), (int)q->ntyped, q->typed);
	put(f, 0, theme_attr(ROLE_PROMPT), line);
	if (f->p != NULL && n < f->w) {
		ui->cursor_y = f->p->y + f->y;
		ui->cursor_x = f->p->x + n;
	}
	f->y++;
}

static void
put_foot(struct foot *f, const struct question *q)
{
	bool asks = q->n > 0;
	size_t i;

	if (q->sentence != NULL)
		put_wrapped(f, 0, theme_attr(ROLE_HEADING), q->sentence);
	if (q->why != NULL)
		put_wrapped(f, 0, theme_attr(ROLE_WARNING), q->why);
	for (i = 0; i < q->n; i++)
		put_choice(f, q, i);
	put_key(f, q, q->n, key_of(q->ui, "escape"));
	put(f, CHOICE_X, theme_attr(ROLE_TEXT),
	    q->leave != NULL ? q->leave
	    : asks           ? "leave everything alone"
			     : "close");
	f->y++;
	if (question_word(q) != NULL)
		put_typed(f, q);
	if (q->said != NULL)
		put_wrapped(f, 0, theme_attr(ROLE_WARNING), q->said);
	else if (asks) {
		if (!question_is_armed(q))
			put(f, 0, theme_attr(ROLE_DIM),
			    "One moment: read it "
			    "first.");
		f->y++;
	}
}

static int
foot_height(const struct question *q, int w)
{
	struct foot f = { .w = w };

	put_foot(&f, q);
	return f.y;
}

static void
question_wish(struct pane *p, int width)
{
	struct question *q = p->priv;

	p->want_w = width < WIDTH_MAX ? width : WIDTH_MAX;
	p->want_h =
	    prose_measure(&q->list, p->want_w) + 1 + foot_height(q, p->want_w);
}

/* Which of the things in the list is marked; the first unless it is known. */
static size_t
marked_item(const struct question *q)
{
	size_t i;

	for (i = 0; i < q->nitems; i++)
		if (q->item[i].id == q->item_id)
			return i;
	return 0;
}

static void
mark_item(struct question *q)
{
	size_t i, at = marked_item(q);

	for (i = 0; i < q->nitems; i++)
		q->list.item[q->item[i].at].role =
		    i == at ? ROLE_SELECTED : ROLE_HEADING;
	if (q->nitems > 0)
		q->item_id = q->item[at].id;
}

/* The next or the one before; its heading comes to the top. */
static void
go_item(struct pane *p, int dir)
{
	struct question *q = p->priv;
	size_t at = marked_item(q), i;

	if (dir < 0 ? at == 0 : at + 1 >= q->nitems)
		return;
	at = dir < 0 ? at - 1 : at + 1;
	q->item_id = q->item[at].id;
	for (i = 0; i < q->list.nlines; i++)
		if (q->list.line[i].item == q->item[at].at) {
			p->top = (int)i;
			break;
		}
}

/* What Space does is seen nowhere else. */
static void
draw_hint(struct pane *p, int y)
{
	const struct question *q = p->priv;
	char text[48];
	int w;

	if (q->nitems < 2)
		return;
	(void)snprintf(text, sizeof text, " %s takes one off ",
	    key_of(p->ui, "leave-out"));
	w = (int)text_width(text);
	if (p->w > w + 40)
		pane_text(p, y, p->w - w - 2, w, theme_attr(ROLE_DIM), text);
}

/* A line, and how much of the list is out of sight. */
static void
draw_between(struct pane *p, int y, int list_h)
{
	int below = p->n - p->top - list_h, x;
	char text[48];

	for (x = 0; x < p->w; x++)
		pane_text(
		    p, y, x, 1, theme_attr(ROLE_BORDER), glyph(GLYPH_HLINE));
	if (below > 0)
		(void)snprintf(text, sizeof text, " %d more line%s below: %s ",
		    below, below == 1 ? "" : "s", key_of(p->ui, "move down"));
	else if (p->top > 0)
		(void)snprintf(text, sizeof text, " %d line%s above: %s ",
		    p->top, p->top == 1 ? "" : "s", key_of(p->ui, "move up"));
	else
		return;
	pane_text(p, y, 2, p->w - 2, theme_attr(ROLE_WARNING), text);
}

/* From now on it can be read. */
static void
seen(struct question *q)
{
	if (q->shown_ns != 0 || q->n == 0)
		return;
	q->shown_ns = clock_mono_ns();
	ui_wake(q->ui, q->shown_ns + QUESTION_SETTLE_NS);
}

static int
list_height(const struct pane *p)
{
	return p->h - 1 - foot_height(p->priv, p->w);
}

static void
question_draw(struct pane *p)
{
	struct question *q = p->priv;
	struct foot f = { .p = p, .w = p->w };
	struct pane list = *p;
	int h = list_height(p);

	if (h < 1) {
		q->shown_ns = 0;
		put_wrapped(&f, 0, theme_attr(ROLE_WARNING),
		    "The window is too small to show the question: make it "
		    "larger, or leave by Esc.");
		return;
	}
	list.h = h;
	mark_item(q);
	prose_draw(&q->list, &list);
	p->top = list.top;
	p->n = list.n;
	draw_between(p, h, h);
	draw_hint(p, h);
	f.y = h + 1;
	seen(q);
	put_foot(&f, q);
}

static void
question_move(struct pane *p, enum pane_move move)
{
	struct question *q = p->priv;
	int whole = p->h;

	if (move == PANE_LEFT || move == PANE_RIGHT) {
		q->at = (q->at + (move == PANE_LEFT ? q->n : 1)) % (q->n + 1);
		return;
	}
	if (q->nitems > 1 && (move == PANE_UP || move == PANE_DOWN)) {
		go_item(p, move == PANE_UP ? -1 : 1);
		return;
	}
	p->h = list_height(p) < 1 ? 1 : list_height(p);
	pane_move(p, move);
	p->h = whole;
}

/* Digits, and the letters of the word, where one is to be typed: before what
 * else these keys are for. */
static bool
question_first(struct pane *p, int key)
{
	struct question *q = p->priv;

	if (question_word(q) == NULL)
		return false;
	if (key == KEYS_BACKSPACE || key == KEYS_DELETE || key == 8) {
		if (q->ntyped > 0)
			q->ntyped--;
		return true;
	}
	if (key <= ' ' || key > '~' ||
	    (!(key >= '0' && key <= '9') &&
		strchr(question_word(q), key) == NULL))
		return false;
	if (!question_is_armed(q))
		question_say(q, QUESTION_TOO_QUICK);
	else if (q->ntyped < sizeof q->typed)
		q->typed[q->ntyped++] = (char)key;
	return true;
}

static bool
question_key(struct pane *p, int key)
{
	(void)key;
	question_say(p->priv, NULL);
	return true;
}

/* A press marks a choice; only a key says yes. */
static bool
question_mouse(struct pane *p, int y, int x, enum mouse_button button)
{
	struct question *q = p->priv;
	struct foot f = { .w = p->w };
	size_t i;
	int top;

	(void)x;
	if (button != MOUSE_LEFT && button != MOUSE_DOUBLE)
		return false;
	if (q->sentence != NULL)
		put_wrapped(&f, 0, 0, q->sentence);
	if (q->why != NULL)
		put_wrapped(&f, 0, 0, q->why);
	f.y += list_height(p) + 1;
	for (i = 0; i < q->n; i++) {
		top = f.y;
		put_choice(&f, q, i);
		if (y >= top && y < f.y)
			q->at = i;
	}
	if (y == f.y)
		q->at = q->n;
	return true;
}

static void
question_tick(struct pane *p, uint64_t now_ns)
{
	struct question *q = p->priv;

	if (q->shown_ns != 0 && !question_is_armed(q))
		ui_wake(p->ui, q->shown_ns + QUESTION_SETTLE_NS);
	p->ui->dirty |= DIRTY_ALL;
	if (q->ops->tick != NULL)
		q->ops->tick(q, now_ns);
}

static void
question_changed(struct pane *p)
{
	struct question *q = p->priv;

	if (q->ops->changed != NULL)
		q->ops->changed(q);
}

static const char *
question_pane_title(struct pane *p)
{
	const struct question *q = p->priv;

	return q->title;
}

static void
question_pane_free(struct pane *p)
{
	struct question *q = p->priv;
	struct ui *ui = p->ui;

	view_freeze(&ui->view, false);
	ui_rebuild(ui);
	q->ops->closed(ui, q->arg);
	question_free(q);
}

const struct pane_ops pane_question_ops = {
	.name = "question",
	.map = MAP_QUESTION,
	.title = question_pane_title,
	.wish = question_wish,
	.draw = question_draw,
	.move = question_move,
	.first = question_first,
	.key = question_key,
	.mouse = question_mouse,
	.tick = question_tick,
	.changed = question_changed,
	.free = question_pane_free,
};
