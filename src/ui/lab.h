/* SPDX-License-Identifier: ISC */
#ifndef UI_LAB_H
#define UI_LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "model/lab.h"

struct menu_item;
struct ui;

/*
 * A lesson as the deck sees it: where it is, what happened. There only in
 * `sockdeck lab`; what goes on in the classroom comes as events, and what is
 * asked of it goes through services of its own.
 */
struct lab_services {
	/* A lesson from its beginning; the next step. 0, or -errno and a
	 * sentence. */
	int (*begin)(void *arg, size_t lesson, char **cause);
	int (*next)(void *arg, char **cause);
	void *arg;
};

/* The table's columns in the classroom: what a narrow screen has room for. */
#define LAB_COLUMNS "netns,proto,state,local,peer,recvq,sendq,process,pid"
#define LAB_COLUMNS_TIMER \
	"netns,state,local,peer,recvq,sendq,timer,timer_left,process,pid"

struct ui_lab {
	const struct lab_services *services;     /* borrowed */
	const struct lab_lesson *const *lessons; /* NULL ends; borrowed */
	size_t nlessons;
	size_t lesson, step; /* the one spoken of */
	enum {
		LAB_SETTING_UP,
		LAB_BEFORE,  /* the step is explained */
		LAB_RUNNING, /* it happens */
		LAB_AFTER,   /* what happened is explained */
		LAB_BROKEN   /* the lesson cannot go on; see wrong */
	} phase;
	char *wrong; /* the step came out otherwise; or NULL */
	uint32_t netns[LAB_NHOSTS];
	struct lab_log *log; /* of this lesson, oldest first */
	size_t nlog, log_cap;
	size_t log_step; /* where this step's lines begin */
	bool timers;     /* their column is shown */
};

/* Opens the pane, and asks for the lesson. */
void ui_lab_start(struct ui *, const struct lab_services *,
    const struct lab_lesson *const *, size_t lesson);
void ui_lab_free(struct ui_lab *); /* NULL is fine */
void ui_lab_event(struct ui *, const struct lab_event *);

/* What the keys do: go on by one, begin again, another lesson, the list. */
void ui_lab_next(struct ui *);
void ui_lab_begin(struct ui *, size_t lesson);
void ui_lab_menu(struct ui *);
void ui_lab_timers(struct ui *); /* their column comes or goes */
/* The pane (pane_lab.c): opened, or given the focus. */
void pane_lab_open(struct ui *);

#endif
