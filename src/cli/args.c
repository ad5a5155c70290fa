/* SPDX-License-Identifier: ISC */
/*
 * Reads the command line by the tables of args_table.c. A parser of our own
 * and not getopt(3), because -i and -s take an argument only where what
 * follows has lsof's form. Prints nothing: what is wrong goes into *cause.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "know/signal.h"
#include "model/column.h"
#include "model/view.h"

struct parser {
	struct args *args;
	const struct command_def *command;
	int argc, at; /* at: the next argument not looked at */
	char **argv;
	struct buf words;
	bool only_words; /* after -- */
	char **cause;
};

/* The one with the most letters that s begins with. */
static const struct arg_def *
def_by_letters(const struct command_def *command, const char *s)
{
	const struct arg_def *d, *best = NULL;
	size_t i = 0, n, most = 0;

	while ((d = command_option(command, &i)) != NULL) {
		n = d->letter == NULL ? 0 : strlen(d->letter);
		if (n > most && strncmp(s, d->letter, n) == 0) {
			best = d;
			most = n;
		}
	}
	return best;
}

static const struct arg_def *
def_by_letter(const struct command_def *command, char c)
{
	return def_by_letters(command, (const char[]){ c, '\0' });
}

static const struct arg_def *
def_by_name(const struct command_def *command, const char *name, size_t n)
{
	const struct arg_def *d;
	size_t i = 0;

	while ((d = command_option(command, &i)) != NULL) {
		if (d->name != NULL && strlen(d->name) == n &&
		    memcmp(d->name, name, n) == 0)
			return d;
		if (d->alias != NULL && strlen(d->alias) == n &&
		    memcmp(d->alias, name, n) == 0)
			return d;
	}
	return NULL;
}

/* Is it an option of list, or of whatever comes to one's mind first? */
static bool
elsewhere(const struct command_def *command, const char *name, char letter)
{
	const struct command_def *list = command_find("list");

	if (command->takes == list->takes)
		return false;
	return name != NULL ? def_by_name(list, name, strlen(name)) != NULL
			    : def_by_letter(list, letter) != NULL;
}

/* Whose help to point to: the deck's options are list's. */
static const char *
command_shown(const struct command_def *command)
{
	return command->filter && command->args == NULL ? "list"
							: command->name;
}

/* Whether the command itself has a sentence about it. */
static bool
unknown_told(struct parser *p, const char *dashes, const char *name)
{
	char *option;

	if (p->command->unknown == NULL)
		return false;
	xasprintf(&option, "%s%s", dashes, name);
	*p->cause = p->command->unknown(option, p->argc, p->argv);
	free(option);
	return *p->cause != NULL;
}

/* "sentence (did you mean --json?)" */
static int
unknown_long(const struct command_def *command, const char *name, char **cause)
{
	const struct arg_def *d, *best = NULL;
	unsigned dist, best_dist = 4;
	size_t i = 0;
	char *clean;

	while ((d = command_option(command, &i)) != NULL) {
		if (d->name == NULL)
			continue;
		dist = text_distance(name, d->name);
		if (strlen(name) >= 3 &&
		    strncmp(name, d->name, strlen(name)) == 0)
			dist = 1;
		if (dist < best_dist && dist * 2 <= strlen(d->name)) {
			best_dist = dist;
			best = d;
		}
	}
	clean = text_clean(name, strlen(name));
	if (elsewhere(command, name, 0))
		xasprintf(cause, "%s has no option --%s; see sockdeck help %s",
		    command->name, clean, command->name);
	else if (best != NULL)
		xasprintf(cause, "unknown option --%s; did you mean --%s?",
		    clean, best->name);
	else
		xasprintf(cause, "unknown option --%s; see sockdeck help %s",
		    clean, command_shown(command));
	free(clean);
	return -EINVAL;
}

