/* SPDX-License-Identifier: ISC */
/*
 * What a question asks and how it is answered. How it looks is in
 * pane_question.c; what it is about, and what is done, is its opener's.
 */
#include "config.h"

#include "ui/question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "ui/pane_question.h"
#include "ui/ui.h"

static void
set(char **dst, const char *src)
{
	free(*dst);
	*dst = src == NULL ? NULL : xstrdup(src);
}

static struct question *
current(const struct ui *ui)
{
	size_t i;

	for (i = 0; i < ui->npanes; i++)
		if (ui->pane[i]->ops == &pane_question_ops)
			return ui->pane[i]->priv;
	return NULL;
}

struct question *
question_open(
    struct ui *ui, const char *title, const struct question_ops *ops, void *arg)
{
	struct question *q = xcalloc(1, sizeof(*q));

	if (current(ui) != NULL)
		question_close(current(ui));
	q->ui = ui;
	q->ops = ops;
	q->arg = arg;
	q->title = xstrdup(title);
	prose_init(&q->list);
	q->list.by_section = true;
	view_freeze(&ui->view, true);
	q->pane = ui_pane_open(ui, &pane_question_ops, PLACE_POPUP, q);
	ui->dirty |= DIRTY_LAYOUT;
	return q;
}

void
question_close(struct question *q)
{
	ui_pane_close(q->ui, q->pane);
}

static void
forget_choices(struct question *q)
{
	size_t i;

	for (i = 0; i < q->n; i++) {
		free(q->choice[i].name);
		free(q->choice[i].label);
		free(q->choice[i].what);
		free(q->choice[i].refused);
		free(q->choice[i].word);
	}
	q->n = q->at = 0;
}

void
question_free(struct question *q)
{
	forget_choices(q);
	prose_done(&q->list);
	free(q->item);
	free(q->title);
	free(q->sentence);
	free(q->why);
	free(q->leave);
	free(q->said);
	free(q);
}

void *
question_arg(const struct question *q)
{
	return q->arg;
}

struct ui *
question_ui(const struct question *q)
{
	return q->ui;
}

static void
changed(struct question *q)
{
	q->ui->dirty |= DIRTY_ALL | DIRTY_LAYOUT;
}

void
question_title(struct question *q, const char *title)
{
	set(&q->title, title);
	changed(q);
}

struct prose *
question_list(struct question *q)
{
	prose_clear(&q->list);
	q->nitems = 0;
	changed(q);
	return &q->list;
}

void
question_item(struct question *q, int id)
{
	q->item =
	    array_grow(q->item, &q->items_cap, q->nitems + 1, sizeof(*q->item));
	q->item[q->nitems++] =
	    (struct question_item){ .at = q->list.n - 1, .id = id };
}

void
question_toggle(struct ui *ui)
{
	struct question *q = current(ui);

	if (q != NULL && q->nitems > 0 && q->ops->toggle != NULL)
		q->ops->toggle(q, q->item_id);
}

void
question_ask(struct question *q, const char *sentence)
{
	forget_choices(q);
	set(&q->sentence, sentence);
	set(&q->why, NULL);
	set(&q->leave, NULL);
	set(&q->said, NULL);
	q->ntyped = 0;
	q->shown_ns = 0;
	changed(q);
}

/* The first that can be had, if Enter alone does no harm there. */
static void
mark_first(struct question *q)
{
	for (q->at = 0; q->at < q->n; q->at++)
		if (q->choice[q->at].refused == NULL)
			break;
	if (q->at < q->n && q->choice[q->at].word == NULL)
		q->at = q->n;
}

void
question_choice(struct question *q, const char *name, int id, const char *label,
    const char *what, const char *refused)
{
	struct question_choice *c;

	if (q->n == nitems(q->choice))
		return;
	c = &q->choice[q->n++];
	*c = (struct question_choice){ .id = id };
	set(&c->name, name);
	set(&c->label, label);
	set(&c->what, what);
	set(&c->refused, refused);
	mark_first(q);
	changed(q);
}

void
question_typed(struct question *q, const char *word)
{
	if (q->n == 0)
		return;
	set(&q->choice[q->n - 1].word, word);
	mark_first(q);
	changed(q);
}

void
question_why(struct question *q, const char *why)
{
	set(&q->why, why);
	changed(q);
}

void
question_leave(struct question *q, const char *text)
{
	set(&q->leave, text);
	changed(q);
}

const char *
question_word(const struct question *q)
{
	return q->at < q->n && q->choice[q->at].refused == NULL
		   ? q->choice[q->at].word
		   : NULL;
}

struct question *
question_find(const struct ui *ui, const struct question_ops *ops)
{
	struct question *q = current(ui);

	return q != NULL && q->ops == ops ? q : NULL;
}

bool
question_is_open(const struct ui *ui)
{
	return current(ui) != NULL;
}

bool
question_asks(const struct ui *ui)
{
	const struct question *q = current(ui);

	return q != NULL && q->n > 0;
}

void
question_say(struct question *q, const char *text)
{
	set(&q->said, text);
	changed(q);
}

void
question_crowd(struct ui *ui)
{
	struct question *q = current(ui);

	if (q == NULL)
		return;
	q->ntyped = 0;
	question_say(q, "Several keys came at once, as from a paste: none of "
			"them counts.");
}

bool
question_is_armed(const struct question *q)
{
	return q->shown_ns != 0 && !q->ui->too_small &&
	       clock_mono_ns() - q->shown_ns >= QUESTION_SETTLE_NS;
}

/* The digits typed are those that were asked for. */
static bool
is_typed(struct question *q, const char *word)
{
	bool same = q->ntyped > 0 && strlen(word) == q->ntyped &&
		    memcmp(word, q->typed, q->ntyped) == 0;
	char *text;

	if (same)
		return true;
	if (q->ntyped == 0)
		xasprintf(&text, "Type %s first, then Enter.", word);
	else
		xasprintf(&text, "%.*s is not %s: nothing was done.",
		    (int)q->ntyped, q->typed, word);
	q->ntyped = 0;
	question_say(q, text);
	free(text);
	return false;
}

static void
answer(struct question *q)
{
	const struct question_choice *c = &q->choice[q->at];
	char *text;
	int id = c->id;

	if (c->refused != NULL) {
		xasprintf(&text, "Not possible: %s", c->refused);
		question_say(q, text);
		free(text);
		return;
	}
	if (c->word != NULL && !is_typed(q, c->word))
		return;
	question_ask(q, "");
	q->ops->answer(q, id);
}

/* The choice of that name, or the number of choices: to leave. */
static bool
find_choice(const struct question *q, const char *name, size_t *ret)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (strcmp(q->choice[i].name, name) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

int
question_answer(struct ui *ui, const char *name, char **cause)
{
	struct question *q = current(ui);

	if (q == NULL) {
		xasprintf(cause, "answer: no question is open");
		return -ENOENT;
	}
	if (q->n == 0) {
		/* There is nothing but to leave. */
		if (name == NULL)
			question_close(q);
		return 0;
	}
	if (name != NULL && !find_choice(q, name, &q->at))
		return 0;
	if (q->at == q->n) {
		question_close(q);
		return 0;
	}
	changed(q);
	/* Its key does not stand for what must be typed. */
	if (name != NULL && question_word(q) != NULL) {
		question_say(q, NULL);
		return 0;
	}
	if (!question_is_armed(q)) {
		question_say(q, QUESTION_TOO_QUICK);
		return 0;
	}
	answer(q);
	return 0;
}
