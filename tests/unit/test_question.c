/* SPDX-License-Identifier: ISC */
/*
 * Questions: what answers them, and all that must not. The acts behind them
 * are fakes that count.
 */
#include "config.h"

#include "deck_help.h"

#include "base/array.h"
#include "ui/panes.h"
#include "ui/question.h"

static const struct want three[] = { { 1001, SOCK_LISTEN },
	{ 1002, SOCK_LISTEN }, { 1003, SOCK_ESTABLISHED }, { 0, 0 } };

/* -- a question of this test's own ----------------------------------------- */

static struct {
	int answered, id, closed, ticks;
} fake;

static void
fake_answer(struct question *q, int id)
{
	fake.answered++;
	fake.id = id;
	question_close(q);
}

static void
fake_closed(struct ui *ui, void *arg)
{
	(void)ui;
	assert_ptr_equal(arg, &fake);
	fake.closed++;
}

static void
fake_tick(struct question *q, uint64_t now_ns)
{
	(void)q;
	(void)now_ns;
	fake.ticks++;
}

static const struct question_ops fake_ops = {
	.answer = fake_answer,
	.closed = fake_closed,
	.tick = fake_tick,
};

enum grade {
	KEY,
	TYPE,
	NEVER
};

static struct question *
ask(enum grade grade, const char *word)
{
	struct question *q = question_open(t.ui, "Fake", &fake_ops, &fake);
	struct prose *list = question_list(q);

	prose_heading(list, "first (1)");
	prose_pair(list, "Command", "first --of all");
	prose_heading(list, "second (2)");
	question_ask(q, "Shall it be?");
	if (grade != KEY)
		question_why(q, "Because of that.");
	if (grade != NEVER) {
		question_choice(
		    q, "yes", 7, "do it", "It is done, at once.", NULL);
		if (grade == TYPE)
			question_typed(q, word);
		question_choice(q, "rst", 8, "other", NULL, NULL);
		if (grade == TYPE)
			question_typed(q, word);
		question_choice(q, "fin", 9, "never", NULL, "There is no way.");
	}
	memset(&fake, 0, sizeof(fake));
	return q;
}

/* Keys that come in one read from the terminal. */
static void
at_once(const char *keys)
{
	pass(100);
	for (; *keys != '\0'; keys++)
		ui_key(t.ui, (unsigned char)*keys);
	ui_read_end(t.ui);
}

static void
test_key(void **state)
{
	(void)state;
	reading(three);
	(void)ask(KEY, NULL);
	expect("Fake", true);
	expect("Shall it be?", true);
	expect("first --of all", true);
	expect("do it: It is done, at once.", true);
	expect("never: not possible: There is no way.", true);
	expect("leave everything alone", true);
	expect("One moment", true);
	read_it();
	expect("One moment", false);
	press("y");
	assert_int_equal(fake.answered, 1);
	assert_int_equal(fake.id, 7);
	assert_int_equal(fake.closed, 1);
	assert_false(question_is_open(t.ui));
	/* By the key of another choice; by arrows and Enter. */
	(void)ask(KEY, NULL);
	read_it();
	press("r");
	assert_int_equal(fake.id, 8);
	(void)ask(KEY, NULL);
	read_it();
	press("Right Right Enter");
	assert_int_equal(fake.id, 8);
	(void)ask(KEY, NULL);
	read_it();
	press("Left Left Left Enter");
	assert_int_equal(fake.id, 7);
}

