/* SPDX-License-Identifier: ISC */
#ifndef APP_QUIT_H
#define APP_QUIT_H

#include <uv.h>

#include "app/guard.h"

/*
 * TERM, INT, HUP and QUIT: the loop is told to end in good order; if it has
 * not 300 ms later, the terminal is given back from the handler and the
 * process ends. SIGHUP, ignored by the caller, stays ignored.
 */
void quit_catch(uv_async_t *);
void quit_release(void); /* no more sends; the timer stays armed */
int quit_signal(void);   /* which one came */
/* The terminal is given back: from now on the process ends with this status
 * within the same time, whatever hangs. */
void quit_within(int status);
/* Tells the guard how to give the screen back. */
void quit_guarded(struct guard *);

#endif
