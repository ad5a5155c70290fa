/* SPDX-License-Identifier: ISC */
/*
 * The questions before a signal is sent or a socket closed, and what is told
 * of it. Acts are planned as in earnest, and done to nobody.
 */
#include "config.h"

#include "deck_help.h"

#include "base/array.h"
#include "ui/question.h"

#include "seed.h"

static const struct want three[] = { { 1001, SOCK_LISTEN },
	{ 1002, SOCK_LISTEN }, { 1003, SOCK_ESTABLISHED }, { 0, 0 } };

/* -- signals ---------------------------------------------------------- */

static const struct want many[] = { { 1001, SOCK_LISTEN },
	{ 1002, SOCK_LISTEN }, { 1003, SOCK_ESTABLISHED },
	{ 1004, SOCK_LISTEN }, { 1005, SOCK_LISTEN }, { 1006, SOCK_LISTEN },
	{ 0, 0 } };

static void
test_signal_menu(void **state)
{
	(void)state;
	reading(three);
	press("K");
	expect("Signal to p1001", true);
	expect("TERM      15", true);
	expect("  connections first.", true);
	assert_int_equal(t.acts_opened, 1);
	/* By letters, by number; movements stay what they are. */
	press("K");
	expect("  its sockets.  ", true);
	press("H U");
	expect("many daemons read their configuration", true);
	press("1 9");
	expect("  CONT.  ", true);
	press("g j");
	expect("  its sockets.  ", true);
	press("q");
	expect("Signal to", false);
	assert_int_equal(t.acts_ended, 1);
	press("F9 Esc");
	assert_int_equal(t.acts_ended, 2);
	/* The signal chosen is the one that is asked about and sent. */
	press("K K Enter");
	expect("Send KILL to p1001 (1001)?", true);
	read_it();
	press("y");
	assert_int_equal(t.sent, 9);
	press("Esc");
	/* The same by a command line. */
	cmd_run(t.ui, "kill HUP");
	expect("Send HUP to p1001 (1001)?", true);
	press("Esc");
	cmd_run(t.ui, "kill TREM");
	expect("did you mean TERM", true);
	cmd_run(t.ui, "kill -9");
	cmd_run(t.ui, "kill 0");
	cmd_run(t.ui, "kill 1000");
	assert_null(t.act);
	assert_int_equal(t.acts_opened, 4);
}

static void
test_signal_one(void **state)
{
	static const struct want later[] = { { 900, SOCK_LISTEN },
		{ 1003, SOCK_ESTABLISHED }, { 0, 0 } };

	(void)state;
	reading(three);
	cmd_run(t.ui, "sort lport");
	press("j K Enter");
	expect("Send TERM to p1002 (1002)?", true);
	expect("user root", true);
	expect("p --serve", true);
	expect("listens on 127.0.0.1:1002", true);
	/* What is meant was settled when the key was pressed. */
	reading(later);
	reading(later);
	read_it();
	expect("Send TERM to p1002 (1002)?", true);
	assert_int_equal(t.act->target[0].pid, 1002);
	press("y");
	assert_int_equal(t.sent, 15);
	assert_int_equal(t.acts_run, 1);
	expect("1 ended", true);
	/* It says how it ended, and so does the status line when it closes. */
	act_target_outcome(&t.act->target[0], ACT_DONE, "ended after 0.2 s");
	t.ui->act_changed(t.ui, t.act);
	expect("ended after 0.2 s", true);
	press("y y");
	assert_int_equal(t.acts_run, 1);
	press("Enter");
	expect("TERM to p1002 (1002): ended after 0.2 s", true);
	assert_int_equal(t.acts_ended, 1);
}

