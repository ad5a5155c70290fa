/* SPDX-License-Identifier: ISC */
/*
 * Allocation that ends the program instead of returning NULL, so that no
 * caller needs a path for it.
 */
#include "config.h"

#include "base/xmalloc.h"

#include <sys/mman.h>

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define LARGE (128 * 1024)

#define AT_ONCE   (64 * 1024 * 1024)
#define NOT_HUGE  (2 * 1024 * 1024) /* this much is needed by the smallest */
#define HUGE_PAGE (2 * 1024 * 1024)

void *
xmalloc(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		fatal("out of memory (%zu bytes wanted)", size);
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p;

	if (n == 0 || size == 0)
		n = size = 1;
	p = calloc(n, size);
	if (p == NULL)
		fatal("out of memory (%zu x %zu bytes wanted)", n, size);
	return p;
}

void *
xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size > 0 ? size : 1);

	if (p == NULL)
		fatal("out of memory (%zu bytes wanted)", size);
	return p;
}

void *
xreallocarray(void *old, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		fatal("out of memory (%zu x %zu bytes wanted)", n, size);
	return xrealloc(old, n * size);
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, SIZE_MAX);
}

char *
xstrndup(const char *s, size_t max)
{
	size_t n = max == SIZE_MAX ? strlen(s) : strnlen(s, max);
	char *p = xmalloc(n + 1);

	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

int
xasprintf(char **ret, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = xvasprintf(ret, fmt, ap);
	va_end(ap);
	return n;
}

int
xvasprintf(char **ret, const char *fmt, va_list ap)
{
	int n = vasprintf(ret, fmt, ap);

	if (n < 0)
		fatal("out of memory (formatting)");
	return n;
}

/* The C library would raise the limit to the largest array that was ever
 * freed, and keep holes of that size. */
void
xmalloc_stay_small(void)
{
#ifdef M_MMAP_THRESHOLD /* others do so anyway */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

void
xmalloc_grow_large(void)
{
#ifdef M_TOP_PAD
	uintptr_t from, to;
	void *p;

	(void)mallopt(M_MMAP_THRESHOLD, 16 * AT_ONCE);
	(void)mallopt(M_TRIM_THRESHOLD, 16 * AT_ONCE);
	(void)mallopt(M_TOP_PAD, AT_ONCE);
	p = malloc(NOT_HUGE);
	from = (uintptr_t)p + NOT_HUGE;
	from = (from + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	to = (uintptr_t)sbrk(0);
	free(p);
	if (p != NULL && from < to)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
#endif
}
