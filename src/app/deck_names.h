/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_NAMES_H
#define APP_DECK_NAMES_H

#include <uv.h>

#include "ui/ui.h"

/*
 * Host names in the background, in the loop's thread pool: few at a time,
 * each address once, off unless asked for. What comes back is believed only
 * if it looks like a host name.
 */
struct deck_names;
struct deck_names *deck_names_new(uv_loop_t *, struct ui *);
/* Looks up what the table wants to know. */
void deck_names_run(struct deck_names *);
/* No more: what runs is given up as far as it can be. */
void deck_names_stop(struct deck_names *);
void deck_names_free(struct deck_names *);

#endif
