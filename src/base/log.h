/* SPDX-License-Identifier: ISC */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * The debug log (--debug FILE) and the one way to die. Nothing is printed to
 * the terminal by log_debug(): it is silent until log_open() succeeded.
 */
int log_open(const char *path); /* 0 or -errno; O_NOFOLLOW, mode 0600 */
void log_close(void);
void log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));

/*
 * For our bugs and for no memory only. Runs the hook (gives the terminal
 * back), prints one line on standard error, exits 4.
 */
void fatal(const char *, ...) __attribute__((noreturn, format(printf, 1, 2)));
void fatal_set_hook(void (*)(void));

#endif
