/* SPDX-License-Identifier: ISC */
/* The list of outputs, and what they share. Prints nothing itself. */
#include "config.h"

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
