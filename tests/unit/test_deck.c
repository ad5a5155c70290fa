/* SPDX-License-Identifier: ISC */
/* The deck without a screen: selection, prompts, commands, toggles, layout. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/paint.h"
#include "ui/table_cols.h"
#include "ui/ui.h"

struct told {
	int refresh, reschedule, resolve, quit, suspend;
};

static void
tell_refresh(void *arg)
{
	((struct told *)arg)->refresh++;
}

static void
tell_reschedule(void *arg)
{
	((struct told *)arg)->reschedule++;
}

static void
tell_resolve(void *arg)
{
	((struct told *)arg)->resolve++;
}

static void
tell_suspend(void *arg)
{
	((struct told *)arg)->suspend++;
}

static void
tell_quit(void *arg, int status)
{
	assert_int_equal(status, 0);
	((struct told *)arg)->quit++;
}

struct deck {
	struct config config;
	struct services services;
	struct told told;
	struct ui *ui;
	uint64_t seq;
};

static void
open_deck(struct deck *d)
{
	memset(d, 0, sizeof *d);
	config_init(&d->config);
	d->services = (struct services){ .refresh = tell_refresh,
		.reschedule = tell_reschedule,
		.resolve = tell_resolve,
		.suspend = tell_suspend,
		.quit = tell_quit,
		.arg = &d->told };
	d->ui = ui_new(&d->config, &d->services);
	d->ui->rows = 24;
	d->ui->cols = 80;
	layout_update(d->ui);
}

static void
close_deck(struct deck *d)
{
	ui_free(d->ui);
	config_done(&d->config);
}

/* A whole reading: listeners on these ports, ended by 0; 10000 and above:
 * UDP. The cookie is the port. */
static void
reading(struct deck *d, const uint16_t *port)
{
	struct snap *snap = snap_new();
	struct sock_rec *r;

	snap->seq = ++d->seq;
	snap->mono_ns = d->seq * UINT64_C(1000000000);
	snap->host = xstrdup("host");
	for (; *port != 0; port++) {
		r = &snap_add(snap)->rec;
		r->cookie = *port;
		r->netns = 1;
		r->family = 4;
		r->proto = *port >= 10000 ? SOCK_UDP : SOCK_TCP;
		r->state = *port >= 10000 ? SOCK_UNCONNECTED : SOCK_LISTEN;
		r->local.port = *port;
		r->local.addr[0] = 127;
		r->local.addr[3] = 1;
		r->known = KNOWN_INODE | KNOWN_UID;
	}
	snap->total = snap->n;
	ui_snap(d->ui, snap, 1000000);
	snap_free(snap);
}
#define READING(d, ...) reading(d, (const uint16_t[]){ __VA_ARGS__, 0 })

static void
type(struct deck *d, const char *s)
{
	for (; *s != '\0'; s++)
		ui_key(d->ui, (unsigned char)*s);
}

static unsigned
selected(const struct deck *d)
{
	const struct row *row = ui_row(d->ui);

	return row == NULL ? 0 : row->rec.local.port;
}

static void
test_selection(void **state)
{
	struct deck d;
	char *cause = NULL;

	(void)state;
	open_deck(&d);
	/* Nothing there: nothing happens. */
	type(&d, "jkgG U");
	READING(&d, 105, 107, 109);
	assert_int_equal(ui_sort_set(d.ui, "lport", &cause), 0);
	type(&d, "gj");
	assert_int_equal(selected(&d), 107);
	/* Lines come above and below. */
	READING(&d, 101, 102, 105, 106, 107, 109, 110);
	assert_int_equal(selected(&d), 107);
	assert_int_equal(d.ui->at, 4);
	type(&d, "I");
	assert_int_equal(selected(&d), 107);
	type(&d, "I");
	/* Hidden by a filter, its neighbour is selected. */
	assert_true(ui_filter_set(d.ui, "lport<106"));
	assert_int_not_equal(selected(&d), 0);
	assert_true(ui_filter_set(d.ui, "lport=1"));
	assert_int_equal(selected(&d), 0);
	type(&d, "jk");
	assert_true(ui_filter_set(d.ui, ""));
	assert_int_not_equal(selected(&d), 0);
	type(&d, "G");
	assert_int_equal(selected(&d), 110);
	type(&d, "g");
	assert_int_equal(selected(&d), 101);
	assert_true(ui_select(d.ui, (struct sock_key){ 106, 1 }));
	assert_int_equal(selected(&d), 106);
	assert_false(ui_select(d.ui, (struct sock_key){ 999, 1 }));
	assert_int_equal(selected(&d), 106);
	close_deck(&d);
}

