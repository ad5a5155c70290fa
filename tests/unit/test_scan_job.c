/* SPDX-License-Identifier: ISC */
/* The parent's side of a scan, with workers that misbehave in every way a
 * shell script can. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/scan_job.h"
#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"

#define HELLO(seq)                                               \
	"{\"ev\":\"hello\",\"seq\":" #seq ",\"t_us\":0,\"v\":1," \
	"\"tech\":\"connect\",\"sandbox\":\"full\"}\n"
#define NOTE(seq)                                                              \
	"{\"ev\":\"note\",\"seq\":" #seq ",\"t_us\":0,\"text\":\"n" #seq "\"}" \
	"\n"
#define END(seq, error, cause)                                          \
	"{\"ev\":\"end\",\"seq\":" #seq ",\"t_us\":0,\"error\":" #error \
	",\"cause\":\"" cause "\",\"sent\":0,\"received\":0,"           \
	"\"hosts_up\":0,\"hosts\":0}\n"

static char dir[] = "/tmp/sockdeck-job-XXXXXX";

struct seen {
	struct buf events; /* types, a letter each */
	enum scan_job_state state;
	enum scan_exit error;
	uint64_t unknown;
	char cause[1024];
	unsigned ended;
	bool stop_at_note, free_at_note, stop_twice;
	struct scan_job *job;
};

static void
on_event(void *arg, const struct scan_event *ev)
{
	static const char letters[SCAN_EV_NTYPES] = { [SCAN_EV_HELLO] = 'h',
		[SCAN_EV_START] = 's',
		[SCAN_EV_TARGET] = 't',
		[SCAN_EV_HOST] = 'H',
		[SCAN_EV_PORT] = 'p',
		[SCAN_EV_HOST_END] = 'E',
		[SCAN_EV_PROGRESS] = 'P',
		[SCAN_EV_NOTE] = 'n',
		[SCAN_EV_FACT] = 'f',
		[SCAN_EV_SERVICE] = 'S',
		[SCAN_EV_OS] = 'o',
		[SCAN_EV_END] = 'e' };
	struct seen *s = arg;

	buf_putc(&s->events, letters[ev->type]);
	if (ev->type != SCAN_EV_NOTE)
		return;
	if (s->stop_at_note)
		scan_job_stop(s->job);
	if (s->stop_at_note && s->stop_twice)
		scan_job_stop(s->job);
	s->stop_at_note = false;
	if (s->free_at_note)
		scan_job_free(s->job);
}

static void
on_ended(void *arg, struct scan_job *j)
{
	struct seen *s = arg;

	s->ended++;
	s->state = scan_job_state(j);
	s->error = scan_job_error(j);
	s->unknown = scan_job_unknown(j);
	(void)strlcpy(s->cause, scan_job_cause(j), sizeof(s->cause));
	assert_int_equal(scan_job_pid(j), 0);
	scan_job_free(j);
}

static const struct scan_job_ops ops = { on_event, on_ended };

/* A worker that is a script; its path. */
static const char *
script(const char *text)
{
	static char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/worker", dir);
	(void)unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f, "#!/bin/sh\n%s", text) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static void
run_program(struct seen *s, const char *program)
{
	struct scan_spec spec;
	char *cause = NULL;
	uv_loop_t loop;

	scan_spec_init(&spec);
	buf_puts(&spec.targets, "192.0.2.1");
	assert_int_equal(uv_loop_init(&loop), 0);
	if (scan_job_start(&loop, &spec, program, &ops, s, &s->job, &cause) !=
	    0)
		fail_msg("%s", cause);
	scan_spec_done(&spec);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	/* No handle, no child is left behind. */
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_true(s->ended <= 1);
}

/* What the script prints, then what it does. */
static void
run(struct seen *s, const char *lines, const char *then)
{
	struct buf text = { 0 };

	buf_puts(&text, "read -r request\ncat <<'EOF'\n");
	buf_puts(&text, lines);
	buf_puts(&text, "EOF\n");
	buf_puts(&text, then);
	run_program(s, script(text.data));
	buf_done(&text);
}

static void
all_is_well(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, HELLO(0) NOTE(1) NOTE(2) END(3, 0, ""), "");
	assert_string_equal(s.events.data, "hnne");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_string_equal(s.cause, "");
	buf_done(&s.events);
}

/* What has said its last line and closed its ends is not waited for, however
 * long it takes to go. */
static void
closing_takes_long(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, HELLO(0) NOTE(1) END(2, 0, ""),
	    "exec tail -f /dev/null <&- >&-");
	assert_string_equal(s.events.data, "hne");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_string_equal(s.cause, "");
	buf_done(&s.events);
}

