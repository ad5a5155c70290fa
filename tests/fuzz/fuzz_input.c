/* SPDX-License-Identifier: ISC */
/*
 * Bytes from a terminal: whole or cut anywhere they give the same events, and
 * memory stays bounded.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "ui/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
digest(void *arg, const struct input_event *ev)
{
	uint64_t *sum = arg;

	if (ev->len > INPUT_PASTE_MAX || ev->y < 0 || ev->x < 0)
		abort();
	*sum = hash_mix(*sum ^ (uint64_t)ev->type) + (uint64_t)ev->key +
	       ((uint64_t)ev->y << 20) + ((uint64_t)ev->x << 40) +
	       (uint64_t)ev->button;
	if (ev->type == INPUT_PASTE)
		*sum ^= hash_bytes(ev->text, ev->len, 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	uint64_t whole = 0, cut = 0;
	struct input a, b;
	size_t i;

	input_init(&a);
	input_init(&b);
	input_feed(&a, s, size, digest, &whole);
	for (i = 0; i < size; i++) {
		input_feed(&b, s + i, 1, digest, &cut);
		if (b.n > INPUT_SEQ_MAX || b.paste.len > INPUT_PASTE_MAX + 16)
			abort();
	}
	if (whole != cut || a.n != b.n || a.pasting != b.pasting)
		abort();
	input_timeout(&a, digest, &whole);
	input_done(&a);
	input_done(&b);
	return 0;
}
