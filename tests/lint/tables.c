/* SPDX-License-Identifier: ISC */
/* Prints every name a user can type, one a line with its kind: for the
 * manual's lint. */
#include "config.h"

#include <stdio.h>

#include "cli/args.h"
#include "model/column.h"
#include "model/option.h"
#include "ui/cmd.h"
#include "ui/keys.h"

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
		printf("column %s\n", col->name);
	for (arg = arg_defs; arg->letter != NULL || arg->name != NULL; arg++) {
		if (arg->letter != NULL)
			printf("option %s\n", arg->letter);
		if (arg->name != NULL)
			printf("option -%s\n", arg->name);
	}
	for (command = command_defs; command->name != NULL; command++)
		printf("command %s\n", command->name);
	for (i = 0; cmd_tables[i] != NULL; i++)
		for (cmd = cmd_tables[i]; cmd->name != NULL; cmd++)
			printf("deck %s\n", cmd->name);
	for (key = keys_default; key->key != NULL; key++)
		printf("key %s\n", key->key);
	for (opt = option_defs; opt->name != NULL; opt++)
		printf("setting %s\n", opt->name);
	return 0;
}