/* Enter alone, Esc, q, n and F10 leave; other keys do nothing at all. */
static void
test_left_alone(void **state)
{
	static const char *const leave[] = { "Enter", "Esc", "q", "n", "F10" };
	static const char *const nothing = "F1 ? F2 F3 F4 / : x K X F8 F9 F "
					   "Space 5 d w b U t Z e PgDn";
	size_t i;

	(void)state;
	reading(three);
	for (i = 0; i < nitems(leave); i++) {
		(void)ask(KEY, NULL);
		read_it();
		press(leave[i]);
		assert_int_equal(fake.closed, 1);
		assert_int_equal(fake.answered, 0);
		assert_int_equal(t.ended, 0);
	}
	(void)ask(KEY, NULL);
	read_it();
	press(nothing);
	assert_true(question_is_open(t.ui));
	assert_int_equal(t.ui->npanes, 2);
	assert_false(t.ui->paused);
	assert_int_equal(t.ui->toggle_bits, 0);
	/* A choice that is not possible says why. */
	press("f");
	assert_int_equal(fake.answered, 0);
	expect("Not possible: There is no way.", true);
}

/* T10: what is pasted, or comes as fast as that, is no answer. */
static void
test_no_accident(void **state)
{
	(void)state;
	reading(three);
	/* Before it was drawn, and before it could be read. */
	(void)ask(KEY, NULL);
	press("y y y y y y y");
	assert_int_equal(fake.answered, 0);
	assert_true(ui_paint(t.ui));
	press("y y y");
	assert_int_equal(fake.answered, 0);
	expect("too quick", true);
	/* Among others. */
	read_it();
	at_once("yy");
	at_once("yes\r");
	at_once("jy");
	at_once("y ");
	assert_int_equal(fake.answered, 0);
	expect("Several keys came at once", true);
	/* One read after the other, faster than fingers are. */
	pass(100);
	ui_key(t.ui, 'j');
	ui_read_end(t.ui);
	ui_key(t.ui, 'y');
	ui_read_end(t.ui);
	assert_int_equal(fake.answered, 0);
	/* A bracketed paste, with and without more. */
	pass(100);
	ui_paste(t.ui, "y", 1);
	ui_read_end(t.ui);
	pass(100);
	ui_paste(t.ui, "y", 1);
	ui_key(t.ui, 'y');
	ui_read_end(t.ui);
	assert_int_equal(fake.answered, 0);
	press("y");
	assert_int_equal(fake.answered, 1);
}

/* The mouse marks a choice; it never says yes. */
static void
test_mouse(void **state)
{
	struct pane *p;
	int y, x;

	(void)state;
	reading(three);
	(void)ask(KEY, NULL);
	read_it();
	for (y = 0; y < t.ui->rows; y++)
		for (x = 0; x < t.ui->cols; x += 3) {
			ui_mouse(t.ui, y, x, MOUSE_LEFT);
			ui_mouse(t.ui, y, x, MOUSE_LEFT);
			ui_mouse(t.ui, y, x, MOUSE_WHEEL_DOWN);
			ui_read_end(t.ui);
		}
	assert_int_equal(fake.answered, 0);
	assert_true(question_is_open(t.ui));
	assert_int_equal(t.ui->npanes, 2);
	p = ui_focus(t.ui);
	for (y = 0; y < p->h; y++) {
		ui_mouse(t.ui, p->y + y, p->x + 9, MOUSE_LEFT);
		ui_read_end(t.ui);
		if (screen_has("> r    other"))
			break;
	}
	expect("> r    other", true);
	press("Enter");
	assert_int_equal(fake.id, 8);
}

