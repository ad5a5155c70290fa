/* SPDX-License-Identifier: ISC */
/* The list of outputs, and what they share. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/out.h"

static const struct out_ops *const outs[] = { &out_text, &out_json, &out_jsonl,
	&out_csv, &out_summary, &out_summary_json };

const struct out_ops *
out_find(enum output_format format)
{
	size_t i;

	for (i = 0; i < nitems(outs); i++)
		if (outs[i]->format == format)
			return outs[i];
	return NULL;
}

size_t
out_rows(const struct out *o, const struct view *v)
{
	if (o->args->limit != 0 && o->args->limit < v->n)
		return (size_t)o->args->limit;
	return v->n;
}

void
out_ascii(struct buf *b, size_t at)
{
	struct buf ascii = { 0 };

	text_to_ascii(&ascii, b->data + at);
	b->len = at;
	buf_put(b, ascii.data, ascii.len);
	buf_done(&ascii);
}

static size_t
ascii_span(const char *s, const char *end, bool ascii)
{
	const char *p = s;

	while (p < end && ((unsigned char)*p < 0x80) == ascii)
		p++;
	return (size_t)(p - s);
}

/* Line ends and colours are ours, and stay: foreign text has none. */
static void
page_ascii(struct buf *b)
{
	const char *s = b->data, *end = b->data + b->len;
	struct buf out = { 0 }, run = { 0 };
	size_t n;

	while (s < end) {
		n = ascii_span(s, end, true);
		buf_put(&out, s, n);
		s += n;
		n = ascii_span(s, end, false);
		if (n == 0)
			continue;
		buf_reset(&run);
		buf_put(&run, s, n);
		text_to_ascii(&out, run.data);
		s += n;
	}
	buf_done(&run);
	buf_done(b);
	*b = out;
}

int
out_put(FILE *f, struct buf *b, bool json)
{
	int r = 0;

	if (!text_utf8() && b->len > 0) {
		if (json)
			out_json_ascii(b);
		else
			page_ascii(b);
	}
	errno = 0;
	if (b->len > 0 && fwrite(b->data, 1, b->len, f) != b->len)
		r = errno != 0 ? -errno : -EIO;
	buf_done(b);
	return r;
}

/* Words are as wide as they will be once out_put() wrote them. */
void
out_wrapped(
    struct buf *b, size_t at, size_t from, size_t width, const char *text)
{
	struct buf word = { 0 };
	size_t n, w;
	bool first = true;

	if (from < at)
		buf_pad(b, ' ', at - from);
	else if (from > 0)
		buf_putc(b, ' ');
	from = from < at ? at : from > 0 ? from + 1 : 0;
	for (text += strspn(text, " "); *text != '\0';
	     text += n, text += strspn(text, " ")) {
		n = strcspn(text, " ");
		buf_reset(&word);
		buf_put(&word, text, n);
		if (!text_utf8())
			out_ascii(&word, 0);
		w = text_width(word.data);
		if (!first && from + 1 + w > width) {
			buf_putc(b, '\n');
			buf_pad(b, ' ', at);
			from = at;
		} else if (!first) {
			buf_putc(b, ' ');
			from++;
		}
		buf_put(b, word.data, word.len);
		from += w;
		first = false;
	}
	buf_putc(b, '\n');
	buf_done(&word);
}
