/* SPDX-License-Identifier: ISC */
/*
 * The filter language's words and grammar, by recursive descent:
 *
 *	group := states or            (the states hold for all of it)
 *	       | or
 *	or    := and { ("or" | "|" | "||") and }
 *	and   := not { ["and" | "&" | "&&" | ","] not }
 *	not   := ("not" | "!") not | primary
 *	primary := "(" group ")" | states | term | WORD
 *
 * Length and depth are bounded, so parsing and evaluating are.
 */
#include "config.h"

#include "model/filter_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/filter_match.h"

static struct filter *parse_group(struct parser *);
static struct filter *parse_or(struct parser *, struct filter *first);

void
token_done(struct token *t)
{
	free(t->text);
	t->text = NULL;
}

struct filter *
parser_fail(struct parser *p, size_t off, size_t len, const char *nearest,
    const char *fmt, ...)
{
	va_list ap;

	if (p->err->message != NULL)
		return NULL;
	va_start(ap, fmt);
	xvasprintf(&p->err->message, fmt, ap);
	va_end(ap);
	p->err->offset = off;
	p->err->len = len;
	p->err->nearest = nearest;
	return NULL;
}

bool
parser_deeper(struct parser *p, size_t off)
{
	if (p->depth < FILTER_DEPTH_MAX)
		return true;
	parser_fail(p, off, 1, NULL,
	    "the filter is nested more than %d levels deep",
	    (int)FILTER_DEPTH_MAX);
	return false;
}

struct filter *
filter_new(enum filter_kind kind)
{
	struct filter *f = xcalloc(1, sizeof(*f));

	f->kind = kind;
	f->net.port = -1;
	return f;
}

struct filter *
filter_or(struct filter *a, struct filter *b)
{
	struct filter *f;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	f = filter_new(FILTER_OR);
	f->lhs = a;
	f->rhs = b;
	return f;
}

/* Words */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
parser_skip_blanks(struct parser *p)
{
	while (is_blank(p->text[p->pos]))
		p->pos++;
}

bool
parser_at_end(const struct parser *p)
{
	return p->text[p->pos] == '\0';
}

