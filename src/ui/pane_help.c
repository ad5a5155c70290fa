/* SPDX-License-Identifier: ISC */
/*
 * The help screen, made of the tables: keys as they are bound now, commands,
 * columns, settings. Only the examples of filters are its own.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xmalloc.h"
#include "ui/help.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/ui.h"

struct help {
	struct prose prose;
};

/* clang-format off */
const struct help_example help_examples[] = {
	{ "nginx", "a word: anywhere in a row's texts" },
	{ "port:443", "at either end" },
	{ "state listening", "one state, or a name for several (connected, big)" },
	{ "pid=812 or user=root", "a column and a value" },
	{ "process~^post", "~ compares as a regular expression" },
	{ "rtt>50ms and not dst 10.0.0.0/8", "numbers, units, networks" },
	{ "sport = :ssh", "as ss has it" },
	{ NULL, NULL }
};
/* clang-format on */

static void
put_key(struct buf *out, const char *key)
{
	buf_printf(out, "%s%s", out->len > 0 ? " " : "", key);
}

/* Whether the key still does this: the config file may have changed it. */
static bool
is_bound(
    const struct ui *ui, enum keymap map, const char *key, const char *command)
{
	const char *now = keytable_lookup(ui->keys, map, key_parse(key));

	return now != NULL && strcmp(now, command) == 0;
}

/* An entry whose command stood in this map before is told there. */
static bool
is_repeated(const struct keybind *bind)
{
	const struct keybind *k;

	for (k = keys_default; k != bind; k++)
		if (k->map == bind->map &&
		    strcmp(k->command, bind->command) == 0)
			return true;
	return false;
}

void
help_put_keys(
    const struct ui *ui, enum keymap map, const char *command, struct buf *out)
{
	const struct config *cfg = ui->config;
	const struct keybind *k;
	char name[KEY_NAME_MAX];
	size_t i;
	int code;

	for (k = keys_default; k->key != NULL; k++)
		if (k->map == map && strcmp(k->command, command) == 0 &&
		    is_bound(ui, map, k->key, command))
			put_key(out, key_label(key_parse(k->key), name));
	for (i = 0; i < cfg->nkeys; i++) {
		code = key_parse(cfg->key[i].key);
		if (code != -1 && strcmp(cfg->key[i].command, command) == 0 &&
		    is_bound(ui, map, cfg->key[i].key, command))
			put_key(out, key_label(code, name));
	}
}

static void
add_keys(
    const struct ui *ui, struct prose *p, enum keymap map, const char *title)
{
	const struct keybind *k;
	struct buf keys = { 0 };

	prose_heading(p, title);
	for (k = keys_default; k->key != NULL; k++) {
		if (k->map != map || is_repeated(k))
			continue;
		buf_reset(&keys);
		help_put_keys(ui, map, k->command, &keys);
		if (keys.len > 0)
			prose_pair(p, keys.data, k->note);
	}
	buf_done(&keys);
}

/* Keys that the config file binds to commands no default key has. */
static void
add_own_keys(const struct ui *ui, struct prose *p)
{
	const struct config *cfg = ui->config;
	size_t i;

	if (cfg->nkeys == 0)
		return;
	prose_heading(p, "Keys of your configuration");
	for (i = 0; i < cfg->nkeys; i++)
		prose_pair(p, cfg->key[i].key,
		    *cfg->key[i].command == '\0' ? "(nothing)"
						 : cfg->key[i].command);
}

static void
add_commands(struct prose *p)
{
	const struct cmd *cmd;
	struct buf usage = { 0 };
	size_t i;

	prose_heading(p, "Commands (after :)");
	for (i = 0; cmd_tables[i] != NULL; i++) {
		for (cmd = cmd_tables[i]; cmd->name != NULL; cmd++) {
			buf_reset(&usage);
			buf_puts(&usage, cmd->name);
			if (cmd->usage != NULL && *cmd->usage != '\0')
				buf_printf(&usage, " %s", cmd->usage);
			prose_pair(p, usage.data, cmd->help);
		}
	}
	buf_done(&usage);
}

static void
add_tables(struct prose *p)
{
	const struct help_example *ex;
	const struct option_def *opt;
	const struct column *col;

	prose_heading(p, "Filters, for example");
	for (ex = help_examples; ex->filter != NULL; ex++)
		prose_pair(p, ex->filter, ex->what);
	prose_heading(p, "Columns; each can be shown, sorted by, filtered by");
	for (col = columns; col->name != NULL; col++)
		prose_pair(p, col->name, col->help);
	prose_heading(p, "Settings (:set NAME VALUE)");
	for (opt = option_defs; opt->name != NULL; opt++)
		prose_pair(p, opt->name, opt->help);
}

/* What the header says in few words. */
static void
add_rights(const struct ui *ui, struct prose *p)
{
	if (ui->rights.signal == NULL)
		return;
	prose_heading(p, "What can be done from here");
	prose_pair(p, "signals", ui->rights.signal);
	prose_pair(p, "closing", ui->rights.close);
}

static void
fill(const struct ui *ui, struct prose *p)
{
	add_keys(ui, p, MAP_TABLE, "Keys in the table");
	add_keys(ui, p, MAP_GLOBAL, "Keys everywhere");
	add_keys(ui, p, MAP_LIST, "Keys in a list");
	add_keys(ui, p, MAP_DETAIL, "Keys in a text");
	add_keys(ui, p, MAP_QUESTION, "Keys in a question");
	add_keys(ui, p, MAP_SCAN, "Keys in a scan's results");
	add_keys(ui, p, MAP_LAB, "Keys in a lesson (sockdeck lab)");
	add_own_keys(ui, p);
	add_rights(ui, p);
	add_commands(p);
	add_tables(p);
}

static void
help_draw(struct pane *p)
{
	struct help *h = p->priv;

	prose_draw(&h->prose, p);
}

static bool
help_find(struct pane *p, const char *text, bool next)
{
	struct help *h = p->priv;

	return prose_find(&h->prose, p, text, next);
}

static const char *
help_title(struct pane *p)
{
	(void)p;
	return "Help";
}

static void
help_free(struct pane *p)
{
	struct help *h = p->priv;

	prose_done(&h->prose);
	free(h);
}

const struct pane_ops pane_help_ops = {
	.name = "help",
	.map = MAP_DETAIL,
	.title = help_title,
	.draw = help_draw,
	.find = help_find,
	.free = help_free,
};

void
pane_help_open(struct ui *ui, const char *word)
{
	struct pane *p = ui_pane_find(ui, &pane_help_ops);
	struct help *h;

	if (p != NULL && word == NULL) {
		ui_pane_close(ui, p);
		return;
	}
	if (p == NULL) {
		h = xcalloc(1, sizeof(*h));
		prose_init(&h->prose);
		h->prose.by_section = true;
		fill(ui, &h->prose);
		p = ui_pane_open(ui, &pane_help_ops, PLACE_POPUP, h);
		p->want_w = 100;
		p->want_h = 1000; /* as much as there is */
		ui->dirty |= DIRTY_LAYOUT;
	}
	h = p->priv;
	if (word != NULL && !prose_find(&h->prose, p, word, false))
		ui_error(ui, "the help does not mention that");
	ui->dirty |= DIRTY_ALL;
}
