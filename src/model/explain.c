/* SPDX-License-Identifier: ISC */
/*
 * Words answered from the tables of know/: what is asked for, and how an
 * answer is put together. Ports and services are in explain_port.c, what is
 * so on this machine in explain_use.c.
 */
#include "config.h"

#include "model/explain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/port_note.h"
#include "know/question.h"
#include "know/signal.h"
#include "know/term.h"
#include "model/explain_lines.h"

/* The longest name has six: "address family not supported by protocol". */
#define PHRASE_WORDS 8

const char *
explain_kind_name(enum explain_kind k)
{
	static const char *const names[] = {
		[EXPLAIN_INDEX] = "index",
		[EXPLAIN_PORT] = "port",
		[EXPLAIN_SERVICE] = "service",
		[EXPLAIN_STATE] = "state",
		[EXPLAIN_TERM] = "term",
		[EXPLAIN_ERROR] = "error",
		[EXPLAIN_COLUMN] = "column",
		[EXPLAIN_SIGNAL] = "signal",
		[EXPLAIN_QUESTION] = "question",
		[EXPLAIN_MYTH] = "myth",
	};

	return (size_t)k < nitems(names) ? names[k] : "-";
}

struct explain_answer *
explain_add(struct explain *e, enum explain_kind kind, char *name, char *title)
{
	struct explain_answer *a;

	e->answer = array_grow(e->answer, &e->cap, e->n + 1, sizeof(*a));
	a = &e->answer[e->n++];
	*a = (struct explain_answer){
		.kind = kind, .name = name, .title = title
	};
	return a;
}

static void
add_line(struct explain_answer *a, enum explain_part part, const char *label,
    char *text)
{
	a->line = array_grow(a->line, &a->cap, a->n + 1, sizeof(*a->line));
	a->line[a->n++] =
	    (struct explain_line){ .part = part, .label = label, .text = text };
}

void
explain_heading(struct explain_answer *a, const char *text)
{
	add_line(a, PART_HEADING, NULL, xstrdup(text));
}

void
explain_text(struct explain_answer *a, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	add_line(a, PART_TEXT, label, text);
}

void
explain_paragraphs(struct explain_answer *a, enum explain_part part,
    const char *label, const char *list)
{
	const char *text;
	size_t len;

	while ((text = term_part(&list, "\n", &len)) != NULL) {
		add_line(a, part, label, xstrndup(text, len));
		label = NULL;
	}
}

void
explain_end(struct explain_answer *a, const char *run, const char *see,
    const char *source)
{
	explain_paragraphs(a, PART_RUN, "Try", run);
	explain_paragraphs(a, PART_SEE, "See also", see);
	explain_paragraphs(a, PART_SOURCE, "Source", source);
}

static void
answer_done(struct explain_answer *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->line[i].text);
	free(a->line);
	free(a->name);
	free(a->title);
}

/* Forgets what was answered after the first n. */
static void
cut(struct explain *e, size_t n)
{
	while (e->n > n)
		answer_done(&e->answer[--e->n]);
	while (e->nunknown > 0)
		free(e->unknown[--e->nunknown]);
}

void
explain_done(struct explain *e)
{
	cut(e, 0);
	free(e->answer);
	free(e->unknown);
	memset(e, 0, sizeof(*e));
}

/* -- terms, states, columns ----------------------------------------------- */

static void
answer_term(struct explain *e, const struct term *t)
{
	struct explain_answer *a;
	char *title;

	xasprintf(&title, "%s: %s", t->name, t->brief);
	a = explain_add(e,
	    t->group == TERM_ERROR ? EXPLAIN_ERROR : EXPLAIN_TERM,
	    xstrdup(t->name), title);
	if (t->alias != NULL)
		explain_text(a, "Also", "%s", t->alias);
	explain_paragraphs(
	    a, PART_TEXT, t->group == TERM_ERROR ? "Why" : "What", t->text);
	explain_paragraphs(a, PART_TEXT, "Common error", t->myth);
	explain_end(a, t->run, t->see, t->source);
}

static bool
terms_of(struct explain *e, const char *word)
{
	const struct term *t;
	size_t i = 0, n = e->n, len = strlen(word);
	char *singular;

	while ((t = term_find(word, &i)) != NULL)
		answer_term(e, t);
	if (e->n > n || len < 4 || (word[len - 1] | 0x20) != 's')
		return e->n > n;
	singular = xstrndup(word, len - 1);
	for (i = 0; (t = term_find(singular, &i)) != NULL;)
		answer_term(e, t);
	free(singular);
	return e->n > n;
}

