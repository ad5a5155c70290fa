/* SPDX-License-Identifier: ISC */
/*
 * Command lines: found in the tables, cut into words, run. What a command
 * does is in the cmd_*.c files.
 */
#include "config.h"

#include "ui/cmd.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/ui.h"

#define CMD_ARGS_MAX 16

const struct cmd *const cmd_tables[] = { cmd_view, cmd_move, cmd_panes,
	cmd_menus, cmd_acts, cmd_lab, cmd_scan, NULL };

const struct cmd *
cmd_find(const char *name)
{
	const struct cmd *const *t, *c;

	for (t = cmd_tables; *t != NULL; t++)
		for (c = *t; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

static const struct cmd *
nearest(const char *name)
{
	const struct cmd *const *t, *c, *best = NULL;
	unsigned d, least = 3;

	for (t = cmd_tables; *t != NULL; t++)
		for (c = *t; c->name != NULL; c++)
			if ((d = text_distance(name, c->name)) < least) {
				least = d;
				best = c;
			}
	return best;
}

/* Cuts line in place; "a b" and 'a b' are one word. */
static int
split(char *line, char **argv)
{
	char *in = line, *out, quote;
	int argc = 0;

	while (argc < CMD_ARGS_MAX) {
		in += strspn(in, " \t");
		if (*in == '\0')
			break;
		argv[argc++] = out = in;
		quote = '\0';
		for (; *in != '\0' && (quote != '\0' || *in != ' '); in++) {
			if (quote == '\0' && (*in == '"' || *in == '\''))
				quote = *in;
			else if (*in == quote)
				quote = '\0';
			else
				*out++ = *in;
		}
		if (*in != '\0')
			in++;
		*out = '\0';
	}
	return argc;
}

static void
run(struct ui *ui, const struct cmd *cmd, const char *rest)
{
	char *argv[CMD_ARGS_MAX], *words = xstrdup(rest), *cause = NULL;
	struct cmd_args args = { .argv = argv, .rest = rest };
	int r;

	args.argc = split(words, argv);
	if (args.argc < cmd->min || (cmd->max >= 0 && args.argc > cmd->max))
		ui_error(ui, "usage: %s %s", cmd->name, cmd->usage);
	else if ((cmd->flags & CMD_CHANGES) && ui->readonly)
		ui_error(ui, "%s: refused, --readonly is on", cmd->name);
	else if ((cmd->flags & CMD_NEEDROW) && ui_row(ui) == NULL)
		ui_error(ui, "%s: no socket is selected", cmd->name);
	else if ((r = cmd->exec(ui, cmd, &args, &cause)) < 0)
		ui_error(ui, "%s", cause != NULL ? cause : strerror(-r));
	free(cause);
	free(words);
}

void
cmd_run(struct ui *ui, const char *line)
{
	const struct cmd *cmd, *near;
	uint64_t port;
	char *name, *filter;
	size_t n;

	line += strspn(line, " \t:");
	n = strcspn(line, " \t");
	if (n == 0)
		return;
	name = xstrndup(line, n);
	if (num_u64(name, 0, 65535, &port)) {
		xasprintf(&filter, "port:%s", name);
		if (!ui_filter_set(ui, filter))
			ui_error(ui, "%s", ui->filter_err.message);
		free(filter);
	} else if ((cmd = cmd_find(name)) != NULL)
		run(ui, cmd, line + n + strspn(line + n, " \t"));
	else if ((near = nearest(name)) != NULL)
		ui_error(ui, "no command \"%s\": did you mean \"%s\"?", name,
		    near->name);
	else
		ui_error(ui, "no command \"%s\": press F1 for the list", name);
	free(name);
}
