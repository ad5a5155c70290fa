/* SPDX-License-Identifier: ISC */
/* Names of keys, the default bindings, and the decoding of terminal input. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "ui/cmd.h"
#include "ui/input.h"
#include "ui/keys.h"

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		int code;
	} keys[] = {
		{ "a", 'a' },
		{ "A", 'A' },
		{ "?", '?' },
		{ "^d", 4 },
		{ "^L", 12 },
		{ "Space", ' ' },
		{ "space", ' ' },
		{ "F1", KEYS_F1 },
		{ "F10", KEYS_F1 + 9 },
		{ "F20", KEYS_F20 },
		{ "Up", KEYS_UP },
		{ "PgDn", KEYS_PGDN },
		{ "Esc", 27 },
		{ "M-x", KEYS_ALT | 'x' },
		{ "M-Left", KEYS_ALT | KEYS_LEFT },
		{ "é", 0xe9 },
		{ "^", '^' },
		{ "F", 'F' },
	};
	static const char *const wrong[] = { "", "F0", "F21", "F1x", "ab",
		"^dd", "^!", "Left Right", "\xff", "M-" };
	char buf[KEY_NAME_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(keys); i++) {
		assert_int_equal(key_parse(keys[i].name), keys[i].code);
		/* What is printed is read back as the same key. */
		assert_int_equal(
		    key_parse(key_label(keys[i].code, buf)), keys[i].code);
	}
	for (i = 0; i < nitems(wrong); i++)
		assert_int_equal(key_parse(wrong[i]), -1);
}

static void
test_defaults(void **state)
{
	const struct keybind *k, *l;
	const struct cmd *cmd;
	char name[32];

	(void)state;
	for (k = keys_default; k->key != NULL; k++) {
		assert_int_not_equal(key_parse(k->key), -1);
		assert_true(k->note != NULL && *k->note != '\0');
		(void)strncpy(name, k->command, sizeof name - 1);
		name[sizeof name - 1] = '\0';
		name[strcspn(name, " ")] = '\0';
		cmd = cmd_find(name);
		if (cmd == NULL)
			fail_msg("key %s: no command %s", k->key, name);
		for (l = k + 1; l->key != NULL; l++)
			if (k->map == l->map &&
			    key_parse(k->key) == key_parse(l->key))
				fail_msg("key %s is bound twice", k->key);
		/* Lower-case letters never destroy anything. */
		if (k->key[1] == '\0' && k->key[0] >= 'a' && k->key[0] <= 'z')
			assert_int_equal(cmd->flags & CMD_CHANGES, 0);
	}
	/* Every function key is doubled by another key. */
	for (k = keys_default; k->key != NULL; k++) {
		bool doubled = false;

		if (k->bar == NULL)
			continue;
		for (l = keys_default; l->key != NULL; l++)
			if (l != k && l->map == k->map &&
			    strcmp(l->command, k->command) == 0)
				doubled = true;
		if (!doubled && k->key[0] == 'F')
			fail_msg("%s has no letter", k->key);
	}
}

static void
test_bind(void **state)
{
	struct keytable *t = keytable_new();
	char *cause = NULL;

	(void)state;
	assert_string_equal(keytable_lookup(t, MAP_TABLE, 'q'), "quit");
	assert_string_equal(keytable_key_of(t, MAP_TABLE, "quit"), "F10");
	assert_int_equal(keytable_bind(t, MAP_TABLE, "q", "pause", &cause), 0);
	assert_string_equal(keytable_lookup(t, MAP_TABLE, 'q'), "pause");
	assert_string_equal(keytable_lookup(t, MAP_LIST, 'q'), "escape");
	/* Unbound in the map is unbound, whatever it does elsewhere. */
	assert_int_equal(keytable_bind(t, MAP_TABLE, "q", "", &cause), 0);
	assert_null(keytable_lookup(t, MAP_TABLE, 'q'));
	assert_true(keytable_bind(t, MAP_TABLE, "Foo", "quit", &cause) < 0);
	assert_non_null(strstr(cause, "Foo"));
	free(cause);
	keytable_free(t);
}

/* What was decoded, as text: "Up a M-x mouse:1@3,4 paste:text". */
struct heard {
	char text[4096];
};

static void
hear(void *arg, const struct input_event *ev)
{
	struct heard *h = arg;
	char buf[KEY_NAME_MAX], one[512];

	if (ev->type == INPUT_KEY)
		(void)snprintf(one, sizeof one, "%s ", key_label(ev->key, buf));
	else if (ev->type == INPUT_MOUSE)
		(void)snprintf(one, sizeof one, "mouse:%d@%d,%d ",
		    (int)ev->button, ev->y, ev->x);
	else
		(void)snprintf(
		    one, sizeof one, "paste:%.*s ", (int)ev->len, ev->text);
	if (strlen(h->text) + strlen(one) < sizeof h->text)
		strcat(h->text, one);
}

