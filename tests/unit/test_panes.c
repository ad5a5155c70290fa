/* SPDX-License-Identifier: ISC */
/* The panes without a terminal: see deck_help.h. */
#include "config.h"

#include "deck_help.h"

#include "model/filter.h"
#include "ui/grid.h"
#include "ui/help.h"
#include "ui/panes.h"
#include "ui/prose.h"

#include "seed.h"

/* -- prose ---------------------------------------------------------------- */

static void
test_break(void **state)
{
	static const struct {
		const char *text;
		int width;
		size_t want;
	} cases[] = {
		{ "", 10, 0 }, { "short", 10, 5 }, { "exactly 10", 10, 10 },
		{ "one two three", 8, 7 }, { "one two three", 7, 7 },
		{ "one two three", 6, 3 }, { "unbreakable", 4, 4 },
		{ "a unbreakable", 4, 1 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 2, 3 }, /* two wide ones */
		{ "\xe6\x97\xa5\xe6\x9c\xac", 3, 3 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 1, 3 }, /* one at least */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    prose_break(cases[i].text, cases[i].width), cases[i].want);
}

/* -- help ----------------------------------------------------------------- */

static void
test_help_examples_parse(void **state)
{
	const struct help_example *ex;
	struct filter_error err = { 0 };
	struct filter *f;

	(void)state;
	for (ex = help_examples; ex->filter != NULL; ex++) {
		f = NULL;
		if (filter_parse(ex->filter, &f, &err) < 0)
			fail_msg("%s: %s", ex->filter, err.message);
		filter_free(f);
	}
}

/* Every key, command, column and setting is in it. */
static void
test_help_is_whole(void **state)
{
	const struct keybind *k;
	const struct cmd *cmd;
	size_t i;
	int at;

	(void)state;
	cmd_run(t.ui, "help");
	for (i = 0; cmd_tables[i] != NULL; i++)
		for (cmd = cmd_tables[i]; cmd->name != NULL; cmd++) {
			cmd_run(t.ui, "move top");
			assert_true(pane_help_ops.find(
			    ui_focus(t.ui), cmd->name, false));
		}
	for (k = keys_default; k->key != NULL; k++) {
		/* And what it does exists. */
		at = (int)strcspn(k->command, " ");
		char *name = xstrndup(k->command, (size_t)at);

		if (cmd_find(name) == NULL)
			fail_msg("key %s: no command %s", k->key, name);
		free(name);
	}
	cmd_run(t.ui, "move top");
	expect("Keys in the table", true);
	press("Esc");
	expect("Keys in the table", false);
}

static void
test_help_tells_bound_keys(void **state)
{
	struct buf keys = { 0 };
	char *cause = NULL;

	(void)state;
	help_put_keys(t.ui, MAP_TABLE, "group", &keys);
	assert_string_equal(keys.data, "F5 v");
	buf_reset(&keys);
	assert_int_equal(
	    keytable_bind(t.ui->keys, MAP_TABLE, "v", "tag", &cause), 0);
	help_put_keys(t.ui, MAP_TABLE, "group", &keys);
	assert_string_equal(keys.data, "F5");
	buf_done(&keys);
}

/* -- menus ---------------------------------------------------------------- */

static const struct want three[] = { { 1001, SOCK_LISTEN },
	{ 1002, SOCK_LISTEN }, { 1003, SOCK_ESTABLISHED }, { 0, 0 } };

static void
test_sort_menu(void **state)
{
	(void)state;
	reading(three);
	cmd_run(t.ui, "sort pid");
	press("F6");
	expect("Sort by", true);
	expect("* pid", true);
	expect("smallest first", true);
	press("Enter");
	expect("Sort by", false);
	assert_true(t.ui->view.sort[0].desc);
	press("F6 Esc");
	expect("Sort by", false);
	assert_true(t.ui->view.sort[0].desc);
	/* Columns that are shown come first, then all others. */
	press("F6 g Enter");
	assert_string_equal(t.ui->view.sort[0].col->name, "proto");
	press("F6 G Enter");
	assert_ptr_equal(t.ui->view.sort[0].col, &columns[ncolumns - 1]);
}

