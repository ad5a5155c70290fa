/* SPDX-License-Identifier: ISC */
/* nmap as a job, with scripts in its place that print what it printed
 * (tests/fuzz/corpus/fuzz_nmap_xml), and misbehave as programs do. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/scan_engine.h"
#include "app/scan_nmap.h"
#include "app/scan_nmap_find.h"
#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/scan_wire.h"

static char dir[] = "/tmp/sockdeck-nmap-XXXXXX";

struct seen {
	struct buf events; /* types, a letter each */
	struct buf lines;
	uint64_t next; /* number of the next event */
	enum scan_job_state state;
	enum scan_exit error;
	int signal;
	char cause[1024];
	unsigned ended;
	int stop; /* at the n-th event */
	bool twice, free_at_host, pause;
	struct scan_nmap *job;
};

static void
on_event(void *arg, const struct scan_event *e)
{
	struct seen *s = arg;

	assert_int_equal(e->seq, s->next++);
	buf_putc(&s->events, "hstHpEPnfSOe"[e->type]);
	scan_event_put(&s->lines, e);
	if (s->pause && e->type == SCAN_EV_PROGRESS && !e->progress.paused) {
		s->pause = false;
		scan_nmap_pause(s->job, true);
		scan_nmap_pause(s->job, false);
	}
	if (s->stop > 0 && --s->stop == 0) {
		scan_nmap_stop(s->job);
		if (s->twice)
			scan_nmap_stop(s->job);
	}
	if (s->free_at_host && e->type == SCAN_EV_HOST)
		scan_nmap_free(s->job);
}

static void
on_ended(void *arg, struct scan_nmap *j)
{
	struct seen *s = arg;

	s->ended++;
	s->state = scan_nmap_state(j);
	s->error = scan_nmap_error(j);
	s->signal = scan_nmap_signal(j);
	(void)strlcpy(s->cause, scan_nmap_cause(j), sizeof(s->cause));
	assert_int_equal(scan_nmap_pid(j), 0);
	scan_nmap_free(j);
}

static const struct scan_nmap_ops ops = { on_event, on_ended };

/* A program that is a script; $xml is where the recordings are. */
static const char *
script(const char *text)
{
	static char path[128];
	const char *top = getenv("SRCDIR");
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/nmap", dir);
	(void)unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f,
			"#!/bin/sh\nxml=%s/tests/fuzz/corpus/fuzz_nmap_xml\n"
			"%s\n",
			top == NULL ? "." : top, text) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static void
run(struct seen *s, const char *text)
{
	struct nmap_xml_asked xml = { .hosts = 1, .services = true };
	struct scan_spec spec;
	struct nmap_asked asked = { .spec = &spec, .services = true };
	char *cause = NULL;
	uv_loop_t loop;

	scan_spec_init(&spec);
	buf_puts(&spec.targets, "192.0.2.1 example");
	buf_puts(&spec.exclude, "192.0.2.9");
	assert_int_equal(uv_loop_init(&loop), 0);
	if (scan_nmap_start(&loop, &asked, &xml, script(text), &ops, s, &s->job,
		&cause) != 0)
		fail_msg("%s", cause);
	scan_spec_done(&spec);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	/* No handle, no child is left behind. */
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_true(s->ended <= 1);
}

static void
forget(struct seen *s)
{
	buf_done(&s->events);
	buf_done(&s->lines);
}

static void
all_is_well(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, "cat $xml/plain.xml");
	assert_string_equal(s.events.data, "hsHpSpSEe");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_string_equal(s.cause, "");
	forget(&s);
	/* As slow as it likes, */
	s = (struct seen){ 0 };
	run(&s, "head -c 900 $xml/sv.xml; tail -c +901 $xml/sv.xml | dd bs=7 "
		"status=none");
	assert_string_equal(s.events.data, "hsPPPPPPPPPHpSpSpSEe");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	forget(&s);
}

/* Its targets come by a descriptor, its input is nobody's, its session its
 * own. */
