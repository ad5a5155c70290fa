/* SPDX-License-Identifier: ISC */
/*
 * What the setup screen lists and changes: columns, settings, keys. Each
 * change holds at once; nothing here writes a file.
 */
#include "config.h"

#include "ui/setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xmalloc.h"
#include "ui/panes.h"
#include "ui/ui.h"

#define NAME_W 15

/* -- columns -------------------------------------------------------------- */

static int
columns_count(const struct setup *s)
{
	return (int)s->columns.n;
}

static void
columns_draw(struct pane *p, int y, int i, unsigned attr)
{
	const struct setup *s = p->priv;
	const struct choice *c = &s->columns.at[i];

	pane_text(p, y, 0, SETUP_MARK_W, attr, c->on ? "[x]" : "[ ]");
	pane_text(p, y, SETUP_MARK_W, NAME_W, attr, c->col->name);
	pane_text(p, y, SETUP_MARK_W + NAME_W, p->w, attr, c->col->help);
}

static const char *
columns_name(const struct setup *s, int i)
{
	return s->columns.at[i].col->name;
}

static const char *
columns_help(const struct setup *s, int i)
{
	return s->columns.at[i].col->help;
}

static void
columns_apply(struct ui *ui, const struct setup *s)
{
	struct buf text = { 0 };
	char *cause = NULL;

	chooser_put(&s->columns, &text);
	if (option_set(&ui->config->opt, "columns", text.data, &cause) < 0)
		ui_error(ui, "%s", cause);
	else
		ui_options_changed(ui);
	free(cause);
	buf_done(&text);
}

static void
columns_enter(struct pane *p, int i)
{
	struct setup *s = p->priv;

	if (chooser_toggle(&s->columns, (size_t)i))
		columns_apply(p->ui, s);
	else
		ui_error(p->ui, "one column at least is shown, %d at most",
		    COLUMN_SET_MAX);
}

void
setup_columns_move(struct pane *p, int dir)
{
	struct setup *s = p->priv;

	p->at = (int)chooser_move(&s->columns, (size_t)p->at, dir);
	columns_apply(p->ui, s);
}

void
setup_columns_default(struct pane *p)
{
	struct setup *s = p->priv;
	struct column_set set;

	column_set_default(&set, COL_DECK);
	chooser_done(&s->columns);
	chooser_init(&s->columns, &set);
	columns_apply(p->ui, s);
}

/* -- settings ------------------------------------------------------------- */

static int
options_count(const struct setup *s)
{
	int n = 0;

	(void)s;
	while (option_defs[n].name != NULL)
		n++;
	return n;
}

static void
options_draw(struct pane *p, int y, int i, unsigned attr)
{
	const struct option_def *def = &option_defs[i];
	struct buf value = { 0 };
	int x = SETUP_MARK_W + NAME_W;

	option_get_text(&p->ui->config->opt, def, &value);
	pane_text(p, y, SETUP_MARK_W, NAME_W, attr, def->name);
	pane_text(
	    p, y, x, p->w - x, attr, value.len > 0 ? value.data : "(not set)");
	buf_done(&value);
}

static const char *
options_name(const struct setup *s, int i)
{
	(void)s;
	return option_defs[i].name;
}

static const char *
options_help(const struct setup *s, int i)
{
	(void)s;
	return option_defs[i].help;
}

static void
option_apply(struct ui *ui, const struct option_def *def, const char *value)
{
	char *cause = NULL;

	if (option_set(&ui->config->opt, def->name, value, &cause) < 0)
		ui_error(ui, "%s", cause);
	else
		ui_options_changed(ui);
	free(cause);
}

static void
option_asked(struct ui *ui, const char *text)
{
	struct pane *p = ui_pane_find(ui, &pane_setup_ops);
	struct setup *s;

	if (p == NULL || text == NULL)
		return;
	s = p->priv;
	if (s->asked != NULL)
		option_apply(ui, s->asked, text);
	s->asked = NULL;
}

/* The choice after the one in force. */
static const char *
next_choice(const struct option_def *def, const char *now)
{
	size_t i;

	for (i = 0; def->choices[i] != NULL; i++)
		if (strcmp(def->choices[i], now) == 0)
			break;
	if (def->choices[i] == NULL || def->choices[i + 1] == NULL)
		return def->choices[0];
	return def->choices[i + 1];
}

static void
options_enter(struct pane *p, int i)
{
	struct setup *s = p->priv;
	const struct option_def *def = &option_defs[i];
	struct prompt_spec spec = { .done = option_asked };
	struct buf now = { 0 };
	char *label;

	option_get_text(&p->ui->config->opt, def, &now);
	if (now.data == NULL)
		buf_puts(&now, "");
	if (def->type == OPT_BOOL)
		option_apply(
		    p->ui, def, strcmp(now.data, "yes") == 0 ? "no" : "yes");
	else if (def->type == OPT_CHOICE)
		option_apply(p->ui, def, next_choice(def, now.data));
	else {
		xasprintf(&label, "%s: ", def->name);
		spec.label = label;
		spec.initial = now.data;
		s->asked = def;
		prompt_open(p->ui, &spec);
		free(label);
	}
	buf_done(&now);
}

/* -- keys ----------------------------------------------------------------- */

static int
keys_count(const struct setup *s)
{
	int n = 0;

	(void)s;
	while (keys_default[n].key != NULL)
		n++;
	return n;
}

static void
keys_draw(struct pane *p, int y, int i, unsigned attr)
{
	const struct keybind *k = &keys_default[i];
	const char *now =
	    keytable_lookup(p->ui->keys, k->map, key_parse(k->key));
	int x = SETUP_MARK_W + 8;

	pane_text(p, y, SETUP_MARK_W, 8, attr, k->key);
	pane_text(p, y, x, NAME_W, attr, now == NULL ? "-" : now);
	x += NAME_W + 2;
	if (now != NULL && strcmp(now, k->command) == 0)
		pane_text(p, y, x, p->w - x, attr, k->note);
}

static const char *
keys_name(const struct setup *s, int i)
{
	(void)s;
	return keys_default[i].command;
}

static const char *
keys_help(const struct setup *s, int i)
{
	(void)s;
	return keymap_name(keys_default[i].map);
}

const struct setup_tab setup_tabs[SETUP_NTABS] = {
	[SETUP_COLUMNS] = { .title = "Columns",
	    .keys = "Enter shows or hides",
	    .count = columns_count,
	    .draw = columns_draw,
	    .name = columns_name,
	    .help = columns_help,
	    .enter = columns_enter },
	[SETUP_SETTINGS] = { .title = "Settings",
	    .keys = "Enter changes",
	    .count = options_count,
	    .draw = options_draw,
	    .name = options_name,
	    .help = options_help,
	    .enter = options_enter },
	[SETUP_KEYS] = { .title = "Keys",
	    .keys = "The config file changes them",
	    .count = keys_count,
	    .draw = keys_draw,
	    .name = keys_name,
	    .help = keys_help },
};
