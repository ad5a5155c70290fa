/* SPDX-License-Identifier: ISC */
/*
 * The deck's state and what changes it: readings, keys, time, settings. It
 * marks what must be drawn and draws nothing.
 */
#include "config.h"

#include "ui/ui.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/baseline.h"
#include "model/leak.h"
#include "ui/alerts.h"
#include "ui/ask_act.h"
#include "ui/lab.h"
#include "ui/menu.h"
#include "ui/paint.h"
#include "ui/panes.h"
#include "ui/question.h"
#include "ui/scan.h"
#include "ui/table_cols.h"
#include "ui/term.h"
#include "ui/theme.h"

#define STATUS_NS UINT64_C(5000000000)
#define DOUBLE_NS UINT64_C(400000000)
#define WHEEL     3
#define ALONE_NS  UINT64_C(40000000) /* between fingers' keys there is more */

struct ui *
ui_new(struct config *config, const struct services *services)
{
	struct ui *ui = xcalloc(1, sizeof *ui);
	char *cause = NULL;
	size_t i;

	ui->config = config;
	ui->services = services;
	ui->table = table_new();
	view_init(&ui->view, ui->table);
	group_init(&ui->group);
	pressure_view_init(&ui->pressure);
	ui->leaks = leaks_new();
	ui->group.mode = (enum group_mode)config->opt.group;
	ui->keys = keytable_new();
	ui->alerts = ui_alerts_new(config);
	for (i = 0; i < config->nkeys; i++) {
		if (keytable_bind(ui->keys, MAP_TABLE, config->key[i].key,
			config->key[i].command, &cause) < 0)
			ui_error(ui, "%s", cause);
		free(cause);
		cause = NULL;
	}
	ui->readonly = config->opt.readonly;
	ui->uid = geteuid();
	ui->act_changed = ask_act_changed;
	ui->pane[0] = xcalloc(1, sizeof *ui->pane[0]);
	ui->pane[0]->ops = &pane_table_ops;
	ui->pane[0]->ui = ui;
	ui->pane[0]->place = PLACE_MAIN;
	ui->npanes = 1;
	if (*config->opt.filter != '\0' &&
	    !ui_filter_set(ui, config->opt.filter))
		ui_error(ui, "filter: %s", ui->filter_err.message);
	ui_options_changed(ui);
	return ui;
}

void
ui_panes_end(struct ui *ui)
{
	while (ui->npanes > 1)
		ui_pane_close(ui, ui->pane[ui->npanes - 1]);
}

void
ui_free(struct ui *ui)
{
	if (ui == NULL)
		return;
	/* What a prompt was for ends as by Esc, while all is there. */
	if (ui->prompt != NULL)
		prompt_close(ui);
	ui_panes_end(ui);
	free(ui->pane[0]);
	prompt_lists_free(ui->histories);
	if (ui->laid != NULL)
		table_cols_done(ui->laid);
	free(ui->laid);
	group_done(&ui->group);
	view_done(&ui->view);
	ui_lab_free(ui->lab);
	ui_scans_free(ui->scans);
	baseline_free(ui->baseline);
	pressure_view_done(&ui->pressure);
	leaks_free(ui->leaks);
	ui_alerts_free(ui->alerts);
	table_free(ui->table);
	keytable_free(ui->keys);
	filter_free(ui->filter);
	filter_free(ui->toggles);
	filter_error_done(&ui->filter_err);
	free(ui->filter_text);
	free(ui->filter_before);
	free(ui->find);
	free(ui->alone);
	free(ui->status);
	act_rights_done(&ui->rights);
	free(ui->source.host);
	free(ui->source.remedy);
	free(ui->source.warning);
	free(ui->unseen_why);
	buf_done(&ui->scratch);
	free(ui);
}

unsigned
ui_needs(const struct ui *ui)
{
	unsigned need =
	    column_set_needs(&ui->columns) | view_needs(&ui->view) | NEED_BOUND;
	const struct pane *p;
	size_t i;

	if (ui->group.mode == GROUP_PROCESS || ui->acts)
		need |= NEED_OWNER;
	else if (ui->group.mode == GROUP_UNIT)
		need |= NEED_OWNER | NEED_CGROUP;
	if (ui->alerts != NULL)
		need |= alerts_needs(ui->alerts->rules);
	for (i = 1; i < ui->npanes; i++) {
		p = ui->pane[i];
		if (p->ops->needs != NULL)
			need |= p->ops->needs(p);
	}
	return need;
}

