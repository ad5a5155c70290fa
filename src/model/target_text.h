/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TARGET_TEXT_H
#define MODEL_TARGET_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Words of a list of targets: divided by blanks and ends of lines; "#" begins a
 * comment, to the end of its line, also within a word.
 */
struct target_text {
	const char *p, *end; /* borrowed */
	size_t line;         /* of the word that was given last, from 1 */
};
void target_text_init(struct target_text *, const char *text, size_t len);
/* The next word, not terminated; NULL: no more. */
const char *target_text_next(struct target_text *, size_t *len);
/* Whether two lists have the same words in the same order. */
bool target_words_same(const struct buf *, const struct buf *);

#endif
