/* SPDX-License-Identifier: ISC */
/* What /proc says of a process, however odd the process made it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/procfs.h"
#include "collect/slow_reader.h"
#include "seed.h"

#define ODD_NAMES 10000
#define STAT_TAIL                                                             \
	" 0 -1 %u 106 0 0 0 0 0 0 0 20 0 1 0 %llu 3833856 289 "               \
	"18446744073709551615 1 1 0 0 0 0 0 4096 81920 0 0 0 17 1 0 0 0 0 0 " \
	"0 0 0 0 0 0 0 0\n"

static size_t
stat_line(char *buf, size_t size, unsigned pid, const char *comm, size_t ncomm,
    unsigned ppid, unsigned flags, unsigned long long start)
{
	int n, m;

	n = snprintf(buf, size, "%u (", pid);
	memcpy(buf + n, comm, ncomm);
	n += (int)ncomm;
	m = snprintf(buf + n, size - (size_t)n, ") S %u 1 1" STAT_TAIL, ppid,
	    flags, start);
	assert_true(n + m < (int)size);
	return (size_t)(n + m);
}

static void
stat_takes(const char *comm, size_t ncomm)
{
	char line[1024], *shown;
	struct procfs_stat st;
	size_t n;

	n = stat_line(line, sizeof(line), 4194304, comm, ncomm, 812, 0x400000,
	    8388608123ull);
	shown = text_clean(comm, ncomm);
	if (!procfs_parse_stat(line, n, &st))
		fail_msg("'%s': not parsed", shown);
	if (st.pid != 4194304 || st.ppid != 812 || st.start != 8388608123ull)
		fail_msg("'%s': pid %d ppid %d start %llu", shown, st.pid,
		    st.ppid, (unsigned long long)st.start);
	if (st.comm_len != ncomm || memcmp(st.comm, comm, ncomm) != 0)
		fail_msg("'%s': another name", shown);
	assert_false(st.kthread);
	free(shown);
}

static void
odd_names(void **state)
{
	/* Those that once hid or forged processes come first. */
	static const char *const known[] = { "(((", ")) (", "a b) S 99 (",
		"x) Z 1 1 1 (y", "", " ", ")", "(", ") ", " (", "A\nroot 1",
		"\n", "1 (x) S 1", "%s%n%s", "\x1b[2J", "\xc2\x9b[m",
		"\xff\xfe", "fifteen bytes!!", "))))))))))))))))" };
	static const char pieces[] = "() \n\t)(S0123456789\x1b\x9b\xff.-/%";
	uint64_t seed = seed_begin("odd_names");
	char comm[16];
	size_t i, k, n;

	(void)state;
	for (i = 0; i < nitems(known); i++)
		stat_takes(known[i], strlen(known[i]));
	for (i = 0; i < ODD_NAMES; i++) {
		n = seed_next(&seed) % 16;
		for (k = 0; k < n; k++) {
			uint64_t r = seed_next(&seed);

			/* Anything but NUL, mostly what confuses. */
			comm[k] = (r & 3) != 0
				      ? pieces[(r >> 8) % (sizeof(pieces) - 1)]
				      : (char)(1 + (r >> 8) % 255);
		}
		stat_takes(comm, n);
	}
}

static void
stat_others(void **state)
{
	static const char *const bad[] = { "", "1", "1 ", "1 (", "1 (x",
		"1 (x)", "1 (x) ", "1 (x) S", "1 (x) S 1", "x (x) S 1",
		"0 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n",
		"-1 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n",
		"99999999999 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5\n",
		"1 x S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n" };
	char line[1024];
	struct procfs_stat st;
	size_t i, n, k;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		if (procfs_parse_stat(bad[i], strlen(bad[i]), &st))
			fail_msg("'%s' was taken", bad[i]);
	n = stat_line(line, sizeof(line), 2, "kthreadd", 8, 0, 0x208040, 5);
	assert_true(procfs_parse_stat(line, n, &st));
	assert_true(st.kthread);
	/* Cut anywhere: taken or not, never read behind the end. */
	for (i = 0; i <= n; i++) {
		char *cut = xmalloc(i > 0 ? i : 1);

		memcpy(cut, line, i);
		if (procfs_parse_stat(cut, i, &st)) {
			assert_int_equal(st.pid, 2);
			assert_int_equal(st.ppid, 0);
		}
		free(cut);
	}
	/* A long name of a kernel thread is cut, not refused. */
	for (k = 0; k < 200; k++)
		line[k] = 'k';
	memmove(line + 3, line, 200);
	memcpy(line, "7 (", 3);
	n = 203 + (size_t)snprintf(line + 203, sizeof(line) - 203,
		      ") I 2 0 0" STAT_TAIL, 0x200000u, 77ull);
	assert_true(procfs_parse_stat(line, n, &st));
	assert_int_equal(st.comm_len, PROCFS_COMM_MAX);
	assert_int_equal(st.start, 77);
}