/* -- readings ------------------------------------------------------------- */

static void
set_text(char **dst, const char *src)
{
	if (*dst != NULL && src != NULL && strcmp(*dst, src) == 0)
		return;
	free(*dst);
	*dst = src == NULL ? NULL : xstrdup(src);
}

static void
take_source(struct ui *ui, const struct snap *snap, uint64_t cost_ns)
{
	struct ui_source *s = &ui->source;

	s->source = snap->source;
	s->privileged = (snap->flags & SNAP_PRIVILEGED) != 0;
	s->owners = (snap->flags & SNAP_OWNERS) != 0;
	s->partial = (snap->flags & SNAP_PARTIAL) != 0;
	s->netns_seen = snap->netns_seen;
	s->netns_failed = snap->netns_failed;
	s->hidden_owners = snap->hidden_owners;
	s->hidden_procs = snap->hidden_procs;
	set_text(&s->host, snap->host);
	set_text(&s->remedy, snap->remedy);
	set_text(&s->warning, snap->nwarnings > 0 ? snap->warning[0] : NULL);
	s->dump_ns = snap->cost_dump_ns;
	s->owners_ns = snap->cost_owners_ns;
	s->next_ns = ui->config->opt.interval_ns;
	if (s->next_ns < 3 * cost_ns)
		s->next_ns = 3 * cost_ns;
	s->last_ns = snap->mono_ns != 0 ? snap->mono_ns : 1;
}

static void
push_spark(struct ui *ui)
{
	/* The first reading, or two that were too close to each other. */
	if (!ui->table->rates_known)
		return;
	if (ui->nspark == UI_SPARK) {
		memmove(ui->spark_rx, ui->spark_rx + 1,
		    (UI_SPARK - 1) * sizeof ui->spark_rx[0]);
		memmove(ui->spark_tx, ui->spark_tx + 1,
		    (UI_SPARK - 1) * sizeof ui->spark_tx[0]);
		ui->nspark--;
	}
	ui->spark_rx[ui->nspark] = (float)ui->table->rx_bps;
	ui->spark_tx[ui->nspark++] = (float)ui->table->tx_bps;
}

static void
arrange(struct ui *ui)
{
	if (ui->group.mode != GROUP_FLAT && !ui->view.frozen)
		group_build(&ui->group, &ui->view);
	ui_select_sync(ui);
	ui->dirty |= DIRTY_TABLE | DIRTY_HEADER;
}

void
ui_snap_begin(struct ui *ui, struct snap *snap, uint64_t cost_ns)
{
	int lines = header_lines(ui);

	take_source(ui, snap, cost_ns);
	if (header_lines(ui) != lines)
		ui->dirty |= DIRTY_LAYOUT;
	if (ui->alerts != NULL)
		ui->alerts->owners = (snap->flags & SNAP_OWNERS) != 0;
	/* One that comes after the pane was closed is of no use. */
	if (snap->pressure != NULL &&
	    ui_pane_find(ui, &pane_pressure_ops) != NULL) {
		pressure_view_take(&ui->pressure, snap->pressure);
		snap->pressure = NULL;
	}
	table_merge_begin(ui->table, snap, &ui->merged);
}

/* Rows may be gone that a pane knew. */
static void
panes_changed(struct ui *ui)
{
	struct pane *p;
	size_t i;

	for (i = 1; i < ui->npanes; i++) {
		p = ui->pane[i];
		if (p->ops->changed != NULL)
			p->ops->changed(p);
	}
}

static void
take_leaks(struct ui *ui)
{
	int lines = header_lines(ui);

	leaks_take(ui->leaks, ui->table);
	if (header_lines(ui) != lines)
		ui->dirty |= DIRTY_LAYOUT;
}

bool
ui_snap_step(struct ui *ui, size_t sockets)
{
	if (!table_merge_step(ui->table, sockets))
		return false;
	push_spark(ui);
	take_leaks(ui);
	ui_alerts_merged(ui);
	ui_scans_merged(ui);
	view_update(&ui->view, &ui->merged);
	arrange(ui);
	panes_changed(ui);
	if (ui->config->opt.resolve)
		ui->services->resolve(ui->services->arg);
	return true;
}

void
ui_snap(struct ui *ui, struct snap *snap, uint64_t cost_ns)
{
	ui_snap_begin(ui, snap, cost_ns);
	(void)ui_snap_step(ui, SIZE_MAX);
}

void
ui_failed(struct ui *ui, const char *cause)
{
	ui_error(ui, "reading: %s", cause);
}