static bool
state_of(struct explain *e, const char *word, const struct explain_here *here)
{
	enum sock_state s = sock_state_parse(word);
	const struct state_fact *f = state_fact(s);
	struct explain_answer *a;
	char *title, *run;

	if (s == SOCK_STATE_UNKNOWN)
		return false;
	e->here = true;
	xasprintf(&title, "%s: %s", sock_state_name(s), f->brief);
	a = explain_add(e, EXPLAIN_STATE, xstrdup(sock_state_name(s)), title);
	explain_text(a, "Meaning", "%s", f->meaning);
	explain_text(a, "Next", "%s", f->next);
	explain_text(a, "Lasts", "%s", f->lasts);
	explain_text(a, "Many of them", "%s", f->heap);
	explain_paragraphs(a, PART_TEXT, "Common error", f->myth);
	explain_use_state(a, s, here);
	/* The lab walks TCP through its states. */
	xasprintf(&run, "sockdeck list state=%s%s", sock_state_name(s),
	    s == SOCK_UNCONNECTED || s == SOCK_CONNECTED ? ""
							 : "\nsockdeck lab");
	explain_end(a, run, f->see, f->source);
	free(run);
	return true;
}

/* A filter and an order with it, by what kind of value it has. Another word
 * for a column counts only where it means nothing else: "port". */
static bool
column_of(struct explain *e, const char *word, bool by_name)
{
	static const char *const example[] = { [VAL_UINT] = ">0",
		[VAL_BYTES] = ">64K",
		[VAL_RATE] = ">1M/s",
		[VAL_DURATION] = ">50ms",
		[VAL_BOOL] = "=yes",
		[VAL_TEXT] = NULL };
	const struct column *c = column_find(word);
	struct explain_answer *a;
	char *title;

	if (c == NULL || (by_name && strcmp(c->name, word) != 0))
		return false;
	xasprintf(&title, "Column %s: %s", c->name, c->help);
	a = explain_add(e, EXPLAIN_COLUMN, xstrdup(c->name), title);
	if (c->alias != NULL)
		explain_text(a, "Also", "%s", c->alias);
	explain_text(a, "Heading", "%s%s", c->title,
	    (c->flags & COL_DECK) != 0 ? "; shown in the deck by default" : "");
	if ((size_t)c->type < nitems(example) && example[c->type] != NULL &&
	    c->parse == NULL)
		explain_text(a, "Filter", "%s%s", c->name, example[c->type]);
	if (c->takes != NULL)
		explain_text(a, "Values", "%s", c->takes);
	xasprintf(&title, "sockdeck list --columns local,peer,%s --sort %s%s",
	    c->name, (c->flags & COL_DESC) != 0 ? "-" : "", c->name);
	explain_end(a, title, "column", "sockdeck(1)");
	free(title);
	return true;
}

/* A number alone is a port. */
static bool
signal_of(struct explain *e, const char *word)
{
	const struct signal_fact *f = NULL;
	struct explain_answer *a;
	char name[SIGNAL_NAME_MAX], *title;
	int n;

	if (word[strspn(word, "0123456789")] != '\0' &&
	    (n = signal_parse(word)) != 0)
		f = signal_fact(n);
	if (f == NULL)
		return false;
	signal_name(name, n);
	xasprintf(&title, "Signal SIG%s (%d): %s", name, n, f->brief);
	a = explain_add(e, EXPLAIN_SIGNAL, xstrdup(name), title);
	explain_text(a, "Unless caught", "%s", signal_action_text(f->action));
	explain_text(a, "Catchable", "%s",
	    f->catchable ? "yes: the program can do something else, or nothing"
			 : "no: no program can do anything about it");
	explain_end(a, NULL, "signal, process", f->source);
	return true;
}

/* -- words ---------------------------------------------------------------- */

/* 1: answered, 0: not known, -EINVAL. */
static int
phrase(struct explain *e, const char *text, const struct explain_here *here,
    char **cause)
{
	int r = explain_port(e, text, here, cause);
	bool known;

	if (r != 0)
		return r;
	known = state_of(e, text, here);
	known |= terms_of(e, text);
	known |= explain_service(e, text, here);
	known |= signal_of(e, text);
	known |= column_of(e, text, known);
	return known;
}