static void
test_theme_menu_previews(void **state)
{
	(void)state;
	reading(three);
	press("T j");
	assert_int_equal(t.config.opt.theme, 1);
	press("Esc");
	assert_int_equal(t.config.opt.theme, 0);
	press("T j j Enter");
	assert_int_equal(t.config.opt.theme, 2);
	/* Another menu in its place is as good as Esc. */
	press("T k");
	assert_int_equal(t.config.opt.theme, 1);
	cmd_run(t.ui, "group-menu");
	assert_int_equal(t.config.opt.theme, 2);
}

static void
test_user_menu(void **state)
{
	(void)state;
	reading(three);
	cmd_run(t.ui, "user");
	expect("everyone", true);
	press("j Enter"); /* ann has two */
	assert_string_equal(t.ui->filter_text, "user=ann");
	cmd_run(t.ui, "user root");
	assert_string_equal(t.ui->filter_text, "user=root");
	cmd_run(t.ui, "filter port:1001 or port:1002");
	cmd_run(t.ui, "user ann");
	assert_string_equal(
	    t.ui->filter_text, "(port:1001 or port:1002) and user=ann");
	assert_int_equal(t.ui->view.n, 1);
	cmd_run(t.ui, "user");
	press("g Enter");
	assert_string_equal(t.ui->filter_text, "(port:1001 or port:1002)");
	/* A user that is part of something else is left alone. */
	cmd_run(t.ui, "filter user=ann or port:1002");
	cmd_run(t.ui, "user root");
	assert_string_equal(
	    t.ui->filter_text, "(user=ann or port:1002) and user=root");
}

static void
test_named_filters(void **state)
{
	(void)state;
	reading(three);
	press("@");
	expect("No filter has a name yet", true);
	cmd_run(t.ui, "filter-save x");
	expect("no filter is in force", true);
	cmd_run(t.ui, "filter port:1002");
	cmd_run(t.ui, "filter-save a b");
	cmd_run(t.ui, "filter-save bad/name");
	expect("letters, digits", true);
	assert_int_equal(t.config.nfilters, 0);
	cmd_run(t.ui, "filter-save two");
	cmd_run(t.ui, "filter port:1001");
	cmd_run(t.ui, "filter-save one");
	cmd_run(t.ui, "filter-save one");
	assert_int_equal(t.config.nfilters, 2);
	cmd_run(t.ui, "filter @two");
	assert_string_equal(t.ui->filter_text, "port:1002");
	assert_int_equal(t.ui->view.n, 1);
	cmd_run(t.ui, "filter @three");
	expect("no filter has this name", true);
	press("@");
	expect("* two", true);
	press("G Enter");
	assert_string_equal(t.ui->filter_text, "port:1001");
}

/* -- setup ---------------------------------------------------------------- */

static void
test_setup_columns(void **state)
{
	(void)state;
	reading(three);
	press("F2");
	expect("[x] proto", true);
	press(">");
	assert_string_equal(t.ui->columns.col[0]->name, "state");
	assert_string_equal(t.ui->columns.col[1]->name, "proto");
	press("Enter");
	expect("[ ] proto", true);
	assert_string_equal(t.ui->columns.col[1]->name, "local");
	press("Space <");
	assert_string_equal(t.ui->columns.col[0]->name, "proto");
	assert_int_equal(strncmp(t.config.opt.columns, "proto,state,", 12), 0);
	press(">");
	press("=");
	assert_string_equal(t.ui->columns.col[0]->name, "proto");
	assert_int_equal(t.saved, 0);
	press("s");
	assert_int_equal(t.saved, 1);
	expect("Saved", true);
	press("Esc");
	expect("[x] proto", false);
	assert_int_equal(t.saved, 1);
}

/* The last column shown cannot be turned off. */
static void
test_setup_keeps_one(void **state)
{
	(void)state;
	reading(three);
	cmd_run(t.ui, "columns pid");
	press("F2 g Enter");
	expect("[x] pid", true);
	expect("one column at least", true);
	assert_int_equal(t.ui->columns.n, 1);
}

static void
test_setup_settings(void **state)
{
	bool numeric = t.config.opt.numeric;
	int i, n;

	(void)state;
	reading(three);
	press("F2 Right");
	expect("interval", true);
	for (n = 0; option_defs[n].name != NULL; n++)
		;
	for (i = 0; i < n; i++) {
		if (option_defs[i].type == OPT_BOOL ||
		    option_defs[i].type == OPT_CHOICE)
			press("Enter");
		press("j");
	}
	assert_int_equal(t.config.opt.numeric, !numeric);
	assert_int_equal(t.config.opt.theme, 1);
	assert_int_equal(t.config.opt.group, 1);
	/* A value that is asked for. */
	press("g Enter");
	assert_true(prompt_is_open(t.ui));
	prompt_set(t.ui, "7s");
	press("Enter");
	assert_int_equal(t.config.opt.interval_ns, 7 * NS_PER_S);
	press("Enter");
	prompt_set(t.ui, "nonsense");
	press("Enter");
	assert_int_equal(t.config.opt.interval_ns, 7 * NS_PER_S);
	press("Right");
	expect("This help", true);
	press("Left Left");
	expect("[x]", true);
}

