/* SPDX-License-Identifier: ISC */
/*
 * Commands that say what is shown and how: filter, find, sort, columns,
 * groups, toggles, options, pace.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/paint.h"
#include "ui/term.h"
#include "ui/ui.h"

#define EXEC(name)                                            \
	static int name(struct ui *ui, const struct cmd *cmd, \
	    const struct cmd_args *args, char **cause)

/* -- filter --------------------------------------------------------------- */

static void filter_prompt(struct ui *, const char *);

static void
filter_changed(struct ui *ui, const char *text)
{
	(void)ui_filter_set(ui, text);
}

static void
filter_done(struct ui *ui, const char *text)
{
	if (text == NULL) {
		(void)ui_filter_set(ui, ui->filter_before);
		return;
	}
	/* What is wrong stays to be mended. */
	if (!ui_filter_set(ui, text))
		filter_prompt(ui, text);
}

/* Tab completes the last word to a column's name. */
static char *
filter_complete(struct ui *ui, const char *text)
{
	const char *word = strrchr(text, ' ');
	const struct column *c, *only = NULL;
	char *s;
	size_t n;

	(void)ui;
	word = word == NULL ? text : word + 1;
	n = strlen(word);
	if (n == 0)
		return NULL;
	for (c = columns; c->name != NULL; c++)
		if (strncmp(c->name, word, n) == 0) {
			only = c;
			break;
		}
	if (only == NULL)
		return NULL;
	xasprintf(&s, "%.*s%s", (int)(word - text), text, only->name);
	return s;
}

static void
filter_prompt(struct ui *ui, const char *initial)
{
	prompt_open(ui, &(struct prompt_spec){ .label = "/ ",
			    .history = "filter",
			    .initial = initial,
			    .changed = filter_changed,
			    .done = filter_done,
			    .complete = filter_complete,
			    .filter_line = true });
}

EXEC(filter_exec)
{
	(void)cmd;
	if (*args->rest != '\0') {
		if (ui_filter_set(ui, args->rest))
			return 0;
		xasprintf(cause, "filter: %s", ui->filter_err.message);
		return -EINVAL;
	}
	free(ui->filter_before);
	ui->filter_before =
	    xstrdup(ui->filter_text == NULL ? "" : ui->filter_text);
	filter_prompt(ui, ui->filter_text);
	return 0;
}

/* -- find ----------------------------------------------------------------- */

static int
find_go(struct ui *ui, const char *text, int dir, bool from_here)
{
	struct pane *p = ui_focus(ui);

	if (text != NULL && *text != '\0') {
		free(ui->find);
		ui->find = xstrdup(text);
	}
	if (ui->find == NULL)
		return 0;
	if (p->ops->find != NULL) {
		ui->dirty |= DIRTY_ALL;
		return p->ops->find(p, ui->find, !from_here) ? 0 : -ENOENT;
	}
	return ui_find_next(ui, dir, from_here);
}

static void
find_changed(struct ui *ui, const char *text)
{
	if (*text != '\0' && find_go(ui, text, 1, true) < 0)
		ui_status(ui, "not found: %s", text);
}

static void
find_done(struct ui *ui, const char *text)
{
	if (text == NULL)
		return;
	/* Enter on an empty line: the last text once more. */
	if (*text == '\0' && find_go(ui, NULL, 1, false) < 0)
		ui_status(ui, "not found: %s", ui->find);
}

EXEC(find_exec)
{
	bool back = strcmp(cmd->name, "find-previous") == 0;

	(void)cause;
	if (*args->rest == '\0' && !prompt_is_open(ui) && !back) {
		prompt_open(ui, &(struct prompt_spec){ .label = "Find: ",
				    .history = "find",
				    .changed = find_changed,
				    .done = find_done });
		return 0;
	}
	if (find_go(ui, args->rest, back ? -1 : 1, false) < 0)
		ui_status(ui, "not found: %s", ui->find);
	return 0;
}

/* -- order ---------------------------------------------------------------- */

EXEC(sort_exec)
{
	(void)cmd;
	return ui_sort_set(ui, args->rest, cause);
}

