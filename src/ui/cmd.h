/* SPDX-License-Identifier: ISC */
#ifndef UI_CMD_H
#define UI_CMD_H

struct ui;

/* What a key or a line after ':' can do: one table. */
enum cmd_flag {
	CMD_NEEDROW = 1 << 0, /* a selected row */
	CMD_CHANGES = 1 << 1, /* changes the machine: refused by --readonly */
	CMD_ALONE = 1 << 2    /* by a key that came by itself, never by one of
			       * several that were read at once */
};
struct cmd_args {
	int argc;
	char **argv;      /* without the command's name */
	const char *rest; /* the line after the name, untouched */
};
struct cmd {
	const char *name, *usage, *help;
	int min, max; /* arguments; max -1: any, taken from rest */
	unsigned flags;
	/* 0, or -errno and *cause (a sentence for the status line) */
	int (*exec)(struct ui *, const struct cmd *, const struct cmd_args *,
	    char **cause);
};
extern const struct cmd *const cmd_tables[]; /* one table a cmd_*.c; NULL ends;
					      * each ends with name == NULL */
const struct cmd *cmd_find(const char *name);
/* One table a file. */
extern const struct cmd cmd_view[], cmd_move[], cmd_panes[], cmd_menus[],
    cmd_acts[], cmd_lab[], cmd_scan[];
/* Runs one line; errors go to the status line. */
void cmd_run(struct ui *, const char *line);

#endif
