/* SPDX-License-Identifier: ISC */
/* Buffers, arrays, clocks, the log and the way to die. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "seed.h"

static void
buffers(void **state)
{
	struct buf b;
	char *s, *p;
	int i;

	(void)state;
	buf_init(&b);
	buf_reset(&b);
	buf_put(&b, "", 0);
	assert_string_equal(b.data, "");
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_pad(&b, '.', 3);
	buf_pad(&b, '.', 0);
	buf_put(&b, "x\0y", 3);
	assert_int_equal(b.len, 9);
	assert_memory_equal(b.data, "abc...x\0y", 10);
	buf_reset(&b);
	assert_string_equal(b.data, "");
	for (i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(strlen(b.data), b.len);
	buf_reset(&b);
	/* a format that needs more room than there is */
	buf_printf(&b, "%*s", 100000, "end");
	assert_int_equal(b.len, 100000);
	assert_string_equal(b.data + 99997, "end");
	p = buf_reserve(&b, 4);
	memcpy(p, "more", 4);
	b.len += 4;
	s = buf_steal(&b);
	assert_string_equal(s + 99997, "endmore");
	free(s);
	assert_int_equal(b.len, 0);
	s = buf_steal(&b);
	assert_string_equal(s, "");
	free(s);
	buf_done(&b);
	buf_done(&b);
}

static void
arrays(void **state)
{
	size_t cap = 0, i;
	int *a = NULL;

	(void)state;
	for (i = 0; i < 10000; i++) {
		a = array_grow(a, &cap, i + 1, sizeof(*a));
		assert_true(cap > i);
		a[i] = (int)i;
	}
	assert_true(cap < 20000);
	for (i = 0; i < 10000; i++)
		assert_int_equal(a[i], i);
	free(a);
}

static void
allocation(void **state)
{
	char *s;

	(void)state;
	free(xmalloc(0));
	free(xcalloc(0, 8));
	s = xstrndup("abc\0d", 2);
	assert_string_equal(s, "ab");
	free(s);
	s = xstrndup("abc", 9);
	assert_string_equal(s, "abc");
	free(s);
	s = xstrdup("");
	assert_string_equal(s, "");
	free(s);
	assert_int_equal(xasprintf(&s, "%s-%d", "x", 7), 3);
	assert_string_equal(s, "x-7");
	free(s);
	s = xreallocarray(NULL, 4, 4);
	memset(s, 1, 16);
	free(s);
}

static void
times(void **state)
{
	static const char *const bad[] = { "", "2026-11-21", "now",
		"2026-11-21T02:50:55Z", "2026-11-21T02:50:55.123",
		"2026-11-21T02:50:55.123Z ", "2026-11-21 02:50:55.123Z",
		"2026-13-01T00:00:00.000Z", "2026-02-29T00:00:00.000Z",
		"2026-00-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z",
		"2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z",
		"2026-01-01T00:00:60.000Z", "-026-01-01T00:00:00.000Z" };
	uint64_t seed = seed_begin(__func__), a, b;
	char s[CLOCK_RFC3339_MAX];
	struct timespec ts, back = { 7, 7 };
	size_t i;

	(void)state;
	a = clock_mono_ns();
	b = clock_mono_ns();
	assert_true(a > 0 && b >= a);
	assert_true(clock_boot_ns() >= b);
	assert_true(clock_wall().tv_sec > 1000000000);
	for (i = 0; i < nitems(bad); i++)
		if (clock_parse_rfc3339(bad[i], &back) || back.tv_sec != 7)
			fail_msg("'%s' was taken", bad[i]);
	clock_rfc3339((struct timespec){ 0, 0 }, s);
	assert_string_equal(s, "1970-01-01T00:00:00.000Z");
	clock_rfc3339((struct timespec){ 951782400, 999999999 }, s);
	assert_string_equal(s, "2000-02-29T00:00:00.999Z");
	clock_rfc3339((struct timespec){ INT64_MAX, 0 }, s);
	assert_string_equal(s, "1970-01-01T00:00:00.000Z");
	for (i = 0; i < 10000; i++) {
		/* years 0 to 9999 */
		ts.tv_sec =
		    (time_t)(seed_next(&seed) % UINT64_C(315569520000)) -
		    INT64_C(62167219200);
		ts.tv_nsec = (long)(seed_next(&seed) % 1000) * 1000000;
		clock_rfc3339(ts, s);
		if (!clock_parse_rfc3339(s, &back) ||
		    back.tv_sec != ts.tv_sec || back.tv_nsec != ts.tv_nsec)
			fail_msg("%" PRId64 " is %s", (int64_t)ts.tv_sec, s);
	}
	clock_freeze(42, (struct timespec){ 7, 8 });
	assert_int_equal(clock_mono_ns(), 42);
	assert_int_equal(clock_boot_ns(), 42);
	assert_int_equal(clock_wall().tv_sec, 7);
	assert_int_equal(clock_wall().tv_nsec, 8);
}

static size_t
read_file(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, ret, size - 1);
	assert_true(n >= 0);
	close(fd);
	ret[n] = '\0';
	return (size_t)n;
}

static void
the_log(void **state)
{
	char dir[] = "/tmp/sockdeck-test-XXXXXX", got[512], *path, *link;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	xasprintf(&path, "%s/log", dir);
	xasprintf(&link, "%s/link", dir);
	umask(0);
	log_debug("before it is open: %s", "nothing happens");
	assert_int_equal(log_open(path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	log_debug("name %s", "a\x1b[31m\nforged \xff");
	log_close();
	log_debug("after it was closed");
	read_file(path, got, sizeof(got));
	assert_non_null(strstr(got, " name a\\x1b[31m\\x0aforged \\xff\n"));
	assert_null(strstr(got, "before"));
	assert_null(strstr(got, "after"));
	/* it goes on where it was, and closes it to others */
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(log_open(path), 0);
	log_debug("again");
	log_close();
	read_file(path, got, sizeof(got));
	assert_non_null(strstr(got, "forged"));
	assert_non_null(strstr(got, "again"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* no links, no pipes, no directories */
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(log_open(link), -ELOOP);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_int_equal(log_open(link), -ENXIO);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(log_open(dir), -EISDIR);
	assert_int_equal(log_open("/nonexistent/x"), -ENOENT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	free(path);
	free(link);
}

static void
hook(void)
{
	if (write(STDERR_FILENO, "hook\n", 5) != 5)
		_exit(1);
	fatal("from the hook");
}

static void
dying(void **state)
{
	int fds[2], status;
	char got[512];
	size_t n = 0;
	ssize_t r;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		fatal_set_hook(hook);
		fatal("bad %s", "x\x1b\ny");
	}
	close(fds[1]);
	while ((r = read(fds[0], got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)r;
	got[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 4);
	/* The hook ran once, and did not hide why. */
	assert_string_equal(got, "hook\nsockdeck: bad x??y\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers),
		cmocka_unit_test(arrays),
		cmocka_unit_test(allocation),
		cmocka_unit_test(the_log),
		cmocka_unit_test(dying),
		/* last: it freezes the clock */
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