void
ui_rebuild(struct ui *ui)
{
	view_build(&ui->view);
	arrange(ui);
}

void
ui_wake(struct ui *ui, uint64_t mono_ns)
{
	if (ui->wake_ns == 0 || mono_ns < ui->wake_ns)
		ui->wake_ns = mono_ns;
}

void
ui_tick(struct ui *ui, uint64_t now_ns)
{
	struct pane *p;
	size_t i;

	ui->wake_ns = 0;
	for (i = ui->npanes; i-- > 1;) {
		p = ui->pane[i];
		if (p->ops->tick != NULL)
			p->ops->tick(p, now_ns);
	}
	if (ui->status != NULL && now_ns >= ui->status_until_ns) {
		free(ui->status);
		ui->status = NULL;
		ui->dirty |= DIRTY_STATUS;
	}
	if (!ui->paused && table_tick(ui->table, now_ns)) {
		ui_rebuild(ui);
		panes_changed(ui);
		ui->dirty |= DIRTY_TABLE;
	}
}

/* -- keys, mouse, paste --------------------------------------------------- */

/* Silence would leave a beginner with a key that seems broken. */
static void
key_unknown(struct ui *ui, int code)
{
	const char *help = keytable_key_of(ui->keys, MAP_GLOBAL, "help");
	char name[KEY_NAME_MAX], *key;

	(void)key_label(code, name);
	key = text_clean(name, strlen(name)); /* C1 controls can be typed */
	if (help != NULL)
		ui_status(
		    ui, "%s does nothing here: %s lists the keys", key, help);
	else
		ui_status(ui, "%s does nothing here", key);
	free(key);
}

/* What may only be done by a key that came alone waits for the end of what
 * was read. */
static void
key_command(struct ui *ui, const char *command)
{
	const struct cmd *cmd;
	char *name = xstrndup(command, strcspn(command, " "));

	cmd = cmd_find(name);
	free(name);
	if (cmd != NULL && (cmd->flags & CMD_ALONE) != 0 && question_asks(ui)) {
		free(ui->alone);
		ui->alone = xstrdup(command);
	} else
		cmd_run(ui, command);
}

void
ui_read_end(struct ui *ui)
{
	uint64_t now = clock_mono_ns();
	char *command = ui->alone;

	if (command != NULL) {
		ui->alone = NULL;
		if (ui->events == 1 && now - ui->read_ns >= ALONE_NS)
			cmd_run(ui, command);
		else
			question_crowd(ui);
		free(command);
	}
	ui->events = 0;
	ui->read_ns = now;
}

static void
key(struct ui *ui, int code)
{
	struct pane *p = ui_focus(ui);
	const char *command;

	if (prompt_key(ui, code))
		return;
	if (prompt_is_open(ui) &&
	    (code < KEYS_FUNCTION || (code & KEYS_ALT) != 0))
		return; /* what the prompt does not know is no command */
	if (ui->status != NULL && ui->status_kind == STATUS_ERROR) {
		free(ui->status);
		ui->status = NULL;
		ui->dirty |= DIRTY_STATUS;
	}
	if (p->ops->first != NULL && p->ops->first(p, code)) {
		ui->dirty |= DIRTY_ALL;
		return;
	}
	command = keytable_lookup(ui->keys, p->ops->map, code);
	if (command != NULL)
		key_command(ui, command);
	else if (p->ops->key != NULL && p->ops->key(p, code))
		ui->dirty |= DIRTY_ALL;
	else
		key_unknown(ui, code);
}

void
ui_key(struct ui *ui, int code)
{
	ui->events++;
	key(ui, code);
	ui_pane_close_left(ui);
}

void
ui_paste(struct ui *ui, const char *text, size_t len)
{
	ui->events += 2; /* whatever it is: not a key that came alone */
	/* Never keys: there is a prompt for it, or it is dropped. */
	if (prompt_is_open(ui))
		prompt_paste(ui, text, len);
	else if (question_is_open(ui))
		ui_status(ui, "paste: a question is answered by keys");
	else
		ui_status(ui, "paste: open a prompt (/ or :) first");
}

static struct pane *
pane_at(struct ui *ui, int y, int x)
{
	struct pane *p;
	size_t i;

	for (i = ui->npanes; i-- > 0;) {
		p = ui->pane[i];
		if (!p->hidden && y >= p->y && y < p->y + p->h && x >= p->x &&
		    x < p->x + p->w)
			return p;
	}
	return NULL;
}