/* The request arrives whole, with who its parent is, and stdin stays open. */
static void
request_arrives(void **state)
{
	struct seen s = { 0 };
	char want[64];

	(void)state;
	(void)snprintf(want, sizeof(want), "\"parent\":%d", (int)getpid());
	run_program(&s,
	    script("read -r request\n"
		   "case $request in\n"
		   "*'\"op\":\"scan\",\"v\":1'*'\"targets\":\"192.0.2.1\"'*)"
		   " ;;\n*) echo \"$request\" >&2; exit 1 ;; esac\n"
		   "case $request in *\"\\\"parent\\\":$PPID,\"*) ;;\n"
		   "*) echo \"no $PPID: $request\" >&2; exit 1 ;; esac\n"
		   "cat <<'EOF'\n" HELLO(0) END(1, 0, "") "EOF\n"));
	assert_string_equal(s.cause, "");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	buf_done(&s.events);
}

static void
failures(void **state)
{
	static const struct {
		const char *lines, *then, *cause;
		enum scan_exit error;
	} t[] = {
		{ HELLO(0) NOTE(1), "exit 0",
		    "the worker ended without its last line (status 0)", 1 },
		{ HELLO(0), "echo 'out of\nmemory' >&2; exit 4",
		    "the worker ended without its last line (status 4): "
		    "out of memory",
		    1 },
		{ HELLO(0), "kill -KILL $$",
		    "the worker was killed by signal 9 (Killed)", 1 },
		{ HELLO(0), "printf '\\033[2J' >&2; exit 1",
		    "the worker ended without its last line (status 1): "
		    "\\x1b[2J",
		    1 },
		{ HELLO(0) END(1, 4, "not permitted"), "exit 4",
		    "not permitted", 4 },
		{ "Welcome to host\n" HELLO(0), "",
		    "the worker's line 0: not a line of the protocol: "
		    "Welcome to host",
		    1 },
		{ NOTE(0), "", "the worker's first line is no hello", 1 },
		{ "{\"ev\":\"dance\",\"seq\":0,\"t_us\":0}\n", "",
		    "the worker's first line is no hello", 1 },
		{ HELLO(0) HELLO(1), "", "the worker said hello twice", 1 },
		{ HELLO(0) NOTE(2), "",
		    "the worker's line 2 came where 1 was due", 1 },
		{ HELLO(0) NOTE(1) NOTE(1), "",
		    "the worker's line 1 came where 2 was due", 1 },
		{ HELLO(0) END(1, 0, "") NOTE(2), "",
		    "the worker went on after its last line", 1 },
		{ HELLO(0), "printf '{\"ev\":'; exit 0",
		    "the worker ended without its last line (status 0)", 1 },
		{ HELLO(0), "head -c 5000 /dev/zero | tr '\\0' x",
		    "the worker's line 1: a line of more than 4096 bytes", 1 },
		/* It is killed, or this would not end. */
		{ "{\"ev\":\"hello\",\"seq\":0,\"t_us\":0,\"v\":9}\n",
		    "exec tail -f /dev/null",
		    "the worker speaks version 9 of the protocol, not 1", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		struct seen s = { 0 };

		run(&s, t[i].lines, t[i].then);
		assert_int_equal(s.ended, 1);
		assert_string_equal(s.cause, t[i].cause);
		assert_int_equal(s.state, SCAN_JOB_FAILED);
		assert_int_equal(s.error, t[i].error);
		buf_done(&s.events);
	}
}

static void
unknown_events(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s,
	    HELLO(0) "{\"ev\":\"dance\",\"seq\":1,\"t_us\":0}\n" END(2, 0, ""),
	    "");
	assert_string_equal(s.events.data, "he");
	assert_int_equal(s.unknown, 1);
	assert_int_equal(s.state, SCAN_JOB_DONE);
	buf_done(&s.events);
}

static void
stopped(void **state)
{
	struct seen s = { .stop_at_note = true };

	(void)state;
	/* It answers, */
	run(&s, HELLO(0) NOTE(1),
	    "read -r op\n[ \"$op\" = '{\"op\":\"stop\"}' ] || exit 1\n"
	    "cat <<'EOF'\n" END(2, 3, "stopped") "EOF\nexit 3\n");
	assert_string_equal(s.events.data, "hne");
	assert_int_equal(s.state, SCAN_JOB_STOPPED);
	assert_int_equal(s.error, SCAN_EXIT_STOPPED);
	buf_done(&s.events);
	/* or not, and it takes SIGTERM, */
	s = (struct seen){ .stop_at_note = true };
	run(&s, HELLO(0) NOTE(1), "exec tail -f /dev/null");
	assert_int_equal(s.state, SCAN_JOB_STOPPED);
	assert_non_null(strstr(s.cause, "killed"));
	buf_done(&s.events);
	/* or it ignores that too, and the user does not wait. */
	s = (struct seen){ .stop_at_note = true, .stop_twice = true };
	run(&s, HELLO(0) NOTE(1), "trap '' TERM\nexec tail -f /dev/null");
	assert_int_equal(s.state, SCAN_JOB_STOPPED);
	buf_done(&s.events);
}