/* -- closed, changes ------------------------------------------------------ */

/* The function bar opens it anew by mouse: what was typed must not be read
 * after it was freed. */
static void
test_filter_prompt_again(void **state)
{
	(void)state;
	cmd_run(t.ui, "filter");
	prompt_set(t.ui, "nginx");
	cmd_run(t.ui, "filter");
	assert_true(prompt_is_open(t.ui));
	assert_string_equal(prompt_text(t.ui), "nginx");
	press("Esc");
}

static void
test_closed(void **state)
{
	static const struct want two[] = { { 1001, SOCK_LISTEN },
		{ 1003, SOCK_ESTABLISHED }, { 0, 0 } };
	static const struct want one[] = { { 1001, SOCK_LISTEN }, { 0, 0 } };

	(void)state;
	reading(three);
	press("H");
	expect("No socket has closed yet", true);
	reading(two);
	expect("Closed sockets: 1", true);
	expect("p1002", true);
	reading(one);
	expect("Closed sockets: 2", true);
	/* The cursor stayed with its socket while a newer one came. */
	assert_int_equal(ui_row(t.ui)->rec.local.port, 1002);
	press("g");
	assert_int_equal(ui_row(t.ui)->rec.local.port, 1003);
	cmd_run(t.ui, "filter port:1002");
	expect("1 of 2 match", true);
	assert_int_equal(ui_row(t.ui)->rec.local.port, 1002);
	cmd_run(t.ui, "filter port:9");
	expect("Nothing that has closed matches", true);
	assert_null(ui_row(t.ui));
	press("y");
	/* Those that the table does not show any more, too. */
	cmd_run(t.ui, "filter");
	prompt_set(t.ui, "");
	press("Enter");
	t.now_ns += 60 * NS_PER_S;
	reading(one);
	expect("Closed sockets: 2", true);
	cmd_run(t.ui, "closed-clear");
	expect("No socket has closed yet", true);
	press("Esc");
	expect("No socket has closed", false);
}

static void
test_diff(void **state)
{
	static const struct want later[] = { { 1001, SOCK_LISTEN },
		{ 1003, SOCK_CLOSE_WAIT }, { 1004, SOCK_LISTEN }, { 0, 0 } };

	(void)state;
	press("D");
	expect("There is no baseline yet", true);
	reading(three);
	press("b");
	expect("Nothing has changed", true);
	reading(later);
	expect("1 new, 1 gone, 1 in another state", true);
	expect("+ LISTEN", true);
	expect("CLOSE-WAIT, was ESTABLISHED", true);
	expect("p1002", true); /* the owner of what is gone */
	assert_int_equal(ui_row(t.ui)->rec.local.port, 1004);
	press("j");
	assert_int_equal(ui_row(t.ui)->rec.local.port, 1002);
	reading(three);
	expect("0 new, 0 gone", true);
	assert_null(ui_row(t.ui));
	reading(later);
	press("b");
	expect("Nothing has changed", true);
	press("H");
	expect("Closed sockets", true);
	expect("Nothing has changed", false);
	press("D");
	expect("Nothing has changed", true);
	press("D");
	expect("Nothing has changed", false);
}

/* -- copy, snapshot ------------------------------------------------------- */

static void
test_copy_menu(void **state)
{
	(void)state;
	press("y");
	expect("no socket is selected", true);
	reading(three);
	cmd_run(t.ui, "filter port:1001");
	press("y");
	expect("Local address", true);
	expect("127.0.0.1:1001", true);
	expect("Peer address", false);
	/* The row may go while the menu is open. */
	reading(&three[3]);
	press("Enter");
	expect("clipboard: 127.0.0.1:1001", true);
}