static int
unknown_letter(const struct command_def *command, const char *word,
    const char *at, char **cause)
{
	static const char families[] = "xwdS0"; /* ss: unix, raw, dccp.. */
	char *clean = text_clean(word, strlen(word));
	char *letter = text_clean(at, 1);
	char *hint;
	char swapped = *at ^ 0x20;

	/* kill(1)'s -9 and -HUP. */
	if (command->args == args_kill && signal_parse(word + 1) != 0) {
		xasprintf(cause, "unknown option %s; did you mean -s %s?",
		    clean, clean + 1);
		free(letter);
		free(clean);
		return -EINVAL;
	}
	if (command->filter && strchr(families, *at) != NULL)
		hint = xstrdup("sockdeck shows TCP and UDP sockets only");
	else if (!elsewhere(command, NULL, *at) &&
		 ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') &&
		 def_by_letter(command, swapped) != NULL)
		xasprintf(&hint, "did you mean -%c?", swapped);
	else
		xasprintf(
		    &hint, "see sockdeck help %s", command_shown(command));
	if (elsewhere(command, NULL, *at))
		xasprintf(cause, "%s has no option -%s; %s", command->name,
		    letter, hint);
	else if (word[2] == '\0')
		xasprintf(cause, "unknown option -%s; %s", letter, hint);
	else
		xasprintf(
		    cause, "unknown option -%s in %s; %s", letter, clean, hint);
	free(hint);
	free(letter);
	free(clean);
	return -EINVAL;
}

/* The next argument as an option's argument, or NULL. */
static const char *
next_value(struct parser *p, const struct arg_def *d)
{
	if (p->at >= p->argc || (d->fits != NULL && !d->fits(p->argv[p->at])))
		return NULL;
	return p->argv[p->at++];
}

static int
parse_long(struct parser *p, const char *word)
{
	const char *eq = strchr(word, '='), *value = NULL;
	const struct arg_def *d;
	size_t n = eq == NULL ? strlen(word) : (size_t)(eq - word);
	char *name;
	int r;

	d = def_by_name(p->command, word, n);
	if (d == NULL) {
		name = xstrndup(word, n);
		r = unknown_told(p, "--", name)
			? -EINVAL
			: unknown_long(p->command, name, p->cause);
		free(name);
		return r;
	}
	if (eq != NULL && d->arg == NULL) {
		xasprintf(p->cause, "--%s takes no value", d->name);
		return -EINVAL;
	}
	if (eq != NULL)
		value = eq + 1;
	else if (d->arg != NULL)
		value = next_value(p, d);
	if (value == NULL && d->arg != NULL && d->fits == NULL) {
		xasprintf(p->cause, "--%s needs its %s", d->name, d->arg);
		return -EINVAL;
	}
	return d->take(p->args, d, value, p->cause);
}

/* "-sSU" is -sS -sU: *s goes on among those that begin as the one before did,
 * if that has two letters; *n: what it takes of s. */
static const struct arg_def *
next_letters(const struct parser *p, const struct arg_def *before,
    const char *s, size_t *n)
{
	const struct arg_def *d;

	*n = 1;
	if (before != NULL && before->letter[1] != '\0')
		return def_by_letters(
		    p->command, (const char[]){ before->letter[0], *s, '\0' });
	d = def_by_letters(p->command, s);
	if (d != NULL)
		*n = strlen(d->letter);
	return d;
}

static int
unknown_letters(struct parser *p, const struct arg_def *before,
    const char *word, const char *s)
{
	const bool kind = before != NULL && before->letter[1] != '\0';
	char *all, *clean;

	if (p->command->unknown == NULL)
		return unknown_letter(p->command, word, s, p->cause);
	xasprintf(&all, "%.*s%s", kind, kind ? before->letter : "", s);
	if (!unknown_told(p, "-", all)) {
		clean = text_clean(all, strlen(all));
		xasprintf(p->cause, "unknown option -%s; see sockdeck help %s",
		    clean, p->command->name);
		free(clean);
	}
	free(all);
	return -EINVAL;
}

/* "-plunt", "-PiTCP", "-Nweb", "-sTCP:LISTEN", "-sSU": letters, the last of
 * which may have its argument attached. */
