/* SPDX-License-Identifier: ISC */
/* Lists of targets as text: their words. */
#include "config.h"

#include "model/target_text.h"

#include <string.h>

void
target_text_init(struct target_text *t, const char *text, size_t len)
{
	*t = (struct target_text){
		.p = text, .end = len > 0 ? text + len : text, .line = 1
	};
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
skip(struct target_text *t)
{
	while (t->p < t->end && (is_blank(*t->p) || *t->p == '#')) {
		if (*t->p == '#') {
			while (t->p < t->end && *t->p != '\n')
				t->p++;
		} else {
			t->line += *t->p++ == '\n';
		}
	}
}

const char *
target_text_next(struct target_text *t, size_t *len)
{
	const char *start;

	skip(t);
	start = t->p;
	while (t->p < t->end && !is_blank(*t->p) && *t->p != '#')
		t->p++;
	*len = (size_t)(t->p - start);
	return *len > 0 ? start : NULL;
}

bool
target_words_same(const struct buf *a, const struct buf *b)
{
	struct target_text ta, tb;
	const char *wa, *wb;
	size_t na, nb;

	target_text_init(&ta, a->data, a->len);
	target_text_init(&tb, b->data, b->len);
	do {
		wa = target_text_next(&ta, &na);
		wb = target_text_next(&tb, &nb);
		if (na != nb || (na > 0 && memcmp(wa, wb, na) != 0))
			return false;
	} while (na > 0);
	return true;
}
