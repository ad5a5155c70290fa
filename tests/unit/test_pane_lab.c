/* SPDX-License-Identifier: ISC */
/*
 * The lesson's pane with a classroom that only remembers what was asked of
 * it: what keys ask, what events show, what comes too late.
 */
#include "config.h"

#include "deck_help.h"
#include "seed.h"
#include "ui/lab.h"

static struct {
	size_t begun, lesson, stepped;
	bool gone;
} room;

static int
room_begin(void *arg, size_t lesson, char **cause)
{
	(void)arg;
	room.begun++;
	room.lesson = lesson;
	if (room.gone)
		*cause = xstrdup("nobody is there");
	return room.gone ? -ESRCH : 0;
}

static int
room_next(void *arg, char **cause)
{
	(void)arg;
	(void)cause;
	room.stepped++;
	return 0;
}

static const struct lab_services room_services = { .begin = room_begin,
	.next = room_next };

static const struct lab_step steps[] = {
	{ .title = "First",
	    .say = "It begins.",
	    .watch = "Everything.",
	    .ask = "Why?",
	    .after = "Because." },
	{ .title = "Second",
	    .say = "It goes on.",
	    .watch = "The rest.",
	    .ask = "How?",
	    .after = "Thus." },
};
static const struct lab_lesson one = { .name = "one",
	.title = "Lesson one",
	.about = "of two",
	.source = "RFC 9293",
	.step = steps,
	.nsteps = 2 },
			       two = { .name = "two",
				       .title = "Lesson two",
				       .about = "of two",
				       .source = "RFC 768",
				       .step = steps,
				       .nsteps = 1 };
static const struct lab_lesson *const lessons[] = { &one, &two, NULL };

static int
enter(void **state)
{
	(void)setup(state);
	memset(&room, 0, sizeof(room));
	resize(24, 100);
	ui_lab_start(t.ui, &room_services, lessons, 0);
	return 0;
}

static struct lab_event *
event(enum lab_event_type type, size_t lesson)
{
	static struct lab_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)type;
	ev.lesson = (uint32_t)lesson;
	ev.ok = true;
	ev.netns[LAB_CLIENT] = 1;
	ev.netns[LAB_SERVER] = 2;
	return &ev;
}

static void
told(enum lab_event_type type, size_t lesson)
{
	ui_lab_event(t.ui, event(type, lesson));
}

static void
call_line(uint32_t id, const char *text, const char *result)
{
	struct lab_event *ev = event(LAB_EV_LOG, 0);

	ev->log.id = id;
	ev->log.is_call = true;
	strlcpy(ev->log.call.who, "client", sizeof(ev->log.call.who));
	strlcpy(ev->log.call.text, text, sizeof(ev->log.call.text));
	strlcpy(ev->log.call.result, result, sizeof(ev->log.call.result));
	ui_lab_event(t.ui, ev);
}

/* One key a thing: explain, let happen, explain, on to the next lesson. */
static void
test_course(void **state)
{
	static const struct want some[] = { { 80, SOCK_LISTEN }, { 0, 0 } };

	(void)state;
	assert_int_equal(room.begun, 1);
	expect("Lesson 1 of 2: Lesson one", true);
	press("Space");
	assert_int_equal(room.stepped, 0); /* not set up yet */
	told(LAB_EV_READY, 0);
	expect("It begins.", true);
	expect("client none   server none", true);
	press("Space");
	assert_int_equal(room.stepped, 1);
	press("n");
	assert_int_equal(room.stepped, 1); /* one at a time */
	call_line(1, "listen()", "");
	expect("client: listen()", true);
	call_line(1, "listen()", "fd 4");
	expect("client: listen() = fd 4", true);
	assert_int_equal(t.ui->lab->nlog, 1);
	reading(some);
	told(LAB_EV_DONE, 0);
	expect("Because.", true);
	expect("client LISTEN", true);
	press("Space");
	expect("It goes on.", true);
	assert_int_equal(room.stepped, 1);
	press("Space");
	told(LAB_EV_DONE, 0);
	expect("Lesson over", true);
	press("Space");
	assert_int_equal(room.lesson, 1);
	expect("Lesson 2 of 2", true);
	told(LAB_EV_READY, 1);
	press("Space");
	told(LAB_EV_DONE, 1);
	press("Space");
	assert_int_equal(room.begun, 2);
	expect("That was the last lesson", true);
}

