/* SPDX-License-Identifier: ISC */
/* The list of outputs, and what they share. Prints nothing itself. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/out.h"

#define LINE_WIDTH 79

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

void
out_wrapped(struct buf *b, size_t at, size_t from, const char *text)
{
	size_t n;

	buf_pad(b, ' ', at > from ? at - from : 1);
	from = at > from ? at : from + 1;
	while (*text != '\0') {
		n = strcspn(text, " ");
		if (from > at && from + 1 + n > LINE_WIDTH) {
			buf_putc(b, '\n');
			buf_pad(b, ' ', at);
			from = at;
		} else if (from > at) {
			buf_putc(b, ' ');
			from++;
		}
		buf_put(b, text, n);
		from += n;
		text += n;
		text += strspn(text, " ");
	}
	buf_putc(b, '\n');
}
