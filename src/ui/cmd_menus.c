/* SPDX-License-Identifier: ISC */
/*
 * Menus: what can be sorted by, grouped by, the themes, the users, the
 * filters kept under a name. Each says what is in force and does what a
 * command line could do too.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/menu.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define NAME_LEN 32
#define NAME_CHARS                   \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

#define EXEC(name)                                            \
	static int name(struct ui *ui, const struct cmd *cmd, \
	    const struct cmd_args *args, char **cause)

/* -- sort ----------------------------------------------------------------- */

static void
sort_chosen(struct ui *ui, const struct menu_item *item)
{
	const struct column *col = column_find(item->value);
	char *line;

	/* Once more the same: the other way round. */
	if (item->marked)
		cmd_run(ui, "sort-reverse");
	else {
		xasprintf(&line, "sort %s%s", col->flags & COL_DESC ? "-" : "",
		    col->name);
		cmd_run(ui, line);
		free(line);
	}
}

static void
sort_add(struct ui *ui, struct menu *m, const struct column *col)
{
	const struct view_sort *now = &ui->view.sort[0];
	struct menu_item *item;
	char *note;

	if (ui->view.nsort > 0 && now->col == col) {
		xasprintf(&note, "now, %s first; again: the other way round",
		    now->desc ? "largest" : "smallest");
		item = menu_add(m, col->name, note, col->name);
		item->marked = true;
		free(note);
	} else
		(void)menu_add(m, col->name, col->help, col->name);
}

static bool
is_shown(const struct ui *ui, const struct column *col)
{
	size_t i;

	for (i = 0; i < ui->columns.n; i++)
		if (ui->columns.col[i] == col)
			return true;
	return false;
}

EXEC(sort_menu_exec)
{
	struct menu *m = menu_new("Sort by", sort_chosen);
	const struct column *col;
	size_t i;

	(void)cmd;
	(void)args;
	(void)cause;
	for (i = 0; i < ui->columns.n; i++)
		sort_add(ui, m, ui->columns.col[i]);
	for (col = columns; col->name != NULL; col++)
		if (!is_shown(ui, col))
			sort_add(ui, m, col);
	menu_open(ui, m, "no columns");
	return 0;
}

/* -- group ---------------------------------------------------------------- */

static void
group_chosen(struct ui *ui, const struct menu_item *item)
{
	ui_group_set(ui, (enum group_mode)item->id);
}

EXEC(group_menu_exec)
{
	static const char *const notes[GROUP_NMODES] = {
		[GROUP_FLAT] = "every socket by itself",
		[GROUP_PROCESS] = "by the process that holds them",
		[GROUP_PORT] = "by local port",
		[GROUP_REMOTE] = "by the address at the other end",
		[GROUP_UNIT] = "by systemd unit or container",
		[GROUP_TREE] = "listeners, with what they accepted",
	};
	struct menu *m = menu_new("Group", group_chosen);
	struct menu_item *item;
	int i;

	(void)cmd;
	(void)args;
	(void)cause;
	for (i = 0; i < GROUP_NMODES; i++) {
		item = menu_add(
		    m, group_mode_name((enum group_mode)i), notes[i], NULL);
		item->id = i;
		item->marked = ui->group.mode == (enum group_mode)i;
	}
	menu_open(ui, m, "no groups");
	return 0;
}

/* -- theme ---------------------------------------------------------------- */

static void
theme_set(struct ui *ui, const struct menu_item *item)
{
	if (item == NULL || ui->config->opt.theme == item->id)
		return;
	ui->config->opt.theme = item->id;
	ui_options_changed(ui);
}

EXEC(theme_menu_exec)
{
	struct menu *m = menu_new("Theme", theme_set);
	struct menu_item *item;
	int i;

	(void)cmd;
	(void)args;
	(void)cause;
	m->preview = m->cancel = theme_set;
	for (i = 0; theme_names[i] != NULL; i++) {
		item = menu_add(m, theme_names[i], NULL, NULL);
		item->id = i;
		item->marked = ui->config->opt.theme == i;
	}
	menu_open(ui, m, "no themes");
	return 0;
}

/* -- users ---------------------------------------------------------------- */

struct user_count {
	const char *name; /* borrowed until the next reading */
	size_t n;
};

static int
user_cmp(const void *a, const void *b)
{
	const struct user_count *l = a, *r = b;

	if (l->n != r->n)
		return l->n < r->n ? 1 : -1;
	return strcmp(l->name, r->name);
}

static size_t
count_users(const struct ui *ui, struct user_count **ret)
{
	const struct column *col = column_find("user");
	struct user_count *user = NULL;
	struct value v;
	size_t i, j, n = 0, cap = 0;

	for (i = 0; i < ui->table->n; i++) {
		if (!col->get(ui->table->row[i], &ui->view.ctx, &v) ||
		    v.type != VAL_TEXT)
			continue;
		for (j = 0; j < n; j++)
			if (strcmp(user[j].name, v.s) == 0)
				break;
		if (j == n) {
			user = array_grow(user, &cap, n + 1, sizeof(*user));
			user[n++] = (struct user_count){ .name = v.s };
		}
		user[j].n++;
	}
	if (n > 0)
		qsort(user, n, sizeof(*user), user_cmp);
	*ret = user;
	return n;
}