static void
what_it_gets(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s,
	    "case \"$*\" in *' -iL /proc/self/fd/3 --excludefile "
	    "/proc/self/fd/4') ;; *) echo \"$*\" >&2; exit 1 ;; esac\n"
	    "[ \"$(cat /proc/self/fd/3)\" = '192.0.2.1 example' ] || exit 2\n"
	    "[ \"$(cat /proc/self/fd/4)\" = '192.0.2.9' ] || exit 3\n"
	    "[ -z \"$(cat)\" ] || exit 4\n"
	    "read -r _ _ _ _ _ session _ </proc/$$/stat\n"
	    "[ \"$session\" = $$ ] || exit 5\n"
	    "[ -e /proc/$$/fd/5 ] && exit 6\n"
	    "cat $xml/plain.xml");
	assert_string_equal(s.cause, "");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	forget(&s);
}

static void
failures(void **state)
{
	static const struct {
		const char *script, *cause;
		int signal;
	} t[] = {
		{ "exit 0", "nmap ended without its last words (status 0)", 0 },
		{ "head -c 2000 $xml/sv.xml",
		    "nmap ended without its last words (status 0)", 0 },
		{ "head -c 2000 $xml/sv.xml; kill -SEGV $$",
		    "nmap was killed by signal 11 (Segmentation fault)", 11 },
		{ "echo 'Welcome to host'", "nmap's XML, line 1: syntax error",
		    0 },
		{ "cat /dev/zero",
		    "nmap's XML, line 1: not well-formed "
		    "(invalid token)",
		    0 },
		{ "cat $xml/entity.xml; exec tail -f /dev/null",
		    "nmap's XML, line 2: it declares entities", 0 },
		{ "head -c 500 $xml/bad2.xml; printf 'Ports specified must be "
		  "between 0 and 65535 inclusive\\nQUITTING!\\n' >&2; exit 1",
		    "nmap: Ports specified must be between 0 and 65535 "
		    "inclusive",
		    0 },
		{ "printf '\\033[2Jx\\n\\tin function\\nstack traceback:\\n' "
		  ">&2; exit 1",
		    "nmap: \\x1b[2Jx", 0 },
		{ "exit 127", NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		struct seen s = { 0 };

		run(&s, t[i].script);
		assert_int_equal(s.ended, 1);
		if (t[i].cause != NULL)
			assert_string_equal(s.cause, t[i].cause);
		else
			assert_non_null(strstr(s.cause, "cannot be started"));
		assert_int_equal(s.state, SCAN_JOB_FAILED);
		assert_int_equal(s.error, SCAN_EXIT_FAILED);
		assert_int_equal(s.signal, t[i].signal);
		assert_true(
		    s.events.len == 0 || strchr(s.events.data, 'e') == NULL);
		forget(&s);
	}
}

/* What it says beside its results, once; names that are none, as such. */
static void
notes(void **state)
{
	struct seen s = { 0 };
	const char *lost;

	(void)state;
	run(&s, "for i in 1 2 3; do echo 'Failed to resolve \"nowhere\".' >&2; "
		"echo 'RTTVAR has grown' >&2; done\ncat $xml/plain.xml");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	lost = strstr(s.lines.data, "\"ev\":\"target\"");
	assert_non_null(lost);
	assert_non_null(strstr(lost, "\"name\":\"nowhere\""));
	assert_null(strstr(lost + 1, "\"ev\":\"target\""));
	assert_non_null(
	    strstr(s.lines.data, "\"text\":\"nmap: RTTVAR has grown\""));
	assert_int_equal(s.events.data[0], 'h');
	assert_int_equal(s.events.data[s.events.len - 1], 'e');
	forget(&s);
}

/* It says why in its XML and beside it: the latter is told. */
static void
error_told(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, "printf \"NSE: failed to initialize the script engine:\\n"
		"nse_main.lua:833: 'nosuch' did not match a category\\n"
		"stack traceback:\\n\\t[C]: in function "
		"'error'\\n\\nQUITTING!\\n\" "
		">&2\ncat $xml/bad.xml; exit 1");
	assert_int_equal(s.state, SCAN_JOB_FAILED);
	assert_string_equal(s.cause,
	    "nmap: NSE: failed to initialize the script engine: "
	    "nse_main.lua:833: 'nosuch' did not match a category");
	assert_null(strchr(s.events.data, 'n'));
	assert_int_equal(s.events.data[s.events.len - 1], 'e');
	forget(&s);
}

