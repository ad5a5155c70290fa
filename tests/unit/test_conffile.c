/* SPDX-License-Identifier: ISC */
/* Where settings are read from and how they are written. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/conffile.h"
#include "base/xmalloc.h"

static char dir[] = "/tmp/sockdeck-test.XXXXXX";

static char *
in_dir(const char *name)
{
	char *path;

	xasprintf(&path, "%s/%s", dir, name);
	return path;
}

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	(void)state;
	unsetenv("SUDO_UID");
	unsetenv("XDG_CONFIG_HOME");
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	char *cmd;
	int r;

	(void)state;
	xasprintf(&cmd, "rm -rf '%s'", dir);
	r = system(cmd);
	free(cmd);
	return r;
}

static void
test_path(void **state)
{
	char *s;

	(void)state;
	setenv("HOME", "/h", 1);
	s = config_path(NULL);
	assert_string_equal(s, "/h/.config/sockdeck/config");
	free(s);
	setenv("XDG_CONFIG_HOME", "/x", 1);
	s = config_path(NULL);
	assert_string_equal(s, "/x/sockdeck/config");
	free(s);
	s = config_path("mine");
	assert_string_equal(s, "mine");
	free(s);
	/* A relative one would be a file of the current directory. */
	setenv("XDG_CONFIG_HOME", "x", 1);
	setenv("HOME", "", 1);
	assert_null(config_path(NULL));
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	assert_null(config_path(NULL));
}

static void
test_load(void **state)
{
	char *path = in_dir("load"), *none = in_dir("none"), *cause = NULL;
	struct config c;
	char **errors;

	(void)state;
	put(path, "theme = mono\nnonsense\n");
	config_init(&c);
	assert_int_equal(config_load(&c, path, &errors, &cause), 1);
	assert_non_null(strstr(errors[0], "load: line 2: "));
	free(errors[0]);
	free(errors);
	assert_int_equal(c.opt.theme, 2);
	assert_int_equal(config_load(&c, none, &errors, &cause), -ENOENT);
	assert_non_null(strstr(cause, "none"));
	free(cause);
	cause = NULL;
	assert_int_equal(config_load(&c, dir, &errors, &cause), -EINVAL);
	free(cause);
	config_done(&c);
	free(path);
	free(none);
}

static void
test_save(void **state)
{
	char *path = in_dir("a/b/config"), *cause = NULL;
	struct config c, d;
	struct stat st;
	char **errors;

	(void)state;
	config_init(&c);
	c.opt.theme = 3;
	c.opt.readonly = true;
	if (config_save(path, &c, &cause) != 0)
		fail_msg("%s", cause);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	config_init(&d);
	assert_int_equal(config_load(&d, path, &errors, &cause), 0);
	assert_int_equal(d.opt.theme, 3);
	assert_true(d.opt.readonly);
	/* Once more, over the old one. */
	c.opt.theme = 1;
	assert_int_equal(config_save(path, &c, &cause), 0);
	assert_int_equal(config_load(&d, path, &errors, &cause), 0);
	assert_int_equal(d.opt.theme, 1);
	config_done(&c);
	config_done(&d);
	free(path);
}

static void
test_save_link(void **state)
{
	char *marker = in_dir("marker"), *link = in_dir("link");
	char *cause = NULL, text[16];
	struct config c;
	FILE *f;

	(void)state;
	put(marker, "untouched");
	assert_int_equal(symlink(marker, link), 0);
	config_init(&c);
	assert_int_equal(config_save(link, &c, &cause), -ELOOP);
	assert_non_null(strstr(cause, "not a plain file"));
	free(cause);
	config_done(&c);
	f = fopen(marker, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	assert_string_equal(text, "untouched");
	free(marker);
	free(link);
}

static void
test_save_nowhere(void **state)
{
	struct config c;
	char *cause = NULL;

	(void)state;
	config_init(&c);
	assert_true(config_save("/proc/nowhere/config", &c, &cause) < 0);
	assert_non_null(cause);
	free(cause);
	config_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_save),
		cmocka_unit_test(test_save_link),
		cmocka_unit_test(test_save_nowhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