static void
wheel(struct ui *ui, struct pane *p, enum mouse_button button)
{
	struct pane *focus = ui_focus(ui);
	int i;

	ui_pane_focus(ui, p);
	for (i = 0; i < WHEEL; i++)
		ui_move(ui, button == MOUSE_WHEEL_UP ? PANE_UP : PANE_DOWN);
	ui_pane_focus(ui, focus);
}

void
ui_mouse(struct ui *ui, int y, int x, enum mouse_button button)
{
	struct pane *p = pane_at(ui, y, x);
	uint64_t now = clock_mono_ns();
	const char *command;

	ui->events++;
	if (question_is_open(ui) && p != ui_focus(ui))
		return; /* nothing else is to be had before it is answered */
	if (button == MOUSE_LEFT) {
		if (ui->click_y == y && ui->click_x == x &&
		    now - ui->click_ns < DOUBLE_NS)
			button = MOUSE_DOUBLE;
		ui->click_ns = button == MOUSE_DOUBLE ? 0 : now;
		ui->click_y = y;
		ui->click_x = x;
	}
	if (y == ui->bar_y && button == MOUSE_LEFT) {
		if (ui->status == NULL &&
		    (command = bar_command(ui, x)) != NULL)
			cmd_run(ui, command);
	} else if (y == ui->filter_y && button == MOUSE_LEFT &&
		   !prompt_is_open(ui))
		cmd_run(ui, "filter");
	else if (p == NULL)
		return;
	else if (button == MOUSE_WHEEL_UP || button == MOUSE_WHEEL_DOWN)
		wheel(ui, p, button);
	else {
		ui_pane_focus(ui, p);
		if (p->ops->mouse != NULL)
			(void)p->ops->mouse(p, y - p->y, x - p->x, button);
	}
	ui_pane_close_left(ui);
	ui->dirty |= DIRTY_ALL;
}

void
ui_resized(struct ui *ui)
{
	ui->too_small = !term_resize(&ui->rows, &ui->cols);
	ui->dirty |= DIRTY_ALL | DIRTY_LAYOUT;
}

/* -- filter, order, columns, groups --------------------------------------- */

static void
needs_changed(struct ui *ui, unsigned before)
{
	if (ui_needs(ui) & ~before)
		ui->services->refresh(ui->services->arg);
}

/* It is shown and edited from here on: one line, and clean. What was meant by
 * a filter stays, since what it is compared with is clean too. */
static void
filter_text_set(struct ui *ui, const char *text)
{
	char *flat = xstrdup(text), *p;

	for (p = flat; *p != '\0'; p++)
		if (*p == '\t' || *p == '\n' || *p == '\r')
			*p = ' ';
	free(ui->filter_text);
	ui->filter_text = text_clean(flat, strlen(flat));
	free(flat);
}

bool
ui_filter_set(struct ui *ui, const char *text)
{
	unsigned before = ui_needs(ui);
	struct filter *filter = NULL;
	struct filter_error err = { 0 };

	if (text == NULL)
		text = "";
	ui->near_command = NULL;
	ui->dirty |= DIRTY_ALL;
	filter_error_done(&ui->filter_err);
	memset(&ui->filter_err, 0, sizeof ui->filter_err);
	if (*text == '@' && (text = menu_filter_named(ui, text + 1)) == NULL) {
		ui->filter_err.len = 1;
		ui->filter_err.message = xstrdup("no filter has this name: "
						 ":filters lists them");
		return false;
	}
	if (filter_parse(text, &filter, &err) < 0) {
		ui->filter_err = err;
		return false;
	}
	ui->view.filter = filter;
	filter_free(ui->filter);
	ui->filter = filter;
	filter_text_set(ui, text);
	ui_rebuild(ui);
	needs_changed(ui, before);
	return true;
}

static struct filter *
parse_own(const char *text)
{
	struct filter *f = NULL;
	struct filter_error err = { 0 };

	if (filter_parse(text, &f, &err) < 0)
		filter_error_done(&err);
	return f;
}

