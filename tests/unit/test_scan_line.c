/* SPDX-License-Identifier: ISC */
/* What is typed in the deck to be scanned. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/deck_scan_line.h"

static void
test_words(void **state)
{
	static const struct {
		const char *line;
		size_t nwords;
		const char *first, *ports;
	} cases[] = {
		{ "10.0.0.9", 1, "10.0.0.9", NULL },
		{ "  -p-   -T4  10.0.0.9 ", 1, "10.0.0.9", "-" },
		{ "10.0.0.9 -p 22,80 10.0.0.10", 2, "10.0.0.9", "22,80" },
		{ "-p 'ssh,http*' \"web one\"", 1, "web one", "ssh,http*" },
		{ "-p22 a\tb", 2, "a", "22" },
		{ "--self", 0, NULL, NULL },
	};
	struct scan_typed t;
	char *cause = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (scan_typed_parse(&t, cases[i].line, &cause) != 0)
			fail_msg("%s: %s", cases[i].line, cause);
		assert_int_equal(t.args.nwords, cases[i].nwords);
		if (cases[i].first != NULL)
			assert_string_equal(t.args.word[0], cases[i].first);
		if (cases[i].ports == NULL)
			assert_null(t.args.scan.ports);
		else
			assert_string_equal(t.args.scan.ports, cases[i].ports);
		scan_typed_done(&t);
	}
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "'10.0.0.9", "a ' is not closed" },
		{ "", "needs a TARGET" },
		{ "--nosuch x", "nosuch" },
		{ "-T9 x", "-T" },
		{ "-oX f x", "-oX is not for the deck" },
		{ "--json x", "not for the deck" },
		{ "--resume f", "--resume is not for the deck" },
		{ "--merge f", "--merge is not for the deck" },
		{ "--help", "--help is not for the deck" },
		{ "-iL -", "standard input is the deck's keyboard" },
		{ "-iL /nonexistent/f", "-iL /nonexistent/f: No such file" },
		{ "-iL /dev/null", "-iL /dev/null: not a file" },
		{ "--excludefile / x", "--excludefile /: not a file" },
	};
	struct scan_typed t;
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cause = NULL;
		assert_int_not_equal(
		    scan_typed_parse(&t, cases[i].line, &cause), 0);
		if (cause == NULL || strstr(cause, cases[i].want) == NULL ||
		    strchr(cause, '\n') != NULL)
			fail_msg("%s: \"%s\"", cases[i].line, cause);
		free(cause);
		scan_typed_done(&t);
	}
}

static void
test_options(void **state)
{
	const char *takes, *help;
	bool ports = false, self = false, json = false;
	char *word;
	size_t i;

	(void)state;
	for (i = 0; (word = scan_typed_option(i, &takes, &help)) != NULL; i++) {
		assert_int_equal(word[0], '-');
		assert_non_null(help);
		if (strcmp(word, "-p") == 0) {
			ports = true;
			assert_non_null(takes);
		}
		self |= strcmp(word, "--self") == 0;
		json |= strcmp(word, "--json") == 0;
		free(word);
	}
	assert_true(i > 30);
	assert_true(ports && self && !json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