/* TERM is ignored: KILL is a question of its own. */
static void
test_signal_again(void **state)
{
	(void)state;
	reading(many);
	cmd_run(t.ui, "sort lport");
	press("Space Space K Enter");
	expect("Send TERM to 2 processes?", true);
	read_it();
	t.becomes = ACT_SENT;
	press("y");
	expect("it is still there, 0", true);
	pass(3000);
	expect("it is still there, 3", true);
	act_target_outcome(&t.act->target[0], ACT_DONE, "ended after 3.1 s");
	act_target_outcome(&t.act->target[1], ACT_ALIVE, "still alive");
	t.ui->act_changed(t.ui, t.act);
	expect("Still alive after 5 s. Send KILL to p1002 (1002)?", true);
	/* The key that TERM was confirmed by does not say yes to KILL. */
	press("y");
	assert_int_equal(t.acts_run, 1);
	read_it();
	t.becomes = ACT_DONE;
	press("y");
	assert_int_equal(t.acts_run, 2);
	assert_int_equal(t.sent, 9);
	expect("2 ended", true);
	press("Esc");
	expect("TERM: 2 ended", true);
	/* It ends while KILL is asked about: nothing is left to ask. */
	press("g Space Space K Enter");
	read_it();
	t.becomes = ACT_ALIVE;
	press("y");
	t.ui->act_changed(t.ui, t.act);
	expect("Send KILL to 2 processes?", true);
	t.act->target[0].state = t.act->target[1].state = ACT_DONE;
	t.ui->act_changed(t.ui, t.act);
	expect("Send KILL", false);
	expect("2 ended", true);
	press("Esc");
	/* Only after a signal that asks to end. */
	press("g Space Space K H U Enter");
	read_it();
	press("y");
	t.ui->act_changed(t.ui, t.act);
	expect("Send KILL", false);
	expect("2 still alive", true);
	press("Esc");
}

static void
test_signal_count(void **state)
{
	(void)state;
	reading(many);
	cmd_run(t.ui, "sort lport");
	press("Space Space Space Space Space Space K Enter");
	expect("Send TERM to 6 processes?", true);
	expect("6 at once", true);
	expect("more lines below", true);
	read_it();
	press("y Enter");
	press("5 Enter");
	expect("5 is not 6: nothing was done.", true);
	assert_int_equal(t.acts_run, 0);
	press("6 Enter");
	assert_int_equal(t.acts_run, 1);
	press("Esc");
	/* What was answered is not tagged any more. */
	press("K Enter");
	expect("Send TERM to p1006 (1006)?", true);
	press("Esc");
	/* One of six ends by itself: it is told, and six are still asked. */
	press("g Space Space Space Space Space Space K Enter");
	act_target_outcome(&t.act->target[0], ACT_GONE, "ended meanwhile");
	t.ui->act_changed(t.ui, t.act);
	expect("ended meanwhile", true);
	expect("Send TERM to 6 processes?", true);
	read_it();
	press("5 Enter");
	expect("5 is not 6", true);
	press("Esc U");
	/* Tagged rows that a filter hides are among them: it is said. */
	press("g Space Space Space Space Space Space");
	cmd_run(t.ui, "filter lport=1001 or lport=1002");
	press("K Enter");
	expect("Send TERM to 6 processes?", true);
	expect("4 of the tagged sockets are not shown now.", true);
	press("Esc");
	press("U K Enter");
	expect("Send TERM to p1002 (1002)?", true);
	press("Esc");
}

/* The list has the order of the screen; what is not on it comes last. */
static void
test_signal_order(void **state)
{
	size_t i;

	(void)state;
	reading(many);
	cmd_run(t.ui, "sort -lport");
	press("g Space Space Space Space Space Space K");
	assert_int_equal(t.act->n, 6);
	for (i = 0; i < 6; i++)
		assert_int_equal(t.act->target[i].pid, 1006 - i);
	press("Esc");
	cmd_run(t.ui, "filter lport>1002");
	cmd_run(t.ui, "sort lport");
	press("K");
	assert_int_equal(t.act->n, 6);
	for (i = 0; i < 4; i++)
		assert_int_equal(t.act->target[i].pid, 1003 + i);
	assert_int_equal(t.act->target[5].pid, 1002);
	press("Esc");
}

