/* SPDX-License-Identifier: ISC */
/* Settings and the config file's text. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "model/option.h"

static size_t
parse(struct config *c, const char *text, char ***errors)
{
	return config_parse(c, text, strlen(text), errors);
}

static void
errors_free(char **errors, size_t n)
{
	while (n > 0)
		free(errors[--n]);
	free(errors);
}

static void
test_defaults(void **state)
{
	struct options o;

	(void)state;
	options_init(&o);
	assert_int_equal(o.interval_ns, 2000000000);
	assert_int_equal(o.highlight_ns, 3000000000);
	assert_true(o.mouse && o.highlight && !o.readonly && !o.resolve);
	assert_int_equal(o.closed_max, 1000);
	assert_string_equal(o.columns, "");
	options_done(&o);
}

static void
test_set(void **state)
{
	static const struct {
		const char *name, *value, *says;
	} wrong[] = {
		{ "intervall", "1", "did you mean interval?" },
		{ "interval", "0", "100ms to 86400s" },
		{ "interval", "-1", "not a time" },
		{ "interval", "1e99", "not a time" },
		{ "closed-max", "1000001", "0 to 1000000" },
		{ "closed-max", "18446744073709551616", "not a number" },
		{ "mouse", "maybe", "yes or no" },
		{ "theme", "pink", "high-contrast" },
		{ "columns", "nosuch", "nosuch" },
		{ "sort", "-nosuch", "nosuch" },
		{ "filter", "sport = = :1", "character" },
		{ "filter", "a\033b", "printable" },
	};
	struct options o;
	char *cause;
	size_t i;

	(void)state;
	options_init(&o);
	cause = NULL;
	assert_int_equal(option_set(&o, "interval", "250ms", &cause), 0);
	assert_int_equal(o.interval_ns, 250000000);
	assert_int_equal(option_set(&o, "mouse", "off", &cause), 0);
	assert_false(o.mouse);
	assert_int_equal(option_set(&o, "theme", "mono", &cause), 0);
	assert_int_equal(option_set(&o, "columns", "+rtt,-user", &cause), 0);
	assert_int_equal(option_set(&o, "columns", "", &cause), 0);
	assert_int_equal(option_set(&o, "filter", "port:22", &cause), 0);
	for (i = 0; i < nitems(wrong); i++) {
		cause = NULL;
		if (option_set(&o, wrong[i].name, wrong[i].value, &cause) == 0)
			fail_msg(
			    "%s = %s was taken", wrong[i].name, wrong[i].value);
		assert_non_null(cause);
		if (strstr(cause, wrong[i].says) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", cause, wrong[i].says);
		free(cause);
	}
	assert_int_equal(o.interval_ns, 250000000);
	options_done(&o);
}

static void
test_file(void **state)
{
	static const char text[] = "# comment\r\n"
				   "\n"
				   "  interval=  1.5s  \n"
				   "\treadonly\t=\tyes\n"
				   "filter = state listening\n"
				   "filter web = port:80 or port:443\n"
				   "filter web = port:443\n"
				   "filter empty =\n"
				   "bind F5 = group process\n"
				   "bind = = sort pid\n"
				   "bind # = find\n"
				   "bind q =\n"
				   "mouse = no";
	struct config c;
	char **errors;
	size_t n;

	(void)state;
	config_init(&c);
	n = parse(&c, text, &errors);
	if (n != 0)
		fail_msg("%s", errors[0]);
	assert_int_equal(c.opt.interval_ns, 1500000000);
	assert_true(c.opt.readonly);
	assert_false(c.opt.mouse);
	assert_string_equal(c.opt.filter, "state listening");
	assert_int_equal(c.nfilters, 2);
	assert_string_equal(c.filter[0].name, "web");
	assert_string_equal(c.filter[0].text, "port:443");
	assert_int_equal(c.nkeys, 4);
	assert_string_equal(c.key[0].key, "F5");
	assert_string_equal(c.key[0].command, "group process");
	assert_string_equal(c.key[1].key, "=");
	assert_string_equal(c.key[1].command, "sort pid");
	assert_string_equal(c.key[2].key, "#");
	assert_string_equal(c.key[3].command, "");
	config_done(&c);
}

static void
test_wrong_lines(void **state)
{
	static const char text[] = "interval = 1\n"
				   "nonsense\n"
				   "intervall = 2\n"
				   "filter a b = c\n"
				   "filter x! = c\n"
				   "bind\n"
				   "bind x\n"
				   "theme = \033[31m\n"
				   "interval = 3\n"
				   "theme = \xff\n";
	static const char *const says[] = { "line 2: not NAME = VALUE",
		"line 3: unknown setting", "line 4: ", "line 5: ", "line 6: ",
		"line 7: ", "line 8: control characters",
		"line 10: control characters" };
	struct config c;
	char **errors;
	size_t n, i;

	(void)state;
	config_init(&c);
	n = parse(&c, text, &errors);
	assert_int_equal(n, nitems(says));
	for (i = 0; i < n; i++)
		if (strncmp(errors[i], says[i], strlen(says[i])) != 0)
			fail_msg("\"%s\" is not \"%s\"", errors[i], says[i]);
	errors_free(errors, n);
	assert_int_equal(c.opt.interval_ns, 3000000000);
	config_done(&c);
}

static void
test_bounds(void **state)
{
	char *big, **errors;
	struct config c;
	size_t n;

	(void)state;
	config_init(&c);
	n = config_parse(&c, "interval = 1\n\0mouse = no\n", 25, &errors);
	assert_int_equal(n, 1);
	assert_non_null(strstr(errors[0], "NUL"));
	errors_free(errors, n);
	assert_true(c.opt.mouse);
	big = xmalloc(CONFIG_MAX_BYTES + 1);
	memset(big, '\n', CONFIG_MAX_BYTES + 1);
	n = config_parse(&c, big, CONFIG_MAX_BYTES + 1, &errors);
	assert_int_equal(n, 1);
	assert_non_null(strstr(errors[0], "larger"));
	errors_free(errors, n);
	/* A line too long, and more wrong lines than anybody reads. */
	memset(big, 'a', CONFIG_MAX_BYTES);
	n = config_parse(&c, big, CONFIG_MAX_LINE + 1, &errors);
	assert_int_equal(n, 1);
	assert_non_null(strstr(errors[0], "longer"));
	errors_free(errors, n);
	for (n = 0; n < CONFIG_MAX_BYTES; n += 2)
		big[n + 1] = '\n';
	n = config_parse(&c, big, CONFIG_MAX_BYTES, &errors);
	assert_int_equal(n, 20);
	assert_non_null(strstr(errors[19], "more wrong lines"));
	errors_free(errors, n);
	free(big);
	config_done(&c);
}