static void
test_scrolling(void **state)
{
	struct deck d;
	uint16_t port[201];
	size_t i;
	char *cause = NULL;

	(void)state;
	open_deck(&d);
	for (i = 0; i < 200; i++)
		port[i] = (uint16_t)(1000 + i);
	port[200] = 0;
	reading(&d, port);
	assert_int_equal(ui_sort_set(d.ui, "lport", &cause), 0);
	type(&d, "g");
	assert_int_equal(d.ui->top, 0);
	ui_key(d.ui, KEYS_PGDN);
	assert_true(selected(&d) > 1010 && selected(&d) < 1024);
	type(&d, "G");
	assert_int_equal(selected(&d), 1199);
	assert_int_equal(d.ui->top + (size_t)d.ui->pane[0]->h - 1, 200);
	ui_key(d.ui, 2); /* ^b */
	ui_key(d.ui, 21);
	assert_true(selected(&d) < 1190);
	/* Every move keeps the selection on the screen. */
	for (i = 0; i < 500; i++) {
		ui_move(d.ui, (enum pane_move)(i * 7919 % (PANE_RIGHT + 1)));
		assert_true(d.ui->at >= d.ui->top);
		assert_true(
		    d.ui->at < d.ui->top + (size_t)d.ui->pane[0]->h - 1);
		assert_true(d.ui->at < 200);
	}
	close_deck(&d);
}

static void
test_filter_prompt(void **state)
{
	struct deck d;
	char *big;

	(void)state;
	open_deck(&d);
	READING(&d, 22, 80, 443, 10053);
	type(&d, "/lport=80");
	assert_true(prompt_is_open(d.ui));
	assert_int_equal(d.ui->view.n, 1);
	/* Esc brings back what was; Enter keeps. */
	ui_key(d.ui, KEYS_ESC);
	assert_false(prompt_is_open(d.ui));
	assert_int_equal(d.ui->view.n, 4);
	type(&d, "/lport=80\r");
	assert_int_equal(d.ui->view.n, 1);
	assert_string_equal(d.ui->filter_text, "lport=80");
	/* Asked again in the middle: what was typed so far is what was. */
	type(&d, "/ or lport=22");
	assert_int_equal(d.ui->view.n, 2);
	cmd_run(d.ui, "filter");
	assert_string_equal(prompt_text(d.ui), "lport=80 or lport=22");
	ui_key(d.ui, KEYS_ESC);
	assert_int_equal(d.ui->view.n, 2);
	/* What is shown of a filter is clean, and one line. */
	assert_true(ui_filter_set(d.ui, "lport=80 or\tprocess='\033\302\233'"));
	assert_string_equal(
	    d.ui->filter_text, "lport=80 or process='\\x1b\\u{9b}'");
	assert_true(ui_filter_set(d.ui, "lport=80"));
	/* What is wrong says so and stays to be mended; Esc forgets it. */
	type(&d, "/ and (");
	assert_non_null(d.ui->filter_err.message);
	ui_key(d.ui, KEYS_ENTER);
	assert_true(prompt_is_open(d.ui));
	ui_key(d.ui, KEYS_ESC);
	assert_int_equal(d.ui->view.n, 1);
	/* Esc clears it; history has it. */
	ui_key(d.ui, KEYS_ESC);
	assert_int_equal(d.ui->view.n, 4);
	type(&d, "/");
	ui_key(d.ui, KEYS_UP);
	ui_key(d.ui, KEYS_UP); /* there is no more: not what was wrong */
	assert_string_equal(prompt_text(d.ui), "lport=80");
	ui_key(d.ui, KEYS_DOWN);
	assert_string_equal(prompt_text(d.ui), "");
	/* Editing. */
	type(&d, "lport");
	ui_key(d.ui, KEYS_HOME);
	type(&d, "x");
	ui_key(d.ui, KEYS_RIGHT);
	ui_key(d.ui, KEYS_DELETE);
	assert_string_equal(prompt_text(d.ui), "xlort");
	ui_key(d.ui, 11); /* ^k */
	assert_string_equal(prompt_text(d.ui), "xl");
	ui_key(d.ui, 0xe9);
	ui_key(d.ui, KEYS_LEFT);
	ui_key(d.ui, KEYS_DELETE);
	assert_string_equal(prompt_text(d.ui), "xl");
	ui_key(d.ui, 21);
	/* Paste: no Enter, no controls, bounded. */
	ui_paste(d.ui, "q\nlport\033[A=22\r\n", 16);
	assert_true(prompt_is_open(d.ui));
	assert_null(strchr(prompt_text(d.ui), '\033'));
	assert_null(strchr(prompt_text(d.ui), '\n'));
	big = xmalloc(100000);
	memset(big, 'a', 100000);
	ui_paste(d.ui, big, 100000);
	free(big);
	assert_true(strlen(prompt_text(d.ui)) < FILTER_MAX);
	ui_key(d.ui, KEYS_ESC);
	/* Without a prompt a paste does nothing. */
	ui_paste(d.ui, "q", 1);
	assert_int_equal(d.told.quit, 0);
	close_deck(&d);
}

