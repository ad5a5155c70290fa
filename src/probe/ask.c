/* SPDX-License-Identifier: ISC */
/* One question, one answer: judged by the tables of those who ask. */
#include "config.h"

#include "probe/ask.h"

#include <string.h>

const struct ask *
ask_find(const struct ask *a, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(a[i].name, name) == 0)
			return &a[i];
	return NULL;
}

void
ask_say(struct talk *t, const struct ask *a)
{
	talk_send(t, a->send, a->send_len > 0 ? a->send_len : strlen(a->send));
	t->last = a->last;
}

/* The next line that is not empty; blanks and CR before it are no part. */
static bool
next_line(const struct talk *t, size_t *at, const char **s, size_t *n)
{
	while (talk_line(t, *at, s, n, at)) {
		while (*n > 0 && (**s == '\r' || **s == ' ')) {
			(*s)++;
			(*n)--;
		}
		if (*n > 0)
			return true;
	}
	return false;
}

static enum talk_verdict
greeting(struct talk *t, const struct ask *a, struct ask_state *st)
{
	const struct line_form *f;
	const char *s;
	size_t n;

	if (!next_line(t, &st->at, &s, &n))
		return t->nin > 512 || t->eof || t->timeout ? TALK_NOT
							    : TALK_MORE;
	f = line_find(t->info, a->greets, a->ngreets, s, n);
	if (f == NULL)
		return TALK_NOT;
	line_evidence(t, 0, st->at);
	st->sure = !f->more;
	t->step = 1;
	if (a->send == NULL)
		return st->sure ? TALK_DONE : TALK_NOT;
	ask_say(t, a);
	return TALK_MORE;
}

static enum talk_verdict
answer(struct talk *t, const struct ask *a, struct ask_state *st)
{
	const struct line_form *f;
	struct service_info last;
	const char *s;
	size_t n;

	while (next_line(t, &st->at, &s, &n)) {
		f = line_find(t->info, a->answers, a->nanswers, s, n);
		if (f != NULL && !f->more && !st->sure) {
			st->sure = true;
			line_evidence(t, 0, st->at);
		}
		if (a->until == NULL && (f == NULL || st->sure))
			return st->sure ? TALK_DONE : TALK_NOT;
		if (a->until != NULL && st->sure) {
			const struct line_form end = { .form = a->until };

			service_init(&last);
			if (line_is(&last, &end, s, n))
				return TALK_DONE;
		}
	}
	if (!t->eof && !t->timeout)
		return !st->sure && t->nin > 4096 ? TALK_NOT : TALK_MORE;
	return st->sure ? TALK_DONE : TALK_NOT;
}

enum talk_verdict
ask_judge(struct talk *t, const struct ask *a)
{
	struct ask_state *st = t->state;
	enum talk_verdict v;

	if (a->greets != NULL && t->step == 0) {
		v = greeting(t, a, st);
		/* Nothing is asked, but more is read. */
		if (v != TALK_MORE || t->step == 0 || t->out.len > 0)
			return v;
	}
	return answer(t, a, st);
}
