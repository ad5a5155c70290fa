/* SPDX-License-Identifier: ISC */
/* Files come whole or not at all, and never through somebody's link. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/newfile.h"
#include "base/xmalloc.h"

static char dir[64];

static char *
in_dir(const char *name)
{
	char *path;

	xasprintf(&path, "%s/%s", dir, name);
	return path;
}

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_newfile.XXXXXX");
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

/* Removes the directory's files; returns how many there were. */
static int
empty_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char *path;
	int n = 0;

	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		path = in_dir(e->d_name);
		(void)unlink(path);
		free(path);
		n++;
	}
	closedir(d);
	return n;
}

static int
teardown(void **state)
{
	(void)state;
	(void)empty_dir();
	return rmdir(dir);
}

static void
expect_file(const char *path, const char *want)
{
	char got[256];
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	assert_true(fd >= 0);
	n = read(fd, got, sizeof(got) - 1);
	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, want);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
}

static void
test_new(void **state)
{
	char *path = in_dir("a.json"), *cause = NULL;

	(void)state;
	assert_int_equal(newfile_write(path, "one", 3, false, &cause), 0);
	expect_file(path, "one");
	assert_int_equal(newfile_write(path, "two", 3, false, &cause), -EEXIST);
	assert_non_null(strstr(cause, "such a file already"));
	free(cause);
	expect_file(path, "one");
	assert_int_equal(newfile_write(path, "three", 5, true, &cause), 0);
	expect_file(path, "three");
	free(path);
	assert_int_equal(empty_dir(), 1); /* nothing temporary left */
}

static void
test_link(void **state)
{
	char *path = in_dir("a.json"), *marker = in_dir("marker"),
	     *cause = NULL;

	(void)state;
	assert_int_equal(symlink(marker, path), 0);
	assert_int_equal(newfile_write(path, "one", 3, false, &cause), -EEXIST);
	free(cause);
	assert_int_equal(access(marker, F_OK), -1);
	/* Replacing replaces the link, not what it points to. */
	assert_int_equal(newfile_write(path, "one", 3, true, &cause), 0);
	expect_file(path, "one");
	assert_int_equal(access(marker, F_OK), -1);
	free(path);
	free(marker);
	assert_int_equal(empty_dir(), 1);
}

static void
test_refused(void **state)
{
	char *path = in_dir("nosuch/a.json"), *cause = NULL;

	(void)state;
	assert_int_equal(newfile_write(path, "one", 3, false, &cause), -ENOENT);
	assert_non_null(strstr(cause, "nosuch/a.json: No such file"));
	free(cause);
	free(path);
	path = in_dir("");
	assert_int_equal(newfile_write(path, "one", 3, false, &cause), -EISDIR);
	free(cause);
	free(path);
	assert_int_equal(
	    newfile_write("/dev/full/x", "", 0, true, &cause), -ENOTDIR);
	free(cause);
	assert_int_equal(empty_dir(), 0);
}

/* Root under sudo writes in a user's directory as that user, and no
 * further than that user may; its own rights are back afterwards. */
static void
test_sudo(void **state)
{
	char *path = in_dir("a.json"), *cause = NULL;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	setenv("SUDO_UID", "12345", 1);
	setenv("SUDO_GID", "12345", 1);
	assert_int_equal(chown(dir, 12345, 12345), 0);
	assert_int_equal(newfile_write(path, "one", 3, false, &cause), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 12345);
	assert_int_equal(empty_dir(), 1);

	assert_int_equal(chown(dir, 54321, 54321), 0);
	assert_int_equal(newfile_write(path, "one", 3, false, &cause), -EACCES);
	free(cause);
	assert_int_equal(empty_dir(), 0);

	assert_int_equal(chown(dir, 0, 0), 0);
	assert_int_equal(newfile_write(path, "one", 3, false, &cause), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sudo, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