static void
freed_within(void **state)
{
	struct seen s = { .free_at_note = true };

	(void)state;
	run(&s, HELLO(0) NOTE(1) NOTE(2) NOTE(3), "exec tail -f /dev/null");
	assert_string_equal(s.events.data, "hn");
	assert_int_equal(s.ended, 0);
	buf_done(&s.events);
}

static void
no_program(void **state)
{
	struct seen s = { 0 };
	struct scan_spec spec;
	char *cause = NULL;
	uv_loop_t loop;

	(void)state;
	scan_spec_init(&spec);
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(scan_job_start(&loop, &spec, "/nonexistent", &ops, &s,
			     &s.job, &cause),
	    -ENOENT);
	assert_string_equal(cause, "/nonexistent: No such file or directory");
	free(cause);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(s.ended, 0);
}

/* -- 100,000 lines do not keep the loop from others ------------------------ */

struct turns {
	struct seen seen;
	size_t before, most; /* events at the last turn; between two */
};

static void
on_turn(uv_check_t *c)
{
	struct turns *t = c->data;
	size_t n = t->seen.events.len - t->before;

	if (n > t->most)
		t->most = n;
	t->before = t->seen.events.len;
	if (t->seen.ended && !uv_is_closing((uv_handle_t *)c))
		uv_close((uv_handle_t *)c, NULL);
}

static void
others_have_their_turn(void **state)
{
	enum {
		LINES = 50000,
		LINE_MIN = 40
	};
	struct turns t = { 0 };
	struct scan_spec spec;
	char *cause = NULL;
	uv_check_t check;
	uv_loop_t loop;

	(void)state;
	scan_spec_init(&spec);
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(uv_check_init(&loop, &check), 0);
	check.data = &t;
	assert_int_equal(uv_check_start(&check, on_turn), 0);
	assert_int_equal(
	    scan_job_start(&loop, &spec,
		script("cat <<'EOF'\n" HELLO(
		    0) "EOF\n"
		       "awk 'BEGIN { for (i = 1; i <= 50000; i++) printf "
		       "\"{\\\"ev\\\":\\\"note\\\",\\\"seq\\\":%d,"
		       "\\\"t_us\\\":0,\\\"text\\\":\\\"x\\\"}\\n\", i }'\n"
		       "cat <<'EOF'\n" END(50001, 0, "") "EOF\n"),
		&ops, &t.seen, &t.seen.job, &cause),
	    0);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(t.seen.events.len, LINES + 2);
	assert_int_equal(t.seen.state, SCAN_JOB_DONE);
	assert_true(t.most <= 65536 / LINE_MIN + 1);
	buf_done(&t.seen.events);
}

/* -- which program --------------------------------------------------------- */

/* The environment has no say in it (failures.md S4). */
static void
environment_is_not_asked(void **state)
{
	static const char *const names[] = { "PATH", "SOCKDECK_SCAN",
		"SOCKDECK_WORKER", "SCAN_HELPER", "LIBEXECDIR", "HOME", "PWD",
		"LD_LIBRARY_PATH" };
	char *cause = NULL, *before = scan_job_program(&cause), *after, *why;
	size_t i;

	(void)state;
	(void)script("exit 0");
	for (i = 0; i < nitems(names); i++) {
		assert_int_equal(setenv(names[i], dir, 1), 0);
		why = NULL;
		after = scan_job_program(&why);
		if (before == NULL)
			assert_string_equal(why, cause);
		else
			assert_string_equal(after, before);
		free(after);
		free(why);
		if (strcmp(names[i], "PATH") == 0)
			assert_int_equal(setenv("PATH", "/usr/bin:/bin", 1), 0);
	}
	free(before);
	free(cause);
}

static int
begin(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
finish(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/worker", dir);
	(void)unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(closing_takes_long),
		cmocka_unit_test(request_arrives),
		cmocka_unit_test(failures),
		cmocka_unit_test(unknown_events),
		cmocka_unit_test(stopped),
		cmocka_unit_test(freed_within),
		cmocka_unit_test(no_program),
		cmocka_unit_test(others_have_their_turn),
		cmocka_unit_test(environment_is_not_asked),
	};

	return cmocka_run_group_tests_name("scan_job", tests, begin, finish);
}
