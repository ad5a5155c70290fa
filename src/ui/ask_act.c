/* SPDX-License-Identifier: ISC */
/*
 * The questions before something is done to a process or a socket, and what
 * became of it. What will be hit was taken hold of when the key was pressed:
 * where the cursor goes, what is read later and what is filtered change
 * nothing in it.
 */
#include "config.h"

#include "ui/ask_act.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "know/signal.h"
#include "model/act_plan.h"
#include "ui/ask_list.h"
#include "ui/menu.h"
#include "ui/question.h"
#include "ui/ui.h"

#define WATCH_NS UINT64_C(250000000)
#define SECOND   UINT64_C(1000000000)

enum stage {
	STAGE_ASK,   /* nothing was done */
	STAGE_WATCH, /* done, and what becomes of it is shown */
	STAGE_AGAIN, /* some are still alive: KILL is asked about */
	STAGE_END
};
struct ask {
	struct ui *ui;
	struct act *act;
	struct question *q;
	enum stage stage;
	const char *only; /* ACT_CLOSE: a table's string */
	int first, last;  /* signals that were sent; 0: none yet */
	char *asked;      /* what the choices are made of, as text */
};

/* -- asking ------------------------------------------------------------------ */

/* Why nothing can be done, or what one must be careful of. */
static const char *
reason(const struct act *a, enum act_grade grade)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!a->target[i].skip && a->target[i].grade == grade)
			return a->target[i].why;
	return NULL;
}

static size_t
count_state(const struct act *a, enum act_state state)
{
	size_t i, n = 0;

	for (i = 0; i < a->n; i++)
		n += a->target[i].state == state;
	return n;
}

static bool
ends_process(int signal)
{
	const struct signal_fact *f = signal_fact(signal);

	return f != NULL &&
	       (f->action == SIGNAL_TERM || f->action == SIGNAL_CORE);
}

/* Whether this is asked already: then reading on does not start anew. */
static bool
same_question(struct ask *ask, struct buf *now)
{
	bool same = ask->asked != NULL && strcmp(ask->asked, now->data) == 0;

	if (same)
		buf_done(now);
	else {
		free(ask->asked);
		ask->asked = buf_steal(now);
	}
	return same;
}

static void
warn_of(struct question *q, const struct act *a)
{
	const char *why = reason(a, ACT_TYPE);
	size_t n = act_count(a);
	char *text;

	if (why != NULL)
		xasprintf(&text, "Careful: %s.", why);
	else if (n >= ACT_COUNT_MIN)
		xasprintf(&text, "Careful: these are %zu at once.", n);
	else
		return;
	question_why(q, text);
	free(text);
}

/* -- signals ------------------------------------------------------------------ */

/* The only one that is hit, or NULL. */
static const struct act_target *
only_target(const struct act *a)
{
	const struct act_target *only = NULL;
	size_t i;

	for (i = 0; i < a->n; i++)
		if (act_target_counts(&a->target[i])) {
			if (only != NULL)
				return NULL;
			only = &a->target[i];
		}
	return only;
}

/* One has its name in it. */
static char *
signal_question(const struct act *a)
{
	const struct act_target *only = only_target(a);
	char name[SIGNAL_NAME_MAX], *text;

	if (only == NULL)
		return act_question(a);
	xasprintf(&text, "Send %s to %s (%d)?", signal_name(name, a->signal),
	    only->name, (int)only->pid);
	return text;
}

static void
ask_to_signal(struct ask *ask)
{
	struct act *a = ask->act;
	const struct signal_fact *fact = signal_fact(a->signal);
	char name[SIGNAL_NAME_MAX], *question, *text, *word;
	const char *why;
	struct buf now = { 0 };

	question = signal_question(a);
	word = act_typed(a);
	buf_printf(&now, "%s|%s|%zu", question, word == NULL ? "" : word,
	    act_count(a));
	if (same_question(ask, &now)) {
		free(question);
		free(word);
		return;
	}
	if (act_count(a) == 0) {
		question_ask(ask->q, "Nothing can be done here.");
		why = reason(a, ACT_REFUSE);
		if (why == NULL)
			why = count_state(a, ACT_WAITING) > 0
				  ? "All were taken off the list."
				  : "It is gone.";
		question_why(ask->q, why);
	} else {
		if (ask->stage == STAGE_AGAIN) {
			xasprintf(&text, "Still alive after %u s. %s",
			    (unsigned)(ACT_GRACE_NS / SECOND), question);
			question_ask(ask->q, text);
			free(text);
		} else
			question_ask(ask->q, question);
		warn_of(ask->q, a);
		xasprintf(&text, "send %s", signal_name(name, a->signal));
		question_choice(ask->q, "yes", a->signal, text,
		    fact == NULL ? NULL : fact->brief, NULL);
		question_typed(ask->q, word);
		free(text);
	}
	free(question);
	free(word);
}