static void
test_unknown_key(void **state)
{
	struct deck d;

	(void)state;
	open_deck(&d);
	READING(&d, 22, 80);
	ui_key(d.ui, 'Q');
	assert_string_equal(
	    d.ui->status, "Q does nothing here: F1 lists the keys");
	assert_int_not_equal(d.ui->status_kind, STATUS_ERROR);
	ui_key(d.ui, 0x9b);
	assert_true(text_is_clean(d.ui->status, strlen(d.ui->status)));
	ui_key(d.ui, KEYS_DOWN);
	assert_int_equal(selected(&d), 80);
	close_deck(&d);
}

static void
test_commands(void **state)
{
	struct deck d;

	(void)state;
	open_deck(&d);
	READING(&d, 22, 80, 443, 10053);
	cmd_run(d.ui, "80");
	assert_int_equal(d.ui->view.n, 1);
	cmd_run(d.ui, "filter");
	assert_true(prompt_is_open(d.ui));
	prompt_close(d.ui);
	cmd_run(d.ui, "filter lport=443");
	assert_int_equal(selected(&d), 443);
	cmd_run(d.ui, "filter lport=");
	assert_int_equal(d.ui->status_kind, STATUS_ERROR);
	assert_int_equal(d.ui->view.n, 1);
	ui_key(d.ui, KEYS_ESC);
	cmd_run(d.ui, "sotr pid");
	assert_non_null(strstr(d.ui->status, "sort"));
	cmd_run(d.ui, "sort");
	assert_non_null(strstr(d.ui->status, "usage"));
	cmd_run(d.ui, "sort nonsense");
	assert_int_equal(d.ui->status_kind, STATUS_ERROR);
	cmd_run(d.ui, "columns local,pid");
	assert_int_equal(d.ui->columns.n, 2);
	cmd_run(d.ui, "columns nonsense");
	assert_int_equal(d.ui->columns.n, 2);
	cmd_run(d.ui, "set theme light");
	assert_int_equal(d.config.opt.theme, 1);
	cmd_run(d.ui, "set theme nonsense");
	assert_int_equal(d.config.opt.theme, 1);
	cmd_run(d.ui, "interval 5");
	assert_true(d.config.opt.interval_ns == UINT64_C(5000000000));
	assert_true(d.told.reschedule > 0);
	cmd_run(d.ui, "interval soon");
	assert_true(d.config.opt.interval_ns == UINT64_C(5000000000));
	cmd_run(d.ui, "move sideways");
	cmd_run(d.ui, "");
	cmd_run(d.ui, ":  ");
	cmd_run(d.ui, "toggle nothing");
	cmd_run(d.ui, "group nothing");
	assert_int_equal(d.told.quit, 0);
	cmd_run(d.ui, ":quit");
	assert_int_equal(d.told.quit, 1);
	close_deck(&d);
}

static void
test_toggles(void **state)
{
	struct deck d;

	(void)state;
	open_deck(&d);
	READING(&d, 22, 80, 443, 10053);
	type(&d, "t");
	assert_int_equal(d.ui->view.n, 3);
	type(&d, "u"); /* both: either */
	assert_int_equal(d.ui->view.n, 4);
	type(&d, "t");
	assert_int_equal(d.ui->view.n, 1);
	assert_int_equal(selected(&d), 10053);
	type(&d, "6");
	assert_int_equal(d.ui->view.n, 0);
	type(&d, "a");
	assert_int_equal(d.ui->view.n, 4);
	type(&d, "l");
	assert_int_equal(d.ui->view.n, 4);
	type(&d, "e");
	assert_true(d.told.refresh > 0);
	type(&d, "F");
	assert_true(d.ui->follow);
	type(&d, "Z");
	assert_true(d.ui->paused);
	type(&d, "g ");
	assert_true(ui_line_row(d.ui, 0)->flags & ROW_TAGGED);
	type(&d, "U");
	assert_false(ui_line_row(d.ui, 0)->flags & ROW_TAGGED);
	close_deck(&d);
}

static void
test_find(void **state)
{
	struct deck d;
	char *cause = NULL;

	(void)state;
	open_deck(&d);
	READING(&d, 22, 80, 8080, 8443);
	assert_int_equal(ui_sort_set(d.ui, "lport", &cause), 0);
	type(&d, "ng");
	ui_key(d.ui, KEYS_F1 + 2);
	type(&d, "80");
	assert_int_equal(selected(&d), 80);
	ui_key(d.ui, KEYS_F1 + 2); /* next, while the prompt is open */
	assert_int_equal(selected(&d), 8080);
	ui_key(d.ui, KEYS_F1 + 2); /* round */
	assert_int_equal(selected(&d), 80);
	ui_key(d.ui, KEYS_ENTER);
	assert_int_equal(d.ui->view.n, 4);
	cmd_run(d.ui, "find nosuchthing");
	assert_int_equal(selected(&d), 80);
	assert_non_null(strstr(d.ui->status, "nosuchthing"));
	close_deck(&d);
}

