/* SPDX-License-Identifier: ISC */
/* What the environment may not say under sudo. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/secure.h"
#include "base/array.h"

static const char *const names[] = { "TERMINFO", "TERMINFO_DIRS", "TERMCAP",
	"TERMPATH", "LOCPATH", "NLSPATH", "NCURSES_TRACE",
	"NCURSES_NO_UTF8_ACS", "NCURSES_" };

static void
fill(void)
{
	size_t i;

	for (i = 0; i < nitems(names); i++)
		setenv(names[i], "x", 1);
	setenv("TERM", "xterm", 1);
}

static void
test_plain(void **state)
{
	size_t i;

	(void)state;
	unsetenv("SUDO_UID");
	fill();
	secure_env();
	for (i = 0; i < nitems(names); i++)
		assert_non_null(getenv(names[i]));
}

static void
test_sudo(void **state)
{
	size_t i;

	(void)state;
	if (geteuid() != 0)
		skip();
	setenv("SUDO_UID", "1000", 1);
	fill();
	secure_env();
	for (i = 0; i < nitems(names); i++)
		if (getenv(names[i]) != NULL)
			fail_msg("%s is still there", names[i]);
	assert_string_equal(getenv("TERM"), "xterm");
	unsetenv("SUDO_UID");
}

static void
test_ids(void **state)
{
	char *cause = NULL;

	(void)state;
	assert_int_equal(secure_ids(&cause), 0);
	assert_null(cause);
	assert_false(secure_raised());
	assert_int_equal(secure_fds(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_sudo),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