static char *
join(const char *const *word, size_t n)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i > 0 ? " " : "", word[i]);
	return buf_steal(&b);
}

static void
unknown(struct explain *e, const char *word)
{
	const char *near = explain_nearest(word);
	char *clean = text_clean(word, strlen(word)), *text;

	if (*clean == '\0')
		text = xstrdup("an empty word; expected a port, a service, "
			       "a state or a term");
	else if (near != NULL)
		xasprintf(
		    &text, "%s: not known; did you mean %s?", clean, near);
	else
		xasprintf(&text,
		    "%s: not known; sockdeck explain lists the words that are",
		    clean);
	free(clean);
	e->unknown =
	    xreallocarray(e->unknown, e->nunknown + 1, sizeof(*e->unknown));
	e->unknown[e->nunknown++] = text;
}

/* As many words as make one name; how many, or -EINVAL. */
static int
longest(struct explain *e, const char *const *word, size_t n,
    const struct explain_here *here, char **cause)
{
	size_t len;
	char *text;
	int r;

	for (len = n < PHRASE_WORDS ? n : PHRASE_WORDS; len > 0; len--) {
		text = join(word, len);
		r = phrase(e, text, here, cause);
		free(text);
		if (r != 0)
			return r < 0 ? r : (int)len;
	}
	unknown(e, word[0]);
	return 1;
}

int
explain_words(struct explain *e, const char *const *word, size_t n,
    const struct explain_here *here, char **cause)
{
	size_t i, had = e->n;
	const struct term *t;
	char *text;
	int r;

	for (i = 0; i < n; i += (size_t)r) {
		r = longest(e, word + i, n - i, here, cause);
		if (r < 0)
			return r;
	}
	if (e->nunknown == 0)
		return 0;
	/* A message as a program printed it? */
	text = join(word, n);
	t = term_in_message(text);
	free(text);
	if (t != NULL) {
		cut(e, had);
		answer_term(e, t);
	}
	return 0;
}

const char *
explain_nearest(const char *word)
{
	size_t len = strlen(word), i;
	unsigned best = len < 4 ? 2 : len < 8 ? 3 : 4, d;
	const char *ret = NULL, *w;

	for (i = 0; (w = explain_word_at(&i)) != NULL;) {
		d = text_distance(word, w);
		if (d < best) {
			best = d;
			ret = w;
		}
	}
	w = service_nearest(word);
	return w != NULL && (ret == NULL || text_distance(word, w) < best)
		   ? w
		   : ret;
}

const char *
explain_word_at(size_t *i)
{
	size_t n = (*i)++;

	if (n < nterms)
		return terms[n].name;
	n -= nterms;
	if (n < SOCK_NSTATES - 2) /* without 0 and 12 */
		return sock_state_name(n + 1 < 12 ? n + 1 : n + 2);
	n -= SOCK_NSTATES - 2;
	if (n < ncolumns)
		return columns[n].name;
	n -= ncolumns;
	return signal_facts[n].name; /* NULL at the end */
}

/* -- the index, questions, common errors ---------------------------------- */

static void
index_list(struct explain_answer *a, const char *label, struct buf *b)
{
	explain_text(a, label, "%s", b->data);
	buf_reset(b);
}

void
explain_index(struct explain *e)
{
	struct explain_answer *a =
	    explain_add(e, EXPLAIN_INDEX, xstrdup("index"),
		xstrdup("What sockdeck explain can be asked for"));
	struct buf b = { 0 };
	const struct signal_fact *f;
	const struct column *c;
	const struct term *t;
	int g, s;

	explain_text(a, "A port", "443, 53/udp, 8000-8100");
	explain_text(a, "A service", "by name: ssh, https, postgresql");
	explain_text(
	    a, "Lists", "services [FILTER], questions [NUMBER], myths");
	for (s = 1; s < SOCK_NSTATES; s++)
		if (s != 12)
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "",
			    sock_state_name(s));
	index_list(a, "States", &b);
	for (g = 0; g < TERM_NGROUPS; g++) {
		for (t = terms; t->name != NULL; t++)
			if ((int)t->group == g)
				buf_printf(
				    &b, "%s%s", b.len > 0 ? ", " : "", t->name);
		index_list(a, term_group_title(g), &b);
	}
	for (c = columns; c->name != NULL; c++)
		buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", c->name);
	index_list(a, "Columns", &b);
	for (f = signal_facts; f->name != NULL; f++)
		buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", f->name);
	index_list(a, "Signals", &b);
	explain_text(a, "An error",
	    "also as a program printed it: bind: Address already in use");
	buf_done(&b);
}

