/* SPDX-License-Identifier: ISC */
/*
 * Prints every name a user can type, one a line with its kind, for the
 * manual's lint; fails if one of them explains nothing.
 */
#include "config.h"

#include <stdio.h>

#include "cli/args.h"
#include "model/column.h"
#include "model/option.h"
#include "model/scan_wire.h"
#include "model/scan_wire_fields.h"
#include "ui/cmd.h"
#include "ui/keys.h"

static int status;

static void
name(const char *kind, const char *prefix, const char *word, const char *help)
{
	printf("%s %s%s\n", kind, prefix, word);
	if (help != NULL && help[0] != '\0')
		return;
	fprintf(stderr, "%s %s has no help\n", kind, word);
	status = 1;
}

static void
option(const struct arg_def *arg)
{
	if (arg->letter != NULL)
		name("option", "", arg->letter, arg->help);
	if (arg->name != NULL)
		name("option", "-", arg->name, arg->help);
}

static void
fields(const struct wire_field *f)
{
	const char *word;
	unsigned i;

	for (; f->name != NULL; f++) {
		printf("wire %s\n", f->name);
		if (f->sub != NULL)
			fields(f->sub);
		for (i = 0; f->word != NULL && i <= f->max; i++) {
			word = f->word(f->type == WIRE_SET ? 1u << i : i);
			if (word != NULL)
				printf("wire %s\n", word);
		}
	}
}

/* What the worker and its parent say to each other. */
static void
protocol(void)
{
	unsigned i;

	for (i = 0; i <= SCAN_OP_RESUME; i++)
		printf("wire %s\n", wire_ops[i]);
	for (i = 0; i < SCAN_EV_NTYPES; i++) {
		printf("wire %s\n", wire_events[i].name);
		fields(wire_events[i].field);
	}
	fields(wire_common);
	fields(wire_spec);
	fields(wire_ask);
}

int
main(void)
{
	const struct column *col;
	const struct arg_def *arg;
	const struct command_def *command;
	const struct cmd *cmd;
	const struct option_def *opt;
	const struct keybind *key;
	size_t i;

	for (col = columns; col->name != NULL; col++)
		name("column", "", col->name, col->help);
	for (command = command_defs; command->name != NULL; command++) {
		name("command", "", command->name, command->help);
		for (i = 0; (arg = command_option(command, &i)) != NULL;)
			option(arg);
	}
	for (i = 0; cmd_tables[i] != NULL; i++)
		for (cmd = cmd_tables[i]; cmd->name != NULL; cmd++)
			name("deck", "", cmd->name, cmd->help);
	for (key = keys_default; key->key != NULL; key++)
		name("key", "", key->key, key->note);
	for (opt = option_defs; opt->name != NULL; opt++)
		name("setting", "", opt->name, opt->help);
	protocol();
	return status;
}