static void
stopped(void **state)
{
	struct seen s = { .stop = 3 };

	(void)state;
	/* It ends, */
	run(&s, "head -c 1500 $xml/sv.xml; exec tail -f /dev/null");
	assert_int_equal(s.state, SCAN_JOB_STOPPED);
	assert_int_equal(s.error, SCAN_EXIT_STOPPED);
	assert_int_equal(s.events.data[s.events.len - 1], 'e');
	forget(&s);
	/* or will not, and is killed; */
	s = (struct seen){ .stop = 3, .twice = true };
	run(&s,
	    "trap '' TERM\nhead -c 1500 $xml/sv.xml; exec tail -f /dev/null");
	assert_int_equal(s.state, SCAN_JOB_STOPPED);
	forget(&s);
	/* who has paused it can stop it, too. */
	s = (struct seen){ .stop = 6, .pause = true };
	run(&s, "head -c 1500 $xml/sv.xml; exec tail -f /dev/null");
	assert_int_equal(s.state, SCAN_JOB_STOPPED);
	assert_non_null(strstr(s.lines.data, "\"paused\":true"));
	forget(&s);
}

static void
freed_within(void **state)
{
	struct seen s = { .free_at_host = true };

	(void)state;
	run(&s, "cat $xml/sv.xml; exec tail -f /dev/null");
	assert_int_equal(s.ended, 0);
	assert_string_equal(s.events.data, "hsPPPPPPPPPH");
	forget(&s);
}

/* Killed or not, we leave nothing behind that scans. */
static void
ends_with_its_parent(void **state)
{
	char text[512], path[128], word[32];
	pid_t child, nmap;
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/pid", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)snprintf(text, sizeof(text),
	    "echo $$ >%s; head -c 1500 $xml/sv.xml; exec tail -f /dev/null",
	    path);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct seen s = { 0 };

		run(&s, text);
		_exit(0);
	}
	f = fopen(path, "r"); /* when it writes */
	assert_non_null(f);
	assert_non_null(fgets(word, sizeof(word), f));
	(void)fclose(f);
	(void)unlink(path);
	nmap = (pid_t)strtol(word, NULL, 10);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(waitpid(nmap, NULL, 0), nmap);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

/* -- which program --------------------------------------------------------- */

static void
found(void **state)
{
	char *before = xstrdup(getenv("PATH")), *cause = NULL, *path, *text;

	(void)state;
	(void)script("exit 0");
	xasprintf(&text, "relative:%s/none:%s:/bin", dir, dir);
	assert_int_equal(setenv("PATH", text, 1), 0);
	free(text);
	path = scan_nmap_find(&cause);
	assert_non_null(path);
	assert_memory_equal(path, dir, strlen(dir));
	free(path);
	/* Everybody may write there. */
	assert_int_equal(chmod(dir, 0777), 0);
	assert_null(scan_nmap_find(&cause));
	assert_non_null(strstr(cause, "is not run: others than root and you"));
	free(cause);
	cause = NULL;
	assert_int_equal(chmod(dir, 0700), 0);
	(void)script("exit 0");
	xasprintf(&text, "%s/nmap", dir);
	assert_int_equal(chmod(text, 0777), 0);
	free(text);
	assert_null(scan_nmap_find(&cause));
	assert_non_null(strstr(cause, "is not run"));
	free(cause);
	cause = NULL;
	assert_int_equal(setenv("PATH", "/nonexistent:.:", 1), 0);
	assert_null(scan_nmap_find(&cause));
	assert_memory_equal(cause, "nmap is not installed", 21);
	free(cause);
	assert_int_equal(setenv("PATH", before, 1), 0);
	free(before);
}

/* -- as an engine, asked about ports ---------------------------------------- */

struct heard {
	struct buf lines;
	unsigned ended;
	void *job;
	enum scan_job_state state;
	char cause[256];
};

static void
hear(void *arg, const struct scan_event *e)
{
	scan_event_put(&((struct heard *)arg)->lines, e);
}