EXEC(sort_side_exec)
{
	const struct view *v = &ui->view;
	const struct column *c;
	size_t i, n = ui->columns.n;
	char *spec;
	int r;

	(void)args;
	if (n == 0)
		return 0;
	for (i = 0; i < n; i++)
		if (v->nsort > 0 && ui->columns.col[i] == v->sort[0].col)
			break;
	if (strcmp(cmd->name, "sort-right") == 0)
		i = i >= n ? 0 : (i + 1) % n;
	else
		i = i >= n ? n - 1 : (i + n - 1) % n;
	c = ui->columns.col[i];
	xasprintf(&spec, "%s%s", c->flags & COL_DESC ? "-" : "", c->name);
	r = ui_sort_set(ui, spec, cause);
	free(spec);
	return r;
}

EXEC(sort_reverse_exec)
{
	const struct view *v = &ui->view;
	struct buf b = { 0 };
	size_t i;
	int r;

	(void)cmd;
	(void)args;
	if (v->nsort == 0)
		return sort_side_exec(ui, cmd_find("sort-right"), args, cause);
	for (i = 0; i < v->nsort; i++)
		buf_printf(&b, "%s%s%s", i > 0 ? "," : "",
		    v->sort[i].desc == (i == 0) ? "" : "-",
		    v->sort[i].col->name);
	r = ui_sort_set(ui, b.data, cause);
	buf_done(&b);
	return r;
}

EXEC(columns_exec)
{
	(void)cmd;
	return ui_columns_set(ui, args->rest, cause);
}

/* -- groups --------------------------------------------------------------- */

EXEC(group_exec)
{
	enum group_mode mode;

	(void)cmd;
	if (args->argc == 0)
		mode = (enum group_mode)((ui->group.mode + 1) % GROUP_NMODES);
	else if (!group_mode_parse(args->argv[0], &mode)) {
		xasprintf(cause,
		    "group \"%s\": expected flat, process, port, "
		    "remote, unit or tree",
		    args->argv[0]);
		return -EINVAL;
	}
	ui_group_set(ui, mode);
	return 0;
}

EXEC(expand_exec)
{
	(void)args;
	(void)cause;
	group_open_all(&ui->group, strcmp(cmd->name, "expand") == 0);
	ui_rebuild(ui);
	return 0;
}

/* -- toggles -------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned bit; /* 0: one of its own */
} toggles[] = {
	{ "tcp", TOGGLE_TCP },
	{ "udp", TOGGLE_UDP },
	{ "listening", TOGGLE_LISTENING },
	{ "ipv4", TOGGLE_IPV4 },
	{ "ipv6", TOGGLE_IPV6 },
	{ "all", 0 },
	{ "extended", 0 },
	{ "timers", 0 },
	{ "numeric", 0 },
	{ "names", 0 },
	{ "mouse", 0 },
};

static void
toggle_special(struct ui *ui, const char *name)
{
	struct options *o = &ui->config->opt;

	if (strcmp(name, "all") == 0) {
		ui->toggle_bits = 0;
		ui->base = NULL;
	} else if (strcmp(name, "extended") == 0)
		ui->extended = !ui->extended;
	else if (strcmp(name, "timers") == 0)
		ui->timers = !ui->timers;
	else if (strcmp(name, "numeric") == 0)
		o->numeric = !o->numeric;
	else if (strcmp(name, "names") == 0)
		o->resolve = !o->resolve;
	else {
		o->mouse = !o->mouse;
		ui_status(ui,
		    o->mouse ? "mouse on: it selects, scrolls and sorts here"
			     : "mouse off: the terminal selects and copies");
	}
	ui_options_changed(ui);
}

EXEC(toggle_exec)
{
	size_t i;

	(void)cmd;
	for (i = 0; i < nitems(toggles); i++) {
		if (strcmp(args->argv[0], toggles[i].name) != 0)
			continue;
		ui->toggle_bits ^= toggles[i].bit;
		if (toggles[i].bit == 0)
			toggle_special(ui, toggles[i].name);
		ui_toggles_apply(ui);
		return 0;
	}
	xasprintf(cause,
	    "toggle \"%s\": expected tcp, udp, listening, ipv4, "
	    "ipv6, all, extended, timers, numeric, names or mouse",
	    args->argv[0]);
	return -EINVAL;
}

/* -- settings and pace ---------------------------------------------------- */

EXEC(set_exec)
{
	const char *value = args->rest + strcspn(args->rest, " \t");
	int r;

	(void)cmd;
	value += strspn(value, " \t");
	r = option_set(&ui->config->opt, args->argv[0], value, cause);
	if (r == 0)
		ui_options_changed(ui);
	return r;
}

