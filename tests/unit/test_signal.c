/* SPDX-License-Identifier: ISC */
/* The table of signals: complete, and strict in what it reads. */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "know/signal.h"

/* The C library's own list is the oracle. */
static void
complete(void **state)
{
	const char *abbrev;
	char name[SIGNAL_NAME_MAX], sig[SIGNAL_NAME_MAX + 3];
	int n, known = 0;

	(void)state;
	for (n = 1; n < 32; n++) {
		abbrev = sigabbrev_np(n);
		if (abbrev == NULL)
			continue;
		known++;
		if (strcmp(abbrev, "POLL") == 0)
			abbrev = "IO";
		assert_string_equal(signal_name(name, n), abbrev);
		assert_int_equal(signal_parse(name), n);
		(void)snprintf(sig, sizeof(sig), "SIG%s", name);
		assert_int_equal(signal_parse(sig), n);
		(void)snprintf(sig, sizeof(sig), "%d", n);
		assert_int_equal(signal_parse(sig), n);
		assert_non_null(signal_fact(n)->brief);
		assert_int_equal(
		    signal_fact(n)->catchable, n != SIGKILL && n != SIGSTOP);
	}
	assert_true(known >= 30);
}

static void
real_time(void **state)
{
	char name[SIGNAL_NAME_MAX];
	int n;

	(void)state;
	for (n = SIGRTMIN; n <= SIGRTMAX; n++)
		assert_int_equal(signal_parse(signal_name(name, n)), n);
	assert_int_equal(signal_parse("RTMAX-1"), SIGRTMAX - 1);
	assert_int_equal(signal_parse("sigrtmin+2"), SIGRTMIN + 2);
	assert_int_equal(signal_fact(SIGRTMIN + 1)->action, SIGNAL_TERM);
	/* 32 and 33 are the C library's own. */
	assert_null(signal_fact(SIGRTMIN - 1));
}

static void
strict(void **state)
{
	static const char *const bad[] = { "", "0", "-1", "-9", "+9", " 9",
		"9 ", "9x", "0x9", "TERMX", "SIG", "SIGSIG", "SIG9",
		"SIGSIGTERM", "RTMIN+", "RTMIN+99", "RTMIN-1", "RTMAX+1",
		"RTMIN+-1", "65", "1000", "4294967305", "18446744073709551625",
		"TERM ", "T", "32" };
	size_t i;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		if (signal_parse(bad[i]) != 0)
			fail_msg("\"%s\" is taken for %d", bad[i],
			    signal_parse(bad[i]));
	assert_string_equal(signal_nearest("TREM"), "TERM");
	assert_string_equal(signal_nearest("sigkil"), "KILL");
	assert_null(signal_nearest("nonsense"));
}

/* Each once, the usual ones first. */
static void
menu(void **state)
{
	unsigned char seen[256] = { 0 };
	size_t i;
	int n, total = 0;

	(void)state;
	assert_int_equal(signal_menu(0), SIGTERM);
	assert_int_equal(signal_menu(1), SIGKILL);
	for (i = 0; (n = signal_menu(i)) != 0; i++)
		assert_int_equal(seen[n]++, 0);
	for (n = 1; n <= SIGRTMAX; n++)
		total += signal_fact(n) != NULL;
	assert_int_equal(i, total);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete),
		cmocka_unit_test(real_time),
		cmocka_unit_test(strict),
		cmocka_unit_test(menu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