static void
hear_end(void *arg)
{
	struct heard *h = arg;

	h->ended++;
	h->state = scan_engine_nmap.state(h->job);
	(void)strlcpy(
	    h->cause, scan_engine_nmap.cause(h->job), sizeof(h->cause));
	scan_engine_nmap.free(h->job, false);
}

static void
ask(struct heard *h, const char *text, bool stop)
{
	static const uint16_t ports[] = { 22, 8080, 8443, 25 };
	const struct scan_engine *g = &scan_engine_nmap;
	char *before = xstrdup(getenv("PATH")), *path, *cause = NULL;
	struct scan_ask q = { .proto = SOCK_TCP };
	struct scan_spec spec;
	uv_loop_t loop;
	size_t i;

	(void)script(text);
	assert_int_equal(chmod(dir, 0700), 0);
	xasprintf(&path, "%s:%s", dir, before);
	assert_int_equal(setenv("PATH", path, 1), 0);
	scan_spec_init(&spec);
	spec.nmap = SCAN_NMAP_SERVICES;
	buf_puts(&spec.scripts, "vuln");
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(g->start(&loop, &spec, "/nonexistent", hear, hear_end,
			     h, &h->job, &cause),
	    0);
	assert_true(scan_addr_parse(&q.addr, "127.0.0.1"));
	for (i = 0; i < nitems(ports); i++) {
		q.port = ports[i];
		g->ask(h->job, &q);
	}
	if (stop)
		g->stop(h->job);
	g->go(h->job);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(h->ended, 1);
	scan_spec_done(&spec);
	assert_int_equal(setenv("PATH", before, 1), 0);
	free(before);
	free(path);
}

/* Each question has one answer, whatever nmap says or does not say. */
static void
questions(void **state)
{
	struct heard h = { 0 };
	const char *p;
	size_t n = 0;

	(void)state;
	ask(&h,
	    "case \"$*\" in *' -Pn -p T:22,25,8080,8443 -sV --script vuln -iL "
	    "/proc/self/fd/3') ;; *) echo \"$*\" >&2; exit 1 ;; esac\n"
	    "[ \"$(cat /proc/self/fd/3)\" = 127.0.0.1 ] || exit 2\n"
	    "cat $xml/vuln.xml",
	    false);
	assert_string_equal(h.cause, "");
	assert_int_equal(h.state, SCAN_JOB_DONE);
	for (p = h.lines.data; (p = strstr(p, "\"ev\":\"service\"")) != NULL;
	     p++)
		n++;
	assert_int_equal(n, 4);
	assert_non_null(strstr(h.lines.data,
	    "\"port\":25,\"proto\":\"tcp\",\"service\":{\"method\":\"nmap\""));
	assert_null(strstr(h.lines.data, "\"ev\":\"host"));
	assert_null(strstr(h.lines.data, "\"ev\":\"port\""));
	assert_memory_equal(h.lines.data, "{\"ev\":\"hello\"", 13);
	assert_non_null(strstr(h.lines.data, "\"ev\":\"end\""));
	buf_done(&h.lines);
}

static void
questions_in_vain(void **state)
{
	struct heard h = { 0 };

	(void)state;
	ask(&h, "echo \"NSE: 'x' did not match\" >&2; exit 1", false);
	assert_int_equal(h.state, SCAN_JOB_FAILED);
	assert_string_equal(h.cause, "NSE: 'x' did not match");
	buf_done(&h.lines);
	h = (struct heard){ 0 };
	ask(&h, "exec tail -f /dev/null", true);
	assert_int_equal(h.state, SCAN_JOB_STOPPED);
	buf_done(&h.lines);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/nmap", dir);
	(void)unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(what_it_gets),
		cmocka_unit_test(failures),
		cmocka_unit_test(notes),
		cmocka_unit_test(error_told),
		cmocka_unit_test(stopped),
		cmocka_unit_test(freed_within),
		cmocka_unit_test(ends_with_its_parent),
		cmocka_unit_test(found),
		cmocka_unit_test(questions),
		cmocka_unit_test(questions_in_vain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
