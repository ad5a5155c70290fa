/* SPDX-License-Identifier: ISC */
/* A growing byte buffer; always followed by a NUL that is not counted. */
#include "config.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/xmalloc.h"

void
buf_init(struct buf *b)
{
	*b = (struct buf){ 0 };
}

void
buf_done(struct buf *b)
{
	free(b->data);
	buf_init(b);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (n >= SIZE_MAX - b->len)
		fatal("%s: %zu more bytes", __func__, n);
	if (b->cap <= b->len + n) {
		size_t need = b->len + n + 1;

		b->data =
		    array_grow(b->data, &b->cap, need < 64 ? 64 : need, 1);
		b->data[b->len] = '\0';
	}
	return b->data + b->len;
}

void
buf_put(struct buf *b, const void *data, size_t n)
{
	char *p = buf_reserve(b, n);

	if (n > 0)
		memcpy(p, data, n);
	p[n] = '\0';
	b->len += n;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	char *p = buf_reserve(b, 1);

	p[0] = c;
	p[1] = '\0';
	b->len++;
}

void
buf_pad(struct buf *b, char c, size_t n)
{
	char *p = buf_reserve(b, n);

	memset(p, c, n);
	p[n] = '\0';
	b->len += n;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	size_t room;
	int n;

	buf_reserve(b, 0);
	room = b->cap - b->len;
	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(b->data + b->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatal("%s: bad format", __func__);
	if ((size_t)n >= room) {
		buf_reserve(b, (size_t)n);
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	b->len += (size_t)n;
}

char *
buf_steal(struct buf *b)
{
	char *s;

	buf_reserve(b, 0);
	s = b->data;
	s[b->len] = '\0';
	buf_init(b);
	return s;
}