/* The filter without the user that this menu put at its end. */
static size_t
without_user(const char *text)
{
	const char *at, *last = NULL;

	for (at = text; (at = strstr(at, "user=")) != NULL; at++)
		if (at == text ||
		    (at - text >= 5 && strncmp(at - 5, " and ", 5) == 0))
			last = at;
	if (last == NULL || strpbrk(last, " ()") != NULL)
		return strlen(text);
	return last == text ? 0 : (size_t)(last - text) - 5;
}

static void
user_filter(struct ui *ui, const char *user)
{
	const char *old = ui->filter_text == NULL ? "" : ui->filter_text;
	struct buf text = { 0 };
	size_t len = without_user(old);
	bool alternatives;

	buf_put(&text, old, len);
	if (user != NULL && len > 0) {
		alternatives = strstr(text.data, " or ") != NULL ||
			       strstr(text.data, "||") != NULL;
		buf_reset(&text);
		buf_printf(&text, alternatives ? "(%.*s) and " : "%.*s and ",
		    (int)len, old);
	}
	if (user != NULL)
		buf_printf(&text, "user=%s", user);
	if (!ui_filter_set(ui, text.len == 0 ? NULL : text.data))
		ui_error(ui, "%s", ui->filter_err.message);
	buf_done(&text);
}

static void
user_chosen(struct ui *ui, const struct menu_item *item)
{
	user_filter(ui, item->value);
}

EXEC(user_exec)
{
	struct menu *m;
	struct user_count *user;
	size_t i, n;
	char note[32];

	(void)cmd;
	(void)cause;
	if (args->argc > 0) {
		user_filter(ui, args->argv[0]);
		return 0;
	}
	m = menu_new("Sockets of", user_chosen);
	(void)menu_add(m, "everyone", NULL, NULL);
	n = count_users(ui, &user);
	for (i = 0; i < n; i++) {
		char *digits = text_u64(note, user[i].n);

		*digits = '\0';
		(void)menu_add(m, user[i].name, note, user[i].name);
	}
	free(user);
	menu_open(ui, m, "no users");
	return 0;
}

/* -- filters by name ------------------------------------------------------ */

static void
filter_chosen(struct ui *ui, const struct menu_item *item)
{
	if (!ui_filter_set(ui, item->value))
		ui_error(ui, "%s", ui->filter_err.message);
}

EXEC(filters_exec)
{
	const struct config *cfg = ui->config;
	struct menu *m = menu_new("Saved filters", filter_chosen);
	struct menu_item *item;
	size_t i;

	(void)cmd;
	(void)args;
	(void)cause;
	for (i = 0; i < cfg->nfilters; i++) {
		item = menu_add(m, cfg->filter[i].name, cfg->filter[i].text,
		    cfg->filter[i].text);
		item->marked =
		    ui->filter_text != NULL &&
		    strcmp(ui->filter_text, cfg->filter[i].text) == 0;
	}
	menu_open(ui, m,
	    "No filter has a name yet: keep the one in force by "
	    ":filter-save NAME");
	return 0;
}

static struct named_filter *
filter_find(const struct config *cfg, const char *name)
{
	size_t i;

	for (i = 0; i < cfg->nfilters; i++)
		if (strcmp(cfg->filter[i].name, name) == 0)
			return &cfg->filter[i];
	return NULL;
}

const char *
menu_filter_named(const struct ui *ui, const char *name)
{
	const struct named_filter *f = filter_find(ui->config, name);

	return f == NULL ? NULL : f->text;
}

static struct named_filter *
filter_add(struct config *cfg, const char *name)
{
	cfg->filter =
	    xreallocarray(cfg->filter, cfg->nfilters + 1, sizeof(*cfg->filter));
	cfg->filter[cfg->nfilters] =
	    (struct named_filter){ .name = xstrdup(name) };
	return &cfg->filter[cfg->nfilters++];
}

EXEC(filter_save_exec)
{
	struct named_filter *f;

	(void)cmd;
	if (ui->filter_text == NULL || *ui->filter_text == '\0') {
		*cause = xstrdup("no filter is in force: press / and type one");
		return -EINVAL;
	}
	if (args->argv[0][strspn(args->argv[0], NAME_CHARS)] != '\0' ||
	    strlen(args->argv[0]) > NAME_LEN) {
		xasprintf(cause,
		    "a filter's name is made of letters, digits, "
		    "- and _, %d at most",
		    NAME_LEN);
		return -EINVAL;
	}
	f = filter_find(ui->config, args->argv[0]);
	if (f == NULL)
		f = filter_add(ui->config, args->argv[0]);
	free(f->text);
	f->text = xstrdup(ui->filter_text);
	ui_status(
	    ui, "Kept as @%s; :save writes it to the config file", f->name);
	return 0;
}

/* clang-format off */
const struct cmd cmd_menus[] = {
	{ "sort-menu", "", "Choose the column to sort by", 0, 0, 0, sort_menu_exec },
	{ "group-menu", "", "Choose how rows are grouped", 0, 0, 0, group_menu_exec },
	{ "theme-menu", "", "Choose the colours", 0, 0, 0, theme_menu_exec },
	{ "user", "[NAME]", "Only one user's sockets; without a name: choose", 0, 1, 0, user_exec },
	{ "filters", "", "Choose one of the filters that have a name", 0, 0, 0, filters_exec },
	{ "filter-save", "NAME", "Keep the filter in force under a name", 1, 1, 0, filter_save_exec },
	{ .name = NULL }
};
/* clang-format on */