static void
interval_done(struct ui *ui, const char *text)
{
	char *cause = NULL;

	if (text == NULL || *text == '\0')
		return;
	if (option_set(&ui->config->opt, "interval", text, &cause) < 0)
		ui_error(ui, "%s", cause);
	else
		ui_options_changed(ui);
	free(cause);
}

EXEC(interval_exec)
{
	char unit[TEXT_UNIT_MAX], label[64];
	int r;

	(void)cmd;
	if (args->argc == 0) {
		(void)snprintf(label, sizeof label, "Interval (now %s): ",
		    text_duration(unit, ui->config->opt.interval_ns));
		prompt_open(ui, &(struct prompt_spec){ .label = label,
				    .history = "interval",
				    .done = interval_done });
		return 0;
	}
	r = option_set(&ui->config->opt, "interval", args->argv[0], cause);
	if (r == 0)
		ui_options_changed(ui);
	return r;
}

EXEC(pause_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	ui->paused = !ui->paused;
	ui->dirty |= DIRTY_ALL;
	ui->services->reschedule(ui->services->arg);
	return 0;
}

EXEC(follow_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	ui->follow = !ui->follow;
	ui_status(ui, ui->follow
			  ? "follow: the selected socket is kept in sight"
			  : "follow off");
	ui_select_sync(ui);
	ui->dirty |= DIRTY_ALL;
	return 0;
}

EXEC(redraw_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	term_redraw();
	ui->dirty |= DIRTY_ALL;
	return 0;
}

EXEC(quit_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	ui->services->quit(ui->services->arg, 0);
	return 0;
}

static void
command_done(struct ui *ui, const char *text)
{
	if (text != NULL)
		cmd_run(ui, text);
}

/* Tab completes a command's name. */
static char *
command_complete(struct ui *ui, const char *text)
{
	const struct cmd *const *t, *c;
	size_t n = strlen(text);

	(void)ui;
	for (t = cmd_tables; *t != NULL && n > 0; t++)
		for (c = *t; c->name != NULL; c++)
			if (strncmp(c->name, text, n) == 0)
				return xstrdup(c->name);
	return NULL;
}

EXEC(command_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	prompt_open(ui, &(struct prompt_spec){ .label = ":",
			    .history = "command",
			    .done = command_done,
			    .complete = command_complete });
	return 0;
}

/* clang-format off */
const struct cmd cmd_view[] = {
	{ "filter", "[FILTER]", "Show only what matches; without a filter: ask", 0, -1, 0, filter_exec },
	{ "find", "[TEXT]", "Go to the next line with a text, hiding none", 0, -1, 0, find_exec },
	{ "find-previous", "[TEXT]", "Go to the line before with the text", 0, -1, 0, find_exec },
	{ "sort", "COLUMN[,-COLUMN]", "Sort; - turns the order round", 1, 1, 0, sort_exec },
	{ "sort-left", "", "Sort by the column to the left", 0, 0, 0, sort_side_exec },
	{ "sort-right", "", "Sort by the column to the right", 0, 0, 0, sort_side_exec },
	{ "sort-reverse", "", "Turn the order round", 0, 0, 0, sort_reverse_exec },
	{ "columns", "A,B,C | +A,-B", "Which columns, in which order", 1, 1, 0, columns_exec },
	{ "group", "[flat|process|port|remote|unit|tree]", "Group the rows; alone: the next way", 0, 1, 0, group_exec },
	{ "expand", "", "Open all headings", 0, 0, 0, expand_exec },
	{ "collapse", "", "Close all headings", 0, 0, 0, expand_exec },
	{ "toggle", "tcp|udp|listening|ipv4|ipv6|all|extended|timers|numeric|names|mouse", "Turn something on or off", 1, 1, 0, toggle_exec },
	{ "set", "OPTION VALUE", "Change a setting (sockdeck.conf)", 2, -1, 0, set_exec },
	{ "interval", "[SECONDS]", "Time between readings", 0, 1, 0, interval_exec },
	{ "pause", "", "Stop reading, or go on", 0, 0, 0, pause_exec },
	{ "follow", "", "Keep the selected socket in sight", 0, 0, 0, follow_exec },
	{ "redraw", "", "Draw the screen anew", 0, 0, 0, redraw_exec },
	{ "command", "", "Type a command", 0, 0, 0, command_exec },
	{ "quit", "", "Quit", 0, 0, 0, quit_exec },
	{ .name = NULL }
};
/* clang-format on */