/* Some of a list can be taken off; who is left is asked about. */
static void
test_leave_out(void **state)
{
	(void)state;
	reading(many);
	cmd_run(t.ui, "sort lport");
	press("Space Space Space Space Space K Enter");
	expect("[x] p1001 (1001)", true);
	expect("Space takes one off", true);
	expect("Type 5, then Enter", true);
	press("Space");
	expect("[ ] p1001 (1001)", true);
	expect("Send TERM to 4 processes?", true);
	expect("Type", false);
	press("j j Space Down Down Down Space");
	expect("Send TERM to 2 processes?", true);
	press("Up Up Space Space");
	read_it();
	press("y");
	assert_int_equal(t.acts_run, 1);
	expect("2 ended, 3 left alone", true);
	assert_int_equal(t.act->target[0].state, ACT_WAITING);
	assert_int_equal(t.act->target[1].state, ACT_DONE);
	assert_int_equal(t.act->target[2].state, ACT_WAITING);
	press("Space");
	assert_true(t.act->target[0].skip);
	press("Esc");
	/* All of them: nothing is left to be done. */
	press("g Space Space K Enter");
	press("Space Down Space");
	expect("Nothing can be done here.", true);
	expect("All were taken off the list.", true);
	press("Space");
	expect("Send TERM to p1002 (1002)?", true);
	read_it();
	press("y");
	assert_int_equal(t.acts_run, 2);
	press("Esc");
	/* One alone is not taken off. */
	press("K Enter");
	expect("[x]", false);
	press("Space");
	assert_false(t.act->target[0].skip);
	press("Esc");
}

/* What is known later can make it sterner: then it is asked anew. */
static void
test_signal_sterner(void **state)
{
	(void)state;
	reading(three);
	press("K");
	t.act->incomplete = true;
	press("Enter");
	expect("Finding out", true);
	read_it();
	press("y");
	assert_int_equal(t.acts_run, 0);
	t.act->incomplete = false;
	assert_non_null(t.act->target[0].facts);
	t.act->target[0].facts->ancestor = true;
	act_words(t.act);
	t.ui->act_changed(t.ui, t.act);
	expect("Careful: this program runs beneath it", true);
	read_it();
	press("y Enter");
	assert_int_equal(t.acts_run, 0);
	press("1 0 0 1 Enter");
	assert_int_equal(t.acts_run, 1);
	press("Esc");
	press("K Enter");
	t.act->target[0].facts->init = true;
	act_words(t.act);
	t.ui->act_changed(t.ui, t.act);
	expect("Nothing can be done here.", true);
	expect("never", true);
	read_it();
	press("y Enter");
	assert_int_equal(t.acts_run, 1);
}

static void
test_signal_nobody(void **state)
{
	(void)state;
	cmd_run(t.ui, "kill");
	expect("still being looked for", true);
	assert_true((ui_needs(t.ui) & NEED_OWNER) != 0);
	assert_int_equal(t.refreshed, 1);
	reading(three);
	cmd_run(t.ui, "filter lport=1");
	cmd_run(t.ui, "kill");
	expect("no socket is selected", true);
	cmd_run(t.ui, "filter");
	press("Esc");
	cmd_run(t.ui, "filter lport>1");
	t.act_refused = "the owner is hidden: run it as root";
	press("K");
	expect("the owner is hidden: run it as root", true);
	expect("Nothing can be done here.", true);
	read_it();
	press("y r f");
	assert_int_equal(t.acts_run, 0);
	press("q");
	assert_false(question_is_open(t.ui));
	assert_int_equal(t.ended, 0);
}