static void
links(void **state)
{
	static const char *const other[] = { "", "socket:", "socket:[",
		"pipe:[1]", "socket:[]", "socket:[0]", "socket:[12",
		"socket:[12]x", "socket:[12x]", "socket:[-1]",
		"socket:[4294967296]", "/tmp/socket:[12]",
		"anon_inode:[eventpoll]" };
	uint32_t inode = 7;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(other); i++)
		if (procfs_parse_socket(other[i], strlen(other[i]), &inode))
			fail_msg("'%s' was taken as %u", other[i], inode);
	assert_true(procfs_parse_socket("socket:[15970]", 14, &inode));
	assert_int_equal(inode, 15970);
	assert_true(procfs_parse_socket("socket:[4294967295]", 19, &inode));
	assert_true(inode == UINT32_MAX);

	assert_int_equal(procfs_parse_number("0"), 0);
	assert_int_equal(procfs_parse_number("4194304"), 4194304);
	assert_int_equal(procfs_parse_number(""), -1);
	assert_int_equal(procfs_parse_number("."), -1);
	assert_int_equal(procfs_parse_number("12a"), -1);
	assert_int_equal(procfs_parse_number("self"), -1);
	assert_int_equal(procfs_parse_number("99999999999999999999"), -1);
}

static void
cgroup_files(void **state)
{
	static const struct {
		const char *file, *path;
	} tests[] = {
		{ "0::/system.slice/ssh.service\n",
		    "/system.slice/ssh.service" },
		{ "0::/\n", "/" },
		/* version 1, systemd beside it */
		{ "12:memory:/system.slice/a.service\n"
		  "1:name=systemd:/system.slice/b.service\n0::/\n",
		    "/system.slice/b.service" },
		{ "12:memory:/docker/x\n11:cpu,cpuacct:/docker/x\n",
		    "/docker/x" },
		/* hybrid: version 2 tells as much */
		{ "1:name=systemd:/a.service\n0::/b.service\n", "/b.service" },
		/* a container that only some controllers know */
		{ "3:cpu:/\n2:pids:/docker/abc\n1:name=systemd:/\n0::/\n",
		    "/docker/abc" },
		{ "0::/a:b:c\n", "/a:b:c" },
		{ "0::/x y\x1b[m\n", "/x y\\x1b[m" },
		{ "0::/no end", "/no end" },
		{ "0::/../../system.slice\n", "/../../system.slice" },
		{ "", NULL },
		{ "\n\n", NULL },
		{ "0:\n", NULL },
		{ "0::\n", NULL },
		{ "0::relative\n", NULL },
	};
	char *path;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(tests); i++) {
		path = procfs_cgroup_path(tests[i].file, strlen(tests[i].file));
		if ((path == NULL) != (tests[i].path == NULL) ||
		    (path != NULL && strcmp(path, tests[i].path) != 0))
			fail_msg("'%s': '%s'", tests[i].file,
			    path == NULL ? "-" : path);
		free(path);
	}
}

static void
cmdline_is(const char *raw, size_t len, const char *want, int words)
{
	char *copy = xmalloc(len + 1), **argv, *text;
	int argc;

	memcpy(copy, raw, len);
	text = procfs_cmdline_text(copy, len, &argv, &argc);
	if (want == NULL)
		assert_null(text);
	else {
		assert_non_null(text);
		assert_string_equal(text, want);
	}
	assert_int_equal(argc, words);
	free(argv);
	free(text);
	free(copy);
}

static void
cmdlines(void **state)
{
	char big[PROCFS_CMDLINE_MAX], *copy, *text, **argv;
	int argc;

	(void)state;
	cmdline_is("", 0, NULL, 0);
	cmdline_is("\0\0\0", 3, NULL, 0);
	cmdline_is("a\0-b\0c d\0", 9, "a -b c d", 3);
	cmdline_is("no end", 6, "no end", 1);
	cmdline_is("\0x\0", 3, " x", 2);
	cmdline_is("a\0\0\0b\0", 6, "a   b", 4);
	cmdline_is("  lead\0", 7, "  lead", 1);
	cmdline_is("sshd: ann@pts/0\0\0\0\0\0", 20, "sshd: ann@pts/0", 1);
	cmdline_is("a\nroot 1\0\x1b[2J\0", 14, "a\\x0aroot 1 \\x1b[2J", 2);

	memset(big, 'x', sizeof(big));
	copy = xmalloc(sizeof(big) + 1);
	memcpy(copy, big, sizeof(big));
	text = procfs_cmdline_text(copy, sizeof(big), &argv, &argc);
	assert_int_equal(strlen(text), sizeof(big) + strlen("…"));
	assert_string_equal(text + sizeof(big), "…");
	free(text);
	free(argv);
	free(copy);
}

