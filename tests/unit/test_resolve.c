/* SPDX-License-Identifier: ISC */
/* Names that a name server may say, and which of them are believed. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/resolve.h"
#include "base/array.h"

static void
test_name_ok(void **state)
{
	static const char *const good[] = { "localhost", "a.b-c.example.",
		"x_1.example", "1.0.0.127.in-addr.arpa" };
	static const char *const bad[] = { "", "\033[31m", "a b", "a\nb",
		"caf\303\251", "-rf", "a/b", "\302\233x", "a;b", "a\"b" };
	char longest[256];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(good); i++)
		if (!resolve_name_ok(good[i]))
			fail_msg("%s is refused", good[i]);
	for (i = 0; i < nitems(bad); i++)
		if (resolve_name_ok(bad[i]))
			fail_msg("number %zu is believed", i);
	memset(longest, 'a', sizeof(longest));
	longest[253] = '\0';
	assert_true(resolve_name_ok(longest));
	longest[253] = 'a';
	longest[254] = '\0';
	assert_false(resolve_name_ok(longest));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_ok),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
