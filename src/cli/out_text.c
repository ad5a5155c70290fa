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

/* Set in a cell's length when it is not plain ASCII: then its width must be
 * measured, else it is its length. */
#define CELL_WIDE UINT32_C(0x80000000)

struct cells {
	struct buf arena; /* each cell's text and a NUL */
	uint32_t *len;    /* bytes without it; rows x columns */
	size_t width[COLUMN_SET_MAX];
};

static bool
is_ascii(const char *s, size_t n)
{
	unsigned char all = 0;
	size_t i;

	for (i = 0; i < n; i++)
		all |= (unsigned char)s[i];
	return all < 0x80;
}

/* Formats one cell into the arena; returns its width. */
static size_t
put_cell(struct buf *arena, const struct column *c, const struct row *row,
    const struct view_ctx *ctx, uint32_t *len)
{
	size_t at = arena->len, n;
	bool ascii;

	column_put(c, row, ctx, arena);
	n = arena->len - at;
	ascii = is_ascii(arena->data + at, n);
	if (!ascii && ctx->ascii) {
		out_ascii(arena, at);
		n = arena->len - at;
		ascii = true;
	}
	buf_putc(arena, '\0');
	*len = (uint32_t)n | (ascii ? 0 : CELL_WIDE);
	return ascii ? n : text_width(arena->data + at);
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

/* One cell, padded but for the last; b has room for it. */
static void
put_padded(struct buf *b, const struct column *c, const char *s, uint32_t len,
    size_t width, bool last)
{
	size_t n = len & ~CELL_WIDE;
	size_t used = (len & CELL_WIDE) != 0 ? text_width(s) : n;
	size_t pad = width > used ? width - used : 0;
	char *p = b->data + b->len;

	if ((c->flags & COL_RIGHT) != 0) {
		memset(p, ' ', pad);
		p += pad;
	}
	memcpy(p, s, n);
	p += n;
	if (!last) {
		if ((c->flags & COL_RIGHT) != 0)
			pad = 0;
		memset(p, ' ', pad + 1);
		p += pad + 1;
	}
	b->len = (size_t)(p - b->data);
}

/* A row's line without its newline. */
static void
put_line(struct out *o, const struct cells *cells, const struct row *row,
    const char **cell, const uint32_t *len, struct buf *b)
{
	const struct column_set *set = o->columns;
	const struct column *c;
	size_t k, room = 1;
	bool colour;

	for (k = 0; k < set->n; k++)
		room += (len[k] & ~CELL_WIDE) + cells->width[k] + 1;
	(void)buf_reserve(b, room + 32); /* one cell has colour */
	for (k = 0; k < set->n; k++) {
		c = set->col[k];
		colour = o->colour && c->type == VAL_STATE;
		if (colour)
			buf_printf(b, "\033[%sm", state_colour(row));
		put_padded(
		    b, c, *cell, len[k], cells->width[k], k + 1 == set->n);
		if (colour) {
			buf_puts(b, "\033[0m");
			(void)buf_reserve(b, room);
		}
		*cell += (len[k] & ~CELL_WIDE) + 1;
	}
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
	size_t k, n;

	if (!o->args->header)
		return;
	if (o->colour)
		buf_puts(b, "\033[1m");
	for (k = 0; k < o->columns->n; k++) {
		c = o->columns->col[k];
		n = strlen(c->title);
		(void)buf_reserve(b, n + cells->width[k] + 1);
		put_padded(b, c, c->title, (uint32_t)n, cells->width[k],
		    k + 1 == o->columns->n);
	}
	if (o->colour)
		buf_puts(b, "\033[0m");
	buf_putc(b, '\n');
}

static int
print_text(struct out *o, const struct view *v)
{
	struct cells cells = { 0 };
	struct buf b = { 0 };
	size_t i, n = out_rows(o, v);
	const uint32_t *len;
	const char *cell;
	bool details = o->args->timers || o->args->memory || o->args->internals;
	int r = 0;

	format_cells(o, v, n, &cells);
	put_heading(o, &b);
	put_titles(o, &cells, &b);
	len = cells.len;
	cell = cells.arena.data;
	for (i = 0; i < n && r == 0; i++) {
		put_line(o, &cells, v->row[i], &cell, len, &b);
		len += o->columns->n;
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
