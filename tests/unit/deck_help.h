/* SPDX-License-Identifier: ISC */
#ifndef TESTS_DECK_HELP_H
#define TESTS_DECK_HELP_H

/*
 * The deck without a terminal: curses draws into memory, keys come in, the
 * screen is read back as text. What needs a real terminal is in tests/e2e.
 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <curses.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/act_plan.h"
#include "ui/ui.h"

#define NS_PER_S UINT64_C(1000000000)

static struct {
	struct config config;
	struct ui *ui;
	uint64_t now_ns;
	unsigned refreshed, saved, ended;
	char *snapshot; /* the path asked for */
	/* Acts: planned as in earnest, and done to nobody. */
	struct act *act; /* that is open */
	unsigned acts_opened, acts_held, acts_run, acts_ended;
	int sent;                /* the signal, or the way to close */
	enum act_state becomes;  /* of what is hit */
	const char *act_refused; /* why nothing can be asked */
} t;

static inline void
serve(void *arg)
{
	(void)arg;
}

static inline void
serve_refresh(void *arg)
{
	(void)arg;
	t.refreshed++;
}

static inline int
serve_save(void *arg, const struct config *config, char **cause)
{
	(void)arg;
	(void)config;
	(void)cause;
	t.saved++;
	return 0;
}

static inline int
serve_snapshot(void *arg, const char *path, char **wrote, char **cause)
{
	(void)arg;
	free(t.snapshot);
	t.snapshot = path == NULL ? NULL : xstrdup(path);
	if (path != NULL && strcmp(path, "bad") == 0) {
		*cause = xstrdup("bad: no");
		return -EINVAL;
	}
	*wrote = xstrdup("Wrote \033[31m it");
	return 0;
}

static inline void
serve_quit(void *arg, int status)
{
	(void)arg;
	(void)status;
	t.ended++;
}

static inline int
serve_act_open(void *arg, enum act_kind kind, const struct act_choice *choice,
    struct act **ret, char **cause)
{
	int r;

	(void)arg;
	t.acts_opened++;
	if (t.act_refused != NULL) {
		*cause = xstrdup(t.act_refused);
		return -EPERM;
	}
	assert_null(t.act);
	r = kind == ACT_SIGNAL ? act_plan_signal(choice, 15, ret, cause)
			       : act_plan_close(choice, ACT_RST, ret, cause);
	if (r == 0) {
		t.acts_held++;
		t.act = *ret;
		t.act->incomplete = false;
	}
	return r;
}

static inline int
serve_act_run(void *arg, struct act *act, char **cause)
{
	size_t i;

	(void)arg;
	(void)cause;
	assert_ptr_equal(act, t.act);
	t.acts_run++;
	t.sent = act->kind == ACT_SIGNAL ? act->signal : (int)act->how;
	for (i = 0; i < act->n; i++)
		if (act_target_counts(&act->target[i])) {
			act->target[i].state = t.becomes;
			act->target[i].sent_ns = t.now_ns;
		}
	return 0;
}

static inline void
serve_act_end(void *arg, struct act *act)
{
	(void)arg;
	assert_ptr_equal(act, t.act);
	act_free(act);
	t.act = NULL;
	t.acts_ended++;
}

static const struct services services = { .refresh = serve_refresh,
	.reschedule = serve,
	.resolve = serve,
	.save_config = serve_save,
	.write_snapshot = serve_snapshot,
	.act_open = serve_act_open,
	.act_run = serve_act_run,
	.act_end = serve_act_end,
	.suspend = serve,
	.quit = serve_quit };

static inline void
resize(int rows, int cols)
{
	(void)resize_term(rows, cols);
	t.ui->rows = rows;
	t.ui->cols = cols;
	t.ui->dirty = DIRTY_ALL | DIRTY_LAYOUT;
}

static inline int
setup(void **state)
{
	(void)state;
	config_init(&t.config);
	t.ui = ui_new(&t.config, &services);
	t.now_ns = 1000 * NS_PER_S;
	t.refreshed = t.saved = t.ended = 0;
	t.acts_opened = t.acts_held = t.acts_run = t.acts_ended = 0;
	t.sent = -1;
	t.becomes = ACT_DONE;
	t.act_refused = NULL;
	clock_freeze(t.now_ns, (struct timespec){ 0 });
	resize(24, 80);
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	ui_free(t.ui);
	assert_null(t.act);
	assert_int_equal(t.acts_ended, t.acts_held);
	config_done(&t.config);
	free(t.snapshot);
	t.snapshot = NULL;
	return 0;
}

/* A reading with these sockets: cookie = port, held by a process. */
struct want {
	uint16_t port;
	uint8_t state;
};