/* -- closing ------------------------------------------------------------------ */

static void
offer(struct ask *ask, size_t i, struct buf *now, bool dry)
{
	struct act *a = ask->act;
	const struct act_rights *r = &ask->ui->rights;
	const char *refused = NULL;
	char *what = NULL, *word;
	size_t n;

	a->how = ask_ways[i].how;
	act_words(a);
	n = act_count(a);
	word = act_typed(a);
	if (a->how == ACT_RST && r->close != NULL && !r->close_rst)
		refused = "needs root, or CAP_NET_ADMIN";
	else if (n == 0)
		refused = reason(a, ACT_REFUSE) != NULL ? reason(a, ACT_REFUSE)
							: "it is gone";
	else if (n < a->n)
		xasprintf(&what, "%zu of the %zu sockets", n, a->n);
	buf_printf(now, "%s|%zu|%s|%s|", ask_ways[i].name, n,
	    word == NULL ? "" : word, refused == NULL ? "" : refused);
	if (!dry) {
		question_choice(ask->q, ask_ways[i].name, (int)a->how,
		    ask_ways[i].label, what, refused);
		if (refused == NULL)
			question_typed(ask->q, word);
	}
	free(what);
	free(word);
}

static void
ask_to_close(struct ask *ask)
{
	struct act *a = ask->act;
	struct buf now = { 0 };
	enum act_how how = a->how;
	char *text;
	size_t i;
	int dry;

	for (dry = 1; dry >= 0; dry--) {
		if (!dry) {
			if (same_question(ask, &now))
				break;
			if (a->n == 1)
				xasprintf(
				    &text, "Close %s?", a->target[0].name);
			else
				xasprintf(&text, "Close %zu sockets?", a->n);
			question_ask(ask->q, text);
			free(text);
			warn_of(ask->q, a);
		}
		for (i = 0; i < ASK_NWAYS; i++)
			if (ask->only == NULL ||
			    strcmp(ask->only, ask_ways[i].name) == 0)
				offer(ask, i, &now, dry);
	}
	buf_done(&now);
	a->how = how;
	act_words(a);
}

/* -- what became of it -------------------------------------------------------- */

/* "3 ended, 1 still alive, 1 not permitted" */
static void
put_summary(const struct act *a, bool goes_on, struct buf *out)
{
	static const struct {
		enum act_state state;
		const char *signal, *close;
	} words[] = {
		{ ACT_DONE, "ended", "closed" },
		{ ACT_GONE, "gone before", "gone before" },
		{ ACT_RUNNING, "being done", "being done" },
		{ ACT_SENT, "told to end", "told" },
		{ ACT_ALIVE, "still alive", "still there" },
		{ ACT_REFUSED, "not permitted", "not permitted" },
		{ ACT_FAILED, "failed", "failed" },
		{ ACT_WAITING, "left alone", "left alone" },
	};
	const char *word;
	size_t i, n;

	for (i = 0; i < nitems(words); i++) {
		n = count_state(a, words[i].state);
		if (n == 0)
			continue;
		word = a->kind == ACT_CLOSE ? words[i].close : words[i].signal;
		if (a->kind == ACT_SIGNAL && words[i].state == ACT_DONE &&
		    !ends_process(a->signal))
			word = "done";
		/* It stands in FIN-WAIT-2 until its peer closes, too. */
		if (a->kind == ACT_CLOSE && a->how == ACT_FIN &&
		    words[i].state == ACT_DONE)
			word = "shut (FIN)";
		if (goes_on && words[i].state == ACT_WAITING)
			word = "to come";
		buf_printf(out, "%s%zu %s", out->len > 0 ? ", " : "", n, word);
	}
}

/* What the next question would be about: those that TERM did not end. */
static bool
may_kill(const struct ask *ask)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGQUIT };
	size_t i;

	for (i = 0; i < nitems(ends); i++)
		if (ask->act->kind == ACT_SIGNAL && ask->first == ends[i] &&
		    ask->act->signal != SIGKILL)
			return true;
	return false;
}

static void
ask_to_kill(struct ask *ask)
{
	struct act *a = ask->act;
	size_t i;

	for (i = 0; i < a->n; i++)
		a->target[i].skip = a->target[i].state != ACT_ALIVE;
	a->signal = SIGKILL;
	act_words(a);
	ask->stage = STAGE_AGAIN;
	ask_to_signal(ask);
}

