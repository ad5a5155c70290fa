/* SPDX-License-Identifier: ISC */
/*
 * The table on paper: columns as wide as what is in them, addresses whole,
 * one line a socket. Two passes: every cell is formatted once into one
 * arena and measured, then padded out. What -o -m -i add follows on the same
 * line, as ss writes it.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "model/describe.h"

#define FLUSH_AT ((size_t)256 * 1024)

struct cells {
	struct buf arena; /* each cell's text and a NUL */
	uint32_t *len;    /* bytes without it; rows x columns */
	size_t width[COLUMN_SET_MAX];
};

/* Display columns; most text is ASCII, which is a byte each. */
static size_t
cell_width(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x80)
			return text_width(s);
	return n;
}

static size_t
put_cell(struct buf *arena, const struct column *c, const struct row *row,
    const struct view_ctx *ctx, uint32_t *len)
{
	size_t at = arena->len, i, width;
	struct buf ascii = { 0 };

	column_put(c, row, ctx, arena);
	if (arena->len == at)
		buf_putc(arena, '-');
	if (ctx->ascii) {
		for (i = at; i < arena->len; i++)
			if ((unsigned char)arena->data[i] >= 0x80)
				break;
		if (i < arena->len) {
			text_to_ascii(&ascii, arena->data + at);
			arena->len = at;
			buf_put(arena, ascii.data, ascii.len);
			buf_done(&ascii);
		}
	}
	*len = (uint32_t)(arena->len - at);
	width = cell_width(arena->data + at, *len);
	buf_putc(arena, '\0');
	return width;
}

static void
format_cells(
    const struct out *o, const struct view *v, size_t n, struct cells *cells)
{
	const struct column_set *set = o->columns;
	size_t i, k, width;
	uint32_t *len;

	for (k = 0; k < set->n; k++)
		cells->width[k] =
		    o->args->header ? text_width(set->col[k]->title) : 0;
	len = cells->len = xreallocarray(NULL, n * set->n + 1, sizeof(*len));
	for (i = 0; i < n; i++)
		for (k = 0; k < set->n; k++) {
			width = put_cell(&cells->arena, set->col[k], v->row[i],
			    &v->ctx, len++);
			if (width > cells->width[k])
				cells->width[k] = width;
		}
}

/* SGR parameters of a state, as the deck's default theme has them. */
static const char *
state_colour(const struct row *row)
{
	switch (row->rec.state) {
	case SOCK_LISTEN:
	case SOCK_UNCONNECTED:
		return "32";
	case SOCK_ESTABLISHED:
	case SOCK_CONNECTED:
		return "36";
	case SOCK_CLOSE_WAIT:
	case SOCK_SYN_SENT:
	case SOCK_SYN_RECEIVED:
		return "33";
	default:
		return "90";
	}
}

/* One cell, padded but for the last. */
static void
put_padded(struct buf *b, const struct column *c, const char *s, size_t n,
    size_t width, bool last, const char *colour)
{
	size_t used = cell_width(s, n);
	size_t pad = width > used ? width - used : 0;

	if ((c->flags & COL_RIGHT) != 0)
		buf_pad(b, ' ', pad);
	if (colour != NULL)
		buf_printf(b, "\033[%sm", colour);
	buf_put(b, s, n);
	if (colour != NULL)
		buf_puts(b, "\033[0m");
	if ((c->flags & COL_RIGHT) == 0 && !last)
		buf_pad(b, ' ', pad);
	if (!last)
		buf_putc(b, ' ');
}

/* What ss would print behind the addresses. */
static void
put_details(struct buf *b, const struct args *a, const struct row *row)
{
	static void (*const put[])(const struct row *, struct buf *) = {
		describe_ss_timer, describe_ss_mem, describe_ss_info
	};
	const bool asked[] = { a->timers, a->memory, a->internals };
	size_t i, at;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (!asked[i])
			continue;
		buf_putc(b, ' ');
		at = b->len;
		put[i](row, b);
		if (b->len == at)
			b->len--;
	}
}

static int
drain(struct out *o, struct buf *b, size_t at_least)
{
	if (b->len <= at_least)
		return 0;
	if (fwrite(b->data, 1, b->len, o->file) != b->len)
		return -errno;
	buf_reset(b);
	return 0;
}

static void
put_heading(struct out *o, struct buf *b)
{
	char when[CLOCK_RFC3339_MAX];

	if (!o->args->watch)
		return;
	clock_rfc3339(o->snap->wall, when);
	buf_printf(b, "%s%s\n", o->reading > 0 ? "\n" : "", when);
}

static void
put_titles(struct out *o, const struct cells *cells, struct buf *b)
{
	const struct column *c;
	size_t k;

	if (!o->args->header)
		return;
	if (o->colour)
		buf_puts(b, "\033[1m");
	for (k = 0; k < o->columns->n; k++) {
		c = o->columns->col[k];
		put_padded(b, c, c->title, strlen(c->title), cells->width[k],
		    k + 1 == o->columns->n, NULL);
	}
	if (o->colour)
		buf_puts(b, "\033[0m");
	buf_putc(b, '\n');
}

static int
print_text(struct out *o, const struct view *v)
{
	const struct column_set *set = o->columns;
	struct cells cells = { 0 };
	struct buf b = { 0 };
	size_t i, k, n = out_rows(o, v);
	const struct column *c;
	const uint32_t *len;
	const char *s;
	bool details = o->args->timers || o->args->memory || o->args->internals;
	int r = 0;

	format_cells(o, v, n, &cells);
	put_heading(o, &b);
	put_titles(o, &cells, &b);
	len = cells.len;
	s = cells.arena.data;
	for (i = 0; i < n && r == 0; i++) {
		for (k = 0; k < set->n; k++) {
			c = set->col[k];
			put_padded(&b, c, s, *len, cells.width[k],
			    k + 1 == set->n,
			    o->colour && c->type == VAL_STATE
				? state_colour(v->row[i])
				: NULL);
			s += *len++ + 1;
		}
		if (details)
			put_details(&b, o->args, v->row[i]);
		buf_putc(&b, '\n');
		r = drain(o, &b, FLUSH_AT);
	}
	if (r == 0)
		r = drain(o, &b, 0);
	free(cells.len);
	buf_done(&cells.arena);
	buf_done(&b);
	return r;
}

const struct out_ops out_text = {
	.name = "text",
	.format = OUT_TEXT,
	.print = print_text,
};
