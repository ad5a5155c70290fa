/* SPDX-License-Identifier: ISC */
#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The terminal: taken, given back, whatever happens. Curses draws into memory;
 * what it says goes to the terminal through a descriptor of our own that does
 * not block, so that a stalled link stops neither keys nor signals.
 * Fatal-signal handlers do no more than tcsetattr(3), write(2) and raise(3).
 */
int term_start(char **cause); /* tries $TERM, xterm-256color, vt100 */
void term_stop(void);         /* orderly; idempotent */
/* Ctrl-Z: gives the terminal back; SIGCONT: takes it again. */
void term_pause(void);
void term_resume(void);
void term_retake(void);    /* after a stop we were not asked about */
void term_emergency(void); /* async-signal-safe */
/* What gives the screen back, for the guard; valid while started. */
const char *term_reset_sequence(size_t *len);
/* Installs handlers for SIGSEGV and its like: emergency, then re-raise. */
void term_catch_crashes(void);

/* The descriptor to poll, and which way. */
int term_fd(void);
/* Bytes from the terminal: > 0 so many; 0 none now; < 0 hung up. */
ssize_t term_read(char *buf, size_t size);
/* Sends what curses has drawn. True: all of it is gone. False: some waits
 * (poll for writing, call again); a hangup is term_read()'s to tell. */
bool term_flush(void);
/* No bytes wait: a frame drawn now goes out at once. Frames are dropped (and
 * drawn later) while a stalled link has not taken the last one. */
bool term_writable(void);
size_t term_bytes_sent(void); /* since the start */

/* The size from the kernel; tells curses. True if it is drawable (>= 40x8);
 * 0x0 counts as 80x24. */
bool term_resize(int *rows, int *cols);
void term_mouse(bool on);
bool term_has_mouse(void);
/* Text to the clipboard by OSC 52 (inside tmux and screen too). */
void term_copy(const char *text, size_t len);
void term_bell(void);
/* Everything is drawn anew at the next frame (^L, after a stop). */
void term_redraw(void);

#endif