static void
watch(struct ask *ask)
{
	struct act *a = ask->act;
	struct buf text = { 0 };
	enum stage before = ask->stage;

	ask->stage = STAGE_WATCH;
	if (count_state(a, ACT_SENT) > 0)
		ui_wake(ask->ui, clock_mono_ns() + WATCH_NS);
	if (a->running || count_state(a, ACT_RUNNING) > 0 ||
	    count_state(a, ACT_SENT) > 0) {
		put_summary(a, a->running, &text);
		question_ask(ask->q, text.data);
		if (a->running)
			question_leave(ask->q, "stop: the rest is left alone");
	} else if (count_state(a, ACT_ALIVE) > 0 && may_kill(ask)) {
		ask_to_kill(ask);
	} else {
		/* What came of it is in the table soon, too. */
		if (before != STAGE_END)
			ask->ui->services->refresh(ask->ui->services->arg);
		ask->stage = STAGE_END;
		buf_puts(&text, "");
		put_summary(a, false, &text);
		question_ask(ask->q, text.data);
	}
	buf_done(&text);
}

/* Those that were gone when it was asked are none of those that are counted;
 * who goes later is marked in the list, and the number asked for stays. */
static void
leave_gone(struct act *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->target[i].state != ACT_WAITING)
			a->target[i].skip = true;
}

/* Something is known that was not before. */
static void
update(struct ask *ask)
{
	ask_list(ask->q, ask->act, ask->only, ask->stage == STAGE_ASK);
	switch (ask->stage) {
	case STAGE_ASK:
		if (ask->asked == NULL ||
		    count_state(ask->act, ACT_WAITING) == 0)
			leave_gone(ask->act);
		if (ask->act->incomplete)
			question_ask(ask->q, "Finding out what follows ...");
		else if (ask->act->kind == ACT_SIGNAL)
			ask_to_signal(ask);
		else
			ask_to_close(ask);
		break;
	case STAGE_AGAIN:
		if (count_state(ask->act, ACT_ALIVE) > 0)
			ask_to_kill(ask);
		else
			watch(ask);
		break;
	case STAGE_WATCH:
	case STAGE_END:
		watch(ask);
		break;
	}
}

/* -- the question's own -------------------------------------------------------- */

static void
act_answered(struct question *q, int id)
{
	struct ask *ask = question_arg(q);
	const struct services *s = ask->ui->services;
	char *cause = NULL;

	if (ask->act->kind == ACT_CLOSE)
		ask->act->how = (enum act_how)id;
	else {
		ask->last = id;
		if (ask->first == 0)
			ask->first = id;
	}
	act_words(ask->act);
	ask->stage = STAGE_WATCH;
	free(ask->asked);
	ask->asked = NULL;
	if (s->act_run(s->arg, ask->act, &cause) < 0) {
		ask->stage = STAGE_END;
		ask_list(ask->q, ask->act, ask->only, ask->stage == STAGE_ASK);
		question_ask(q, "It was not done.");
		question_why(q, cause);
		free(cause);
		return;
	}
	/* The next key means something else. */
	cmd_run(ask->ui, "untag");
	update(ask);
}

static void
act_closed(struct ui *ui, void *arg)
{
	struct ask *ask = arg;
	struct act *a = ask->act;
	struct buf text = { 0 };
	char name[SIGNAL_NAME_MAX];

	if (ask->stage == STAGE_ASK)
		ui_status(ui, "Left alone: nothing was done");
	else if (a->n == 1 && a->target[0].outcome != NULL &&
		 a->kind == ACT_SIGNAL)
		ui_status(ui, "%s to %s (%d): %s", signal_name(name, ask->last),
		    a->target[0].name, (int)a->target[0].pid,
		    a->target[0].outcome);
	else if (a->n == 1 && a->target[0].outcome != NULL)
		ui_status(
		    ui, "%s: %s", a->target[0].name, a->target[0].outcome);
	else {
		put_summary(a, false, &text);
		ui_status(ui, "%s: %s",
		    a->kind == ACT_CLOSE ? "close"
					 : signal_name(name, ask->first),
		    text.data);
		buf_done(&text);
	}
	ui->services->act_end(ui->services->arg, a);
	free(ask->asked);
	free(ask);
}

