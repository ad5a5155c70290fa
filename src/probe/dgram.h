/* SPDX-License-Identifier: ISC */
#ifndef PROBE_DGRAM_H
#define PROBE_DGRAM_H

#include "probe/talk_bin.h"

/*
 * Conversations of one datagram and its answer, as tables. A talk_ops has
 * dgram_begin and dgram_input; its struct dgram is found by its name.
 */
struct dgram {
	const char *name; /* talk_ops.name */
	const char *ask;
	size_t len, pad; /* its length; then zero bytes to this one */
	/* Whether the answer, whole, is this protocol's; info is filled. What is
	 * put into talk->out is said next, and its answer judged likewise. */
	bool (*learn)(struct talk *, struct talk_cursor);
};
/* With a file's table, of n. */
void dgram_say(struct talk *, const struct dgram *, size_t n);
enum talk_verdict dgram_judge(struct talk *, const struct dgram *, size_t n);
/* Whether the next bytes are these; they are taken. */
bool cursor_is(struct talk_cursor *, const void *, size_t);
/* Up to a NUL, which is taken, too; NULL and bad: there is none. */
const uint8_t *cursor_text(struct talk_cursor *, size_t *n);

#endif