static void
hidepid(void **state)
{
#define LINE(point, type, opts)                                              \
	"22 1 0:20 / " point " rw,nosuid shared:5 - " type " " type " " opts \
	"\n"
	static const struct {
		const char *text;
		int value;
	} tests[] = {
		{ "", 0 },
		{ "garbage\n\n - proc\n", 0 },
		{ LINE("/proc", "proc", "rw"), 0 },
		{ LINE("/proc", "proc", "rw,hidepid=2"), 2 },
		{ LINE("/proc", "proc", "rw,gid=5,hidepid=invisible"), 2 },
		{ LINE("/proc", "proc", "rw,hidepid=noaccess,subset=pid"), 1 },
		{ LINE("/proc", "proc", "rw,hidepid=ptraceable"), 4 },
		{ LINE("/proc", "proc", "rw,hidepid=4"), 4 },
		{ LINE("/proc", "proc", "rw,hidepid=20"), 0 },
		{ LINE("/proc", "proc", "rw,xhidepid=2"), 0 },
		{ LINE("/mnt/proc", "proc", "rw,hidepid=2"), 0 },
		{ LINE("/proc", "tmpfs", "rw,hidepid=2"), 0 },
		/* what is mounted last is on top */
		{ LINE("/proc", "proc", "rw,hidepid=2")
			LINE("/proc", "proc", "rw"),
		    0 },
		{ LINE("/proc", "proc", "rw")
			LINE("/proc", "proc", "rw,hidepid=2"),
		    2 },
	};
	size_t i;
	int v;

	(void)state;
	for (i = 0; i < nitems(tests); i++) {
		v = procfs_hidepid(
		    tests[i].text, strlen(tests[i].text), "/proc");
		if (v != tests[i].value)
			fail_msg("%s: %d", tests[i].text, v);
	}
#undef LINE
}

static void
users(void **state)
{
	struct user_cache *c = user_cache_new();
	const char *root = user_cache_name(c, 0);

	(void)state;
	assert_string_equal(root, "root");
	assert_string_equal(user_cache_name(c, 4294967294u), "4294967294");
	assert_ptr_equal(user_cache_name(c, 0), root);
	user_cache_free(c);
	user_cache_free(NULL);
}

/* A reader whose fourth job waits until the test lets it go. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool open;
	unsigned freed;
};

static ssize_t
gated_read(void *arg, pid_t pid, char *buf, size_t size)
{
	struct gate *g = arg;

	if (pid == 4) {
		pthread_mutex_lock(&g->lock);
		while (!g->open)
			pthread_cond_wait(&g->cond, &g->lock);
		pthread_mutex_unlock(&g->lock);
	}
	if (pid == 5)
		return -ENOENT;
	return snprintf(buf, size, "job %d", pid);
}

static void
gate_free(void *arg)
{
	struct gate *g = arg;

	pthread_mutex_lock(&g->lock);
	g->freed++;
	pthread_cond_signal(&g->cond);
	pthread_mutex_unlock(&g->lock);
}

static void
slow_reads(void **state)
{
	static struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.cond = PTHREAD_COND_INITIALIZER };
	struct slow_reader *r;
	struct slow_job job[8], stuck[SLOW_STUCK_MAX + 3];
	size_t i;

	(void)state;
	r = slow_reader_new(gated_read, &gate, gate_free, 64);
	for (i = 0; i < nitems(job); i++)
		job[i].pid = (pid_t)i + 1;
	slow_reader_run(r, job, nitems(job));
	for (i = 0; i < nitems(job); i++) {
		if (i + 1 == 4)
			assert_int_equal(job[i].len, -ETIMEDOUT);
		else if (i + 1 == 5)
			assert_int_equal(job[i].len, -ENOENT);
		else {
			assert_int_equal(job[i].len, 5);
			assert_memory_equal(job[i].data, "job ", 4);
			assert_int_equal(job[i].data[4], '1' + (char)i);
		}
		free(job[i].data);
	}
	assert_int_equal(slow_reader_stuck(r), 1);
	/* More that hang: at the limit the rest is given up at once. */
	for (i = 0; i < nitems(stuck); i++)
		stuck[i].pid = 4;
	slow_reader_run(r, stuck, nitems(stuck));
	for (i = 0; i < nitems(stuck); i++)
		assert_int_equal(stuck[i].len, -ETIMEDOUT);
	assert_int_equal(slow_reader_stuck(r), SLOW_STUCK_MAX);
	slow_reader_run(r, job, 0);
	/* The reader goes first, what hangs comes back later. */
	slow_reader_free(r);
	pthread_mutex_lock(&gate.lock);
	assert_int_equal(gate.freed, 0);
	gate.open = true;
	pthread_cond_broadcast(&gate.cond);
	while (gate.freed == 0)
		pthread_cond_wait(&gate.cond, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_names),
		cmocka_unit_test(stat_others),
		cmocka_unit_test(links),
		cmocka_unit_test(cgroup_files),
		cmocka_unit_test(cmdlines),
		cmocka_unit_test(hidepid),
		cmocka_unit_test(users),
		cmocka_unit_test(slow_reads),
	};

	return cmocka_run_group_tests_name("procfs", tests, NULL, NULL);
}
