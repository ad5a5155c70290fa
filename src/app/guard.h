/* SPDX-License-Identifier: ISC */
#ifndef APP_GUARD_H
#define APP_GUARD_H

#include <stddef.h>

/*
 * The guard: a small process that waits for the deck and gives the terminal
 * back when the deck could not, even if it was killed by SIGKILL. It shares
 * one page with the deck, in which the deck says how the screen is given
 * back.
 */
struct guard;

/*
 * Forks. The parent becomes the guard and never returns: it ends as the child
 * does (status or signal). The child gets the page; NULL: no process could
 * be made, the deck runs without. Before any thread and any handler.
 */
struct guard *guard_start(void);
/* From now on a death by signal writes this to the terminal. */
void guard_arm(struct guard *, const char *sequence, size_t len);
void guard_disarm(struct guard *);

#endif
