/* SPDX-License-Identifier: ISC */
#ifndef BASE_XMALLOC_H
#define BASE_XMALLOC_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Allocation that cannot fail: out of memory ends the program through
 * fatal(), which gives the terminal back first. Everything returned is the
 * caller's and goes back with free(3).
 */
void *xmalloc(size_t) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t, size_t) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *, size_t) __attribute__((returns_nonnull));
void *xreallocarray(void *, size_t, size_t) __attribute__((returns_nonnull));
char *xstrdup(const char *) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *, size_t) __attribute__((malloc, returns_nonnull));
/* Return the length; never fail. */
int xasprintf(char **, const char *, ...)
    __attribute__((format(printf, 2, 3), nonnull));
int xvasprintf(char **, const char *, va_list)
    __attribute__((format(printf, 2, 0), nonnull));
/* From now on large arrays go back to the system when they are freed: for a
 * program that stays. */
void xmalloc_stay_small(void);
/* Much will be needed at once and kept to the end: the fewest page faults, at
 * the price of memory. */
void xmalloc_grow_large(void);

#endif
