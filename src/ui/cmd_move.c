/* SPDX-License-Identifier: ISC */
/*
 * Commands that move: the selection, the focus, from hit to hit.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "ui/paint.h"
#include "ui/ui.h"

static const char *const move_names[] = {
	[PANE_UP] = "up",
	[PANE_DOWN] = "down",
	[PANE_PAGE_UP] = "page-up",
	[PANE_PAGE_DOWN] = "page-down",
	[PANE_HALF_UP] = "half-up",
	[PANE_HALF_DOWN] = "half-down",
	[PANE_TOP] = "top",
	[PANE_BOTTOM] = "bottom",
	[PANE_LEFT] = "left",
	[PANE_RIGHT] = "right",
};

static int
move_exec(struct ui *ui, const struct cmd *cmd, const struct cmd_args *args,
    char **cause)
{
	size_t i;

	(void)cmd;
	for (i = 0; i < nitems(move_names); i++)
		if (strcmp(args->argv[0], move_names[i]) == 0) {
			ui_move(ui, (enum pane_move)i);
			return 0;
		}
	xasprintf(cause,
	    "move \"%s\": expected up, down, left, right, "
	    "page-up, page-down, half-up, half-down, top or bottom",
	    args->argv[0]);
	return -EINVAL;
}

/* Focus goes round those that can be seen. */
static int
next_pane_exec(struct ui *ui, const struct cmd *cmd,
    const struct cmd_args *args, char **cause)
{
	size_t i,
	    step = strcmp(cmd->name, "next-pane") == 0 ? 1 : ui->npanes - 1;

	(void)args;
	(void)cause;
	for (i = (ui->focus + step) % ui->npanes; i != ui->focus;
	     i = (i + step) % ui->npanes)
		if (!ui->pane[i]->hidden)
			break;
	ui->focus = i;
	ui->dirty |= DIRTY_ALL;
	return 0;
}

static int
enter_exec(struct ui *ui, const struct cmd *cmd, const struct cmd_args *args,
    char **cause)
{
	struct pane *p = ui_focus(ui);
	struct group_head *head = ui_head(ui);

	(void)cmd;
	(void)args;
	(void)cause;
	if (p != ui->pane[0]) {
		if (p->ops->enter != NULL)
			p->ops->enter(p);
	} else if (head != NULL) {
		group_toggle(&ui->group, head->id);
		ui_rebuild(ui);
	} else
		cmd_run(ui, "detail");
	return 0;
}

/* Clears the filter, then closes a pane, never quits. */
static int
escape_exec(struct ui *ui, const struct cmd *cmd, const struct cmd_args *args,
    char **cause)
{
	struct pane *p = ui_focus(ui);

	(void)cmd;
	(void)args;
	(void)cause;
	if (p != ui->pane[0]) {
		if (p->ops->escape == NULL || !p->ops->escape(p))
			ui_pane_close(ui, p);
		return 0;
	}
	if (ui->filter_text != NULL && *ui->filter_text != '\0')
		(void)ui_filter_set(ui, NULL);
	else if (ui->npanes > 1)
		ui_pane_close(ui, ui->pane[ui->npanes - 1]);
	else if (ui->find != NULL) {
		free(ui->find);
		ui->find = NULL;
	}
	ui->dirty |= DIRTY_ALL;
	return 0;
}

static int
tag_exec(struct ui *ui, const struct cmd *cmd, const struct cmd_args *args,
    char **cause)
{
	struct row *row = ui_row(ui);

	(void)cmd;
	(void)args;
	(void)cause;
	row->flags ^= ROW_TAGGED;
	if (ui_focus(ui) == ui->pane[0])
		ui_move(ui, PANE_DOWN);
	return 0;
}

static int
untag_exec(struct ui *ui, const struct cmd *cmd, const struct cmd_args *args,
    char **cause)
{
	size_t i;

	(void)cmd;
	(void)args;
	(void)cause;
	for (i = 0; i < ui->table->n; i++)
		ui->table->row[i]->flags &= (uint16_t)~ROW_TAGGED;
	ui->dirty |= DIRTY_TABLE;
	return 0;
}

/* clang-format off */
const struct cmd cmd_move[] = {
	{ "move", "up|down|left|right|page-up|page-down|half-up|half-down|top|bottom",
	    "Move the selection, or scroll the pane", 1, 1, 0, move_exec },
	{ "next-pane", "", "Focus on the next pane", 0, 0, 0, next_pane_exec },
	{ "previous-pane", "", "Focus on the pane before", 0, 0, 0, next_pane_exec },
	{ "enter", "", "Detail of the socket, open or close a heading, choose", 0, 0, 0, enter_exec },
	{ "escape", "", "Clear the filter, then close a pane", 0, 0, 0, escape_exec },
	{ "tag", "", "Tag or untag the socket", 0, 0, CMD_NEEDROW, tag_exec },
	{ "untag", "", "Remove all tags", 0, 0, 0, untag_exec },
	{ .name = NULL }
};
/* clang-format on */
