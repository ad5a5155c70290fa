/* SPDX-License-Identifier: ISC */
/* What is typed in the deck to be scanned: see deck_scan_line.h. */
#include "config.h"

#include "app/deck_scan_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define LIST_MAX (16 << 20) /* bytes of a file of targets: it is read at once */

/* Cuts in place. */
static int
split(struct scan_typed *t, char **cause)
{
	char *in = t->words, *out, quote;
	size_t cap = 0;

	t->argv = array_grow(t->argv, &cap, 3, sizeof(*t->argv));
	t->argv[t->argc++] = (char *)(uintptr_t) "sockdeck";
	t->argv[t->argc++] = (char *)(uintptr_t) "scan";
	for (in += strspn(in, " \t"); *in != '\0'; in += strspn(in, " \t")) {
		t->argv = array_grow(
		    t->argv, &cap, (size_t)t->argc + 2, sizeof(*t->argv));
		t->argv[t->argc++] = out = in;
		for (quote = '\0';
		     *in != '\0' &&
		     (quote != '\0' || strchr(" \t", *in) == NULL);
		     in++) {
			if (quote == '\0' && (*in == '"' || *in == '\''))
				quote = *in;
			else if (*in == quote)
				quote = '\0';
			else
				*out++ = *in;
		}
		if (quote != '\0') {
			xasprintf(cause, "scan: a %c is not closed", quote);
			return -EINVAL;
		}
		if (*in != '\0')
			in++;
		*out = '\0';
	}
	t->argv[t->argc] = NULL;
	return 0;
}

/* What is for a command line alone. */
static int
check_use(const struct args *a, char **cause)
{
	const struct args_scan *s = &a->scan;
	const struct {
		bool given;
		const char *option, *why;
	} t[] = {
		{ a->help, "--help", "F1 helps here" },
		{ a->version, "--version", "F1 helps here" },
		{ a->format_given, "--json and --jsonl",
		    "results are saved by scan-save (w)" },
		{ s->normal != NULL, "-oN",
		    "results are saved by scan-save (w)" },
		{ s->xml != NULL, "-oX", "results are saved by scan-save (w)" },
		{ s->grepable != NULL, "-oG",
		    "results are saved by scan-save (w)" },
		{ s->all != NULL, "-oA", "results are saved by scan-save (w)" },
		{ s->resume != NULL, "--resume",
		    "a journal belongs to the command line" },
		{ s->merge != NULL, "--merge",
		    "journals are merged on the command line" },
	};
	size_t i;

	for (i = 0; i < nitems(t); i++)
		if (t[i].given) {
			xasprintf(cause, "scan: %s is not for the deck: %s",
			    t[i].option, t[i].why);
			return -EINVAL;
		}
	return 0;
}

/* It is read by the one who draws: it must be a file, and no large one. */
static int
check_list(const char *option, const char *path, char **cause)
{
	struct stat st;
	const char *why = NULL;
	char *clean;

	if (path == NULL)
		return 0;
	if (strcmp(path, "-") == 0)
		why = "standard input is the deck's keyboard";
	else if (stat(path, &st) < 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "not a file";
	else if (st.st_size > LIST_MAX)
		why = "too large for the deck: give it to sockdeck scan";
	if (why == NULL)
		return 0;
	clean = text_clean(path, strlen(path));
	xasprintf(cause, "%s %s: %s", option, clean, why);
	free(clean);
	return -EINVAL;
}

/* The first line says it: the rest, as the caret, is for a terminal. */
static void
first_line(char *text)
{
	text[strcspn(text, "\n")] = '\0';
}

int
scan_typed_parse(struct scan_typed *t, const char *line, char **cause)
{
	int r;

	memset(t, 0, sizeof(*t));
	t->words = xstrdup(line);
	if ((r = split(t, cause)) < 0)
		return r;
	if (args_parse(&t->args, t->argc, t->argv, NULL, cause) != STATUS_OK) {
		first_line(*cause);
		return -EINVAL;
	}
	if ((r = check_use(&t->args, cause)) < 0 ||
	    (r = check_list("-iL", t->args.scan.list, cause)) < 0 ||
	    (r = check_list(
		 "--excludefile", t->args.scan.exclude_file, cause)) < 0)
		return r;
	return 0;
}

void
scan_typed_done(struct scan_typed *t)
{
	args_done(&t->args);
	free(t->argv);
	free(t->words);
	memset(t, 0, sizeof(*t));
}

char *
scan_typed_option(size_t i, const char **takes, const char **help)
{
	const struct command_def *scan = command_find("scan");
	const struct arg_def *d;
	size_t at = 0, n = 0;
	char *word = NULL;

	while (word == NULL && (d = command_option(scan, &at)) != NULL) {
		if (d->group == ARG_COMMON || d->group == ARG_JSON)
			continue;
		*takes = d->arg;
		*help = d->help;
		if (d->letter != NULL && n++ == i)
			xasprintf(&word, "-%s", d->letter);
		else if (d->name != NULL && n++ == i)
			xasprintf(&word, "--%s", d->name);
	}
	return word;
}
