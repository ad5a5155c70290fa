/* SPDX-License-Identifier: ISC */
/* Quantities in words: what describes a socket and what tells its story. */
#include "config.h"

#include "model/words.h"

#include "base/text.h"

void
words_bytes(struct buf *b, uint64_t n)
{
	char text[TEXT_UNIT_MAX];

	buf_puts(b, text_bytes(text, (double)n));
	buf_puts(b, n == 1 ? " byte" : " bytes");
}

void
words_time(struct buf *b, uint64_t ns)
{
	char text[TEXT_UNIT_MAX];

	buf_puts(b, text_duration(text, ns));
}

void
words_count(struct buf *b, uint64_t n, const char *one, const char *many)
{
	buf_printf(b, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

void
words_share(struct buf *b, uint64_t part, uint64_t whole)
{
	double tenths = 1000.0 * (double)part / (double)whole;
	unsigned t = tenths < 1000 ? (unsigned)(tenths + 0.5) : 1000;

	buf_printf(b, "%u.%u %%", t / 10, t % 10);
}
