/* SPDX-License-Identifier: ISC */
/*
 * The course of a lesson: events that come, keys that ask. Draws nothing.
 */
#include "config.h"

#include "ui/lab.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "ui/menu.h"
#include "ui/ui.h"

#define LOG_MAX 400 /* lines kept */

void
ui_lab_free(struct ui_lab *l)
{
	if (l == NULL)
		return;
	free(l->wrong);
	free(l->log);
	free(l);
}

void
ui_lab_start(struct ui *ui, const struct lab_services *services,
    const struct lab_lesson *const *lessons, size_t lesson)
{
	struct ui_lab *l = xcalloc(1, sizeof(*l));

	l->services = services;
	l->lessons = lessons;
	while (lessons[l->nlessons] != NULL)
		l->nlessons++;
	ui->lab = l;
	pane_lab_open(ui);
	ui_lab_begin(ui, lesson);
}

static void
set_wrong(struct ui_lab *l, const char *text)
{
	free(l->wrong);
	l->wrong = text == NULL ? NULL : xstrdup(text);
}

void
ui_lab_begin(struct ui *ui, size_t lesson)
{
	struct ui_lab *l = ui->lab;
	char *cause = NULL;

	l->lesson = lesson;
	l->step = l->nlog = l->log_step = 0;
	l->phase = LAB_SETTING_UP;
	set_wrong(l, NULL);
	if (l->services->begin(l->services->arg, lesson, &cause) < 0) {
		l->phase = LAB_BROKEN;
		set_wrong(l, cause);
	}
	free(cause);
	ui->dirty |= DIRTY_ALL;
}

static void
run_step(struct ui *ui)
{
	struct ui_lab *l = ui->lab;
	char *cause = NULL;

	l->phase = LAB_RUNNING;
	l->log_step = l->nlog;
	if (l->services->next(l->services->arg, &cause) < 0) {
		l->phase = LAB_BROKEN;
		set_wrong(l, cause);
	}
	free(cause);
}

void
ui_lab_next(struct ui *ui)
{
	struct ui_lab *l = ui->lab;
	const struct lab_lesson *lesson = l->lessons[l->lesson];

	if (l->phase == LAB_BEFORE)
		run_step(ui);
	else if (l->phase == LAB_AFTER && l->wrong != NULL)
		ui_status(ui, "The lesson cannot go on from here: r begins it "
			      "again");
	else if (l->phase == LAB_AFTER && l->step + 1 < lesson->nsteps) {
		l->step++;
		l->phase = LAB_BEFORE;
	} else if (l->phase == LAB_AFTER && l->lesson + 1 < l->nlessons)
		ui_lab_begin(ui, l->lesson + 1);
	else if (l->phase == LAB_AFTER)
		ui_status(ui, "That was the last lesson: L lists them all");
	else if (l->phase == LAB_RUNNING)
		ui_status(ui, "The step is not over yet");
	ui->dirty |= DIRTY_ALL;
}

static void
chosen(struct ui *ui, const struct menu_item *item)
{
	ui_lab_begin(ui, (size_t)item->id);
}

void
ui_lab_menu(struct ui *ui)
{
	const struct ui_lab *l = ui->lab;
	struct menu *m = menu_new("Lessons", chosen);
	struct menu_item *item;
	char *label;
	size_t i;

	for (i = 0; i < l->nlessons; i++) {
		xasprintf(&label, "%2zu  %s", i + 1, l->lessons[i]->title);
		item = menu_add(m, label, l->lessons[i]->about, NULL);
		item->id = (int)i;
		item->marked = i == l->lesson;
		free(label);
	}
	m->explains = true;
	menu_open(ui, m, "no lessons");
}

void
ui_lab_timers(struct ui *ui)
{
	struct ui_lab *l = ui->lab;
	char *cause = NULL;

	l->timers = !l->timers;
	(void)ui_columns_set(
	    ui, l->timers ? LAB_COLUMNS_TIMER : LAB_COLUMNS, &cause);
	free(cause);
	ui->dirty |= DIRTY_ALL;
}

/* -- events --------------------------------------------------------------- */

static void
keep_line(struct ui_lab *l, const struct lab_log *line)
{
	size_t i;

	for (i = l->nlog; i-- > 0;)
		if (l->log[i].id == line->id) {
			l->log[i] = *line;
			return;
		}
	if (l->nlog == LOG_MAX) {
		memmove(l->log, l->log + 1, (LOG_MAX - 1) * sizeof(*l->log));
		l->nlog--;
		l->log_step -= l->log_step > 0;
	}
	l->log = array_grow(l->log, &l->log_cap, l->nlog + 1, sizeof(*l->log));
	l->log[l->nlog++] = *line;
}

/* Of a lesson that was left meanwhile? */
static bool
is_stale(const struct ui_lab *l, const struct lab_event *ev)
{
	return ev->lesson != l->lesson ||
	       (l->phase == LAB_SETTING_UP && ev->type != LAB_EV_READY &&
		   ev->type != LAB_EV_FAILED);
}

void
ui_lab_event(struct ui *ui, const struct lab_event *ev)
{
	struct ui_lab *l = ui->lab;

	if (is_stale(l, ev))
		return;
	switch (ev->type) {
	case LAB_EV_READY:
		memcpy(l->netns, ev->netns, sizeof(l->netns));
		l->phase = LAB_BEFORE;
		break;
	case LAB_EV_LOG:
		keep_line(l, &ev->log);
		break;
	case LAB_EV_DONE:
		l->phase = LAB_AFTER;
		set_wrong(l, ev->ok ? NULL : ev->text);
		break;
	case LAB_EV_FAILED:
		l->phase = LAB_BROKEN;
		set_wrong(l, ev->text);
		break;
	default:
		break;
	}
	ui->dirty |= DIRTY_ALL;
}