static void
test_input(void **state)
{
	static const struct {
		const char *bytes, *heard;
	} cases[] = {
		{ "abc", "a b c " },
		{ "\033[A\033OB\033[C", "Up Down Right " },
		{ "\033OP\033[12~\033[[C\033[15~", "F1 F2 F3 F5 " },
		{ "\033[1;2R\033[13;2~", "F15 F15 " },
		{ "\033[5~\033[6~\033[H\033[4~\033[3~",
		    "PgUp PgDn Home End Delete " },
		{ "\033[Z\t\r\n", "S-Tab Tab Enter Enter " },
		{ "\177\010", "Backspace Backspace " },
		{ "\033x\033\033[A", "M-x Esc Up " },
		{ "\033[1;3A", "M-Up " },
		{ "é€𝄞", "é € 𝄞 " },
		{ "\xff\xc0"
		  "a\xe2\x28"
		  "b",
		    "a ( b " },
		{ "\033[<0;5;4M\033[<0;5;4m", "mouse:1@3,4 " },
		{ "\033[<64;1;1M\033[<65;1;1M", "mouse:4@0,0 mouse:5@0,0 " },
		{ "\033[<0;0;0M", "" },
		/* A paste is no keys, whatever is in it. */
		{ "\033[200~q\033[A:quit\r\033[201~x",
		    "paste:q\033[A:quit\r x " },
		/* .. whatever was broken off before it. */
		{ "\033O\033[200~q\033[201~", "paste:q " },
		{ "\033[1\033[200~q\033[201~", "paste:q " },
		{ "\033\342\033[200~q\033[201~", "paste:q " },
		{ "\342\033[200~q\033[201~", "paste:q " },
		{ "\033\033[200~q\033[201~", "Esc paste:q " },
		/* Answers and unknown sequences are dropped whole. */
		{ "\033[?1;2c\033[>0;1;0cq", "q " },
		{ "\033[999~\033[1;1zq", "q " },
		{ "\033[12\001q", "^a q " },
	};
	struct input in;
	struct heard h;
	size_t i, j;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		/* Whole, then byte by byte. */
		input_init(&in);
		h.text[0] = '\0';
		input_feed(
		    &in, cases[i].bytes, strlen(cases[i].bytes), hear, &h);
		assert_string_equal(h.text, cases[i].heard);
		h.text[0] = '\0';
		for (j = 0; cases[i].bytes[j] != '\0'; j++)
			input_feed(&in, cases[i].bytes + j, 1, hear, &h);
		assert_string_equal(h.text, cases[i].heard);
		input_done(&in);
	}
}

static void
test_escape(void **state)
{
	struct input in;
	struct heard h = { "" };

	(void)state;
	input_init(&in);
	input_feed(&in, "\033", 1, hear, &h);
	assert_true(input_waiting(&in));
	assert_string_equal(h.text, "");
	input_timeout(&in, hear, &h);
	assert_string_equal(h.text, "Esc ");
	/* The rest of a sequence may come late: it is never keys. */
	input_feed(&in, "\033[20", 4, hear, &h);
	assert_false(input_waiting(&in));
	input_timeout(&in, hear, &h);
	assert_string_equal(h.text, "Esc ");
	input_feed(&in, "0~q\033[201~", 9, hear, &h);
	assert_string_equal(h.text, "Esc paste:q ");
	input_done(&in);
}

static void
count(void *arg, const struct input_event *ev)
{
	size_t *n = arg;

	if (ev->type == INPUT_PASTE)
		assert_true(ev->len <= INPUT_PASTE_MAX);
	(*n)++;
}

/* Memory is bounded, and nothing crashes, whatever comes. */
static void
test_random(void **state)
{
	struct input in;
	char buf[512];
	size_t n = 0, i, k;
	unsigned seed = 20261121;

	(void)state;
	print_message("seed %u\n", seed);
	input_init(&in);
	for (k = 0; k < 4000; k++) {
		for (i = 0; i < sizeof buf; i++) {
			seed = seed * 1103515245u + 12345u;
			buf[i] = (seed >> 16) % 5 == 0
				     ? "\033[<;M~O20"[(seed >> 20) % 9]
				     : (char)(seed >> 16);
		}
		if (k == 2000)
			memcpy(buf, "\033[200~", 6);
		input_feed(&in, buf, sizeof buf, count, &n);
		assert_true(in.n <= INPUT_SEQ_MAX);
		assert_true(in.paste.len <= INPUT_PASTE_MAX + 16);
	}
	assert_true(n > 1000);
	input_done(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
