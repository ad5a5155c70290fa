/* SPDX-License-Identifier: ISC */
#ifndef UI_ASK_ACT_H
#define UI_ASK_ACT_H

#include "model/act.h"

struct ui;

/* The questions about acts. They own the act from here on, and give it back
 * to services->act_end(). */

/* Which signal, from a menu of all, then the question. */
void ask_signal_menu(struct ui *, struct act *);
void ask_signal(struct ui *, struct act *);
/* only: "rst", "fin", or NULL: the choice is the user's. */
void ask_close(struct ui *, struct act *, const char *only);
/* It, or what is known of it, changed (ui->act_changed). */
void ask_act_changed(struct ui *, struct act *);
/* It cannot be done: says why, and can only be left. */
void ask_refused(struct ui *, const char *title, const char *why);

#endif
