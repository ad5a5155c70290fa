/* SPDX-License-Identifier: ISC */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Keys are bound to command lines, as text, in one table (keys_default.c);
 * the help screen, the manual's test and the config file derive from it. */
enum keymap {
	MAP_GLOBAL,
	MAP_TABLE,
	MAP_DETAIL,
	MAP_LIST,
	MAP_LAB,
	MAP_SCAN,
	MAP_QUESTION, /* by itself: what is bound everywhere is not bound here */
	MAP_N
};
const char *keymap_name(enum keymap);

struct keybind {
	enum keymap map;
	const char *key;     /* "F5", "v", "^d", "Space", "Left", "PgUp" */
	const char *command; /* as typed after ':' */
	const char *note;    /* for the help screen */
	const char *bar;     /* label in the function bar, or NULL */
};
extern const struct keybind keys_default[]; /* key == NULL ends */

/*
 * A key is a Unicode character (controls included: ^D is 4, Tab 9, Enter 13,
 * Esc 27, Backspace 127), or one of these. KEY_ALT is or'ed to what was
 * pressed with it. input.c makes them from the terminal's bytes.
 */
enum key_code {
	KEYS_FUNCTION = 0x1000000,
	KEYS_UP,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_HOME,
	KEYS_END,
	KEYS_PGUP,
	KEYS_PGDN,
	KEYS_INSERT,
	KEYS_DELETE,
	KEYS_BACKTAB,
	KEYS_F1, /* F2 is KEYS_F1 + 1 */
	KEYS_F20 = KEYS_F1 + 19,
	KEYS_ALT = 0x2000000
};
enum {
	KEYS_TAB = 9,
	KEYS_ENTER = 13,
	KEYS_ESC = 27,
	KEYS_BACKSPACE = 127
};

/* What the mouse did; only presses are reported. */
enum mouse_button {
	MOUSE_LEFT = 1,
	MOUSE_MIDDLE,
	MOUSE_RIGHT,
	MOUSE_WHEEL_UP,
	MOUSE_WHEEL_DOWN,
	MOUSE_DOUBLE /* second left press at one place */
};

#define KEY_NAME_MAX 24
/* "F5" "v" "^d" "Space" "Left" "PgUp" "M-x"; -1: no such key. */
int key_parse(const char *name);
const char *key_label(int code, char buf[KEY_NAME_MAX]);

struct keytable;
struct keytable *keytable_new(void); /* with the defaults */
void keytable_free(struct keytable *);
int keytable_bind(struct keytable *, enum keymap, const char *key,
    const char *command, char **cause); /* command "": unbind */
/* Command text or NULL; map first, then MAP_GLOBAL (a question: not). */
const char *keytable_lookup(const struct keytable *, enum keymap, int code);
/* First key bound to a command in a map, for the function bar and menus. */
const char *keytable_key_of(
    const struct keytable *, enum keymap, const char *command);

#endif