static int
parse_letters(struct parser *p, const char *word)
{
	const struct arg_def *d = NULL, *before;
	const char *s, *value;
	size_t n;
	int r = 0;

	for (s = word + 1; *s != '\0' && r == 0; s += n) {
		before = d;
		d = next_letters(p, before, s, &n);
		if (d == NULL)
			return unknown_letters(p, before, word, s);
		value = NULL;
		if (d->arg != NULL && s[n] != '\0' &&
		    (d->fits == NULL || d->fits(s + n)))
			value = s + n;
		else if (d->arg != NULL && s[n] == '\0')
			value = next_value(p, d);
		if (value == NULL && d->arg != NULL && d->fits == NULL) {
			xasprintf(
			    p->cause, "-%s needs its %s", d->letter, d->arg);
			return -EINVAL;
		}
		r = d->take(p->args, d, value, p->cause);
		if (value == s + n)
			break;
	}
	return r;
}

/* The first word that is no option: a command, or a filter begins. */
static bool
parse_first_word(struct parser *p, const char *word)
{
	const struct command_def *c = command_find(word);

	if (c == NULL)
		return false;
	p->command = c;
	p->args->command = c->name;
	p->args->command_given = true;
	return true;
}

static void
take_word(struct parser *p, const char *word)
{
	struct args *a = p->args;

	if (!p->command->filter) {
		a->word = array_grow(
		    a->word, &a->words_cap, a->nwords + 1, sizeof(*a->word));
		a->word[a->nwords++] = word;
		return;
	}
	if (p->words.len > 0)
		buf_putc(&p->words, ' ');
	buf_puts(&p->words, word);
}

static int
parse_words(struct parser *p)
{
	struct args *a = p->args;
	bool first = true, command;
	const char *word;
	int r = 0;

	while (p->at < p->argc && r == 0) {
		word = p->argv[p->at++];
		if (!p->only_words && strcmp(word, "--") == 0) {
			p->only_words = true;
			continue;
		}
		if (!p->only_words && word[0] == '-' && word[1] == '-')
			r = parse_long(p, word + 2);
		else if (!p->only_words && word[0] == '-' && word[1] != '\0')
			r = parse_letters(p, word);
		else {
			if (first && !p->only_words) {
				first = false;
				command = parse_first_word(p, word);
				if (command &&
				    strcmp(a->command, "help") == 0) {
					a->argi = p->at;
					return 0;
				}
				if (command)
					continue;
			}
			first = false;
			take_word(p, word);
		}
	}
	return r;
}

/* The filter as typed, cleaned, and a caret under what is wrong. */
static void
filter_cause(const char *text, const struct filter_error *e, char **cause)
{
	size_t len = strlen(text), at = e->offset, n = e->len;
	struct buf b = { 0 }, part = { 0 };

	if (at > len)
		at = len;
	if (n > len - at)
		n = len - at;
	buf_printf(&b, "filter: %s", e->message);
	if (e->nearest != NULL)
		buf_printf(&b, "; did you mean %s?", e->nearest);
	buf_puts(&b, "\n  ");
	text_clean_buf(&b, text, len);
	buf_puts(&b, "\n  ");
	text_clean_buf(&part, text, at);
	buf_pad(&b, ' ', part.len > 0 ? text_width(part.data) : 0);
	buf_reset(&part);
	text_clean_buf(&part, text + at, n);
	buf_putc(&b, '^');
	len = part.len > 0 ? text_width(part.data) : 0;
	if (len > 1)
		buf_pad(&b, '~', len - 1);
	buf_done(&part);
	*cause = buf_steal(&b);
}

static int
parse_filter(
    const struct args *a, const char *text, struct filter **ret, char **cause)
{
	struct filter_error e = { 0 };
	int r = filter_parse_env(text, a->env, ret, &e);

	if (r != 0) {
		filter_cause(text, &e, cause);
		filter_error_done(&e);
	}
	return r;
}

/* What flags and words select, as one filter. */
static int
build_filter(struct args *a, char **cause)
{
	struct filter *f = NULL;
	struct buf b = { 0 };
	int r = 0;

	if (a->listening && !a->all) {
		a->states = SOCK_STATE_BIT(SOCK_LISTEN) |
			    SOCK_STATE_BIT(SOCK_UNCONNECTED);
		a->view = filter_states(a->states);
	}
	if (a->lsof.len > 0)
		buf_printf(&b, "(%s)", a->lsof.data);
	if (a->lsof_states.len > 0)
		buf_printf(&b, "%s(%s)", b.len > 0 ? " and " : "",
		    a->lsof_states.data);
	if (b.len > 0) {
		r = parse_filter(a, b.data, &f, cause);
		a->view = filter_and(a->view, f);
	}
	buf_done(&b);
	f = NULL;
	if (r == 0 && a->filter_text != NULL)
		r = parse_filter(a, a->filter_text, &f, cause);
	if (r == 0)
		a->filter = filter_and(
		    a->view == NULL ? NULL : filter_clone(a->view), f);
	return r;
}

