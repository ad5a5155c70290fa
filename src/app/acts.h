/* SPDX-License-Identifier: ISC */
#ifndef APP_ACTS_H
#define APP_ACTS_H

#include <uv.h>

#include "ui/ui.h"

/*
 * The deck's acts: what its services promise (ui/ui.h), on the loop. Each act
 * is asked about, run, watched and ended by the deck; what is found out and
 * done meanwhile reaches it through ui->act_changed.
 */
struct acts;

/* show: paints, after something changed. Fills ui->rights, and
 * lays down what only helpers need; recording: what is
 * shown is none of this machine's. */
struct acts *acts_new(
    uv_loop_t *, struct ui *, bool recording, void (*show)(void *), void *arg);
/* Ends all; before the loop's handles are closed and run out. */
void acts_stop(struct acts *);
void acts_free(struct acts *); /* after that; NULL is fine */

int acts_open(struct acts *, enum act_kind, const struct act_choice *,
    struct act **ret, char **cause);
int acts_run(struct acts *, struct act *, char **cause);
void acts_end(struct acts *, struct act *);

#endif
