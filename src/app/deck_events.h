/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_EVENTS_H
#define APP_DECK_EVENTS_H

#include "cli/args.h"
#include "model/snap.h"
#include "ui/ui.h"

/* Sockets that close between two readings of the deck. */
struct deck_events;
/* Never NULL; where nothing can be listened to, ui->unseen_why says so. */
struct deck_events *deck_events_start(struct ui *, const struct args *);
/* Before a reading is merged: what closed since the one before. */
void deck_events_take(struct deck_events *, const struct snap *);
void deck_events_stop(struct deck_events *); /* NULL is fine */

#endif
