/* SPDX-License-Identifier: ISC */
/*
 * --csv: RFC 4180, a line of column names first. A cell that a spreadsheet
 * would take for a formula is led by an apostrophe. Numbers are plain and
 * whole (bytes, milliseconds), not in units; what is not known is empty.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/out.h"

#define FLUSH_AT ((size_t)256 * 1024)

static void
put_cell(struct buf *b, const char *s, size_t n)
{
	bool guard =
	    n > 0 && strchr("=+-@", *s) != NULL && !(n == 1 && *s == '-');
	size_t i;

	if (memchr(s, '"', n) == NULL && memchr(s, ',', n) == NULL && !guard) {
		buf_put(b, s, n);
		return;
	}
	buf_putc(b, '"');
	if (guard)
		buf_putc(b, '\'');
	for (i = 0; i < n; i++) {
		if (s[i] == '"')
			buf_putc(b, '"');
		buf_putc(b, s[i]);
	}
	buf_putc(b, '"');
}

static void
put_value(const struct column *c, const struct row *row,
    const struct view_ctx *ctx, struct buf *b, struct buf *cell)
{
	struct value v = { 0 };

	if (!c->get(row, ctx, &v))
		return;
	switch (v.type) {
	case VAL_UINT:
	case VAL_BYTES:
		/* A number that has a name of its own says it. */
		if (c->put == NULL) {
			buf_printf(b, "%" PRIu64, v.u);
			return;
		}
		break;
	case VAL_DURATION:
		buf_printf(b, "%.3f", (double)v.u / 1e6);
		return;
	case VAL_RATE:
		buf_printf(b, "%.0f", v.d);
		return;
	default:
		break;
	}
	buf_reset(cell);
	column_put(c, row, ctx, cell);
	if (cell->len > 0 && ctx->ascii)
		out_ascii(cell, 0);
	if (cell->len > 0)
		put_cell(b, cell->data, cell->len);
}

static int
print_csv(struct out *o, const struct view *v)
{
	struct buf b = { 0 }, cell = { 0 };
	size_t i, k, n = out_rows(o, v);
	int r = 0;

	if (o->args->header) {
		for (k = 0; k < o->columns->n; k++) {
			if (k > 0)
				buf_putc(&b, ',');
			buf_puts(&b, o->columns->col[k]->name);
		}
		buf_puts(&b, "\r\n");
	}
	for (i = 0; i < n && r == 0; i++) {
		for (k = 0; k < o->columns->n; k++) {
			if (k > 0)
				buf_putc(&b, ',');
			put_value(
			    o->columns->col[k], v->row[i], &v->ctx, &b, &cell);
		}
		buf_puts(&b, "\r\n");
		if (b.len > FLUSH_AT) {
			if (fwrite(b.data, 1, b.len, o->file) != b.len)
				r = -errno;
			buf_reset(&b);
		}
	}
	if (r == 0 && b.len > 0 && fwrite(b.data, 1, b.len, o->file) != b.len)
		r = -errno;
	buf_done(&cell);
	buf_done(&b);
	return r;
}

const struct out_ops out_csv = {
	.name = "csv",
	.format = OUT_CSV,
	.print = print_csv,
};