void
ui_toggles_apply(struct ui *ui)
{
	unsigned bits = ui->toggle_bits;
	struct filter *f = ui->base == NULL ? NULL : filter_clone(ui->base);

	/* Both of a pair: either, that is all. */
	if ((bits & TOGGLE_TCP) && !(bits & TOGGLE_UDP))
		f = filter_and(f, parse_own("proto=tcp"));
	if ((bits & TOGGLE_UDP) && !(bits & TOGGLE_TCP))
		f = filter_and(f, parse_own("proto=udp"));
	if ((bits & TOGGLE_IPV4) && !(bits & TOGGLE_IPV6))
		f = filter_and(f, parse_own("family=4"));
	if ((bits & TOGGLE_IPV6) && !(bits & TOGGLE_IPV4))
		f = filter_and(f, parse_own("family=6"));
	if (bits & TOGGLE_LISTENING)
		f = filter_and(
		    f, filter_states(SOCK_STATE_BIT(SOCK_LISTEN) |
				     SOCK_STATE_BIT(SOCK_UNCONNECTED)));
	ui->view.toggles = f;
	filter_free(ui->toggles);
	ui->toggles = f;
	ui_rebuild(ui);
}

int
ui_sort_set(struct ui *ui, const char *text, char **cause)
{
	unsigned before = ui_needs(ui);
	int r;

	if ((r = view_sort_parse(&ui->view, text, cause)) < 0)
		return r;
	set_text(&ui->config->opt.sort, text);
	ui_rebuild(ui);
	needs_changed(ui, before);
	return 0;
}

/* The configured columns, and those that e and o add. */
static int
apply_columns(struct ui *ui, const char *text, char **cause)
{
	struct column_set set;
	int r;

	column_set_default(&set, COL_DECK);
	if (*text != '\0' && (r = column_set_parse(&set, text, cause)) < 0)
		return r;
	if (ui->netns != NULL)
		(void)column_set_parse(&set, "+netns", cause);
	if (ui->timers)
		(void)column_set_parse(&set, "+timer", cause);
	if (ui->extended)
		(void)column_set_parse(&set,
		    "+uid,+inode,+cookie,+mark,"
		    "+cgroup",
		    cause);
	ui->columns = set;
	ui->dirty |= DIRTY_ALL;
	return 0;
}

int
ui_columns_set(struct ui *ui, const char *text, char **cause)
{
	unsigned before = ui_needs(ui);
	int r;

	if ((r = apply_columns(ui, text, cause)) < 0)
		return r;
	set_text(&ui->config->opt.columns, text);
	needs_changed(ui, before);
	return 0;
}

void
ui_group_set(struct ui *ui, enum group_mode mode)
{
	unsigned before = ui_needs(ui);
	const struct row *row = ui_row(ui);

	/* From a heading to the flat list: its row, or what is there. */
	if (row != NULL)
		ui->cursor = sock_key(&row->rec);
	ui->cursor_head = 0;
	ui->group.mode = mode;
	ui->config->opt.group = (int)mode;
	ui_rebuild(ui);
	needs_changed(ui, before);
}

static bool
want_colour(const struct options *o)
{
	const char *no = getenv("NO_COLOR");

	if (o->colour == 0) /* auto */
		return no == NULL || *no == '\0';
	return o->colour == 1;
}

void
ui_options_changed(struct ui *ui)
{
	const struct options *o = &ui->config->opt;
	unsigned before = ui_needs(ui);
	char *cause = NULL;

	theme_use(o->theme, want_colour(o));
	term_mouse(o->mouse);
	ui->view.ctx.numeric_ports = o->numeric;
	ui->view.ctx.names_beside = true;
	ui->view.ctx.resolve = o->resolve;
	ui->view.show_gone = o->highlight;
	ui->table->fresh_ns = o->highlight_ns;
	table_set_closed_max(ui->table, o->closed_max);
	ui->group.mode = (enum group_mode)o->group;
	if (apply_columns(ui, o->columns, &cause) < 0 ||
	    (*o->sort != '\0' &&
		view_sort_parse(&ui->view, o->sort, &cause) < 0))
		ui_error(ui, "%s", cause);
	free(cause);
	ui_rebuild(ui);
	needs_changed(ui, before);
	ui->services->reschedule(ui->services->arg);
	ui->dirty |= DIRTY_ALL | DIRTY_LAYOUT;
}

/* -- the status line ------------------------------------------------------ */

static void say(struct ui *, bool, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
say(struct ui *ui, bool error, const char *fmt, va_list ap)
{
	free(ui->status);
	xvasprintf(&ui->status, fmt, ap);
	ui->status_kind = error ? STATUS_ERROR : STATUS_INFO;
	ui->status_until_ns = clock_mono_ns() + STATUS_NS;
	ui->dirty |= DIRTY_STATUS;
}

void
ui_status(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ui, false, fmt, ap);
	va_end(ap);
}

void
ui_error(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ui, true, fmt, ap);
	va_end(ap);
}