/* An option that only makes sense for a table on paper, or NULL. */
static const char *
paper_option(const struct args *a)
{
	static const char *const form[] = { "--text", "--json", "--jsonl",
		"--csv", "-s", "--json" };

	if (a->format_given)
		return form[a->format];
	if (a->summary)
		return "-s";
	if (a->list_columns)
		return "--list-columns";
	if (a->events)
		return "--events";
	if (a->expect != NULL)
		return "--expect";
	if (a->limit != 0)
		return "--limit";
	if (a->watch)
		return "--watch";
	if (!a->header)
		return "--no-header";
	return NULL;
}

static int
conflict(char **cause, const char *one, const char *other, const char *why)
{
	xasprintf(cause, "%s does not go with %s: %s", one, other, why);
	return -EINVAL;
}

/* A stream has no rows to be put in order, and no end. */
static int
check_events(const struct args *a, char **cause)
{
	static const char why[] = "events are a stream; use --jsonl";
	const struct {
		bool given;
		const char *name, *why;
	} other[] = {
		{ a->format == OUT_JSON, "--json", why },
		{ a->format == OUT_CSV, "--csv", why },
		{ a->summary, "-s", "a summary has no rows" },
		{ a->watch, "--watch",
		    "it never ends anyway; --interval is "
		    "the time between readings" },
		{ a->sort != NULL, "--sort", "events come as they happen" },
		{ a->columns != NULL, "--columns",
		    "an event's line is as it is; --jsonl has all" },
		{ a->from != NULL, "--from", "a recording has no events" },
		{ a->record != NULL, "--record",
		    "record with list --watch, or keep --jsonl's lines" },
	};
	size_t i;

	for (i = 0; i < nitems(other); i++)
		if (other[i].given)
			return conflict(
			    cause, other[i].name, "--events", other[i].why);
	return 0;
}

/* The whole is compared, or a protocol or family of it. */
static int
check_expect(const struct args *a, char **cause)
{
	static const char form[] = "what differs is text or --json";
	const struct {
		bool given;
		const char *name, *why;
	} other[] = {
		{ a->format == OUT_JSONL, "--jsonl", form },
		{ a->format == OUT_CSV, "--csv", form },
		{ a->summary, "-s", form },
		{ a->columns != NULL, "--columns", form },
		{ a->sort != NULL, "--sort", form },
		{ a->limit != 0, "--limit", "every difference counts" },
		{ a->watch, "--watch", "it is one look" },
		{ a->events, "--events", "it is one look" },
		{ a->all, "-a", "what should listen is expected" },
		{ a->record != NULL, "--record", "it is one look" },
		{ a->filter_text != NULL || a->lsof.len > 0 ||
			a->lsof_states.len > 0,
		    "a filter", "all that listens is compared" },
	};
	size_t i;

	for (i = 0; i < nitems(other); i++)
		if (other[i].given)
			return conflict(
			    cause, other[i].name, "--expect", other[i].why);
	return 0;
}

