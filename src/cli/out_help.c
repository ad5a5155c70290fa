/* SPDX-License-Identifier: ISC */
/* Help, the list of columns, the version: printed from the tables. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/out.h"
#include "model/column.h"

#define HELP_AT 26

static void
put_file(FILE *f, struct buf *b)
{
	if (b->len > 0)
		(void)fwrite(b->data, 1, b->len, f); /* ferror() tells */
	buf_done(b);
}

static void
put_option(struct buf *b, const struct arg_def *d)
{
	size_t at = b->len;

	buf_puts(b, "  ");
	if (d->letter != NULL)
		buf_printf(b, "-%s%s", d->letter, d->name != NULL ? ", " : "");
	if (d->name != NULL)
		buf_printf(b, "--%s", d->name);
	if (d->arg != NULL)
		buf_printf(b, " %s", d->arg);
	out_wrapped(b, HELP_AT, b->len - at, OUT_WIDTH, d->help);
}

/* Of the shared options those in the groups; 0: the command's own. */
static void
put_group(struct buf *b, const struct command_def *c, unsigned groups,
    const char *title)
{
	const struct arg_def *d;
	size_t i = 0;

	if (groups == 0 ? c->args == NULL : (c->takes & groups) == 0)
		return;
	buf_printf(b, "\n%s\n", title);
	while ((d = command_option(c, &i)) != NULL)
		if ((d->group & groups) != 0 || d->group == groups)
			put_option(b, d);
}

static void
put_filter_help(struct buf *b)
{
	static const char *const line[][2] = {
		{ "nginx", "a word, in any text column" },
		{ "port:8080", "either end's port" },
		{ "sport = :ssh", "ss's expressions: sport dport src dst "
				  "state exclude dev fwmark cgroup autobound" },
		{ "dst 10.0.0.0/8", "an address, a network, ADDR:PORT" },
		{ "state established", "also connected, synchronized, bucket, "
				       "big, all" },
		{ "user=root", "COLUMN=VALUE; also != < <= > >= and ~ "
			       "(matches)" },
		{ "rtt>50ms", "numbers with units" },
		{ "A and not (B or C)", "and may be left out" },
		{ "@NAME", "the config file's filter of that name" },
	};
	size_t i, at;

	buf_puts(b, "\nFILTER: ss's expressions, a term per column, words; "
		    "all of it in quotes\n");
	for (i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		at = b->len;
		buf_printf(b, "  %s", line[i][0]);
		out_wrapped(b, HELP_AT, b->len - at, OUT_WIDTH, line[i][1]);
	}
}

static void
put_usage(struct buf *b, const struct command_def *c)
{
	size_t at = b->len;

	buf_printf(b, "  sockdeck %s", c->name);
	if (c->alias != NULL)
		buf_printf(b, "|%s", c->alias);
	buf_printf(b, " %s", c->usage);
	out_wrapped(b, 42, b->len - at, OUT_WIDTH, c->help);
}

static void
put_status(struct buf *b, const struct command_def *c)
{
	struct buf text = { 0 };

	buf_puts(&text, "Exit status: 0 done, ");
	if (c->one != NULL || c->filter)
		buf_printf(&text, "1 %s, ",
		    c->one != NULL ? c->one : "nothing matched");
	buf_puts(&text, "2 wrong usage, 3 not permitted, 4 failed, 130 "
			"interrupted. More: man sockdeck");
	buf_putc(b, '\n');
	out_wrapped(b, 0, 0, OUT_WIDTH, text.data);
	buf_done(&text);
}

void
out_help(FILE *f, const struct command_def *only)
{
	const struct command_def *c;
	struct buf b = { 0 };

	if (only == NULL) {
		buf_puts(&b, "sockdeck: every TCP and UDP socket of this "
			     "machine with its process, live\n\n"
			     "  sockdeck [VIEW] [FILTER]");
		out_wrapped(
		    &b, 42, 26, OUT_WIDTH, "the live deck; no terminal: list");
		for (c = command_defs; c->name != NULL; c++)
			put_usage(&b, c);
	} else {
		buf_puts(&b, "usage:\n");
		put_usage(&b, only);
	}
	c = only != NULL ? only : command_find("list");
	put_group(&b, c, 0, "Options");
	put_group(&b, c, ARG_VIEW,
	    "VIEW: which sockets, and what of them; letters combine, as in "
	    "-plunt");
	if (c->filter)
		put_filter_help(&b);
	put_group(&b, c, ARG_NET | ARG_FROM, "Where the sockets are");
	if (strcmp(c->name, "deck") != 0)
		put_group(&b, c, ARG_JSON | ARG_OUTPUT, "Output");
	put_group(&b, c, ARG_READ, "How often it is read");
	put_group(&b, c, ARG_COMMON, "Everywhere");
	put_status(&b, c);
	put_file(f, &b);
}

void
out_columns(FILE *f)
{
	const struct column *c;
	struct buf b = { 0 };
	size_t widest = 0;

	for (c = columns; c->name != NULL; c++)
		if (strlen(c->name) > widest)
			widest = strlen(c->name);
	for (c = columns; c->name != NULL; c++) {
		buf_puts(&b, c->name);
		buf_pad(&b, ' ', widest - strlen(c->name) + 2);
		buf_printf(&b, "%s%s\n", c->help,
		    (c->flags & COL_LIST) != 0 ? " (shown by list)" : "");
	}
	put_file(f, &b);
}

void
out_version(FILE *f)
{
	fprintf(f, "sockdeck %s\n", PACKAGE_VERSION);
}