static void
test_signal_heading(void **state)
{
	(void)state;
	reading(three);
	cmd_run(t.ui, "sort lport");
	cmd_run(t.ui, "group process");
	press("j");
	assert_non_null(ui_head(t.ui));
	press("K Enter");
	expect("Send TERM to p1002 (1002)?", true);
	press("Esc");
	cmd_run(t.ui, "group port");
	press("g K");
	expect("a heading is no process and no socket", true);
	assert_null(t.act);
	/* From the detail pane, but not from beneath the help. */
	cmd_run(t.ui, "group flat");
	press("g Enter Tab K Enter");
	expect("Send TERM to p1001 (1001)?", true);
	press("Esc q");
	cmd_run(t.ui, "help");
	press("K");
	expect("the table is beneath", true);
	press("q");
	/* A listener's heading is a socket. */
	cmd_run(t.ui, "group tree");
	press("g K Enter");
	expect("Send TERM to p1001 (1001)?", true);
	press("Esc");
}

/* -- closing ---------------------------------------------------------- */

static void
test_close(void **state)
{
	(void)state;
	reading(three);
	cmd_run(t.ui, "sort -lport");
	press("g X");
	expect("Close tcp", true);
	expect("Held by", true);
	expect("ECONNRESET", true);
	expect("file and normally closes its end", true);
	read_it();
	press("Enter");
	expect("nothing was done", true);
	assert_int_equal(t.acts_run, 0);
	press("F8");
	read_it();
	press("r");
	assert_int_equal(t.sent, ACT_RST);
	expect("1 closed", true);
	press("Esc X");
	read_it();
	press("f");
	assert_int_equal(t.sent, ACT_FIN);
	expect("1 shut (FIN)", true);
	press("Esc");
	cmd_run(t.ui, "close fin");
	expect("at once (RST)", false);
	expect("in order (FIN)", true);
	press("Esc");
	cmd_run(t.ui, "close rts");
	expect("expected rst or fin", true);
	assert_int_equal(t.acts_run, 2);
}

static void
test_close_refused(void **state)
{
	static const struct want waits[] = { { 1001, SOCK_TIME_WAIT },
		{ 0, 0 } };

	(void)state;
	reading(waits);
	t.ui->rights = (struct act_rights){ .signal = xstrdup("signals"),
		.close = xstrdup("cannot: needs CAP_NET_ADMIN") };
	press("X");
	expect("at once (RST): not possible: needs root, or CAP_NET", true);
	expect("in order (FIN): not possible:", true);
	read_it();
	press("r f y Enter");
	assert_int_equal(t.acts_run, 0);
}

static void
test_close_count(void **state)
{
	static const struct want less[] = { { 1001, SOCK_LISTEN },
		{ 1003, SOCK_ESTABLISHED }, { 1004, SOCK_LISTEN },
		{ 1005, SOCK_LISTEN }, { 1006, SOCK_LISTEN }, { 0, 0 } };

	(void)state;
	reading(many);
	cmd_run(t.ui, "sort lport");
	press("Space Space Space Space Space Space X");
	expect("Close 6 sockets?", true);
	/* One closes by itself: it is marked, and the question stays. */
	reading(less);
	press("PgDn");
	press("PgUp j j");
	assert_int_equal(t.act->n, 6);
	read_it();
	press("r");
	assert_int_equal(t.acts_run, 0);
	press("6 Enter");
	assert_int_equal(t.acts_run, 1);
	expect("closed", true);
	/* While it goes on, leaving stops it. */
	t.act->running = true;
	t.act->target[5].state = ACT_WAITING;
	t.ui->act_changed(t.ui, t.act);
	expect("1 to come", true);
	expect("stop: the rest is left alone", true);
	press("Esc");
	expect("1 left alone", true);
}

/* -- never ------------------------------------------------------------------- */