/* What was asked for must make sense as a whole. */
static int
check(struct args *a, char **cause)
{
	const char *paper = paper_option(a);
	struct column_set set;
	struct view view;
	int r = 0;

	if (!a->command_given && paper != NULL) {
		a->command = "list";
		a->command_given = true;
	}
	if (paper != NULL && strcmp(a->command, "deck") == 0)
		return conflict(cause, paper, "deck", "it belongs to list");
	if (a->summary && a->format_given && a->format != OUT_SUMMARY_JSON)
		return conflict(
		    cause, paper, "-s", "a summary is text, or --json");
	if (a->summary &&
	    (a->columns != NULL || a->sort != NULL || a->limit != 0))
		return conflict(cause,
		    a->columns != NULL ? "--columns"
		    : a->sort != NULL  ? "--sort"
				       : "--limit",
		    "-s", "a summary has no rows");
	if (a->watch && a->format == OUT_CSV)
		return conflict(cause, "--watch", "--csv",
		    "readings could not be told apart; use --jsonl");
	if (a->from != NULL && a->netns != NULL)
		return conflict(cause, "-N", "--from",
		    "a recording brings its namespaces; filter by netns=NAME");
	if (strcmp(a->command, "scan") == 0)
		return args_scan_check(a, cause);
	if (a->events && (r = check_events(a, cause)) != 0)
		return r;
	if (a->expect != NULL && (r = check_expect(a, cause)) != 0)
		return r;
	if (a->columns != NULL) {
		column_set_default(&set, COL_LIST);
		r = column_set_parse(&set, a->columns, cause);
	}
	if (r == 0 && a->sort != NULL) {
		view_init(&view, NULL);
		r = view_sort_parse(&view, a->sort, cause);
		view_done(&view);
	}
	return r;
}

/*
 * "lsit" is a fine filter, and finds what has it in its name: that it may have
 * been a command is worth a word only where nothing does.
 */
static const char *
command_near(const char *word)
{
	const struct command_def *c;
	const char *best = NULL;
	unsigned dist, least = 3;

	for (c = command_defs; c->name != NULL; c++) {
		dist = text_distance(word, c->name);
		if (dist > 0 && dist < least && dist * 2 <= strlen(c->name)) {
			least = dist;
			best = c->name;
		}
	}
	return best;
}

int
args_parse(struct args *a, int argc, char **argv, const struct filter_env *env,
    char **cause)
{
	struct parser p = {
		.args = a, .argc = argc, .at = 1, .argv = argv, .cause = cause
	};
	int r;

	memset(a, 0, sizeof(*a));
	a->command = "deck";
	p.command = command_find("deck");
	a->header = true;
	a->colour = -1;
	a->audit_severity = -1;
	a->owners = true;
	a->scan.timing = a->scan.max_retries = a->scan.intensity = -1;
	a->argi = argc;
	a->env = env;
	a->argc = argc;
	a->argv = argv;
	*cause = NULL;
	r = parse_words(&p);
	if (p.words.len > 0)
		a->filter_text = buf_steal(&p.words);
	if (r == 0 && !a->command_given && a->filter_text != NULL)
		a->near_command = command_near(a->filter_text);
	buf_done(&p.words);
	if (a->summary && !a->format_given)
		a->format = OUT_SUMMARY;
	else if (a->summary && a->format == OUT_JSON)
		a->format = OUT_SUMMARY_JSON;
	if (r == 0 && !a->help && !a->version && !a->list_columns) {
		r = build_filter(a, cause);
		if (r == 0)
			r = check(a, cause);
	}
	return r == 0 ? STATUS_OK : STATUS_USAGE;
}

int
args_named_filter(struct args *a, const struct config *cfg, char **cause)
{
	char *clean;
	size_t i;

	if (a->filter_text == NULL || a->filter_text[0] != '@')
		return STATUS_OK;
	for (i = 0; i < cfg->nfilters; i++)
		if (strcmp(cfg->filter[i].name, a->filter_text + 1) == 0)
			break;
	if (i == cfg->nfilters) {
		clean = text_clean(a->filter_text, strlen(a->filter_text));
		xasprintf(
		    cause, "%s: the config file has no such filter", clean);
		free(clean);
		return STATUS_USAGE;
	}
	free(a->filter_text);
	a->filter_text = xstrdup(cfg->filter[i].text);
	filter_free(a->view);
	filter_free(a->filter);
	a->view = a->filter = NULL;
	return build_filter(a, cause) == 0 ? STATUS_OK : STATUS_USAGE;
}

void
args_done(struct args *a)
{
	filter_free(a->view);
	filter_free(a->filter);
	free(a->filter_text);
	free(a->word);
	buf_done(&a->lsof);
	buf_done(&a->lsof_states);
	memset(a, 0, sizeof(*a));
}