static void
test_round(void **state)
{
	static const char text[] =
	    "interval = 1234ms\n"
	    "columns = +rtt,-user\nsort = -rx,pid\nfilter = nginx\n"
	    "group = tree\ntheme = light\ncolour = never\nmouse = no\n"
	    "closed-max = 7\nfilter web = port:80\nbind x =\n"
	    "alert-bell = yes\nalert-limit = 9\nalert x = age<10s\n"
	    "alert x = port:25\nalert y = exposed\n"
	    "bind = = sort pid\n";
	struct buf one = { 0 }, two = { 0 };
	struct config c, d;
	char **errors;

	(void)state;
	config_init(&c);
	assert_int_equal(parse(&c, text, &errors), 0);
	config_put(&c, &one);
	config_init(&d);
	assert_int_equal(parse(&d, one.data, &errors), 0);
	config_put(&d, &two);
	assert_string_equal(one.data, two.data);
	assert_int_equal(d.opt.interval_ns, 1234000000);
	assert_string_equal(d.opt.sort, "-rx,pid");
	assert_int_equal(d.opt.group, c.opt.group);
	assert_int_equal(d.nkeys, 2);
	assert_int_equal(d.nalerts, 2);
	assert_string_equal(d.alert[0].name, "x");
	assert_string_equal(d.alert[0].text, "port:25");
	assert_true(d.opt.alert_bell);
	config_done(&c);
	config_done(&d);
	buf_done(&one);
	buf_done(&two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_wrong_lines),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
