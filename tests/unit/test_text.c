/* SPDX-License-Identifier: ISC */
/* Text from outside: made safe, measured, cut; numbers and addresses. */
#include "config.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "seed.h"

#define ACUTE    "\xcc\x81"         /* U+0301, a mark */
#define HAN      "\xe4\xb8\xad"     /* U+4E2D, two columns */
#define E_ACUTE  "\xc3\xa9"         /* U+00E9 */
#define ELLIPSIS "\xe2\x80\xa6"     /* U+2026 */
#define ROCKET   "\xf0\x9f\x9a\x80" /* U+1F680, two columns */
#define ACUTES4  ACUTE ACUTE ACUTE ACUTE

static size_t
encode(uint32_t c, char *p)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* What must never reach a terminal, as written down, not as coded. */
static bool
forbidden(uint32_t c)
{
	static const struct {
		uint32_t lo, hi;
	} ranges[] = {
		{ 0, 0x1f },
		{ 0x7f, 0x9f },
		{ 0x61c, 0x61c },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x2069 },
		{ 0xd800, 0xdfff },
		{ 0xe000, 0xf8ff },
		{ 0xfdd0, 0xfdef },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
		{ 0xf0000, 0x10ffff },
	};
	size_t i;

	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (i = 0; i < nitems(ranges); i++)
		if (c >= ranges[i].lo && c <= ranges[i].hi)
			return true;
	return false;
}

static void
check_clean(const char *in, size_t len, const char *want)
{
	char *out = text_clean(in, len), *again;

	assert_string_equal(out, want);
	assert_true(text_is_clean(out, strlen(out)));
	again = text_clean(out, strlen(out));
	assert_string_equal(again, out);
	assert_int_equal(text_is_clean(in, len),
	    strlen(out) == len && memcmp(in, out, len) == 0);
	free(again);
	free(out);
}

