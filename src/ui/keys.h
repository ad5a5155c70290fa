/* SPDX-License-Identifier: ISC */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Keys are bound to command lines, as text, in one table (keys_default.c);
 * the help screen, the manual's test and the config file derive from it. */
enum keymap { MAP_GLOBAL, MAP_TABLE, MAP_DETAIL, MAP_LIST, MAP_N };
const char *keymap_name(enum keymap);

struct keybind {
	enum keymap map;
	const char *key;     /* "F5", "v", "^d", "Space", "Left", "PgUp" */
	const char *command; /* as typed after ':' */
	const char *note;    /* for the help screen */
	const char *bar;     /* label in the function bar, or NULL */
};
extern const struct keybind keys_default[]; /* key == NULL ends */

/* Name <-> curses code (get_wch's, function keys or'ed with KEYS_FUNCTION).
 * -1: no such key. */
int key_parse(const char *name);
const char *key_name(int code, char buf[16]);

struct keytable;
struct keytable *keytable_new(void); /* with the defaults */
void keytable_free(struct keytable *);
int keytable_bind(struct keytable *, enum keymap, const char *key,
    const char *command, char **cause); /* command "": unbind */
/* Command text or NULL; map first, then MAP_GLOBAL. */
const char *keytable_lookup(const struct keytable *, enum keymap, int code);
/* First key bound to a command in a map, for the function bar and menus. */
const char *keytable_key_of(const struct keytable *, enum keymap,
    const char *command);

#endif