/* What a lesson that was left still had to say. */
static void
test_too_late(void **state)
{
	(void)state;
	told(LAB_EV_READY, 0);
	press("Space");
	press("2");
	assert_int_equal(room.lesson, 1);
	told(LAB_EV_DONE, 0);
	call_line(1, "close()", "0");
	expect("close()", false);
	told(LAB_EV_READY, 0);
	expect("It begins.", false);
	/* The same lesson anew: what the old run did comes before READY. */
	press("1");
	told(LAB_EV_DONE, 0);
	call_line(1, "close()", "0");
	expect("Because.", false);
	expect("close()", false);
	told(LAB_EV_READY, 0);
	expect("It begins.", true);
}

static void
test_wrong(void **state)
{
	struct lab_event *ev;

	(void)state;
	told(LAB_EV_READY, 0);
	press("Space");
	ev = event(LAB_EV_DONE, 0);
	ev->ok = false;
	strlcpy(ev->text, "not as promised", sizeof(ev->text));
	ui_lab_event(t.ui, ev);
	expect("not as promised", true);
	press("Space");
	expect("r begins it again", true);
	assert_int_equal(room.stepped, 1);
	press("r");
	assert_int_equal(room.begun, 2);
	expect("not as promised", false);
	room.gone = true;
	press("r");
	expect("nobody is there", true);
}

/* Another lesson from the list; Esc and L; what is no lesson. */
static void
test_keys(void **state)
{
	(void)state;
	told(LAB_EV_READY, 0);
	press("L");
	expect("Lessons", true);
	press("G Enter");
	assert_int_equal(room.lesson, 1);
	press("Esc");
	assert_ptr_equal(ui_focus(t.ui), t.ui->pane[0]);
	press("Esc"); /* the table has it: the pane goes */
	expect("Lesson 2 of 2", false);
	press("L");
	expect("Lesson 2 of 2", true);
	press("3");
	expect("expected next, again, lessons", true);
	press("o");
	expect("TIMER", true);
	press("o");
	expect("TIMER", false);
}

/* A held segment that is sent again for hours. */
static void
test_long_log(void **state)
{
	char text[32];
	uint32_t i;

	(void)state;
	told(LAB_EV_READY, 0);
	press("Space");
	for (i = 1; i <= 5000; i++) {
		snprintf(text, sizeof(text), "call-%u", i);
		call_line(i, text, "");
	}
	assert_in_range(t.ui->lab->nlog, 100, 1000);
	assert_true(t.ui->lab->log_step <= t.ui->lab->nlog);
	expect("call-5000", true);
	call_line(5000, "call-5000", "done");
	expect("call-5000 = done", true);
	call_line(1, "call-1", "late");
	expect("call-1 = late", true);
}

/* Any size, in any phase. */
static void
test_any_size(void **state)
{
	uint64_t seed = seed_begin("any_size");
	static const char *const keys[] = { "Space", "r", "L", "Esc", "Tab",
		"Down", "PgDn", "o", "Enter", "?", "2" };
	int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		resize(8 + (int)(seed_next(&seed) >> 33) % 60,
		    40 + (int)(seed_next(&seed) >> 33) % 200);
		told((enum lab_event_type)((seed_next(&seed) >> 33) % 5),
		    (seed_next(&seed) >> 33) % 2);
		press(keys[(seed_next(&seed) >> 33) %
			   (sizeof(keys) / sizeof(keys[0]))]);
		assert_true(ui_paint(t.ui));
	}
}

static void
test_outside(void **state)
{
	(void)state;
	press("L");
	expect("only in the classroom", true);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_course),
		TEST(test_too_late),
		TEST(test_wrong),
		TEST(test_keys),
		TEST(test_long_log),
		TEST(test_any_size),
		cmocka_unit_test_setup_teardown(test_outside, setup, teardown),
	};

	return deck_tests_run(tests, sizeof(tests) / sizeof(tests[0]));
}
