/* SPDX-License-Identifier: ISC */
#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The terminal: taken, given back, whatever happens. Fatal-signal handlers do
 * no more than tcsetattr(3), write(2) on a re-opened /dev/tty and _exit(2).
 */
int term_start(char **cause); /* tries $TERM, xterm-256color, vt100 */
void term_stop(void);	      /* orderly; idempotent */
void term_suspend(void);      /* Ctrl-Z: give back, stop, take again */
void term_emergency(void);    /* async-signal-safe; does not return control
			       * of curses */
/* The size from the kernel; tells curses. True if it is drawable (>= 40x8);
 * 0x0 counts as 80x24. */
bool term_resize(int *rows, int *cols);
/* Room in the terminal's queue: a frame is dropped (and drawn later) when a
 * stalled link has not taken the last one. */
bool term_writable(void);
void term_mouse(bool on);
/* Text to the clipboard by OSC 52 (inside tmux and screen too). */
void term_copy(const char *text, size_t len);
void term_bell(void);

#endif
