/* SPDX-License-Identifier: ISC */
/*
 * Drawing states and steps into cells. Knows neither the screen nor what a
 * state means; where things stand is in the layouts.
 */
#include "config.h"

#include "ui/diagram.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	LINK_N = 1,
	LINK_E = 2,
	LINK_S = 4,
	LINK_W = 8
};

#define COUNT_MAX_FRAMED  99999
#define COUNT_MAX_COMPACT 9999

static struct diagram_cell *
at(struct diagram *d, int y, int x)
{
	if (y < 0 || y >= d->h || x < 0 || x >= d->w)
		return &d->outside;
	return &d->cell[y][x];
}

static void
put_text(struct diagram *d, int y, int x, enum theme_role role, const char *s)
{
	struct diagram_cell *c;

	for (; *s != '\0'; s++, x++) {
		c = at(d, y, x);
		c->text = *s;
		c->role = (uint8_t)role;
	}
}

static void
put_link(struct diagram *d, int y, int x, unsigned link, bool lit,
    enum theme_role role)
{
	struct diagram_cell *c = at(d, y, x);

	c->link |= (uint8_t)link;
	c->lit |= lit;
	if (c->role == ROLE_TEXT || lit)
		c->role = (uint8_t)role;
}

static unsigned
link_of(char side)
{
	return side == '^'   ? LINK_N
	       : side == '>' ? LINK_E
	       : side == 'v' ? LINK_S
	       : side == '<' ? LINK_W
			     : 0;
}

/* One straight part: each cell is linked to the one before. */
static void
put_part(struct diagram *d, struct diagram_point a, struct diagram_point b,
    bool lit, enum theme_role role)
{
	int dy = b.y > a.y ? 1 : b.y < a.y ? -1 : 0;
	int dx = b.x > a.x ? 1 : b.x < a.x ? -1 : 0;
	unsigned out = dy > 0   ? LINK_S
		       : dy < 0 ? LINK_N
		       : dx > 0 ? LINK_E
				: LINK_W;
	unsigned in = out == LINK_S   ? LINK_N
		      : out == LINK_N ? LINK_S
		      : out == LINK_E ? LINK_W
				      : LINK_E;
	int y = a.y, x = a.x;

	while (y != b.y || x != b.x) {
		put_link(d, y, x, out, lit, role);
		y += dy;
		x += dx;
		put_link(d, y, x, in, lit, role);
	}
}

static void
draw_line(struct diagram *d, const struct diagram_line *l, bool lit)
{
	enum theme_role role = lit ? ROLE_TAGGED : ROLE_BORDER;
	const struct diagram_point *p = l->point, *end = &p[l->npoints - 1];
	struct diagram_cell *c;
	int i;

	put_link(d, p->y, p->x, link_of(l->from), lit, role);
	for (i = 0; i + 1 < l->npoints; i++)
		put_part(d, p[i], p[i + 1], lit, role);
	if (l->to != 0) {
		c = at(d, end->y, end->x);
		c->arrow = l->to;
		if (lit || c->role == ROLE_TEXT)
			c->role = (uint8_t)role;
	}
	if (l->label_x >= 0)
		put_text(d, l->label_y, l->label_x, lit ? role : ROLE_DIM,
		    l->label != NULL ? l->label : flows[l->flow].what);
}

static void
draw_frame(struct diagram *d, const struct diagram_box *b, bool lit,
    enum theme_role role)
{
	const struct diagram_point corner[] = { { b->y, b->x },
		{ b->y, (int8_t)(b->x + b->w - 1) },
		{ (int8_t)(b->y + b->h - 1), (int8_t)(b->x + b->w - 1) },
		{ (int8_t)(b->y + b->h - 1), b->x } };
	int i;

	for (i = 0; i < 4; i++)
		put_part(d, corner[i], corner[(i + 1) % 4], lit, role);
}

/* Five digits, or four characters with a unit. */
static const char *
count_text(char text[TEXT_UNIT_MAX], uint32_t n, uint32_t max)
{
	if (n > max)
		return text_bytes(text, n);
	(void)snprintf(text, TEXT_UNIT_MAX, "%u", n);
	return text;
}

