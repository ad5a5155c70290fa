/* SPDX-License-Identifier: ISC */
/*
 * Commands that act on processes and sockets. They choose what is meant, have
 * it taken hold of, and open the question; nothing is done here.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "know/signal.h"
#include "model/act_plan.h"
#include "ui/ask_act.h"
#include "ui/panes.h"
#include "ui/ui.h"

#define EXEC(name)                                            \
	static int name(struct ui *ui, const struct cmd *cmd, \
	    const struct cmd_args *args, char **cause)

/* What is meant: the tagged rows, else what is selected. */
struct meant {
	struct row **row;
	size_t n, cap;
	size_t unseen;         /* of them, not shown: a filter hides them */
	struct filter *filter; /* of their holders those alone; NULL: all */
};

static void
meant_done(struct meant *m)
{
	free(m->row);
	filter_free(m->filter);
}

static void
mean(struct meant *m, struct row *row)
{
	m->row = array_grow(m->row, &m->cap, m->n + 1, sizeof(struct row *));
	m->row[m->n++] = row;
}

static bool
is_tagged(const struct row *row)
{
	return (row->flags & ROW_TAGGED) != 0 && (row->flags & ROW_GONE) == 0;
}

/* In the order of the screen, then those that are not on it. */
static void
mean_tagged(struct ui *ui, struct meant *m)
{
	struct row *row;
	size_t i;

	for (i = 0; i < ui->view.n; i++)
		if (is_tagged(ui->view.row[i]))
			mean(m, ui->view.row[i]);
	for (i = 0; i < ui->table->n; i++) {
		row = ui->table->row[i];
		if (!is_tagged(row) ||
		    view_find(&ui->view, sock_key(&row->rec)) >= 0)
			continue;
		mean(m, row);
		m->unseen++;
	}
}

static bool
holds(const struct row *row, const struct proc *proc)
{
	uint32_t i;

	for (i = 0; i < row->owners.n; i++)
		if (owners_at(&row->owners, i).proc->pid == proc->pid &&
		    owners_at(&row->owners, i).proc->start == proc->start)
			return true;
	return false;
}

/* A heading that is a process: that process, whatever else holds its
 * sockets. */
static int
mean_heading(
    struct ui *ui, const struct group_head *head, struct meant *m, char **cause)
{
	const struct proc *proc = head->first->owners.proc;
	struct filter_error err = { 0 };
	char *text;
	size_t i;

	if (ui->group.mode != GROUP_PROCESS || proc == NULL) {
		xasprintf(cause, "a heading is no process and no socket: open "
				 "it and select one, or tag several");
		return -EINVAL;
	}
	for (i = 0; i < ui->view.n; i++)
		if (holds(ui->view.row[i], proc))
			mean(m, ui->view.row[i]);
	xasprintf(&text, "pid=%d", (int)proc->pid);
	if (filter_parse(text, &m->filter, &err) < 0)
		fatal("%s: %s", __func__, err.message);
	free(text);
	return 0;
}

static int
mean_what(struct ui *ui, struct meant *m, char **cause)
{
	struct row *row;

	mean_tagged(ui, m);
	if (m->n > 0)
		return 0;
	row = ui_row(ui);
	if (row != NULL)
		mean(m, row);
	else if (ui_head(ui) != NULL)
		return mean_heading(ui, ui_head(ui), m, cause);
	else {
		xasprintf(cause, "no socket is selected");
		return -ENOENT;
	}
	return 0;
}

/* The act about it, held; NULL: why not was said. */
static struct act *
take(struct ui *ui, enum act_kind kind, const char *title, char **cause)
{
	const struct services *s = ui->services;
	struct meant m = { 0 };
	struct act_choice choice = { .table = ui->table };
	struct act *a = NULL;
	struct pane *menu = ui_pane_find(ui, &pane_menu_ops);
	char *why = NULL, *note;

	if (menu != NULL)
		ui_pane_close(ui, menu); /* it may hold another act */
	ui->acts = true;
	if (ui_focus(ui)->place == PLACE_POPUP)
		*cause = xstrdup("the table is beneath: close this first "
				 "(Esc)");
	/* Else it would look as if there were none. */
	else if (!ui->source.owners && ui->source.source != SOURCE_FILE) {
		s->refresh(s->arg);
		*cause = xstrdup("the owners are still being looked for: "
				 "press it again in a moment");
	} else if (mean_what(ui, &m, cause) == 0) {
		choice.row = m.row;
		choice.n = m.n;
		choice.filter = m.filter;
		if (s->act_open(s->arg, kind, &choice, &a, &why) < 0)
			ask_refused(ui, title, why);
		else if (m.unseen > 0) {
			xasprintf(&note,
			    "%zu of the tagged sockets %s not shown now.",
			    m.unseen, m.unseen == 1 ? "is" : "are");
			act_note(a, note);
			free(note);
		}
	}
	free(why);
	meant_done(&m);
	return a;
}

EXEC(kill_exec)
{
	const char *near;
	struct act *a;
	int sig = 0;

	(void)cmd;
	if (args->argc > 0 && (sig = signal_parse(args->argv[0])) == 0) {
		near = signal_nearest(args->argv[0]);
		xasprintf(cause, "kill: \"%s\" is no signal%s%s", args->argv[0],
		    near == NULL ? ": expected a name as TERM, or its number"
				 : "; did you mean ",
		    near == NULL ? "" : near);
		return -EINVAL;
	}
	a = take(ui, ACT_SIGNAL, "Signal", cause);
	if (a == NULL)
		return *cause == NULL ? 0 : -EINVAL;
	if (sig != 0) {
		a->signal = sig;
		act_words(a);
	}
	if (sig == 0)
		ask_signal_menu(ui, a);
	else
		ask_signal(ui, a);
	return 0;
}

EXEC(close_exec)
{
	const char *only = args->argc > 0 ? args->argv[0] : NULL;
	struct act *a;

	(void)cmd;
	if (only != NULL && strcmp(only, "rst") != 0 &&
	    strcmp(only, "fin") != 0) {
		xasprintf(cause, "close: \"%s\": expected rst or fin", only);
		return -EINVAL;
	}
	a = take(ui, ACT_CLOSE, "Close", cause);
	if (a == NULL)
		return *cause == NULL ? 0 : -EINVAL;
	ask_close(ui, a, only);
	return 0;
}

/* clang-format off */
const struct cmd cmd_acts[] = {
	{ "kill", "[SIGNAL]", "Send a signal to the processes of the tagged sockets, or of the selected one; asks", 0, 1, CMD_CHANGES, kill_exec },
	{ "close", "[rst|fin]", "Close the tagged sockets, or the selected one; their processes live on; asks", 0, 1, CMD_CHANGES, close_exec },
	{ .name = NULL }
};
/* clang-format on */
