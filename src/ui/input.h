/* SPDX-License-Identifier: ISC */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "ui/keys.h"

/*
 * Bytes from the terminal to keys, mouse presses and pastes. Terminals differ
 * more than terminfo says, so all usual spellings of a key are known at once.
 * Memory is bounded whatever comes.
 */
#define INPUT_SEQ_MAX   64
#define INPUT_PASTE_MAX 65536

enum input_type {
	INPUT_KEY,
	INPUT_MOUSE,
	INPUT_PASTE
};
struct input_event {
	enum input_type type;
	int key;
	int y, x;
	enum mouse_button button;
	const char *text; /* INPUT_PASTE: len bytes, raw */
	size_t len;
};
typedef void (*input_cb)(void *arg, const struct input_event *);

struct input {
	char seq[INPUT_SEQ_MAX]; /* begun, not finished */
	size_t n;
	bool pasting;
	struct buf paste;
};

void input_init(struct input *);
void input_done(struct input *);
void input_feed(struct input *, const char *, size_t, input_cb, void *arg);
/* A lone Esc, or what looks like one: if nothing follows within 25 ms or so,
 * input_timeout() takes it as it is. */
bool input_waiting(const struct input *);
void input_timeout(struct input *, input_cb, void *arg);

#endif
