/* SPDX-License-Identifier: ISC */
/* Whatever goes in, JSON comes out, and no control byte with it. */
#include "config.h"

#include <jansson.h>
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
#include "base/json.h"
#include "base/text.h"
#include "seed.h"

static void
structure(void **state)
{
	struct buf out = { 0 };
	struct json j;

	(void)state;
	jw_init(&j, &out);
	jw_object(&j);
	jw_kstring(&j, "s", "x");
	jw_kstring(&j, "none", NULL);
	jw_ku64(&j, "u", UINT64_MAX);
	jw_key(&j, "i");
	jw_i64(&j, INT64_MIN);
	jw_kbool(&j, "t", true);
	jw_kbool(&j, "f", false);
	jw_kdouble(&j, "d", 0.1);
	jw_key(&j, "a");
	jw_array(&j);
	jw_array(&j);
	jw_array_end(&j);
	jw_object(&j);
	jw_object_end(&j);
	jw_u64(&j, 0);
	jw_null(&j);
	jw_string(&j, "");
	jw_array_end(&j);
	jw_key(&j, "o");
	jw_object(&j);
	jw_kbool(&j, "in", true);
	jw_object_end(&j);
	jw_object_end(&j);
	assert_string_equal(out.data,
	    "{\"s\":\"x\",\"none\":null,\"u\":18446744073709551615,"
	    "\"i\":-9223372036854775808,\"t\":true,\"f\":false,\"d\":0.1,"
	    "\"a\":[[],{},0,null,\"\"],\"o\":{\"in\":true}}");
	assert_int_equal(strlen(out.data), out.len);
	/* Lines of JSON: the next value is not a second element. */
	buf_reset(&out);
	jw_object(&j);
	jw_object_end(&j);
	assert_string_equal(out.data, "{}");
	buf_done(&out);
}

static void
check_string(const char *s, size_t len, const char *want)
{
	struct buf out = { 0 };
	struct json j;

	jw_init(&j, &out);
	jw_stringn(&j, s, len);
	assert_string_equal(out.data, want);
	buf_done(&out);
}

static void
strings(void **state)
{
	(void)state;
	check_string("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
	check_string(
	    "\n\t\r\b\x1b\x7f", 6, "\"\\n\\t\\u000d\\u0008\\u001b\\u007f\"");
	check_string("\0", 1, "\"\\u0000\"");
	check_string("\xc2\x9b", 2, "\"\\u009b\"");
	check_string("\xe2\x80\xa8\xe2\x80\xa9", 6, "\"\\u2028\\u2029\"");
	check_string("\xe2\x80\xae", 3, "\"\\u202e\"");
	check_string("\xf3\xa0\x81\x81", 4, "\"\\udb40\\udc41\"");
	check_string("caf\xc3\xa9", 5, "\"caf\xc3\xa9\"");
	check_string("\xf0\x9f\x9a\x80", 4, "\"\xf0\x9f\x9a\x80\"");
	check_string("\xff", 1, "\"\xef\xbf\xbd\"");
	check_string(
	    "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	check_string("\xe4\xb8", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Reads back what was written for n bytes. */
static void
check_round_trip(const char *s, size_t n)
{
	struct buf out = { 0 };
	struct json j;
	json_error_t error;
	json_t *v;
	size_t i;
	bool valid = true;
	uint32_t c;

	jw_init(&j, &out);
	jw_array(&j);
	jw_stringn(&j, s, n);
	jw_array_end(&j);
	for (i = 0; i < out.len; i++)
		if ((unsigned char)out.data[i] < 0x20 || out.data[i] == 0x7f)
			fail_msg("byte %#x in %s", out.data[i], out.data);
	v = json_loadb(out.data, out.len, JSON_ALLOW_NUL, &error);
	if (v == NULL)
		fail_msg("%s: %s", error.text, out.data);
	for (i = 0; i < n;) {
		size_t len = text_decode(s + i, n - i, &c);

		valid = valid && len > 0;
		i += len > 0 ? len : 1;
	}
	if (valid) {
		json_t *e = json_array_get(v, 0);

		assert_int_equal(json_string_length(e), n);
		assert_memory_equal(json_string_value(e), s, n);
	}
	json_decref(v);
	buf_done(&out);
}

static void
random_strings(void **state)
{
	static const char *const parts[] = { "\xc2\x9b", "\xe2\x80\xae",
		"\xf3\xa0\x81\x81", "\xe4\xb8\xad", "\xef\xbf\xbf", "\"", "\\",
		"\\u", "\xed\xa0\x80", "abc", "\x7f" };
	uint64_t seed = seed_begin(__func__);
	struct buf in = { 0 };
	int round, k;

	(void)state;
	for (round = 0; round < 20000; round++) {
		buf_reset(&in);
		buf_reserve(&in, 1);
		for (k = (int)(seed_next(&seed) % 16); k > 0; k--) {
			if (seed_next(&seed) % 2 == 0)
				buf_putc(&in, (char)seed_next(&seed));
			else
				buf_puts(&in,
				    parts[seed_next(&seed) % nitems(parts)]);
		}
		check_round_trip(in.data, in.len);
	}
	buf_done(&in);
}

static void
doubles(void **state)
{
	static const char *const locales[] = { "C", "de_DE.UTF-8",
		"fa_IR.UTF-8" };
	const double values[] = { 0, 0.1, -2.5, 1e300, 5e-324, 1.0 / 3,
		123456789.125, 1e21, -0.0 };
	struct buf out = { 0 };
	struct json j;
	size_t i, l;

	(void)state;
	for (l = 0; l < nitems(locales); l++) {
		if (setlocale(LC_ALL, locales[l]) == NULL)
			continue;
		for (i = 0; i < nitems(values); i++) {
			json_t *v;
			double got;

			buf_reset(&out);
			jw_init(&j, &out);
			jw_array(&j);
			jw_double(&j, values[i]);
			jw_array_end(&j);
			assert_null(strchr(out.data, ','));
			setlocale(LC_ALL, "C");
			v = json_loads(out.data, 0, NULL);
			if (v == NULL)
				fail_msg("%s: no JSON", out.data);
			got = json_number_value(json_array_get(v, 0));
			if (got < values[i] || got > values[i])
				fail_msg("%s is %.17g", out.data, got);
			json_decref(v);
			setlocale(LC_ALL, locales[l]);
		}
	}
	setlocale(LC_ALL, "C");
	buf_reset(&out);
	jw_init(&j, &out);
	jw_array(&j);
	jw_double(&j, (double)NAN);
	jw_double(&j, (double)INFINITY);
	jw_double(&j, -(double)INFINITY);
	jw_double(&j, 1);
	jw_array_end(&j);
	assert_string_equal(out.data, "[null,null,null,1]");
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure),
		cmocka_unit_test(strings),
		cmocka_unit_test(random_strings),
		cmocka_unit_test(doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