static void
draw_box(struct diagram *d, const struct diagram_layout *l,
    const struct diagram_box *b, const struct diagram_view *v)
{
	bool here = v->at == b->state;
	bool been = (v->been & SOCK_STATE_BIT(b->state)) != 0;
	uint32_t n = v->count[b->state];
	enum theme_role role = here    ? ROLE_SELECTED
			       : been  ? ROLE_TAGGED
			       : n > 0 ? ROLE_TEXT
				       : ROLE_DIM;
	char text[DIAGRAM_MAX_W], count[TEXT_UNIT_MAX];
	const char *when = v->when[b->state];

	if (n == 0 && (v->unknown & SOCK_STATE_BIT(b->state)) != 0)
		strlcpy(count, "-", sizeof(count));
	else
		(void)count_text(count, n,
		    l->compact ? COUNT_MAX_COMPACT : COUNT_MAX_FRAMED);
	if (b->h == 1) {
		(void)snprintf(text, sizeof(text), "%c%s %s%c",
		    here ? '[' : ' ', sock_state_name(b->state), count,
		    here ? ']' : ' ');
		put_text(d, b->y, b->x, role, text);
		return;
	}
	draw_frame(d, b, here, here || been ? ROLE_TAGGED : ROLE_BORDER);
	(void)snprintf(
	    text, sizeof(text), "%-*s", b->w - 2, sock_state_name(b->state));
	(void)snprintf(text + b->w - 2 - (int)strlen(count), strlen(count) + 1,
	    "%s", count);
	put_text(d, b->y + 1, b->x + 1, role, text);
	if (when != NULL && (int)strlen(when) < b->w - 4) {
		(void)snprintf(text, sizeof(text), " %s ", when);
		put_text(d, b->y + b->h - 1, b->x + 2, ROLE_TAGGED, text);
	}
}

void
diagram_draw(struct diagram *d, const struct diagram_layout *l,
    const struct diagram_view *v)
{
	const struct diagram_box *b;
	size_t i;
	bool lit;
	int pass;

	memset(d, 0, sizeof(*d));
	d->h = l->h;
	d->w = l->w;
	/* What is lit goes over what is not. */
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < l->nlines; i++) {
			lit = (v->path & FLOW_BIT(l->line[i].flow)) != 0;
			if (lit == (pass == 1))
				draw_line(d, &l->line[i], lit);
		}
	for (b = l->box; b->w != 0; b++) {
		if (b->state == FLOW_END)
			put_text(d, b->y, b->x, ROLE_DIM, "gone");
		else
			draw_box(d, l, b, v);
	}
}

/* By link bits: N 1, E 2, S 4, W 8. All of them are in code page 437, too, so
 * that the Linux console's font has them. */
static const char *const single[16] = { " ", "│", "─", "└", "│", "│", "┌", "├",
	"─", "┘", "─", "┴", "┐", "┤", "┬", "┼" };
static const char *const twice[16] = { " ", "║", "═", "╚", "║", "║", "╔", "╠",
	"═", "╝", "═", "╩", "╗", "╣", "╦", "╬" };
static const char single_ascii[] = " |-+||++-+-+++++";
static const char twice_ascii[] = " #=#####=#=#####";

static const char *
arrow_utf8(char arrow)
{
	return arrow == '^'   ? "▲"
	       : arrow == 'v' ? "▼"
	       : arrow == '<' ? "◄"
			      : "►";
}

static void
put_cell(const struct diagram_cell *c, bool utf8, struct buf *b)
{
	if (c->text != 0)
		buf_putc(b, c->text);
	else if (c->arrow != 0 && utf8)
		buf_puts(b, arrow_utf8(c->arrow));
	else if (c->arrow != 0)
		buf_putc(b, c->arrow);
	else if (utf8)
		buf_puts(
		    b, c->lit ? twice[c->link & 15] : single[c->link & 15]);
	else
		buf_putc(b, c->lit ? twice_ascii[c->link & 15]
				   : single_ascii[c->link & 15]);
}

void
diagram_text(
    const struct diagram *d, int y, int from, int to, bool utf8, struct buf *b)
{
	int x;

	for (x = from; x < to; x++)
		put_cell(&d->cell[y][x], utf8, b);
}