static void
test_snapshot(void **state)
{
	(void)state;
	reading(three);
	press("w");
	assert_null(t.snapshot);
	expect("Wrote \\x1b[31m it", true);
	cmd_run(t.ui, "snapshot a b.json");
	assert_string_equal(t.snapshot, "a b.json");
	cmd_run(t.ui, "snapshot bad");
	expect("bad: no", true);
}

/* As in less and htop: q closes what lies over the table, then quits. */
static void
test_q_closes(void **state)
{
	static const char *const opened[] = { "help", "setup", "sort-menu",
		"theme-menu", "closed", "diff", "detail", "diagram" };
	size_t i;

	(void)state;
	reading(three);
	for (i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
		cmd_run(t.ui, opened[i]);
		ui_pane_focus(t.ui, t.ui->pane[t.ui->npanes - 1]);
		press("q");
		assert_int_equal(t.ui->npanes, 1);
		assert_int_equal(t.ended, 0);
	}
	/* The detail pane beside the table has not the focus. */
	press("Enter q");
	assert_int_equal(t.ended, 1);
	cmd_run(t.ui, "help");
	press("F10");
	assert_int_equal(t.ended, 2);
}

/* A menu that the focus has left is not worked, nor drawn, beneath others. */
static void
test_menu_is_left(void **state)
{
	(void)state;
	reading(three);
	press("F6");
	press("E"); /* opens beneath, and takes no keys */
	expect("States: this one is", false);
	expect("round trip time, smoothed ", true);
	press("Tab");
	expect("Sort by", false);
	expect("States: this one is", true);
}

/* E: the states; follows, is read whole, and leaves no other pane without. */
static void
test_explain(void **state)
{
	static const struct want moved[] = { { 1001, SOCK_LISTEN },
		{ 1003, SOCK_CLOSE_WAIT }, { 0, 0 } };
	unsigned before;

	(void)state;
	reading(three);
	cmd_run(t.ui, "filter port:1001");
	before = t.refreshed;
	press("E");
	expect("States: this one is tcp LISTEN", true);
	expect("[LISTEN 2]", true);
	expect("CLOSED - ", true);
	assert_int_equal(t.refreshed, before + 1);
	assert_int_equal(t.ui->detail.cookie, 1001);
	assert_true((ui_needs(t.ui) & NEED_OWNER) != 0);
	/* The keys still move in the table. */
	assert_ptr_equal(ui_focus(t.ui), t.ui->pane[0]);
	cmd_run(t.ui, "filter port:1003");
	expect("this one is tcp", true);
	assert_int_equal(t.ui->detail.cookie, 1003);
	reading(moved);
	expect("[CLOSE-WAIT 1]", true);
	expect("ESTABLISHED 0", true);
	/* Detail on top of it; E brings it back, then closes it. */
	press("Enter");
	expect("Socket: tcp CLOSE-WAIT", true);
	press("E");
	expect("States: this one", true);
	press("E");
	expect("Socket: tcp CLOSE-WAIT", true);
	assert_int_equal(t.ui->detail.cookie, 1003);
	press("Enter");
	expect("Socket: tcp", false);
	assert_int_equal(t.ui->detail.cookie, 0);
	/* Nothing selected: the states alone. */
	cmd_run(t.ui, "filter port:9");
	press("E");
	expect("No socket is selected", true);
	expect("LISTEN 1", true);
}

/* Where there is no room for all, words of a heading go before its traffic. */
static void
test_heading_traffic(void **state)
{
	struct group_head *head;

	(void)state;
	reading(three);
	cmd_run(t.ui, "group process");
	head = t.ui->group.line[0].head;
	head->rows = 1234;
	head->listen = 12;
	head->established = 1222;
	head->rx_bps = 1.2e6;
	head->tx_bps = 340e3;
	expect(
	    "1234 sockets, 12 listen, 1222 estab  rx 1.2M/s tx 340K/s", true);
	resize(24, 110);
	expect(
	    "1234 sockets, 12 listening, 1222 established   rx 1.2M/s", true);
	resize(24, 50);
	expect("1234 sockets  rx 1.2M/s tx 340K/s", true);
}

/* -- everything at every size --------------------------------------------- */

