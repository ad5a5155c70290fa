/* SPDX-License-Identifier: ISC */
/* What is to be done to the machine, as data: no act is done here. */
#include "config.h"

#include "model/act.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "know/signal.h"

struct act *
act_new(enum act_kind kind)
{
	struct act *a = xcalloc(1, sizeof(*a));

	a->kind = kind;
	return a;
}

static void
lines_free(char **line, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(line[i]);
	free(line);
}

void
act_free(struct act *a)
{
	struct act_target *t;
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++) {
		t = &a->target[i];
		if (t->pidfd != -1)
			(void)close(t->pidfd);
		lines_free(t->sock, t->nsock);
		lines_free(t->also, t->nalso);
		lines_free(t->next, t->nnext);
		act_facts_free(t->facts);
		free(t->port);
		free(t->name);
		free(t->title);
		free(t->detail);
		free(t->why);
		free(t->outcome);
	}
	lines_free(a->note, a->nnotes);
	free(a->target);
	free(a);
}

void
act_rights_done(struct act_rights *r)
{
	free(r->user);
	free(r->signal);
	free(r->close);
	*r = (struct act_rights){ 0 };
}

void
act_facts_free(struct act_facts *f)
{
	if (f == NULL)
		return;
	free(f->parent_comm);
	free(f->unit);
	free(f->restart);
	free(f->socket_unit);
	free(f->container);
	free(f->forwards);
	free(f->supervisor);
	free(f->supervisor_stop);
	free(f);
}

struct act_target *
act_add(struct act *a)
{
	struct act_target *t;

	a->target =
	    array_grow(a->target, &a->cap, a->n + 1, sizeof(*a->target));
	t = &a->target[a->n++];
	memset(t, 0, sizeof(*t));
	t->pidfd = t->fd = -1;
	return t;
}

static void
add_line(char ***line, size_t *n, const char *text)
{
	*line = xreallocarray(*line, *n + 1, sizeof(**line));
	(*line)[(*n)++] = xstrdup(text);
}

void
act_target_sock(struct act_target *t, const char *line)
{
	add_line(&t->sock, &t->nsock, line);
}

void
act_note(struct act *a, const char *sentence)
{
	add_line(&a->note, &a->nnotes, sentence);
}

void
act_target_also(struct act_target *t, const char *sentence)
{
	add_line(&t->also, &t->nalso, sentence);
}

void
act_target_next(struct act_target *t, const char *sentence)
{
	add_line(&t->next, &t->nnext, sentence);
}

/* The sterner of two grades stays, with its reason. */
void
act_target_grade(struct act_target *t, enum act_grade grade, const char *why)
{
	if (grade <= t->grade)
		return;
	t->grade = grade;
	free(t->why);
	t->why = xstrdup(why);
}

void
act_target_outcome(
    struct act_target *t, enum act_state state, const char *outcome)
{
	t->state = state;
	free(t->outcome);
	t->outcome = outcome != NULL ? xstrdup(outcome) : NULL;
}

bool
act_target_counts(const struct act_target *t)
{
	return t->grade != ACT_REFUSE && !t->skip;
}

size_t
act_count(const struct act *a)
{
	size_t i, n = 0;

	for (i = 0; i < a->n; i++)
		if (act_target_counts(&a->target[i]))
			n++;
	return n;
}

char *
act_typed(const struct act *a)
{
	size_t i, n = act_count(a);
	char *word;

	if (n >= ACT_COUNT_MIN) {
		xasprintf(&word, "%zu", n);
		return word;
	}
	for (i = 0; i < a->n; i++) {
		if (!act_target_counts(&a->target[i]) ||
		    a->target[i].grade != ACT_TYPE)
			continue;
		if (a->target[i].pid == 0)
			return xstrdup("yes");
		xasprintf(&word, "%ld", (long)a->target[i].pid);
		return word;
	}
	return NULL;
}

char *
act_question(const struct act *a)
{
	size_t n = act_count(a);
	char name[SIGNAL_NAME_MAX], *text;

	if (a->kind == ACT_SIGNAL)
		xasprintf(&text, "Send %s to %zu process%s?",
		    signal_name(name, a->signal), n, n == 1 ? "" : "es");
	else
		xasprintf(&text, "Close %zu socket%s %s?", n, n == 1 ? "" : "s",
		    a->how == ACT_RST ? "at once (RST)" : "gracefully (FIN)");
	return text;
}