static const struct {
	const char *in, *want;
} clean_cases[] = {
	{ "", "" },
	{ "sshd: root@pts/0", "sshd: root@pts/0" },
	{ "a\\b", "a\\b" },
	{ "\\x1b", "\\x1b" },
	{ "\x1b[31mred", "\\x1b[31mred" },
	{ "A\nroot 1", "A\\x0aroot 1" },
	{ "tab\there\r", "tab\\x09here\\x0d" },
	{ "\x7f", "\\x7f" },
	{ "12345678\x1f", "12345678\\x1f" },
	{ "\x7f"
	  "2345678",
	    "\\x7f2345678" },
	/* C1: as one stray byte, and as a character */
	{ "\x9b"
	  "31m",
	    "\\x9b31m" },
	{ "\xc2\x9b"
	  "31m",
	    "\\u{9b}31m" },
	{ "\xc2\x80", "\\u{80}" },
	{ "\xc2\x9f", "\\u{9f}" },
	{ "\xc2\xa0", "\xc2\xa0" },
	/* direction */
	{ "a\xe2\x80\xae"
	  "b",
	    "a\\u{202e}b" },
	{ "\xd8\x9c", "\\u{61c}" },
	{ "\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}" },
	/* zero width, joiners, tags, variation selectors, fillers */
	{ "a\xe2\x80\x8b"
	  "b",
	    "a\\u{200b}b" },
	{ ROCKET "\xe2\x80\x8d" ROCKET, ROCKET "\\u{200d}" ROCKET },
	{ "\xef\xbb\xbf#!", "\\u{feff}#!" },
	{ "\xf3\xa0\x81\x81", "\\u{e0041}" },
	{ "\xef\xb8\x8f", "\\u{fe0f}" },
	{ "\xc2\xad", "\\u{ad}" },
	{ "\xe3\x85\xa4", "\\u{3164}" },
	/* lines, annotations */
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}" },
	{ "\xef\xbf\xb9", "\\u{fff9}" },
	/* private use, noncharacters, not assigned */
	{ "\xee\x80\x80", "\\u{e000}" },
	{ "\xf3\xb0\x80\x80", "\\u{f0000}" },
	{ "\xf4\x80\x80\x80", "\\u{100000}" },
	{ "\xef\xb7\x90", "\\u{fdd0}" },
	{ "\xef\xbf\xbf", "\\u{ffff}" },
	{ "\xf4\x8f\xbf\xbf", "\\u{10ffff}" },
	{ "\xcd\xb8", "\\u{378}" },
	{ "\xef\xbf\xbd", "\xef\xbf\xbd" },
	/* invalid: overlong, surrogates, too large, cut short, stray */
	{ "\xc0\xaf", "\\xc0\\xaf" },
	{ "\xc1\xbf", "\\xc1\\xbf" },
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
	{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
	{ "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
	{ "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xed\xbf\xbf", "\\xed\\xbf\\xbf" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" },
	{ "\xff\xfe", "\\xff\\xfe" },
	{ "\xe4\xb8", "\\xe4\\xb8" },
	{ "\xf0\x9f\x9a", "\\xf0\\x9f\\x9a" },
	{ "\xc3", "\\xc3" },
	{ "\xe4\xb8x", "\\xe4\\xb8x" },
	{ "\xc3\xc3\xa9", "\\xc3" E_ACUTE },
	/* fine as they are */
	{ "caf" E_ACUTE " " HAN " " ROCKET, "caf" E_ACUTE " " HAN " " ROCKET },
	{ "e" ACUTES4, "e" ACUTES4 },
	/* marks: four on a base, none without one */
	{ "e" ACUTES4 ACUTE, "e" ACUTES4 "\\u{301}" },
	{ "e" ACUTES4 ACUTE ACUTE "f" ACUTE,
	    "e" ACUTES4 "\\u{301}\\u{301}f" ACUTE },
	{ ACUTE "e", "\\u{301}e" },
	{ ACUTE ACUTE, "\\u{301}\\u{301}" },
	{ "\x1b" ACUTE, "\\x1b" ACUTE },
	{ "\xff" ACUTES4 ACUTE, "\\xff" ACUTES4 "\\u{301}" },
	{ HAN ACUTES4 HAN ACUTES4, HAN ACUTES4 HAN ACUTES4 },
};

static void
clean_table(void **state)
{
	static const char *const locales[] = { "C", "C.UTF-8",
		"en_US.ISO-8859-1" };
	size_t i, l;

	(void)state;
	/* A locale that is not installed leaves the one before: no harm. */
	for (l = 0; l < nitems(locales); l++) {
		setlocale(LC_ALL, locales[l]);
		for (i = 0; i < nitems(clean_cases); i++)
			check_clean(clean_cases[i].in,
			    strlen(clean_cases[i].in), clean_cases[i].want);
	}
	setlocale(LC_ALL, "C");
	check_clean("a\0b", 3, "a\\x00b");
	check_clean("\0", 1, "\\x00");
}

/* Each of the 1,114,112 code points and its neighbours in UTF-8. */
static void
every_code_point(void **state)
{
	uint32_t c, back;
	char in[8], *out;
	size_t n;
	int w;

	(void)state;
	for (c = 0; c <= 0x10ffff; c++) {
		in[0] = 'a';
		n = encode(c, in + 1);
		w = text_char_width(c);
		if (c >= 0xd800 && c <= 0xdfff) {
			assert_int_equal(text_decode(in + 1, n, &back), 0);
			assert_int_equal(w, -1);
			continue;
		}
		assert_int_equal(text_decode(in + 1, n, &back), n);
		assert_int_equal(back, c);
		for (size_t cut = 1; cut < n; cut++)
			assert_int_equal(text_decode(in + 1, cut, &back), 0);
		if (forbidden(c) && w != -1)
			fail_msg("U+%04" PRIX32 " would be shown", c);
		if (text_is_clean(in, n + 1) != (w >= 0))
			fail_msg("U+%04" PRIX32 ": width %d", c, w);
		if (c % 251 != 0 && w >= 0)
			continue;
		out = text_clean(in, n + 1);
		if (w >= 0) {
			assert_memory_equal(out, in, n + 1);
			assert_int_equal(text_width(out), 1 + w);
		} else {
			char want[16];

			snprintf(want, sizeof(want),
			    c < 0x80 ? "a\\x%02" PRIx32 : "a\\u{%" PRIx32 "}",
			    c);
			assert_string_equal(out, want);
		}
		free(out);
	}
	assert_int_equal(text_char_width(0x110000), -1);
	assert_int_equal(text_char_width(UINT32_MAX), -1);
}

/* Of all sequences of three bytes, exactly the valid ones decode. */
static void
every_sequence(void **state)
{
	size_t two = 0, three = 0, n;
	unsigned a, b, c;
	uint32_t code;
	char s[3];

	(void)state;
	for (a = 0x80; a < 0x100; a++)
		for (b = 0; b < 0x100; b++) {
			s[0] = (char)a;
			s[1] = (char)b;
			two += text_decode(s, 2, &code) == 2;
			for (c = 0; c < 0x100; c += b < 0x80 ? 0x100 : 1) {
				s[2] = (char)c;
				n = text_decode(s, 3, &code);
				three += n == 3;
			}
		}
	assert_int_equal(two, 0x800 - 0x80);
	assert_int_equal(three, 0x10000 - 0x800 - 0x800);
}

static void
widths(void **state)
{
	static const struct {
		uint32_t c;
		int width;
	} cases[] = {
		{ 'a', 1 },
		{ 0xe9, 1 },
		{ 0x300, 0 },
		{ 0x36f, 0 },
		{ 0x483, 0 },
		{ 0x5d0, 1 },
		{ 0x5b0, 0 },
		{ 0x1100, 2 },
		{ 0x1161, 0 },
		{ 0x11a8, 0 },
		{ 0x1160, -1 },
		{ 0x20d0, 0 },
		{ 0x2500, 1 },
		{ 0x2588, 1 },
		{ 0x2800, 1 },
		{ 0x231a, 2 },
		{ 0x2713, 1 },
		{ 0x3000, 2 },
		{ 0x303e, 2 },
		{ 0x3042, 2 },
		{ 0x4e00, 2 },
		{ 0x9fff, 2 },
		{ 0xac00, 2 },
		{ 0xd7a3, 2 },
		{ 0xff01, 2 },
		{ 0xff61, 1 },
		{ 0xffe0, 2 },
		{ 0x1f1e6, 1 },
		{ 0x1f600, 2 },
		{ 0x1f680, 2 },
		{ 0x1f93c, 2 },
		{ 0x20000, 2 },
		{ 0x2a6df, 2 },
		{ 0x2a6e0, -1 },
		{ 0x3fffe, -1 },
		/* terminals do not agree */
		{ 0x2630, -1 },
		{ 0x3248, -1 },
		{ 0x4dc0, -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++)
		if (text_char_width(cases[i].c) != cases[i].width)
			fail_msg("U+%04" PRIX32 ": %d, not %d", cases[i].c,
			    text_char_width(cases[i].c), cases[i].width);
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abcdefghijk"), 11);
	assert_int_equal(text_width("e" ACUTE "f"), 2);
	assert_int_equal(text_width(HAN "a" ROCKET), 5);
	/* Nobody should hand over such: but it must not run away. */
	assert_int_equal(text_width("a\x1b\xff"), 3);
}

static void
check_fit(const char *s, size_t width, enum text_cut cut, bool ascii,
    const char *want)
{
	struct buf b = { 0 };
	size_t used;

	buf_puts(&b, "<");
	used = text_fit(&b, s, width, cut, ascii);
	buf_puts(&b, ">");
	if (strlen(want) + 2 != b.len ||
	    memcmp(b.data + 1, want, strlen(want)) != 0)
		fail_msg("'%s' in %zu: %s, not <%s>", s, width, b.data, want);
	assert_int_equal(used, text_width(want));
	assert_true(used <= width);
	buf_done(&b);
}

static void
fitting(void **state)
{
	const enum text_cut end = TEXT_CUT_END, mid = TEXT_CUT_MIDDLE;

	(void)state;
	check_fit("", 0, end, false, "");
	check_fit("", 5, mid, false, "");
	check_fit("abc", 0, end, false, "");
	check_fit("abc", 3, end, false, "abc");
	check_fit("abc", 9, mid, false, "abc");
	check_fit("abcd", 3, end, false, "ab" ELLIPSIS);
	check_fit("abcd", 3, end, true, "ab~");
	check_fit("abcd", 1, end, false, ELLIPSIS);
	check_fit("abcd", 1, mid, true, "~");
	check_fit("abcdefgh", 5, mid, false, "ab" ELLIPSIS "gh");
	check_fit("abcdefgh", 6, mid, true, "abc~gh");
	check_fit("abcdefgh", 2, mid, false, "a" ELLIPSIS);
	/* wide characters are whole or not there */
	check_fit(HAN HAN HAN, 6, end, false, HAN HAN HAN);
	check_fit(HAN HAN HAN, 5, end, false, HAN HAN ELLIPSIS);
	check_fit(HAN HAN HAN, 4, end, false, HAN ELLIPSIS);
	check_fit(HAN HAN HAN, 2, end, false, ELLIPSIS);
	check_fit(HAN HAN HAN, 5, mid, false, HAN ELLIPSIS HAN);
	check_fit(HAN HAN HAN, 4, mid, false, HAN ELLIPSIS);
	/* marks stay with their base, and go with it */
	check_fit("e" ACUTE "fgh", 2, end, false, "e" ACUTE ELLIPSIS);
	check_fit("abe" ACUTE "f", 3, mid, false, "a" ELLIPSIS "f");
	check_fit("abe" ACUTE "c" ACUTE, 3, mid, false, "a" ELLIPSIS "c" ACUTE);
	/* an ASCII terminal gets ASCII */
	check_fit("caf" E_ACUTE, 9, end, true, "caf\\u{e9}");
	check_fit("caf" E_ACUTE, 5, end, true, "caf\\~");
}

static void
fitting_random(void **state)
{
	static const char *const parts[] = { "a", " ", "\\", "xyz", ACUTE, HAN,
		ROCKET, E_ACUTE, "\x1b", "\xff", "\xe2\x80\xae", "\xcc",
		"0123456789", ACUTES4 };
	uint64_t seed = seed_begin(__func__);
	struct buf raw = { 0 }, out = { 0 };
	size_t width, used, full;
	int round, i, n;
	char *clean;

	(void)state;
	for (round = 0; round < 20000; round++) {
		buf_reset(&raw);
		buf_reset(&out);
		n = (int)(seed_next(&seed) % 12);
		for (i = 0; i < n; i++)
			buf_puts(&raw, parts[seed_next(&seed) % nitems(parts)]);
		clean = text_clean(raw.data, raw.len);
		assert_true(text_is_clean(clean, strlen(clean)));
		full = text_width(clean);
		width = seed_next(&seed) % 30;
		used = text_fit(&out, clean, width,
		    seed_next(&seed) % 2 != 0 ? TEXT_CUT_MIDDLE : TEXT_CUT_END,
		    false);
		if (used > width || (full <= width && used != full) ||
		    (out.len > 0 && used != text_width(out.data)) ||
		    (full > width && width > 0 && used + 2 < width) ||
		    !text_is_clean(out.data, out.len))
			fail_msg("'%s' in %zu: '%s', %zu columns", clean, width,
			    out.data, used);
		free(clean);
	}
	buf_done(&raw);
	buf_done(&out);
}

static void
to_ascii(void **state)
{
	struct buf b = { 0 };

	(void)state;
	text_to_ascii(&b, "caf" E_ACUTE " " ROCKET "!\xff");
	assert_string_equal(b.data, "caf\\u{e9} \\u{1f680}!\\xff");
	buf_reset(&b);
	text_to_ascii(&b, "");
	assert_string_equal(b.data, "");
	buf_done(&b);
	assert_false(text_utf8());
	text_set_utf8(true);
	assert_true(text_utf8());
	text_set_utf8(false);
}

static void
check_u64(uint64_t n)
{
	char got[TEXT_U64_MAX + 1], want[TEXT_U64_MAX + 1];

	*text_u64(got, n) = '\0';
	snprintf(want, sizeof(want), "%" PRIu64, n);
	assert_string_equal(got, want);
}

static void
numbers(void **state)
{
	uint64_t seed = seed_begin(__func__), n;
	int i;

	(void)state;
	for (n = 0; n < 11000; n++)
		check_u64(n);
	for (n = 1; n < UINT64_MAX / 10; n *= 10) {
		check_u64(n - 1);
		check_u64(n);
	}
	check_u64(UINT64_MAX);
	for (i = 0; i < 10000; i++) {
		n = seed_next(&seed);
		check_u64(n >> (seed_next(&seed) % 64));
	}
}

static void
check_ipv6(const char *s, const char *want)
{
	char got[TEXT_IP_MAX + 1];
	uint8_t addr[16];

	assert_int_equal(inet_pton(AF_INET6, s, addr), 1);
	*text_ipv6(got, addr) = '\0';
	assert_string_equal(got, want);
}

static void
addresses(void **state)
{
	uint64_t seed = seed_begin(__func__), r;
	char got[TEXT_IP_MAX + 1], want[INET6_ADDRSTRLEN];
	uint8_t addr[16];
	int i, j;

	(void)state;
	/* RFC 5952's own examples, and both ends */
	check_ipv6("2001:0db8::0001", "2001:db8::1");
	check_ipv6("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");
	check_ipv6("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	check_ipv6("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	check_ipv6("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	check_ipv6("2001:DB8::ABCD", "2001:db8::abcd");
	check_ipv6("::ffff:192.0.2.1", "::ffff:192.0.2.1");
	check_ipv6("::ffff:0.0.0.0", "::ffff:0.0.0.0");
	check_ipv6("::", "::");
	check_ipv6("::1", "::1");
	check_ipv6("1::", "1::");
	check_ipv6("0:1::", "0:1::");
	check_ipv6("fe80::", "fe80::");
	check_ipv6("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
	check_ipv6("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8");
	check_ipv6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	for (i = 0; i < 50000; i++) {
		r = seed_next(&seed);
		memcpy(addr, &r, 8);
		*text_ipv4(got, addr) = '\0';
		inet_ntop(AF_INET, addr, want, sizeof(want));
		assert_string_equal(got, want);
		r = seed_next(&seed);
		memcpy(addr + 8, &r, 8);
		/* zero groups, so that runs occur */
		r = seed_next(&seed);
		for (j = 0; j < 8; j++)
			if ((r >> (j * 2) & 3) != 0)
				addr[j * 2] = addr[j * 2 + 1] = 0;
		/* inet_ntop(3) writes ::a.b.c.d, which RFC 5952 does not */
		if (memcmp(addr, (uint8_t[12]){ 0 }, 12) == 0)
			continue;
		*text_ipv6(got, addr) = '\0';
		inet_ntop(AF_INET6, addr, want, sizeof(want));
		assert_string_equal(got, want);
	}
}

static void
units(void **state)
{
	static const struct {
		double d;
		const char *want;
	} cases[] = {
		{ 0, "0" },
		{ 0.04, "0" },
		{ 0.4, "0.4" },
		{ 1, "1" },
		{ 7.9, "7" },
		{ 340, "340" },
		{ 999.9, "999" },
		{ 1000, "1.0K" },
		{ 1234, "1.2K" },
		{ 9999, "9.9K" },
		{ 10000, "10K" },
		{ 34e6, "34M" },
		{ 340e3, "340K" },
		{ 999999, "999K" },
		{ 1e6, "1.0M" },
		{ 1.2e6, "1.2M" },
		{ 18446744073709551615.0, "18E" },
		{ 1e30, "999Y" },
		{ -1, "-" },
		{ (double)NAN, "-" },
		{ (double)INFINITY, "-" },
	};
	uint64_t seed = seed_begin(__func__);
	char buf[TEXT_UNIT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		assert_string_equal(text_bytes(buf, cases[i].d), cases[i].want);
		assert_string_equal(text_rate(buf, cases[i].d), cases[i].want);
	}
	for (i = 0; i < 20000; i++) {
		uint64_t n = seed_next(&seed) >> (seed_next(&seed) % 64);

		if (strlen(text_bytes(buf, (double)n)) > 4)
			fail_msg("%" PRIu64 " is '%s'", n, buf);
		if (strlen(text_duration(buf, n)) > 5)
			fail_msg("%" PRIu64 " ns is '%s'", n, buf);
	}
}

static void
durations(void **state)
{
	static const struct {
		uint64_t ns;
		const char *want;
	} cases[] = {
		{ 0, "0s" },
		{ 999, "<1us" },
		{ 1000, "1us" },
		{ 310000, "310us" },
		{ 999999, "999us" },
		{ 1000000, "1.0ms" },
		{ 9999999, "9.9ms" },
		{ 12345678, "12ms" },
		{ 999999999, "999ms" },
		{ 1000000000, "1.0s" },
		{ 3190000000, "3.1s" },
		{ 45000000000, "45s" },
		{ 60000000000, "1m00" },
		{ 125000000000, "2m05" },
		{ 3600000000000, "1h00" },
		{ 7500000000000, "2h05" },
		{ 86400000000000, "1d00" },
		{ 273600000000000, "3d04" },
		{ UINT64_C(400) * 86400000000000, "400d" },
		{ UINT64_C(4400) * 86400000000000, "12y" },
		{ UINT64_MAX, "584y" },
	};
	char buf[TEXT_UNIT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++)
		assert_string_equal(
		    text_duration(buf, cases[i].ns), cases[i].want);
}

static void
searching(void **state)
{
	(void)state;
	assert_true(text_contains("anything", ""));
	assert_true(text_contains("", ""));
	assert_false(text_contains("", "a"));
	assert_true(text_contains("nginx: Worker Process", "worker"));
	assert_true(text_contains("NGINX", "nginx"));
	assert_true(text_contains("aaab", "aab"));
	assert_false(text_contains("ngin", "nginx"));
	assert_true(text_contains("x" HAN, HAN));

	assert_int_equal(text_distance("", ""), 0);
	assert_int_equal(text_distance("abc", ""), 3);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_int_equal(text_distance("port", "port"), 0);
	assert_int_equal(text_distance("Port", "pORT"), 0);
	assert_int_equal(text_distance("prot", "port"), 1);
	assert_int_equal(text_distance("sort", "port"), 1);
	assert_int_equal(text_distance("ports", "port"), 1);
	assert_int_equal(text_distance("kitten", "sitting"), 3);
	assert_int_equal(text_distance("ca", "abc"), 3);
	assert_true(text_distance("a",
			"0123456789012345678901234567890123456789"
			"0123456789012345678901234567890123456789") >= 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_table),
		cmocka_unit_test(every_code_point),
		cmocka_unit_test(every_sequence),
		cmocka_unit_test(widths),
		cmocka_unit_test(fitting),
		cmocka_unit_test(fitting_random),
		cmocka_unit_test(to_ascii),
		cmocka_unit_test(numbers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(units),
		cmocka_unit_test(durations),
		cmocka_unit_test(searching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
