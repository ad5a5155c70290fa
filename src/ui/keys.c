/* SPDX-License-Identifier: ISC */
/*
 * Names of keys and the tables of what they do. Keys are bound to command
 * lines, as text; nothing here knows a command.
 */
#include "config.h"

#include "ui/keys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/xmalloc.h"

static const char *const keymap_names[MAP_N] = {
	[MAP_GLOBAL] = "everywhere",
	[MAP_TABLE] = "table",
	[MAP_DETAIL] = "text",
	[MAP_LIST] = "list",
	[MAP_LAB] = "lab",
	[MAP_SCAN] = "scan",
	[MAP_QUESTION] = "question",
};

const char *
keymap_name(enum keymap map)
{
	return keymap_names[map];
}

static const struct {
	const char *name;
	int code;
} names[] = {
	{ "Up", KEYS_UP },
	{ "Down", KEYS_DOWN },
	{ "Left", KEYS_LEFT },
	{ "Right", KEYS_RIGHT },
	{ "Home", KEYS_HOME },
	{ "End", KEYS_END },
	{ "PgUp", KEYS_PGUP },
	{ "PgDn", KEYS_PGDN },
	{ "Insert", KEYS_INSERT },
	{ "Delete", KEYS_DELETE },
	{ "S-Tab", KEYS_BACKTAB },
	{ "Tab", KEYS_TAB },
	{ "Enter", KEYS_ENTER },
	{ "Esc", KEYS_ESC },
	{ "Space", ' ' },
	{ "Backspace", KEYS_BACKSPACE },
};

/* The one character of a name, or -1. */
static int
one_char(const char *s)
{
	unsigned char c = (unsigned char)s[0];
	size_t n, i;
	int v;

	if (c < 0x80)
		return c > ' ' && c != 127 && s[1] == '\0' ? c : -1;
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || strlen(s) != n)
		return -1;
	v = c & (0x7f >> n);
	for (i = 1; i < n; i++)
		v = v << 6 | ((unsigned char)s[i] & 0x3f);
	return v;
}

int
key_parse(const char *s)
{
	size_t i;
	long f;
	char *end;
	int c;

	if (strncasecmp(s, "M-", 2) == 0 && s[2] != '\0')
		return (c = key_parse(s + 2)) < 0 ? -1 : (KEYS_ALT | c);
	if (s[0] == '^' && s[1] != '\0' && s[2] == '\0') {
		c = (unsigned char)s[1];
		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		return c >= '@' && c <= '_' ? c & 0x1f : -1;
	}
	for (i = 0; i < nitems(names); i++)
		if (strcasecmp(names[i].name, s) == 0)
			return names[i].code;
	if ((s[0] == 'F' || s[0] == 'f') && s[1] >= '1' && s[1] <= '9') {
		f = strtol(s + 1, &end, 10);
		if (*end == '\0' && f <= 20)
			return KEYS_F1 + (int)f - 1;
	}
	return one_char(s);
}

static void
put_utf8(char *p, int c)
{
	if (c < 0x80)
		*p++ = (char)c;
	else if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
		*p++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*p++ = (char)(0xe0 | c >> 12);
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	} else {
		*p++ = (char)(0xf0 | c >> 18);
		*p++ = (char)(0x80 | (c >> 12 & 0x3f));
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	}
	*p = '\0';
}

const char *
key_label(int code, char buf[KEY_NAME_MAX])
{
	size_t i, n = 0;

	if (code & KEYS_ALT) {
		memcpy(buf, "M-", 2);
		n = 2;
		code &= ~KEYS_ALT;
	}
	for (i = 0; i < nitems(names); i++)
		if (names[i].code == code) {
			(void)snprintf(
			    buf + n, KEY_NAME_MAX - n, "%s", names[i].name);
			return buf;
		}
	if (code >= KEYS_F1 && code <= KEYS_F20)
		(void)snprintf(
		    buf + n, KEY_NAME_MAX - n, "F%d", code - KEYS_F1 + 1);
	else if (code >= 0 && code < ' ')
		(void)snprintf(buf + n, KEY_NAME_MAX - n, "^%c",
		    code >= 1 && code <= 26 ? code + 'a' - 1 : code + '@');
	else if (code > ' ' && code <= 0x10ffff)
		put_utf8(buf + n, code);
	else
		(void)snprintf(buf + n, KEY_NAME_MAX - n, "?");
	return buf;
}

struct binding {
	enum keymap map;
	int code;
	char *key, *command;
};

struct keytable {
	struct binding *bind;
	size_t n, cap;
};

static struct binding *
find(const struct keytable *t, enum keymap map, int code)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->bind[i].map == map && t->bind[i].code == code)
			return &t->bind[i];
	return NULL;
}

int
keytable_bind(struct keytable *t, enum keymap map, const char *key,
    const char *command, char **cause)
{
	struct binding *b;
	int code = key_parse(key);

	if (code == -1) {
		xasprintf(cause,
		    "\"%s\" is no key: expected a character, "
		    "^x, F1 to F20, Up, PgDn, Space, ..",
		    key);
		return -EINVAL;
	}
	if ((b = find(t, map, code)) == NULL) {
		t->bind =
		    array_grow(t->bind, &t->cap, t->n + 1, sizeof *t->bind);
		b = &t->bind[t->n++];
		b->map = map;
		b->code = code;
	} else {
		free(b->key);
		free(b->command);
	}
	b->key = xstrdup(key);
	b->command = xstrdup(command);
	return 0;
}

struct keytable *
keytable_new(void)
{
	struct keytable *t = xcalloc(1, sizeof *t);
	const struct keybind *k;
	char *cause = NULL;

	for (k = keys_default; k->key != NULL; k++) {
		(void)keytable_bind(t, k->map, k->key, k->command, &cause);
		free(cause);
		cause = NULL;
	}
	return t;
}

void
keytable_free(struct keytable *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++) {
		free(t->bind[i].key);
		free(t->bind[i].command);
	}
	free(t->bind);
	free(t);
}

const char *
keytable_lookup(const struct keytable *t, enum keymap map, int code)
{
	const struct binding *b = find(t, map, code);

	/* Bound to nothing in the map: the global meaning is off, too. */
	if (b == NULL && map != MAP_QUESTION)
		b = find(t, MAP_GLOBAL, code);
	return b == NULL || *b->command == '\0' ? NULL : b->command;
}

const char *
keytable_key_of(const struct keytable *t, enum keymap map, const char *command)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->bind[i].map == map &&
		    strcmp(t->bind[i].command, command) == 0)
			return t->bind[i].key;
	if (map != MAP_GLOBAL)
		return keytable_key_of(t, MAP_GLOBAL, command);
	return NULL;
}
