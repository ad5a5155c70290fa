/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_WHY_H
#define APP_DECK_WHY_H

#include <uv.h>

#include "cli/args.h"
#include "ui/ui.h"

/* The deck's bind doctor: why_run() in a thread, the answer by
 * ui_why_done(). */
struct deck_why;
/* done is called after each answer. All are borrowed until it is freed. */
struct deck_why *deck_why_new(uv_loop_t *, struct ui *, const struct args *,
    void (*done)(void *), void *arg);
/* services.why; a question asked while one is looked at comes next, and only
 * the newest. */
int deck_why_ask(
    struct deck_why *, const char *text, uint32_t netns, char **cause);
/* No answer comes any more; the loop must still run until it is closed. */
void deck_why_stop(struct deck_why *); /* NULL is fine */
void deck_why_free(struct deck_why *);

#endif
