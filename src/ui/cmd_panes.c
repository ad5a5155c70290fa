/* SPDX-License-Identifier: ISC */
/*
 * Commands that open panes, and those whose effect leaves the deck: copy,
 * snapshot, save.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/copyline.h"
#include "ui/menu.h"
#include "ui/panes.h"
#include "ui/question.h"
#include "ui/term.h"
#include "ui/ui.h"

#define EXEC(name)                                            \
	static int name(struct ui *ui, const struct cmd *cmd, \
	    const struct cmd_args *args, char **cause)

EXEC(help_exec)
{
	(void)cmd;
	(void)cause;
	pane_help_open(ui, *args->rest == '\0' ? NULL : args->rest);
	return 0;
}

EXEC(explain_exec)
{
	char *text = NULL;
	int r;

	(void)cmd;
	r = pane_answer_open(
	    ui, (const char *const *)args->argv, (size_t)args->argc, &text);
	if (r == 0 && text != NULL)
		ui_error(ui, "%s", text);
	if (r != 0)
		*cause = text;
	else
		free(text);
	return r;
}

EXEC(setup_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_setup_open(ui);
	return 0;
}

EXEC(item_exec)
{
	(void)cmd;
	if (pane_setup_item(ui, args->argv[0]))
		return 0;
	xasprintf(cause,
	    "item %s: only in the setup screen (F2); "
	    "expected up, down, default or save",
	    args->argv[0]);
	return -EINVAL;
}

EXEC(save_exec)
{
	int r;

	(void)cmd;
	(void)args;
	r = ui->services->save_config(ui->services->arg, ui->config, cause);
	if (r == 0)
		ui_status(ui, "Saved: sockdeck starts like this from now on");
	return r;
}

EXEC(detail_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_detail_toggle(ui);
	return 0;
}

EXEC(answer_exec)
{
	(void)cmd;
	return question_answer(
	    ui, args->argc == 0 ? NULL : args->argv[0], cause);
}

EXEC(diagram_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_explain_toggle(ui);
	return 0;
}

EXEC(leave_out_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	question_toggle(ui);
	return 0;
}

EXEC(why_exec)
{
	(void)cmd;
	return pane_why_open(
	    ui, *args->rest == '\0' ? NULL : args->rest, cause);
}

EXEC(closed_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_closed_toggle(ui);
	return 0;
}

EXEC(alerts_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_alerts_toggle(ui);
	return 0;
}

EXEC(pressure_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_pressure_toggle(ui);
	return 0;
}

EXEC(closed_clear_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_closed_clear(ui);
	return 0;
}

EXEC(baseline_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_diff_mark(ui);
	return 0;
}

EXEC(diff_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_diff_toggle(ui);
	return 0;
}

/* -- copy ----------------------------------------------------------------- */

static void
copy_text(struct ui *ui, const char *text)
{
	term_copy(text, strlen(text));
	ui_status(ui, "Sent to the terminal's clipboard: %s", text);
}

static void
copy_chosen(struct ui *ui, const struct menu_item *item)
{
	copy_text(ui, item->value);
}

/* What the row has to offer, as it is now: it may be gone when chosen. */
static void
copy_menu(struct ui *ui, const struct row *row)
{
	struct menu *m = menu_new("Copy", copy_chosen);
	const struct copy_form *form;
	struct buf text = { 0 };

	for (form = copy_forms; form->name != NULL; form++) {
		buf_reset(&text);
		if (form->put(row, &ui->view.ctx, &text))
			(void)menu_add(m, form->title, text.data, text.data);
	}
	buf_done(&text);
	menu_open(ui, m, "nothing to copy");
}

EXEC(copy_exec)
{
	const struct row *row = ui_row(ui);
	const struct copy_form *form;
	struct buf text = { 0 };

	(void)cmd;
	if (args->argc == 0) {
		copy_menu(ui, row);
		return 0;
	}
	form = copy_form_find(args->argv[0]);
	if (form == NULL) {
		buf_puts(&text, "copy what? expected");
		for (form = copy_forms; form->name != NULL; form++)
			buf_printf(&text, " %s", form->name);
		*cause = buf_steal(&text);
		return -EINVAL;
	}
	if (!form->put(row, &ui->view.ctx, &text)) {
		buf_done(&text);
		xasprintf(cause,
		    "copy %s: this socket has none, or it is not "
		    "known",
		    form->name);
		return -ENOENT;
	}
	copy_text(ui, text.data);
	buf_done(&text);
	return 0;
}

/* -- snapshot ------------------------------------------------------------- */

EXEC(snapshot_exec)
{
	char *wrote = NULL, *clean;
	int r;

	(void)cmd;
	r = ui->services->write_snapshot(ui->services->arg,
	    *args->rest == '\0' ? NULL : args->rest, &wrote, cause);
	if (r == 0 && wrote != NULL) {
		clean = text_clean(wrote, strlen(wrote));
		ui_status(ui, "%s", clean);
		free(clean);
	}
	free(wrote);
	return r;
}

/* clang-format off */
const struct cmd cmd_panes[] = {
	{ "help", "[WORD]", "Keys, commands, columns, settings; at a word", 0, -1, 0, help_exec },
	{ "detail", "", "Everything known of the selected socket, or close that pane", 0, 0, 0, detail_exec },
	{ "answer", "[yes|rst|fin]", "In a question: this choice; alone: the one that is marked", 0, 1, CMD_ALONE, answer_exec },
	{ "diagram", "", "The selected socket in the diagram of states, and its story in words; or close that pane", 0, 0, 0, diagram_exec },
	{ "explain", "[WORD..]", "What a port, service, state, term, error or column is; alone: the words there are", 0, -1, 0, explain_exec },
	{ "leave-out", "", "In a question about several: take the marked one off, or put it back", 0, 0, 0, leave_out_exec },
	{ "why", "[[ADDR:]PORT[/udp]]", "Whether this port can be bound, and if not, why; alone: the selected socket's", 0, -1, 0, why_exec },
	{ "setup", "", "Choose columns, change settings", 0, 0, 0, setup_exec },
	{ "item", "up|down|default|save", "In the setup screen: move the column, take the usual ones, save", 1, 1, 0, item_exec },
	{ "save", "", "Write the settings to the config file", 0, 0, 0, save_exec },
	{ "closed", "", "The sockets that were closed, or back to the table", 0, 0, 0, closed_exec },
	{ "pressure", "", "Limits of the machine and who leaks, or back to the table", 0, 0, 0, pressure_exec },
	{ "closed-clear", "", "Forget the closed sockets", 0, 0, 0, closed_clear_exec },
	{ "alerts", "", "What the rules for alerts raised, or back to the table", 0, 0, 0, alerts_exec },
	{ "baseline", "", "Remember what is there now, for diff", 0, 0, 0, baseline_exec },
	{ "diff", "", "What changed since the baseline, or back to the table", 0, 0, 0, diff_exec },
	{ "copy", "[local|peer|tuple|pid|cmdline|ss|kill|json]", "Copy something of the socket to the clipboard (OSC 52)", 0, 1, CMD_NEEDROW, copy_exec },
	{ "snapshot", "[FILE]", "Write what is shown to a new file; its ending (.json .jsonl .csv .txt) says how", 0, -1, 0, snapshot_exec },
	{ .name = NULL }
};
/* clang-format on */