static void
test_readonly(void **state)
{
	static const char *const lines[] = { "kill", "kill TERM", "close",
		"close rst" };
	size_t i;

	(void)state;
	reading(three);
	t.ui->readonly = true;
	press("K");
	expect("kill: refused, --readonly is on", true);
	press("X");
	expect("close: refused, --readonly is on", true);
	press("F8 F9");
	for (i = 0; i < nitems(lines); i++)
		cmd_run(t.ui, lines[i]);
	assert_int_equal(t.acts_opened, 0);
	expect("readonly", true);
}

static int
random_key(uint64_t *seed)
{
	size_t n = 0;

	while (keys_default[n].key != NULL)
		n++;
	if ((int)(seed_next(seed) >> 33) % 4 == 0)
		return ' ' + (int)(seed_next(seed) >> 33) % 95;
	return key_parse(
	    keys_default[(size_t)(int)(seed_next(seed) >> 33) % n].key);
}

/* T10: random keys, one after the other, in readonly; and without it many at
 * once, at any pace. */
static void
test_random(void **state)
{
	uint64_t seed = seed_begin("test_ask_act");
	int i, n, code;

	(void)state;
	for (i = 0; i < 20000; i++) {
		if (i % 97 == 0)
			reading(i % 2 == 0 ? many : three);
		if (i == 10000) {
			/* No question was open when it was set. */
			ui_panes_end(t.ui);
			t.ui->readonly = true;
		}
		pass((unsigned)(seed_next(&seed) >> 33) % 700);
		n = t.ui->readonly ? 1 : 2 + i % 5;
		while (n-- > 0) {
			code = random_key(&seed);
			/* Every second one is among those that say yes. */
			if (i % 2 == 0)
				code = "yrf6\r"[(seed_next(&seed) >> 33) % 5];
			ui_key(t.ui, code);
		}
		ui_read_end(t.ui);
		if (i % 3 == 0)
			assert_true(ui_paint(t.ui));
	}
	assert_int_equal(t.acts_run, 0);
	assert_true(t.acts_opened > 0);
}

/* -- the header -------------------------------------------------------------- */

static void
rights(uint32_t uid, bool signals, bool closes)
{
	act_rights_done(&t.ui->rights);
	t.ui->rights = (struct act_rights){ .signal_all = signals,
		.close_rst = closes,
		.signal = xstrdup("Signals."),
		.close = xstrdup("Closes.") };
	t.ui->uid = uid;
	t.ui->dirty |= DIRTY_ALL;
}

static void
test_header(void **state)
{
	(void)state;
	reading(three);
	rights(0, true, true);
	expect("  root  2s live", true);
	rights(0, false, false);
	expect("root: own only  2s live", true);
	expect("LISTEN 2  ESTAB 1  UDP 0", true);
	resize(24, 120);
	expect("root: own processes only  close: needs CAP_NET_ADMIN  2s live",
	    true);
	expect("LISTEN 2  ESTAB 1  UDP 0", true);
	rights(4711, false, false);
	expect("uid 4711: own processes only", true);
	t.ui->readonly = true;
	t.ui->dirty |= DIRTY_ALL;
	expect("uid 4711, readonly  2s live", true);
	resize(24, 80);
	expect("uid 4711, readonly  2s live", true);
	expect("LISTEN 2  ESTAB 1  UDP 0", true);
	cmd_run(t.ui, "help");
	press("G");
	cmd_run(t.ui, "help Signals.");
	expect("Signals.", true);
	expect("Closes.", true);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_signal_menu),
		TEST(test_signal_one),
		TEST(test_signal_again),
		TEST(test_signal_count),
		TEST(test_signal_order),
		TEST(test_leave_out),
		TEST(test_signal_sterner),
		TEST(test_signal_nobody),
		TEST(test_signal_heading),
		TEST(test_close),
		TEST(test_close_refused),
		TEST(test_close_count),
		TEST(test_readonly),
		TEST(test_random),
		TEST(test_header),
	};

	return deck_tests_run(tests, nitems(tests));
}
