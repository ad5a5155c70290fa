/* SPDX-License-Identifier: ISC */
/*
 * The first two bytes choose a width and how to cut; the rest is text from
 * an enemy. Whatever it is, nothing that moves a cursor or hides a letter may
 * come out.
 */
#include "config.h"

#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Judged byte by byte, not by the code under test. */
static void
require_harmless(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char b = p[i + 1], c = i + 1 < len ? p[i + 2] : 0;

		assert(p[i] >= 0x20 && p[i] != 0x7f);
		/* C1; Arabic letter mark */
		assert(!(p[i] == 0xc2 && b >= 0x80 && b <= 0x9f));
		assert(!(p[i] == 0xd8 && b == 0x9c));
		/* U+200B-200F, 2028-202E, 2060-2069 */
		assert(!(p[i] == 0xe2 && b == 0x80 && c >= 0x8b && c <= 0x8f));
		assert(!(p[i] == 0xe2 && b == 0x80 && c >= 0xa8 && c <= 0xae));
		assert(!(p[i] == 0xe2 && b == 0x81 && c >= 0xa0 && c <= 0xa9));
		/* byte order mark, tags */
		assert(!(p[i] == 0xef && b == 0xbb && c == 0xbf));
		assert(!(p[i] == 0xf3 && b == 0xa0));
	}
}

static void
check_fit(const char *clean, size_t width, enum text_cut cut)
{
	size_t full = text_width(clean), used, i;
	struct buf out = { 0 };

	buf_puts(&out, "");
	used = text_fit(&out, clean, width, cut, false);
	assert(used <= width);
	assert(used == text_width(out.data));
	assert(full > width || strcmp(out.data, clean) == 0);
	assert(text_is_clean(out.data, out.len));
	require_harmless(out.data, out.len);
	buf_reset(&out);
	used = text_fit(&out, clean, width, cut, true);
	assert(used <= width && used == out.len);
	for (i = 0; i < out.len; i++)
		assert(out.data[i] >= 0x20 && out.data[i] < 0x7f);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf out = { 0 };
	struct json j;
	char *clean, *again, *copy;
	size_t n;

	if (len < 2)
		return 0;
	/* a block of its exact size: one byte too far is seen */
	copy = calloc(1, len > 2 ? len - 2 : 1);
	assert(copy != NULL);
	memcpy(copy, data + 2, len - 2);
	clean = text_clean(copy, len - 2);
	n = strlen(clean);
	assert(n + 2 >= len || memchr(copy, 0, len - 2) == NULL);
	require_harmless(clean, n);
	assert(text_is_clean(clean, n));
	assert(text_is_clean(copy, len - 2) ==
	       (n == len - 2 && memcmp(copy, clean, n) == 0));
	again = text_clean(clean, n);
	assert(strcmp(again, clean) == 0);
	buf_puts(&out, "x");
	text_clean_buf(&out, copy, len - 2);
	assert(text_width(clean) <= n);
	check_fit(clean, data[0], data[1] & 1 ? TEXT_CUT_MIDDLE : TEXT_CUT_END);
	buf_reset(&out);
	jw_init(&j, &out);
	jw_stringn(&j, copy, len - 2);
	require_harmless(out.data, out.len);
	buf_done(&out);
	free(again);
	free(clean);
	free(copy);
	return 0;
}
