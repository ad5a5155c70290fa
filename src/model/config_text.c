/* SPDX-License-Identifier: ISC */
/*
 * The config file as text: reading one line by line, writing it whole. Knows
 * no files. Grammar, one setting a line, blanks around it do not matter:
 *
 *	# comment (whole lines only)
 *	NAME = VALUE		an option
 *	filter NAME = EXPR	a filter by name
 *	alert NAME = EXPR	a rule: sockets that match raise an alert
 *	bind KEY = COMMAND	a key; no command: the key does nothing
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/filter.h"
#include "model/option.h"

#define ERRORS_MAX   20
#define FILTERS_MAX  256
#define KEYS_MAX     512
#define NAME_MAX_LEN 32
/* So that "filter NAME = .." is a line we would read again. */
#define TEXT_MAX_LEN (CONFIG_MAX_LINE - NAME_MAX_LEN - 32)

void
config_init(struct config *c)
{
	memset(c, 0, sizeof(*c));
	options_init(&c->opt);
}

static void
named_free(struct named_filter *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(list[i].name);
		free(list[i].text);
	}
	free(list);
}

void
config_done(struct config *c)
{
	size_t i;

	options_done(&c->opt);
	named_free(c->filter, c->nfilters);
	named_free(c->alert, c->nalerts);
	for (i = 0; i < c->nkeys; i++) {
		free(c->key[i].key);
		free(c->key[i].command);
	}
	free(c->key);
	memset(c, 0, sizeof(*c));
}

/* kind: "filter" or "alert", whose list this is. */
static int
set_named(struct named_filter **list, size_t *n, const char *kind,
    const char *name, const char *text, char **cause)
{
	struct filter_error e = { 0 };
	struct filter *f = NULL;
	size_t i;
	int r;

	if (*name == '\0' || strlen(name) > NAME_MAX_LEN ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789_-") != strlen(name)) {
		xasprintf(cause,
		    "%s %s's name is 1 to %d letters, digits, "
		    "- and _",
		    *kind == 'a' ? "an" : "a", kind, NAME_MAX_LEN);
		return -EINVAL;
	}
	if (strlen(text) > TEXT_MAX_LEN) {
		xasprintf(cause, "%s %s: longer than %d bytes", kind, name,
		    TEXT_MAX_LEN);
		return -E2BIG;
	}
	r = filter_parse(text, &f, &e);
	if (r == 0 && f == NULL && *kind == 'a') {
		xasprintf(cause,
		    "alert %s: an empty filter would mean every socket", name);
		return -EINVAL;
	}
	filter_free(f);
	if (r != 0) {
		xasprintf(cause, "%s %s: %s (at character %zu)", kind, name,
		    e.message, e.offset + 1);
		filter_error_done(&e);
		return r;
	}
	for (i = 0; i < *n; i++)
		if (strcmp((*list)[i].name, name) == 0)
			break;
	if (i == FILTERS_MAX) {
		xasprintf(cause, "more than %d %ss", FILTERS_MAX, kind);
		return -E2BIG;
	}
	if (i == *n) {
		*list = xreallocarray(*list, ++*n, sizeof(**list));
		(*list)[i].name = xstrdup(name);
	} else
		free((*list)[i].text);
	(*list)[i].text = xstrdup(text);
	return 0;
}

static int
set_key(struct config *c, const char *key, const char *command, char **cause)
{
	size_t i;

	if (strlen(key) > NAME_MAX_LEN || strlen(command) > TEXT_MAX_LEN) {
		xasprintf(cause, "no key or command is that long");
		return -EINVAL;
	}
	for (i = 0; i < c->nkeys; i++)
		if (strcmp(c->key[i].key, key) == 0)
			break;
	if (i == KEYS_MAX) {
		xasprintf(cause, "more than %d keys", KEYS_MAX);
		return -E2BIG;
	}
	if (i == c->nkeys) {
		c->key = xreallocarray(c->key, ++c->nkeys, sizeof(*c->key));
		c->key[i].key = xstrdup(key);
	} else
		free(c->key[i].command);
	c->key[i].command = xstrdup(command);
	return 0;
}

static char *
skip_blanks(char *s)
{
	return s + strspn(s, " \t");
}

static int
not_a_setting(char **cause)
{
	xasprintf(cause, "not NAME = VALUE, filter NAME = EXPRESSION, "
			 "alert NAME = EXPRESSION or bind KEY = COMMAND");
	return -EINVAL;
}

static bool
is_word(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(s, word, n) == 0;
}

/* One line, blanks at both ends removed, not empty; changed. */
static int
parse_line(struct config *c, char *s, char **cause)
{
	char *word, *end;
	size_t n = strcspn(s, " \t=");
	bool bind, filter, alert;

	end = skip_blanks(s + n);
	bind = is_word(s, n, "bind") && s[n] != '=';
	filter = is_word(s, n, "filter") && *end != '=';
	alert = is_word(s, n, "alert") && *end != '=';
	word = s;
	if (bind || filter || alert) {
		/* A key may be "=" itself. */
		word = end;
		n = bind ? strcspn(word, " \t") : strcspn(word, " \t=");
		end = skip_blanks(word + n);
	}
	if (n == 0 || *end != '=')
		return not_a_setting(cause);
	word[n] = '\0';
	end = skip_blanks(end + 1);
	if (bind)
		return set_key(c, word, end, cause);
	if (filter)
		return set_named(
		    &c->filter, &c->nfilters, "filter", word, end, cause);
	if (alert)
		return set_named(
		    &c->alert, &c->nalerts, "alert", word, end, cause);
	return option_set(&c->opt, word, end, cause);
}