static void
test_groups(void **state)
{
	struct deck d;
	int i;

	(void)state;
	open_deck(&d);
	READING(&d, 22, 80, 443, 10053);
	for (i = 0; i < GROUP_NMODES; i++) {
		type(&d, "v");
		type(&d, "+");
		assert_true(ui_lines(d.ui) >= 4);
		type(&d, "gjGk");
		type(&d, "-");
		READING(&d, 22, 80, 443, 444, 10053);
		type(&d, "g\rjG");
	}
	assert_int_equal(d.ui->group.mode, GROUP_FLAT);
	/* A heading that is selected stays so. */
	cmd_run(d.ui, "group port");
	type(&d, "-gj");
	assert_non_null(ui_head(d.ui));
	READING(&d, 1, 2, 22, 80, 443, 444, 10053);
	assert_non_null(ui_head(d.ui));
	close_deck(&d);
}

static void
draw_nothing(struct pane *p)
{
	p->n = 5;
}

static void
test_panes(void **state)
{
	static const struct pane_ops ops = { .name = "test",
		.map = MAP_LIST,
		.cursor = true,
		.draw = draw_nothing };
	struct deck d;
	struct pane *p, *q;
	int i;

	(void)state;
	open_deck(&d);
	READING(&d, 22, 80);
	p = ui_pane_open(d.ui, &ops, PLACE_SIDE, NULL);
	assert_ptr_equal(ui_focus(d.ui), p);
	layout_update(d.ui);
	/* Narrow: below the table; wide: beside it. Never over each other. */
	assert_true(p->y > d.ui->pane[0]->y + d.ui->pane[0]->h - 1);
	d.ui->cols = 200;
	layout_update(d.ui);
	assert_true(p->x >= d.ui->pane[0]->x + d.ui->pane[0]->w);
	assert_int_equal(p->x + p->w, 200);
	/* Keys go to the pane, not to the table. */
	p->n = 5;
	type(&d, "jj");
	assert_int_equal(p->at, 2);
	type(&d, "G");
	assert_int_equal(p->at, 4);
	ui_key(d.ui, KEYS_TAB);
	assert_ptr_equal(ui_focus(d.ui), d.ui->pane[0]);
	ui_key(d.ui, KEYS_TAB);
	/* Esc closes it and then nothing more; the deck stays. */
	for (i = 0; i < 5; i++)
		ui_key(d.ui, KEYS_ESC);
	assert_int_equal(d.ui->npanes, 1);
	assert_int_equal(d.told.quit, 0);
	/* More than there is room for: the oldest goes. */
	for (i = 0; i < 20; i++)
		q = ui_pane_open(
		    d.ui, &ops, i % 2 ? PLACE_POPUP : PLACE_MAIN, NULL);
	assert_true(d.ui->npanes <= nitems(d.ui->pane));
	assert_ptr_equal(ui_focus(d.ui), q);
	for (i = 1; i < 60; i++) {
		d.ui->rows = i;
		d.ui->cols = 61 - i;
		layout_update(d.ui);
		assert_true(q->h >= 0 && q->w >= 0);
	}
	close_deck(&d);
}

/* Widths: all fits, nothing overlaps, numbers are whole. */
static void
test_columns(void **state)
{
	struct table_cols t = { 0 };
	struct column_set set;
	size_t i, k;
	int w, x;

	(void)state;
	column_set_default(&set, COL_DECK);
	for (w = 40; w <= 250; w += 7) {
		table_cols_begin(&t, &set, set.col[0], w);
		for (i = 0; i < set.n; i++)
			table_cols_seen(
			    &t, i, set.col[i]->type == VAL_ADDR ? 45 : 9, 9);
		for (i = 0; i < set.n; i++) {
			table_cols_lay(&t, 1, (int)i, set.col[0]);
			assert_true(t.nat > 0);
			assert_int_equal(t.at[0].i, i);
			for (k = 0, x = 1; k < t.nat; k++) {
				assert_int_equal(t.at[k].x, x);
				assert_true(t.at[k].w > 0);
				x += t.at[k].w + 1;
			}
			assert_true(x - 1 <= w + 1);
			assert_true(t.more_right || t.nat == set.n - i);
		}
	}
	table_cols_lay(&t, 1, 0, NULL);
	assert_int_equal(t.nat, set.n);
	table_cols_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_scrolling),
		cmocka_unit_test(test_filter_prompt),
		cmocka_unit_test(test_unknown_key),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_toggles),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_panes),
		cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