static inline struct snap *
snap_of(const struct want *want)
{
	struct snap *snap = snap_new();
	struct snap_sock *s;
	struct proc *proc;

	t.now_ns += NS_PER_S;
	clock_freeze(t.now_ns, (struct timespec){ 0 });
	snap->mono_ns = t.now_ns;
	snap->flags = SNAP_OWNERS | SNAP_PRIVILEGED;
	for (; want->port != 0; want++) {
		s = snap_add(snap);
		s->rec.cookie = want->port;
		s->rec.netns = 1;
		s->rec.proto = SOCK_TCP;
		s->rec.family = 4;
		s->rec.state = want->state;
		s->rec.inode = want->port;
		s->rec.known = KNOWN_INODE | KNOWN_UID;
		s->rec.local.addr[0] = 127;
		s->rec.local.addr[3] = 1;
		s->rec.local.port = want->port;
		if (want->state != SOCK_LISTEN) {
			s->rec.peer = s->rec.local;
			s->rec.peer.port = 7;
		}
		proc = proc_new(want->port, 1);
		free(proc->comm);
		xasprintf(&proc->comm, "p%u", want->port);
		proc->user = xstrdup(want->port % 2 == 0 ? "root" : "ann");
		proc->cmdline = xstrdup("p --serve");
		s->owners = (struct owners){ .proc = proc, .fd = 3, .n = 1 };
		snap->total++;
	}
	return snap;
}

static inline void
reading(const struct want *want)
{
	struct snap *snap = snap_of(want);

	ui_snap(t.ui, snap, 0);
	snap_free(snap);
}

/* Time passes, as for one who reads. */
static inline void
pass(unsigned ms)
{
	struct timespec wall = { 0 };

	t.now_ns += ms * (NS_PER_S / 1000);
	clock_freeze(t.now_ns, wall);
	ui_tick(t.ui, t.now_ns);
}

/* One key after the other, as by a hand. */
static inline void
press(const char *keys)
{
	char key[16];
	int code;
	size_t n;

	for (; *keys != '\0'; keys += n + (keys[n] == ' ')) {
		n = strcspn(keys, " ");
		assert_true(n < sizeof(key));
		memcpy(key, keys, n);
		key[n] = '\0';
		code = key_parse(key);
		assert_int_not_equal(code, -1);
		pass(100);
		ui_key(t.ui, code);
		ui_read_end(t.ui);
	}
}

/* The screen's line y as UTF-8. */
static inline void
screen_line(int y, struct buf *out)
{
	wchar_t wide[1024];
	char bytes[8];
	mbstate_t mb;
	size_t n, i;
	int len;

	buf_reset(out);
	buf_puts(out, "");
	len = mvinnwstr(y, 0, wide, 1000);
	for (i = 0; len > 0 && i < (size_t)len; i++) {
		memset(&mb, 0, sizeof(mb));
		n = wcrtomb(bytes, wide[i], &mb);
		if (n != (size_t)-1)
			buf_put(out, bytes, n);
	}
}

static inline bool
screen_has(const char *text)
{
	struct buf line = { 0 };
	bool has = false;
	int y;

	assert_true(ui_paint(t.ui));
	for (y = 0; y < t.ui->rows && !has; y++) {
		screen_line(y, &line);
		has = strstr(line.data, text) != NULL;
	}
	buf_done(&line);
	return has;
}

static inline void
screen_print(void)
{
	struct buf line = { 0 };
	int y;

	for (y = 0; y < t.ui->rows; y++) {
		screen_line(y, &line);
		print_message("%s\n", line.data);
	}
	buf_done(&line);
}

/* It is on the screen, and time to read it has passed. */
static inline void
read_it(void)
{
	assert_true(ui_paint(t.ui));
	pass(600);
	assert_true(ui_paint(t.ui));
}

static inline void
expect(const char *text, bool there)
{
	if (screen_has(text) == there)
		return;
	screen_print();
	fail_msg("%s: \"%s\"", there ? "not there" : "there", text);
}

/* What must be around the tests of a file: a terminal in memory. */
static inline int
deck_tests_run(const struct CMUnitTest *tests, size_t n)
{
	FILE *null = fopen("/dev/null", "r+");
	SCREEN *screen;
	int failed;

	if (setlocale(LC_ALL, "C.UTF-8") == NULL || null == NULL)
		return 77;
	text_set_utf8(true);
	screen = newterm("xterm-256color", null, null);
	if (screen == NULL)
		return 77;
	start_color();
	failed = _cmocka_run_group_tests("deck", tests, n, NULL, NULL);
	(void)endwin();
	delscreen(screen);
	fclose(null);
	return failed;
}

#endif