static void
answer_question(struct explain *e, const struct question *q)
{
	struct explain_answer *a;
	char *name, *title;

	xasprintf(&name, "%zu", (size_t)(q - questions) + 1);
	xasprintf(&title, "%s. %s", name, q->ask);
	a = explain_add(e, EXPLAIN_QUESTION, name, title);
	explain_paragraphs(a, PART_TEXT, "Answer", q->answer);
	explain_end(a, q->run, q->see, q->source);
}

int
explain_questions(
    struct explain *e, const char *const *word, size_t n, char **cause)
{
	const struct question *q;
	size_t i, count = 0;
	uint64_t number;
	char *clean;

	for (q = questions; q->ask != NULL; q++, count++)
		if (n == 0)
			answer_question(e, q);
	for (i = 0; i < n; i++) {
		if (!num_u64(word[i], 1, count, &number)) {
			clean = text_clean(word[i], strlen(word[i]));
			xasprintf(cause,
			    "questions %s: not a number from 1 to %zu", clean,
			    count);
			free(clean);
			return -EINVAL;
		}
		answer_question(e, &questions[number - 1]);
	}
	return 0;
}

void
explain_myths(struct explain *e)
{
	struct explain_answer *a;
	const struct state_fact *f;
	const struct port_note *n;
	const struct term *t;
	char *name;
	int s;

	for (t = terms; t->name != NULL; t++) {
		if (t->myth == NULL)
			continue;
		a = explain_add(
		    e, EXPLAIN_MYTH, xstrdup(t->name), xstrdup(t->name));
		explain_paragraphs(a, PART_TEXT, "Common error", t->myth);
		explain_end(a, NULL, NULL, t->source);
	}
	for (s = 1; s < SOCK_NSTATES; s++) {
		f = state_fact(s);
		if (f->myth == NULL || (int)f->state != s)
			continue;
		a = explain_add(e, EXPLAIN_MYTH, xstrdup(sock_state_name(s)),
		    xstrdup(sock_state_name(s)));
		explain_paragraphs(a, PART_TEXT, "Common error", f->myth);
		explain_end(a, NULL, NULL, f->source);
	}
	for (n = port_notes; n->source != NULL; n++) {
		if (n->myth == NULL)
			continue;
		xasprintf(&name, "%u%s%s", n->port, n->proto != 0 ? "/" : "",
		    n->proto != 0 ? sock_proto_name(n->proto) : "");
		a = explain_add(e, EXPLAIN_MYTH, name, xstrdup(name));
		explain_paragraphs(a, PART_TEXT, "Common error", n->myth);
		explain_end(a, NULL, NULL, n->source);
	}
}

/* The list of services as an answer, for who has no table for it. */
static void
services_answer(struct explain *e, const char *const *word, size_t n)
{
	struct explain_answer *a = explain_add(
	    e, EXPLAIN_INDEX, xstrdup("services"), xstrdup("Services"));
	const struct service **list;
	struct buf b = { 0 };
	size_t i, count;

	list = explain_services(word, n, true, &count);
	for (i = 0; i < count; i++) {
		buf_reset(&b);
		explain_put_service(&b, list[i]);
		explain_text(a, NULL, "%s", b.data);
	}
	if (count == 0)
		explain_text(a, NULL, "none fits");
	free(list);
	buf_done(&b);
}

int
explain_ask(struct explain *e, const char *const *word, size_t n,
    const struct explain_here *here, char **cause)
{
	if (n == 0)
		explain_index(e);
	else if (strcmp(word[0], "services") == 0)
		services_answer(e, word + 1, n - 1);
	else if (strcmp(word[0], "questions") == 0)
		return explain_questions(e, word + 1, n - 1, cause);
	else if (strcmp(word[0], "myths") == 0 && n == 1)
		explain_myths(e);
	else
		return explain_words(e, word, n, here, cause);
	return 0;
}