static void
test_sizes(void **state)
{
	static const char *const opened[] = { "help", "setup", "sort-menu",
		"group-menu", "theme-menu", "user", "closed", "diff", "detail",
		"diagram", "copy" };
	static const int sizes[][2] = { { 8, 40 }, { 24, 80 }, { 50, 200 },
		{ 9, 300 }, { 100, 41 } };
	struct pane *p;
	size_t i, j;

	(void)state;
	reading(three);
	for (i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
		cmd_run(t.ui, opened[i]);
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			resize(sizes[j][0], sizes[j][1]);
			assert_true(ui_paint(t.ui));
			press("G PgDn ^d Right Left g PgUp ^u j k");
			assert_true(ui_paint(t.ui));
			p = ui_focus(t.ui);
			assert_true(p->h >= 0 && p->w >= 0);
			assert_true(p->y + p->h <= t.ui->rows);
			assert_true(p->x + p->w <= t.ui->cols);
		}
		while (t.ui->npanes > 1)
			ui_pane_close(t.ui, t.ui->pane[t.ui->npanes - 1]);
	}
}

static void
random_key(uint64_t *seed)
{
	size_t nkeys = 0;

	while (keys_default[nkeys].key != NULL)
		nkeys++;
	if ((int)(seed_next(seed) >> 33) % 8 == 0)
		ui_key(t.ui, ' ' + (int)(seed_next(seed) >> 33) % 95);
	else
		ui_key(t.ui,
		    key_parse(
			keys_default[(size_t)(int)(seed_next(seed) >> 33) %
				     nkeys]
			    .key));
}

/* Sockets come, go and change while keys, mouse and sizes do what they like. */
static void
random_reading(uint64_t *seed)
{
	static const uint8_t states[] = { SOCK_LISTEN, SOCK_ESTABLISHED,
		SOCK_CLOSE_WAIT, SOCK_TIME_WAIT };
	struct want want[21];
	struct snap *snap;
	size_t i, n = 0;

	for (i = 0; i < 20; i++)
		if ((int)(seed_next(seed) >> 33) % 3 != 0)
			want[n++] = (struct want){ .port = (uint16_t)(1001 + i),
				.state = states[(size_t)(int)(seed_next(seed) >>
							      33) %
						4] };
	want[n].port = 0;
	/* Keys come while a reading is on its way into the table. */
	snap = snap_of(want);
	ui_snap_begin(t.ui, snap, 0);
	while (!ui_snap_step(t.ui, 3)) {
		random_key(seed);
		ui_tick(t.ui, t.now_ns);
		assert_true(ui_paint(t.ui));
	}
	snap_free(snap);
	if ((int)(seed_next(seed) >> 33) % 4 == 0)
		t.now_ns += 5 * NS_PER_S;
	ui_tick(t.ui, t.now_ns);
}

static void
test_random_input(void **state)
{
	uint64_t seed = seed_begin("test_panes");
	int i;

	(void)state;
	t.config.opt.closed_max = 7;
	ui_options_changed(t.ui);
	for (i = 0; i < 6000; i++) {
		switch ((int)(seed_next(&seed) >> 33) % 16) {
		case 0:
			random_reading(&seed);
			break;
		case 1:
			resize(8 + (int)(seed_next(&seed) >> 33) % 60,
			    40 + (int)(seed_next(&seed) >> 33) % 200);
			break;
		case 2:
			ui_mouse(t.ui,
			    (int)(seed_next(&seed) >> 33) % t.ui->rows,
			    (int)(seed_next(&seed) >> 33) % t.ui->cols,
			    (enum mouse_button)(
				1 + (int)(seed_next(&seed) >> 33) % 6));
			break;
		case 3:
			ui_paste(t.ui, "x;\n", 3);
			break;
		default:
			random_key(&seed);
		}
		if ((int)(seed_next(&seed) >> 33) % 3 == 0)
			assert_true(ui_paint(t.ui));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_filter_prompt_again),
		cmocka_unit_test(test_break),
		cmocka_unit_test(test_help_examples_parse),
		TEST(test_help_is_whole),
		TEST(test_help_tells_bound_keys),
		TEST(test_sort_menu),
		TEST(test_theme_menu_previews),
		TEST(test_user_menu),
		TEST(test_named_filters),
		TEST(test_setup_columns),
		TEST(test_setup_keeps_one),
		TEST(test_setup_settings),
		TEST(test_closed),
		TEST(test_diff),
		TEST(test_copy_menu),
		TEST(test_snapshot),
		TEST(test_q_closes),
		TEST(test_menu_is_left),
		TEST(test_explain),
		TEST(test_heading_traffic),
		TEST(test_sizes),
		TEST(test_random_input),
	};

	return deck_tests_run(tests, sizeof(tests) / sizeof(tests[0]));
}
