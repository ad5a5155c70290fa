/* SPDX-License-Identifier: ISC */
/*
 * Writes JSON into a buffer as it is told. What text_clean() would not show
 * is written as \u escapes, so that the output is safe on a terminal too; an
 * invalid byte becomes U+FFFD.
 */
#include "config.h"

#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void
jw_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

/* What stands between the value before and the one to come. */
static void
before_value(struct json *j)
{
	if (j->comma && !j->key)
		buf_putc(j->out, ',');
	j->comma = true;
	j->key = false;
}

static void
open_level(struct json *j, char c)
{
	before_value(j);
	buf_putc(j->out, c);
	j->depth++;
	j->comma = false;
}

static void
close_level(struct json *j, char c)
{
	buf_putc(j->out, c);
	if (j->depth > 0)
		j->depth--;
	j->comma = j->depth > 0;
}

void
jw_object(struct json *j)
{
	open_level(j, '{');
}

void
jw_object_end(struct json *j)
{
	close_level(j, '}');
}

void
jw_array(struct json *j)
{
	open_level(j, '[');
}

void
jw_array_end(struct json *j)
{
	close_level(j, ']');
}

static void
put_escape(struct buf *b, uint32_t c)
{
	switch (c) {
	case '"':
		buf_put(b, "\\\"", 2);
		break;
	case '\\':
		buf_put(b, "\\\\", 2);
		break;
	case '\n':
		buf_put(b, "\\n", 2);
		break;
	case '\t':
		buf_put(b, "\\t", 2);
		break;
	default:
		if (c > 0xffff) {
			c -= 0x10000;
			buf_printf(b, "\\u%04x", 0xd800 | c >> 10);
			c = 0xdc00 | (c & 0x3ff);
		}
		buf_printf(b, "\\u%04x", c);
	}
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_string(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len, *run;
	uint32_t c;
	size_t n;

	buf_putc(b, '"');
	while (s < end) {
		for (run = s; s < end && is_plain((unsigned char)*s); s++)
			;
		buf_put(b, run, (size_t)(s - run));
		if (s == end)
			break;
		n = text_decode(s, (size_t)(end - s), &c);
		if (n == 0) {
			buf_puts(b, "\xef\xbf\xbd");
			n = 1;
		} else if (c < 0x80 || text_char_width(c) < 0)
			put_escape(b, c);
		else
			buf_put(b, s, n);
		s += n;
	}
	buf_putc(b, '"');
}

void
jw_key(struct json *j, const char *key)
{
	if (j->comma)
		buf_putc(j->out, ',');
	put_string(j->out, key, strlen(key));
	buf_putc(j->out, ':');
	j->key = true;
}

void
jw_stringn(struct json *j, const char *s, size_t n)
{
	before_value(j);
	put_string(j->out, s, n);
}

void
jw_string(struct json *j, const char *s)
{
	if (s == NULL)
		jw_null(j);
	else
		jw_stringn(j, s, strlen(s));
}

void
jw_u64(struct json *j, uint64_t n)
{
	char *p;

	before_value(j);
	p = buf_reserve(j->out, TEXT_U64_MAX);
	j->out->len += (size_t)(text_u64(p, n) - p);
	j->out->data[j->out->len] = '\0';
}

void
jw_i64(struct json *j, int64_t n)
{
	before_value(j);
	buf_printf(j->out, "%" PRId64, n);
}

void
jw_double(struct json *j, double d)
{
	char s[64], *p;
	size_t n;

	if (!isfinite(d)) {
		jw_null(j);
		return;
	}
	before_value(j);
	snprintf(s, sizeof(s), "%.15g", d);
	if (strtod(s, NULL) < d || strtod(s, NULL) > d)
		snprintf(s, sizeof(s), "%.17g", d);
	/* Some locales' decimal point is a comma, or several bytes. */
	n = strcspn(s, ".");
	p = s + strspn(s, "0123456789-+e");
	if (*p != '\0' && s[n] == '\0') {
		n = strcspn(p, "0123456789");
		*p = '.';
		memmove(p + 1, p + n, strlen(p + n) + 1);
	}
	buf_puts(j->out, s);
}

void
jw_bool(struct json *j, bool b)
{
	before_value(j);
	buf_puts(j->out, b ? "true" : "false");
}

void
jw_null(struct json *j)
{
	before_value(j);
	buf_puts(j->out, "null");
}

void
jw_kstring(struct json *j, const char *key, const char *s)
{
	jw_key(j, key);
	jw_string(j, s);
}

void
jw_ku64(struct json *j, const char *key, uint64_t n)
{
	jw_key(j, key);
	jw_u64(j, n);
}

void
jw_kdouble(struct json *j, const char *key, double d)
{
	jw_key(j, key);
	jw_double(j, d);
}

void
jw_kbool(struct json *j, const char *key, bool b)
{
	jw_key(j, key);
	jw_bool(j, b);
}