static void
test_typed(void **state)
{
	(void)state;
	reading(three);
	(void)ask(TYPE, "12");
	expect("Because of that.", true);
	/* Not before it was read. */
	press("1 2 Enter");
	assert_int_equal(fake.answered, 0);
	read_it();
	press("y Enter");
	expect("Type 12 first, then Enter.", true);
	press("1 3 Enter");
	expect("13 is not 12: nothing was done.", true);
	press("1 2 3 Enter");
	press("1 Enter 2 Enter");
	at_once("12\r");
	assert_int_equal(fake.answered, 0);
	press("Enter");
	assert_int_equal(fake.answered, 0);
	press("1 3 Backspace 2");
	expect("then Enter: 12", true);
	press("Enter");
	assert_int_equal(fake.answered, 1);
	assert_int_equal(fake.id, 7);
	/* Its key marks another choice, which the digits then confirm. */
	(void)ask(TYPE, "12");
	read_it();
	press("r 1 2 Enter");
	assert_int_equal(fake.id, 8);
	/* A word: its letters are no keys. */
	(void)ask(TYPE, "yes");
	read_it();
	press("y");
	assert_int_equal(fake.answered, 0);
	press("e s Enter");
	assert_int_equal(fake.id, 7);
	(void)ask(TYPE, "12");
	read_it();
	press("1 2 Esc");
	assert_int_equal(fake.answered, 0);
	assert_int_equal(fake.closed, 1);
}

static void
test_never(void **state)
{
	(void)state;
	reading(three);
	(void)ask(NEVER, NULL);
	read_it();
	expect("Because of that.", true);
	expect("do it", false);
	press("y r f Right j");
	at_once("y");
	assert_int_equal(fake.answered, 0);
	assert_true(question_is_open(t.ui));
	press("Esc");
	assert_int_equal(fake.closed, 1);
}

/* Rows do not move beneath a question, and stay readable when they are gone;
 * the focus goes back to where it was. */
static void
test_frozen(void **state)
{
	static const struct want later[] = { { 900, SOCK_LISTEN },
		{ 1003, SOCK_ESTABLISHED }, { 0, 0 } };
	int mode;

	(void)state;
	for (mode = 0; mode < GROUP_NMODES; mode++) {
		reading(three);
		cmd_run(t.ui, "sort lport");
		ui_group_set(t.ui, (enum group_mode)mode);
		cmd_run(t.ui, "expand");
		press("Enter g");
		assert_ptr_equal(ui_focus(t.ui), t.ui->pane[0]);
		size_t lines = ui_lines(t.ui);
		(void)ask(KEY, NULL);
		reading(later);
		reading(later);
		pass(10000);
		reading(later);
		assert_true(ui_paint(t.ui));
		assert_int_equal(ui_lines(t.ui), lines);
		read_it();
		press("Esc");
		assert_ptr_equal(ui_focus(t.ui), t.ui->pane[0]);
		assert_true(ui_lines(t.ui) != lines || mode != GROUP_FLAT);
		assert_true(ui_paint(t.ui));
		cmd_run(t.ui, "detail");
	}
}

/* What does not fit cannot be answered. */
static void
test_too_small(void **state)
{
	(void)state;
	reading(three);
	(void)ask(KEY, NULL);
	resize(9, 40);
	read_it();
	expect("too small", true);
	press("y");
	assert_int_equal(fake.answered, 0);
	resize(24, 80);
	read_it();
	/* Nor what was seen before the window became too small for anything. */
	t.ui->too_small = true;
	press("y");
	assert_int_equal(fake.answered, 0);
	t.ui->too_small = false;
	press("y");
	assert_int_equal(fake.answered, 1);
}

/* One question in the place of another. */
static void
test_again(void **state)
{
	struct question *q;

	(void)state;
	reading(three);
	(void)ask(KEY, NULL);
	q = ask(KEY, NULL);
	assert_int_equal(t.ui->npanes, 2);
	read_it();
	/* Asked anew, an answer must wait again. */
	question_ask(q, "And now?");
	question_choice(q, "yes", 1, "go on", NULL, NULL);
	assert_true(ui_paint(t.ui));
	press("y");
	assert_int_equal(fake.answered, 0);
	read_it();
	press("y");
	assert_int_equal(fake.id, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_key),
		TEST(test_left_alone),
		TEST(test_no_accident),
		TEST(test_mouse),
		TEST(test_typed),
		TEST(test_never),
		TEST(test_frozen),
		TEST(test_too_small),
		TEST(test_again),
	};

	return deck_tests_run(tests, nitems(tests));
}
