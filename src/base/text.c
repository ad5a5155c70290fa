/* SPDX-License-Identifier: ISC */
/*
 * Text from outside made fit to show, and its measuring and cutting. This is
 * the one gate between an attacker's bytes and a terminal: nothing here may
 * depend on the locale, and nothing may let through what is not known.
 */
#include "config.h"

#include "base/text.h"

#include <string.h>

#include "base/xmalloc.h"

#define MARKS_MAX 4
#define ELLIPSIS  "\xe2\x80\xa6"

static bool utf8_shown;

bool
text_utf8(void)
{
	return utf8_shown;
}

void
text_set_utf8(bool on)
{
	utf8_shown = on;
}

/* How many bytes from s on are printable ASCII; eight at a time. */
static size_t
ascii_run(const char *s, size_t len)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t w;
	size_t i = 0;

	/* A borrow or carry marks a byte wrongly only beside a true one. */
	for (; len - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s + i, sizeof(w));
		if (((w | (w - 0x20 * ones) | (w + ones)) & high) != 0)
			break;
	}
	while (i < len && s[i] >= 0x20 && s[i] < 0x7f)
		i++;
	return i;
}

size_t
text_decode(const char *str, size_t len, uint32_t *ret)
{
	const unsigned char *s = (const unsigned char *)str;
	uint32_t c, min;
	size_t n, i;

	if (s[0] < 0x80) {
		*ret = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		n = 2;
		c = s[0] & 0x1f;
		min = 0x80;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		n = 3;
		c = s[0] & 0x0f;
		min = 0x800;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		n = 4;
		c = s[0] & 0x07;
		min = 0x10000;
	} else
		return 0;
	if (len < n)
		return 0;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

static void
put_code(struct buf *out, uint32_t c)
{
	static const char hex[] = "0123456789abcdef";
	char s[12], *p = s;
	int shift = 20;

	*p++ = '\\';
	if (c < 0x80) {
		*p++ = 'x';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	} else {
		*p++ = 'u';
		*p++ = '{';
		while (c >> shift == 0)
			shift -= 4;
		for (; shift >= 0; shift -= 4)
			*p++ = hex[c >> shift & 15];
		*p++ = '}';
	}
	buf_put(out, s, (size_t)(p - s));
}

static void
put_byte(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char s[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

	buf_put(out, s, sizeof(s));
}

/* Whether the character may stand as it is. marks counts those on the base
 * before it; a mark without a base would sit on what is left of the text. */
static bool
is_shown(uint32_t c, unsigned *marks)
{
	int w = text_char_width(c);

	if (w == 0) {
		if (*marks == MARKS_MAX)
			return false;
		(*marks)++;
		return true;
	}
	/* An escape ends in ASCII, which is a base. */
	*marks = 0;
	return w > 0;
}

/* The length of the longest clean beginning of s, from which on the state
 * of marks holds. */
static size_t
clean_run(const char *s, size_t len, unsigned *marks)
{
	uint32_t c;
	size_t i = 0, n;

	while (i < len) {
		n = ascii_run(s + i, len - i);
		if (n > 0)
			*marks = 0;
		i += n;
		if (i == len)
			break;
		n = text_decode(s + i, len - i, &c);
		if (n == 0 || !is_shown(c, marks))
			break;
		i += n;
	}
	return i;
}

void
text_clean_buf(struct buf *out, const void *data, size_t len)
{
	const char *s = data;
	unsigned marks = MARKS_MAX;
	uint32_t c;
	size_t n;

	for (;;) {
		n = clean_run(s, len, &marks);
		buf_put(out, s, n);
		s += n;
		len -= n;
		if (len == 0)
			break;
		n = text_decode(s, len, &c);
		if (n == 0) {
			put_byte(out, (unsigned char)*s);
			marks = 0;
			n = 1;
		} else
			put_code(out, c);
		s += n;
		len -= n;
	}
}

char *
text_clean(const void *data, size_t len)
{
	struct buf out = { 0 };
	char *s;

	if (len > 0 && ascii_run(data, len) == len) {
		s = xmalloc(len + 1);
		memcpy(s, data, len);
		s[len] = '\0';
		return s;
	}
	text_clean_buf(&out, data, len);
	return buf_steal(&out);
}

bool
text_is_clean(const void *data, size_t len)
{
	unsigned marks = MARKS_MAX;

	return clean_run(data, len, &marks) == len;
}

/* The next character of clean text and its width. Unclean bytes, which no
 * caller should hand over, count one column each. */
static size_t
next_char(const char *s, const char *end, unsigned *width)
{
	uint32_t c;
	size_t n = text_decode(s, (size_t)(end - s), &c);
	int w = n > 0 ? text_char_width(c) : 1;

	*width = w < 0 ? 1 : (unsigned)w;
	return n > 0 ? n : 1;
}

static size_t
width_of(const char *s, const char *end)
{
	size_t total = 0, n;
	unsigned w;

	while (s < end) {
		n = ascii_run(s, (size_t)(end - s));
		total += n;
		s += n;
		if (s == end)
			break;
		s += next_char(s, end, &w);
		total += w;
	}
	return total;
}

size_t
text_width(const char *s)
{
	return width_of(s, s + strlen(s));
}

/* Where at most width columns of s end, marks included; *used tells them. */
static const char *
take(const char *s, const char *end, size_t width, size_t *used)
{
	unsigned w;
	size_t n, sum = 0;

	while (s < end) {
		n = next_char(s, end, &w);
		if (sum + w > width)
			break;
		sum += w;
		s += n;
	}
	*used = sum;
	return s;
}

/* Puts text that is wider than width, which is at least 1. */
static size_t
put_cut(struct buf *out, const char *s, const char *end, size_t total,
    size_t width, enum text_cut cut, bool ascii)
{
	size_t head, tail, used, skip;
	const char *p;
	unsigned w;

	tail = cut == TEXT_CUT_MIDDLE ? (width - 1) / 2 : 0;
	head = width - 1 - tail;
	p = take(s, end, head, &used);
	buf_put(out, s, (size_t)(p - s));
	buf_puts(out, ascii ? "~" : ELLIPSIS);
	if (tail == 0)
		return used + 1;
	/* The tail begins where no more than its columns are left, and not
	 * at a mark, whose base is cut away. */
	for (skip = total - used; skip > tail && p < end; skip -= w)
		p += next_char(p, end, &w);
	while (p < end) {
		size_t n = next_char(p, end, &w);

		if (w > 0)
			break;
		p += n;
	}
	buf_put(out, p, (size_t)(end - p));
	return used + 1 + skip;
}

size_t
text_fit(
    struct buf *out, const char *s, size_t width, enum text_cut cut, bool ascii)
{
	struct buf tmp = { 0 };
	size_t len = strlen(s), total;

	if (ascii_run(s, len) == len)
		total = len;
	else if (ascii) {
		text_to_ascii(&tmp, s);
		s = tmp.data;
		total = len = tmp.len;
	} else
		total = width_of(s, s + len);
	if (total <= width)
		buf_put(out, s, len);
	else if (width > 0)
		total = put_cut(out, s, s + len, total, width, cut, ascii);
	else
		total = 0;
	buf_done(&tmp);
	return total;
}

void
text_to_ascii(struct buf *out, const char *s)
{
	size_t len = strlen(s), n;
	uint32_t c;

	for (;;) {
		n = ascii_run(s, len);
		buf_put(out, s, n);
		s += n;
		len -= n;
		if (len == 0)
			break;
		n = text_decode(s, len, &c);
		if (n > 0)
			put_code(out, c);
		else
			put_byte(out, (unsigned char)*s);
		s += n > 0 ? n : 1;
		len -= n > 0 ? n : 1;
	}
}
