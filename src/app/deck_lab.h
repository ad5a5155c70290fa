/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_LAB_H
#define APP_DECK_LAB_H

#include <stddef.h>
#include <uv.h>

#include "model/option.h"

/* The classroom beside the deck's loop: its events to the lesson's pane, the
 * pane's wishes to it. */
struct deck_lab;
struct ui;

/* Starts the director's process: while there is one thread. */
int deck_lab_open(struct deck_lab **ret, size_t lesson, char **cause);
void deck_lab_close(struct deck_lab *); /* NULL is fine */

/* How the deck is set for the hosts' few sockets. */
void deck_lab_options(struct options *);
/* The pane opens, the first lesson begins. changed: after each event. */
void deck_lab_attach(struct deck_lab *, uv_loop_t *, struct ui *,
    void (*changed)(void *arg), void *arg);
/* The two hosts, as -N takes them; NULL: none yet. Borrowed until the next
 * event. */
const char *deck_lab_netns(const struct deck_lab *);

#endif
