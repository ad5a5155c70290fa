/* SPDX-License-Identifier: ISC */
/*
 * The deck's acts on a real loop, with real processes: opening, finding out,
 * running, ends, KILL after TERM, and being left in the middle.
 */
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/acts.h"
#include "base/procfs.h"
#include "base/xmalloc.h"

struct bench {
	uv_loop_t loop;
	struct ui ui; /* as much of it as acts look at */
	struct acts *acts;
	struct act *act;
	unsigned changed, shown;
	/* What is waited for, by the act's first target. */
	bool (*done)(const struct act *);
};

static struct bench b;

static void
on_changed(struct ui *ui, struct act *act)
{
	assert_ptr_equal(ui, &b.ui);
	assert_ptr_equal(act, b.act);
	b.changed++;
	if (b.done != NULL && b.done(act))
		uv_stop(&b.loop);
}

static void
on_show(void *arg)
{
	assert_ptr_equal(arg, &b);
	b.shown++;
}

static void
begin(bool readonly, bool recording)
{
	memset(&b, 0, sizeof(b));
	assert_int_equal(uv_loop_init(&b.loop), 0);
	b.ui.table = table_new();
	b.ui.readonly = readonly;
	b.ui.act_changed = on_changed;
	b.acts = acts_new(&b.loop, &b.ui, recording, on_show, &b);
}

static void
finish(void)
{
	acts_stop(b.acts);
	assert_int_equal(uv_run(&b.loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&b.loop), 0);
	acts_free(b.acts);
	act_rights_done(&b.ui.rights);
	table_free(b.ui.table);
}

/* Until the act is so. */
static void
wait_until(bool (*done)(const struct act *))
{
	b.done = done;
	if (!done(b.act))
		(void)uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_true(done(b.act));
}

static bool
known(const struct act *a)
{
	return !a->incomplete;
}

static bool
ended(const struct act *a)
{
	return a->target[0].state == ACT_DONE && !a->running;
}

static bool
sent(const struct act *a)
{
	return a->target[0].state == ACT_SENT && !a->running;
}

static bool
refused(const struct act *a)
{
	return a->target[0].state == ACT_REFUSED && !a->running;
}

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	assert_true(pid > 0);
	return pid;
}

/* A row that the process holds; what socket it is does not matter here. */
static struct row *
row_of(pid_t pid)
{
	char path[64], text[4096];
	struct procfs_stat st;
	struct snap *s = snap_new();
	struct snap_sock *k = snap_add(s);
	struct proc *p;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	n = procfs_read_at(AT_FDCWD, path, text, sizeof(text));
	assert_true(n > 0 && procfs_parse_stat(text, (size_t)n, &st));
	p = proc_new(pid, st.start);
	k->rec.cookie = (uint64_t)pid;
	k->rec.netns = 1;
	k->rec.family = 4;
	k->rec.proto = SOCK_TCP;
	k->rec.state = SOCK_LISTEN;
	k->rec.local.port = 1;
	k->owners = (struct owners){ .proc = p, .fd = 3, .n = 1 };
	table_merge(b.ui.table, s, NULL);
	snap_free(s);
	return b.ui.table->row[b.ui.table->n - 1];
}

static int
open_act(enum act_kind kind, pid_t pid, char **cause)
{
	struct row *row = row_of(pid);
	struct act_choice c = { .table = b.ui.table, .row = &row, .n = 1 };

	return acts_open(b.acts, kind, &c, &b.act, cause);
}

static void
open_ok(enum act_kind kind, pid_t pid)
{
	char *cause = NULL;

	if (open_act(kind, pid, &cause) != 0)
		fail_msg("%s", cause);
}

static void
term(void **state)
{
	pid_t pid;
	char *cause = NULL;

	(void)state;
	begin(false, false);
	pid = sleeper();
	open_ok(ACT_SIGNAL, pid);
	assert_true(b.act->incomplete);
	assert_true(b.act->target[0].pidfd >= 0);
	/* Not before it is known what would happen. */
	assert_int_equal(acts_run(b.acts, b.act, &cause), -EAGAIN);
	assert_non_null(cause);
	free(cause);
	wait_until(known);
	assert_int_equal(b.act->target[0].facts->parent, getpid());
	assert_int_equal(acts_run(b.acts, b.act, &cause), 0);
	assert_true(b.act->running);
	assert_int_equal(acts_run(b.acts, b.act, &cause), -EBUSY);
	free(cause);
	wait_until(ended);
	assert_true(b.act->target[0].took_ns > 0);
	assert_true(b.changed >= 2 && b.shown >= b.changed);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	acts_end(b.acts, b.act);
	finish();
}

