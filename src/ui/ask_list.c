/* SPDX-License-Identifier: ISC */
/*
 * An act's targets in words: who they are, what goes with them, what will
 * happen next, and what became of them.
 */
#include "config.h"

#include "ui/ask_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/signal.h"
#include "model/act_plan.h"
#include "ui/question.h"

#define SOCKS_MAX 12 /* of one target, told one by one */
#define SECOND    UINT64_C(1000000000)

/* The ways to close, as the question offers them. */
const struct ask_way ask_ways[ASK_NWAYS] = {
	{ ACT_RST, "rst", "at once (RST)" },
	{ ACT_FIN, "fin", "in order (FIN)" },
};

static enum theme_role
state_role(enum act_state state)
{
	static const enum theme_role roles[] = {
		[ACT_WAITING] = ROLE_TEXT,
		[ACT_RUNNING] = ROLE_TEXT,
		[ACT_SENT] = ROLE_TEXT,
		[ACT_ALIVE] = ROLE_WARNING,
		[ACT_DONE] = ROLE_GOOD,
		[ACT_GONE] = ROLE_DIM,
		[ACT_REFUSED] = ROLE_ERROR,
		[ACT_FAILED] = ROLE_ERROR,
	};

	return roles[state];
}

/* What became of it, the caller's; NULL: nothing was done, nor happened. */
static char *
state_text(const struct act *a, const struct act_target *t)
{
	char name[SIGNAL_NAME_MAX], wait[TEXT_UNIT_MAX];
	uint64_t now = clock_mono_ns();
	char *text = NULL;

	if (t->state == ACT_RUNNING)
		text = xstrdup("being done ...");
	else if (t->state != ACT_SENT && t->outcome != NULL)
		text = xstrdup(t->outcome);
	else if (t->state == ACT_SENT)
		xasprintf(&text, "%s was delivered; it is still there, %s",
		    signal_name(name, a->signal),
		    text_duration(wait,
			now > t->sent_ns ? (now - t->sent_ns) / SECOND * SECOND
					 : 0));
	return text;
}

static void
put_state(struct prose *p, const struct act *a, const struct act_target *t)
{
	char *text = state_text(a, t);

	if (text == NULL)
		return;
	prose_pair(p, "Outcome", text);
	prose_role(p, state_role(t->state));
	free(text);
}

/* One line for each of several, once something was done. */
static void
put_brief(struct prose *p, const struct act *a, const struct act_target *t)
{
	char *text = state_text(a, t), *line;

	if (a->kind == ACT_SIGNAL)
		xasprintf(&line, "%s (%d): %s", t->name, (int)t->pid,
		    text == NULL ? "left alone" : text);
	else
		xasprintf(&line, "%s: %s", t->name,
		    text == NULL ? "left alone" : text);
	prose_pair(p, NULL, line);
	prose_role(p, state_role(t->state));
	free(line);
	free(text);
}

static void
put_lines(
    struct prose *p, const char *label, char *const *line, size_t n, size_t max)
{
	char *more;
	size_t i;

	for (i = 0; i < n && i < max; i++)
		prose_pair(p, i == 0 ? label : NULL, line[i]);
	if (n <= max)
		return;
	xasprintf(&more, "and %zu more", n - max);
	prose_pair(p, NULL, more);
	free(more);
}

/* What closing does, by each way that is offered. */
static void
put_ways(struct prose *p, struct act *a, size_t at, const char *only, bool asks)
{
	/* The act as if it had this target alone. */
	struct act one = *a;
	const struct act_target *t = &a->target[at];
	const char *label;
	size_t i;

	one.target = &a->target[at];
	one.n = 1;
	for (i = 0; i < ASK_NWAYS; i++) {
		if (only != NULL && strcmp(only, ask_ways[i].name) != 0)
			continue;
		if (!asks && ask_ways[i].how != a->how)
			continue;
		one.how = ask_ways[i].how;
		act_words(&one);
		label = one.how == ACT_RST ? "RST" : "FIN";
		if (t->grade == ACT_REFUSE) {
			prose_pair(p, label, t->why);
			prose_role(p, ROLE_DIM);
			continue;
		}
		put_lines(p, label, t->next, t->nnext, t->nnext);
		if (t->grade == ACT_TYPE) {
			prose_pair(p, "Careful", t->why);
			prose_role(p, ROLE_WARNING);
		}
	}
	one.how = a->how;
	act_words(&one);
}

static void
put_target(struct question *q, struct prose *p, struct act *a, size_t at,
    const char *only, bool asks)
{
	const struct act_target *t = &a->target[at];
	bool marked = asks && a->n > 1;
	char *title;

	xasprintf(&title, "%s%s",
	    !marked                  ? ""
	    : t->skip                ? "[ ] "
	    : t->grade == ACT_REFUSE ? "[-] "
				     : "[x] ",
	    t->title);
	prose_heading(p, title);
	free(title);
	if (marked)
		question_item(q, (int)at);
	put_state(p, a, t);
	if (a->kind == ACT_SIGNAL && t->grade != ACT_ASK) {
		prose_pair(
		    p, t->grade == ACT_TYPE ? "Careful" : "Refused", t->why);
		prose_role(p, ROLE_WARNING);
	}
	if (t->detail != NULL)
		prose_pair(p, "Command", t->detail);
	put_lines(p,
	    a->kind == ACT_CLOSE ? "Held by"
	    : t->nsock == 1      ? "Socket"
				 : "Sockets",
	    t->sock, t->nsock, SOCKS_MAX);
	if (a->kind == ACT_CLOSE)
		put_ways(p, a, at, only, asks);
	else if (t->grade != ACT_REFUSE)
		put_lines(p, "Next", t->next, t->nnext, t->nnext);
}

void
ask_list(struct question *q, struct act *a, const char *only, bool asks)
{
	struct prose *p = question_list(q);
	const struct act_target *t;
	size_t i;

	for (i = 0; i < a->nnotes && asks; i++)
		prose_pair(p, NULL, a->note[i]);
	for (i = 0; i < a->n; i++) {
		t = &a->target[i];
		if (asks || a->n == 1)
			put_target(q, p, a, i, only, asks);
		else
			put_brief(p, a, t);
	}
	/* Those that are asked about once more. */
	for (i = 0; i < a->n && !asks && a->n > 1; i++)
		if (a->target[i].state == ACT_ALIVE)
			put_target(q, p, a, i, only, asks);
}
