/* SPDX-License-Identifier: ISC */
/* The rules after each reading: marks, a word in the status line, the bell. */
#include "config.h"

#include "ui/alerts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "ui/term.h"

/* One reading's hits. */
struct round {
	struct ui *ui;
	uint64_t n;
	size_t first; /* its line; SIZE_MAX: none yet */
};

struct ui_alerts *
ui_alerts_new(const struct config *config)
{
	struct alerts *rules = alerts_new(config);
	struct ui_alerts *a;

	if (rules == NULL)
		return NULL;
	a = xcalloc(1, sizeof(*a));
	a->rules = rules;
	return a;
}

void
ui_alerts_free(struct ui_alerts *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		owners_done(&a->line[i].row.owners);
	free(a->line);
	alerts_free(a->rules);
	free(a);
}

/* The older half goes. */
static void
make_room(struct ui_alerts *a)
{
	size_t half = a->n / 2, i;

	for (i = 0; i < half; i++)
		owners_done(&a->line[i].row.owners);
	a->n -= half;
	memmove(a->line, a->line + half, a->n * sizeof(*a->line));
}

static void
hit(void *arg, const struct alert_hit *h)
{
	struct round *r = arg;
	struct ui_alerts *a = r->ui->alerts;
	struct ui_alert *l;

	if (a->n == UI_ALERTS_MAX) {
		make_room(a);
		r->first = SIZE_MAX;
	}
	a->line = array_grow(a->line, &a->cap, a->n + 1, sizeof(*a->line));
	l = &a->line[a->n];
	*l = (struct ui_alert){ .rule = h->rule,
		.mono_ns = r->ui->table->now_ns };
	if (h->row == NULL)
		l->others = h->count;
	else {
		l->row.rec = h->row->rec;
		l->row.flags = h->row->flags;
		l->row.born_ds = h->row->born_ds;
		l->row.gone_ds = h->row->gone_ds;
		owners_copy(&l->row.owners, &h->row->owners);
	}
	if (r->first == SIZE_MAX)
		r->first = a->n;
	a->n++;
	a->total += h->count;
	r->n += h->count;
}

static void
say(struct round *r)
{
	struct ui *ui = r->ui;
	const struct ui_alert *l = &ui->alerts->line[r->first];
	struct buf b = { 0 };
	const char *key;

	if (l->others > 0)
		buf_printf(&b, "Alert %s: %llu more sockets in a minute",
		    l->rule, (unsigned long long)l->others);
	else {
		buf_printf(&b, "Alert %s: ", l->rule);
		column_put(column_find("local"), &l->row, &ui->view.ctx, &b);
		if (l->row.rec.peer.port != 0) {
			buf_puts(&b, " - ");
			column_put(
			    column_find("peer"), &l->row, &ui->view.ctx, &b);
		}
		if (l->row.owners.proc != NULL)
			buf_printf(&b, " %s (%d)", l->row.owners.proc->comm,
			    (int)l->row.owners.proc->pid);
		if (r->n > 1)
			buf_printf(&b, ", and %llu more",
			    (unsigned long long)r->n - 1);
	}
	key = keytable_key_of(ui->keys, MAP_GLOBAL, "alerts");
	if (key != NULL)
		buf_printf(&b, "; %s lists alerts", key);
	ui_status(ui, "%s", b.data);
	buf_done(&b);
	if (ui->config->opt.alert_bell)
		term_bell();
}

/* Closed before a reading saw them; their numbers go up. */
static void
check_unseen(struct round *r)
{
	struct ui *ui = r->ui;
	struct ui_alerts *a = ui->alerts;
	const struct table *t = ui->table;
	uint32_t next = a->next;
	const struct row *row;
	size_t i;

	for (i = 0; i < t->nclosed; i++) {
		row = t->closed[i];
		if ((row->flags & ROW_UNSEEN) == 0 || row->seq < a->next)
			continue;
		if (row->seq >= next)
			next = row->seq + 1;
		alerts_check_row(
		    a->rules, row, &ui->view.ctx, t->now_ns, hit, r);
	}
	a->next = next;
}

void
ui_alerts_merged(struct ui *ui)
{
	struct round r = { .ui = ui, .first = SIZE_MAX };
	struct ui_alerts *a = ui->alerts;

	if (a == NULL)
		return;
	if (alerts_check(
		a->rules, &ui->view.ctx, a->owners, ui->table->now_ns, hit, &r))
		ui->dirty |= DIRTY_TABLE;
	check_unseen(&r);
	if (r.first != SIZE_MAX)
		say(&r);
}