static bool
has_cap_kill(const char *set)
{
	char text[4096], *p;
	ssize_t n = procfs_read_at(
	    AT_FDCWD, "/proc/self/status", text, sizeof(text) - 1);

	assert_true(n > 0);
	text[n] = '\0';
	p = strstr(text, set);
	assert_non_null(p);
	return (strtoull(p + strlen(set), NULL, 16) >> 5 & 1) != 0;
}

/* Another user's process: the deck has laid that right down, the helper takes
 * it up. */
static void
others(void **state)
{
	int pair[2], status;
	char *cause = NULL, c;
	pid_t pid;

	(void)state;
	if (!has_cap_kill("CapPrm:") || pipe(pair) < 0)
		skip();
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(1);
		(void)!write(pair[1], "x", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(pair[0], &c, 1), 1);
	begin(false, false);
	open_ok(ACT_SIGNAL, pid);
	wait_until(known);
	assert_int_equal(acts_run(b.acts, b.act, &cause), 0);
	wait_until(ended);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	close(pair[0]);
	close(pair[1]);
	finish();
}

static void
kill_after_term(void **state)
{
	pid_t pid;
	char *cause = NULL;

	(void)state;
	begin(false, false);
	pid = sleeper();
	assert_int_equal(kill(pid, SIGSTOP), 0); /* TERM will have to wait */
	open_ok(ACT_SIGNAL, pid);
	wait_until(known);
	assert_int_equal(acts_run(b.acts, b.act, &cause), 0);
	wait_until(sent);
	b.act->signal = SIGKILL;
	act_words(b.act);
	assert_int_equal(acts_run(b.acts, b.act, &cause), 0);
	wait_until(ended);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	finish(); /* the deck may go while an act is open */
}

/* Left while its helper works, and before anything is known. */
static void
left_in_the_middle(void **state)
{
	char *cause = NULL;
	int status;
	pid_t pid;

	(void)state;
	begin(false, false);
	pid = sleeper();
	open_ok(ACT_SIGNAL, pid);
	wait_until(known);
	assert_int_equal(acts_run(b.acts, b.act, &cause), 0);
	acts_end(b.acts, b.act);
	b.ui.act_changed = NULL;
	/* What was begun is brought to its end. */
	while (waitpid(pid, &status, WNOHANG) == 0)
		(void)uv_run(&b.loop, UV_RUN_NOWAIT);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	pid = sleeper();
	open_ok(ACT_SIGNAL, pid);
	acts_end(b.acts, b.act);
	finish();
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The deck itself cannot signal others' processes; with --readonly it cannot
 * even take the right up again. */
static void
lowered(void **state)
{
	bool had = has_cap_kill("CapPrm:");

	(void)state;
	begin(false, false);
	assert_false(has_cap_kill("CapEff:"));
	assert_int_equal(has_cap_kill("CapPrm:"), had);
	assert_int_equal(b.ui.rights.signal_all, had);
	finish();
	begin(true, false);
	assert_false(has_cap_kill("CapPrm:"));
	finish();
}

static void
locks(void **state)
{
	char *cause = NULL;

	(void)state;
	begin(true, false);
	assert_true(b.ui.rights.readonly && !b.ui.rights.signal_all);
	assert_int_equal(open_act(ACT_SIGNAL, getpid(), &cause), -EROFS);
	free(cause);
	finish();
	begin(false, true);
	assert_int_equal(open_act(ACT_CLOSE, getpid(), &cause), -EPERM);
	assert_non_null(strstr(cause, "recording"));
	free(cause);
	finish();
	/* Nobody lives in that namespace. */
	begin(false, false);
	open_ok(ACT_CLOSE, getpid());
	wait_until(known);
	cause = NULL;
	assert_int_equal(acts_run(b.acts, b.act, &cause), 0);
	wait_until(refused);
	assert_non_null(strstr(b.act->target[0].outcome, "namespace"));
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(term),
		cmocka_unit_test(others),
		cmocka_unit_test(kill_after_term),
		cmocka_unit_test(left_in_the_middle),
		cmocka_unit_test(lowered),
		cmocka_unit_test(locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