/* A socket that closes by itself while the question is open is told. */
static void
act_reading(struct question *q)
{
	struct ask *ask = question_arg(q);
	struct act_target *t;
	const struct row *row;
	size_t i;

	if (ask->act->kind != ACT_CLOSE || ask->stage != STAGE_ASK)
		return;
	for (i = 0; i < ask->act->n; i++) {
		t = &ask->act->target[i];
		row = table_find(ask->ui->table, t->key);
		if (t->state == ACT_WAITING &&
		    (row == NULL || (row->flags & ROW_GONE) != 0))
			act_target_outcome(
			    t, ACT_GONE, "closed meanwhile, by itself");
	}
	update(ask);
}

static void
act_ticked(struct question *q, uint64_t now_ns)
{
	struct ask *ask = question_arg(q);

	(void)now_ns;
	if (ask->stage == STAGE_WATCH)
		update(ask);
}

/* One is taken off, or put back. */
static void
act_toggled(struct question *q, int id)
{
	struct ask *ask = question_arg(q);
	struct act_target *t = &ask->act->target[id];

	if (ask->stage != STAGE_ASK || t->state != ACT_WAITING ||
	    t->grade == ACT_REFUSE)
		return;
	t->skip = !t->skip;
	update(ask);
}

static const struct question_ops act_ops = {
	.answer = act_answered,
	.toggle = act_toggled,
	.closed = act_closed,
	.tick = act_ticked,
	.changed = act_reading,
};

static struct ask *
ask_new(struct ui *ui, struct act *a, const char *title, const char *only)
{
	struct ask *ask = xcalloc(1, sizeof(*ask));

	ask->ui = ui;
	ask->act = a;
	ask->only = only;
	ask->q = question_open(ui, title, &act_ops, ask);
	update(ask);
	return ask;
}

void
ask_act_changed(struct ui *ui, struct act *a)
{
	struct question *q = question_find(ui, &act_ops);
	struct ask *ask = q == NULL ? NULL : question_arg(q);

	if (ask != NULL && ask->act == a)
		update(ask);
}

void
ask_signal(struct ui *ui, struct act *a)
{
	char name[SIGNAL_NAME_MAX], title[32];

	(void)snprintf(
	    title, sizeof title, "Signal %s", signal_name(name, a->signal));
	(void)ask_new(ui, a, title, NULL);
}

void
ask_close(struct ui *ui, struct act *a, const char *only)
{
	size_t i;

	for (i = 0; only != NULL && i < ASK_NWAYS; i++)
		if (strcmp(ask_ways[i].name, only) == 0)
			break;
	(void)ask_new(ui, a, a->n == 1 ? "Close a socket" : "Close sockets",
	    only == NULL ? NULL : ask_ways[i].name);
}

/* -- which signal -------------------------------------------------------------- */

static void
signal_chosen(struct ui *ui, const struct menu_item *item)
{
	struct act *a = item->menu->arg;

	item->menu->arg = NULL;
	a->signal = item->id;
	act_words(a);
	ask_signal(ui, a);
}

static void
signal_left(struct ui *ui, void *arg)
{
	ui_status(ui, "Left alone: nothing was done");
	ui->services->act_end(ui->services->arg, arg);
}

void
ask_signal_menu(struct ui *ui, struct act *a)
{
	struct menu *m = menu_new("", signal_chosen);
	char name[SIGNAL_NAME_MAX], *note;
	const struct signal_fact *fact;
	struct menu_item *item;
	size_t i;
	int sig;

	free(m->title);
	if (a->n == 1)
		xasprintf(&m->title, "Signal to %s", a->target[0].name);
	else
		xasprintf(&m->title, "Signal to %zu processes", a->n);
	for (i = 0; (sig = signal_menu(i)) != 0; i++) {
		fact = signal_fact(sig);
		xasprintf(
		    &note, "%2d  %s", sig, fact == NULL ? "" : fact->brief);
		item = menu_add(m, signal_name(name, sig), note, NULL);
		item->id = sig;
		free(note);
	}
	m->typing = m->explains = true;
	m->arg = a;
	m->release = signal_left;
	menu_open(ui, m, "no signals");
}

/* -- what cannot be ------------------------------------------------------------ */

static void
refused_answer(struct question *q, int id)
{
	(void)q;
	(void)id;
}

static void
refused_closed(struct ui *ui, void *arg)
{
	(void)ui;
	(void)arg;
}

static const struct question_ops refused_ops = {
	.answer = refused_answer,
	.closed = refused_closed,
};

void
ask_refused(struct ui *ui, const char *title, const char *why)
{
	struct question *q = question_open(ui, title, &refused_ops, NULL);

	prose_pair(question_list(q), NULL, why);
	question_ask(q, "Nothing can be done here.");
}