/* "..": \" and \\ stand for the character; '..': all is literal. */
static bool
take_quoted(struct parser *p, struct token *t)
{
	const char *s = p->text + p->pos;
	char quote = *s++;
	char *out;

	t->off = p->pos;
	t->quoted = true;
	t->text = out = xmalloc(strlen(s) + 1);
	for (; *s != quote && *s != '\0'; s++) {
		if (quote == '"' && *s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		*out++ = *s;
	}
	*out = '\0';
	if (*s == '\0') {
		parser_fail(
		    p, t->off, 1, NULL, "the closing %c is missing", quote);
		token_done(t);
		return false;
	}
	t->len = (size_t)(s + 1 - p->text) - t->off;
	p->pos = t->off + t->len;
	return true;
}

static void
take(struct parser *p, size_t n, struct token *t)
{
	t->off = p->pos;
	t->len = n;
	t->text = xstrndup(p->text + p->pos, n);
	t->quoted = false;
	p->pos += n;
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* How far a value goes. Parentheses in pairs belong to it; in a pattern a
 * single bar or comma does, too. */
static size_t
value_len(const char *s, bool pattern)
{
	unsigned open = 0;
	size_t n;

	for (n = 0; s[n] != '\0' && !is_blank(s[n]); n++) {
		if (s[n] == '(')
			open++;
		else if (s[n] == ')' && open-- == 0)
			break;
		else if (pattern && s[n] == '\\' && s[n + 1] != '\0' &&
			 !is_blank(s[n + 1]))
			n++;
		else if ((s[n] == '|' || s[n] == '&') &&
			 (!pattern || s[n + 1] == s[n]))
			break;
		else if (s[n] == ',' && !pattern)
			break;
	}
	return n;
}

bool
parser_value(struct parser *p, bool pattern, const char *what, struct token *t)
{
	size_t n;

	parser_skip_blanks(p);
	if (is_quote(p->text[p->pos]))
		return take_quoted(p, t);
	n = value_len(p->text + p->pos, pattern);
	if (n == 0) {
		parser_fail(p, p->pos, parser_at_end(p) ? 0 : 1, NULL,
		    "%s is expected here", what);
		return false;
	}
	take(p, n, t);
	return true;
}

bool
parser_more(struct parser *p)
{
	const char *s = p->text + p->pos;

	if (s[0] != ',' || s[1] == '\0' || s[1] == ',' || is_blank(s[1]))
		return false;
	p->pos++;
	return true;
}

bool
parser_op(struct parser *p, bool colon, enum filter_op *ret)
{
	/* Longer ones first; words end at a blank. */
	static const struct {
		const char *text;
		enum filter_op op;
	} ops[] = { { "==", OP_EQ }, { "!=", OP_NE }, { ">=", OP_GE },
		{ "<=", OP_LE }, { "!~", OP_NOMATCH }, { "=~", OP_MATCH },
		{ "=", OP_EQ }, { ">", OP_GT }, { "<", OP_LT },
		{ "~", OP_MATCH }, { ":", OP_EQ }, { "eq", OP_EQ },
		{ "neq", OP_NE }, { "ne", OP_NE }, { "geq", OP_GE },
		{ "ge", OP_GE }, { "gt", OP_GT }, { "leq", OP_LE },
		{ "le", OP_LE }, { "lt", OP_LT } };
	const char *s;
	size_t i, n, blanks = 0;

	while (is_blank(p->text[p->pos + blanks]))
		blanks++;
	s = p->text + p->pos + blanks;
	for (i = 0; i < nitems(ops); i++) {
		n = strlen(ops[i].text);
		if (strncasecmp(s, ops[i].text, n) != 0)
			continue;
		if (*s == ':' && (!colon || blanks > 0))
			continue;
		if (isalpha((unsigned char)*s) && !is_blank(s[n]))
			continue;
		p->pos += blanks + n;
		*ret = ops[i].op;
		return true;
	}
	return false;
}

/* An unquoted word ends where an operator of the grammar begins. */
static size_t
word_len(const char *s)
{
	return strcspn(s, " \t\r\n()|&,\"'");
}

/* Length of the word operator or sign of this kind that is next, or 0. */
static size_t
next_is(const struct parser *p, const char *const *spellings)
{
	const char *s = p->text + p->pos;
	size_t n;

	for (; *spellings != NULL; spellings++) {
		n = strlen(*spellings);
		if (isalpha((unsigned char)**spellings)
			? word_len(s) == n && strncasecmp(s, *spellings, n) == 0
			: strncmp(s, *spellings, n) == 0)
			return n;
	}
	return 0;
}

static const char *const or_spellings[] = { "||", "|", "or", NULL };
static const char *const and_spellings[] = { "&&", "&", ",", "and", NULL };
static const char *const not_spellings[] = { "!", "not", NULL };

static bool
take_operator(struct parser *p, const char *const *spellings)
{
	size_t n;

	parser_skip_blanks(p);
	n = next_is(p, spellings);
	p->pos += n;
	return n > 0;
}

/* Grammar */

static struct filter *
parse_word(struct parser *p)
{
	struct token t;
	struct filter *f;
	size_t n;

	if (is_quote(p->text[p->pos])) {
		if (!take_quoted(p, &t))
			return NULL;
	} else {
		n = word_len(p->text + p->pos);
		if (n == 0)
			return parser_fail(p, p->pos, 1, NULL,
			    "a term is expected here, not \"%c\"",
			    p->text[p->pos]);
		take(p, n, &t);
		f = parser_term(p, &t);
		if (f != NULL || p->err->message != NULL) {
			token_done(&t);
			return f;
		}
	}
	if (t.text[0] == '\0') {
		parser_fail(p, t.off, t.len, NULL,
		    "there is nothing between the quotes to look for");
		token_done(&t);
		return NULL;
	}
	f = filter_new(FILTER_WORD);
	f->text = t.text;
	f->re = filter_match_word(f->text);
	return f;
}

static struct filter *
parse_parens(struct parser *p)
{
	size_t open = p->pos++;
	struct filter *f;

	if (!parser_deeper(p, open))
		return NULL;
	p->depth++;
	f = parse_group(p);
	p->depth--;
	if (f == NULL)
		return NULL;
	parser_skip_blanks(p);
	if (p->text[p->pos] != ')') {
		filter_free(f);
		return parser_fail(
		    p, open, 1, NULL, "the closing parenthesis is missing");
	}
	p->pos++;
	return f;
}

static struct filter *
parse_not(struct parser *p)
{
	size_t start, n;
	struct filter *f, *not ;

	parser_skip_blanks(p);
	start = p->pos;
	n = next_is(p, not_spellings);
	if (n > 0) {
		if (!parser_deeper(p, start))
			return NULL;
		p->pos += n;
		p->depth++;
		f = parse_not(p);
		p->depth--;
		if (f == NULL)
			return NULL;
		not = filter_new(FILTER_NOT);
		not ->lhs = f;
		return not ;
	}
	if (parser_at_end(p))
		return parser_fail(p, p->pos, 0, NULL,
		    "the filter ends where a term is expected");
	n = next_is(p, or_spellings);
	if (n == 0)
		n = next_is(p, and_spellings);
	if (n > 0)
		return parser_fail(p, p->pos, n, NULL,
		    "a term is expected before \"%.*s\"", (int)n,
		    p->text + p->pos);
	if (p->text[p->pos] == '(')
		return parse_parens(p);
	if (parser_states_next(p))
		return parser_states(p);
	return parse_word(p);
}

/* True if what is next cannot go on an "and" without an operator. */
static bool
and_ends(struct parser *p)
{
	parser_skip_blanks(p);
	return parser_at_end(p) || p->text[p->pos] == ')' ||
	       next_is(p, or_spellings) > 0;
}

/* Chains lean right; first (may be NULL) is an operand already read. */
static struct filter *
parse_and(struct parser *p, struct filter *first)
{
	struct filter *ret = NULL, **link = &ret, *f;

	for (f = first;; f = NULL) {
		if (f == NULL)
			f = parse_not(p);
		if (f == NULL)
			break;
		*link = f;
		if (!take_operator(p, and_spellings) && and_ends(p))
			return ret;
		*link = filter_new(FILTER_AND);
		(*link)->lhs = f;
		link = &(*link)->rhs;
	}
	filter_free(ret);
	return NULL;
}

static struct filter *
parse_or(struct parser *p, struct filter *first)
{
	struct filter *ret = NULL, **link = &ret, *f;

	for (;; first = NULL) {
		f = parse_and(p, first);
		if (f == NULL)
			break;
		*link = f;
		if (!take_operator(p, or_spellings))
			return ret;
		*link = filter_new(FILTER_OR);
		(*link)->lhs = f;
		link = &(*link)->rhs;
	}
	filter_free(ret);
	return NULL;
}

/* States at the beginning hold for all that follows without an operator:
 * ss's FILTER := [ state STATE-FILTER ] [ EXPRESSION ]. */
static struct filter *
parse_group(struct parser *p)
{
	struct filter *states, *rest;

	parser_skip_blanks(p);
	if (!parser_states_next(p))
		return parse_or(p, NULL);
	states = parser_states(p);
	if (states == NULL)
		return NULL;
	parser_skip_blanks(p);
	if (parser_at_end(p) || p->text[p->pos] == ')' ||
	    next_is(p, or_spellings) > 0 || next_is(p, and_spellings) > 0)
		return parse_or(p, states);
	if (!parser_deeper(p, p->pos)) {
		filter_free(states);
		return NULL;
	}
	p->depth++;
	rest = parse_or(p, NULL);
	p->depth--;
	if (rest == NULL) {
		filter_free(states);
		return NULL;
	}
	return filter_and(states, rest);
}

int
filter_parse_env(const char *text, const struct filter_env *env,
    struct filter **ret, struct filter_error *err)
{
	struct parser p = { .text = text, .env = env, .err = err };
	struct filter *f;

	memset(err, 0, sizeof(*err));
	if (strlen(text) > FILTER_MAX) {
		parser_fail(&p, FILTER_MAX, 1, NULL,
		    "the filter is longer than %d bytes", (int)FILTER_MAX);
		return -EINVAL;
	}
	parser_skip_blanks(&p);
	if (parser_at_end(&p)) {
		*ret = NULL;
		return 0;
	}
	f = parse_group(&p);
	if (f == NULL)
		return -EINVAL;
	if (!parser_at_end(&p)) {
		parser_fail(&p, p.pos, 1, NULL,
		    "a parenthesis is closed that was not opened");
		filter_free(f);
		return -EINVAL;
	}
	*ret = f;
	return 0;
}

int
filter_parse(const char *text, struct filter **ret, struct filter_error *err)
{
	return filter_parse_env(text, NULL, ret, err);
}

void
filter_error_done(struct filter_error *err)
{
	free(err->message);
	memset(err, 0, sizeof(*err));
}