struct errors {
	char **text;
	size_t n, cap, total;
};

static void
add_error(struct errors *e, size_t line, char *why)
{
	e->total++;
	if (e->n < ERRORS_MAX) {
		e->text =
		    array_grow(e->text, &e->cap, e->n + 1, sizeof(*e->text));
		if (line > 0)
			xasprintf(&e->text[e->n++], "line %zu: %s", line, why);
		else
			e->text[e->n++] = xstrdup(why);
	}
	free(why);
}

/* A copy of the line without blanks at its ends; NULL if there is nothing on
 * it, or what is there cannot be a setting: then *cause says so. */
static char *
line_copy(const char *s, size_t n, char **cause)
{
	char *line, *p;

	while (
	    n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r'))
		n--;
	while (n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	if (n == 0 || *s == '#')
		return NULL;
	if (n > CONFIG_MAX_LINE) {
		xasprintf(cause, "longer than %d bytes", CONFIG_MAX_LINE);
		return NULL;
	}
	line = xstrndup(s, n);
	for (p = line; *p != '\0'; p++)
		if (*p == '\t')
			*p = ' ';
	if (!text_is_clean(line, n)) {
		xasprintf(cause, "control characters or invalid UTF-8");
		free(line);
		return NULL;
	}
	return line;
}

size_t
config_parse(struct config *c, const char *text, size_t len, char ***errors)
{
	struct errors e = { 0 };
	const char *end = text + len, *nl;
	char *line, *why = NULL;
	size_t at = 0;

	if (len > CONFIG_MAX_BYTES) {
		xasprintf(
		    &why, "larger than %u bytes: not read", CONFIG_MAX_BYTES);
		add_error(&e, 0, why);
		end = text;
	} else if (len > 0 && memchr(text, '\0', len) != NULL) {
		xasprintf(&why, "holds NUL bytes: no text, not read");
		add_error(&e, 0, why);
		end = text;
	}
	for (; text < end; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (nl == NULL)
			nl = end;
		at++;
		why = NULL;
		line = line_copy(text, (size_t)(nl - text), &why);
		if (line != NULL)
			(void)parse_line(c, line, &why); /* sets why */
		free(line);
		if (why != NULL)
			add_error(&e, at, why);
		if (nl == end)
			break;
	}
	if (e.total > e.n) {
		free(e.text[e.n - 1]);
		xasprintf(&e.text[e.n - 1], "and %zu more wrong lines",
		    e.total - e.n + 1);
	}
	*errors = e.text;
	return e.n;
}

/* Defaults stand there commented out, so that a later version's apply. */
static void
option_line(const struct options *o, const struct options *def,
    const struct option_def *d, struct buf *b)
{
	struct buf now = { 0 }, was = { 0 };
	size_t i;

	option_get_text(o, d, &now);
	option_get_text(def, d, &was);
	buf_printf(b, "\n# %s", d->help);
	if (d->type == OPT_CHOICE)
		for (i = 0; d->choices[i] != NULL; i++)
			buf_printf(
			    b, "%s%s", i == 0 ? ": " : ", ", d->choices[i]);
	buf_printf(b, "\n%s%s =%s%s\n",
	    now.len == was.len &&
		    (now.len == 0 || memcmp(now.data, was.data, now.len) == 0)
		? "#"
		: "",
	    d->name, now.len > 0 ? " " : "", now.len > 0 ? now.data : "");
	buf_done(&now);
	buf_done(&was);
}

void
config_put(const struct config *c, struct buf *b)
{
	const struct option_def *d;
	struct options def;
	size_t i;

	options_init(&def);
	buf_puts(b, "# sockdeck's settings; sockdeck.conf(5) explains them.\n"
		    "# What is commented out is the default.\n");
	for (d = option_defs; d->name != NULL; d++)
		option_line(&c->opt, &def, d, b);
	options_done(&def);
	buf_puts(b, "\n# Filters by name: filter NAME = EXPRESSION\n");
	if (c->nfilters == 0)
		buf_puts(b, "#filter web = sport = :80 or sport = :443\n");
	for (i = 0; i < c->nfilters; i++)
		buf_printf(b, "filter %s = %s\n", c->filter[i].name,
		    c->filter[i].text);
	buf_puts(b, "\n# Alerts: alert NAME = EXPRESSION\n");
	if (c->nalerts == 0)
		buf_puts(b, "#alert mail = dport = :25 and not user=postfix\n");
	for (i = 0; i < c->nalerts; i++)
		buf_printf(
		    b, "alert %s = %s\n", c->alert[i].name, c->alert[i].text);
	buf_puts(b, "\n# Keys: bind KEY = COMMAND; without a command the key "
		    "does nothing\n");
	if (c->nkeys == 0)
		buf_puts(b, "#bind F5 = group\n");
	for (i = 0; i < c->nkeys; i++)
		buf_printf(b, "bind %s =%s%s\n", c->key[i].key,
		    c->key[i].command[0] != '\0' ? " " : "", c->key[i].command);
}
