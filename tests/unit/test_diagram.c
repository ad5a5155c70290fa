/* SPDX-License-Identifier: ISC */
/*
 * The drawings of states: nothing overlaps, every step is there once, leaves
 * its box and points at the right one; what is lit can be told without colour.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "ui/diagram.h"

static const struct {
	const char *name;
	const struct diagram_layout *layout;
	bool udp;
} drawings[] = { { "tcp", &diagram_tcp, false },
	{ "tcp, compact", &diagram_tcp_compact, false },
	{ "udp", &diagram_udp, true },
	{ "udp, compact", &diagram_udp_compact, true } };

/* What stands where: 0 nothing, else something's number. */
static int taken[DIAGRAM_MAX_H][DIAGRAM_MAX_W];

static bool
of_udp(enum sock_state s)
{
	return s == SOCK_UNCONNECTED || s == SOCK_CONNECTED;
}

static const struct diagram_box *
box_of(const struct diagram_layout *l, enum sock_state s)
{
	const struct diagram_box *b, *found = NULL;

	for (b = l->box; b->w != 0; b++) {
		if (b->state != s)
			continue;
		assert_null(found);
		found = b;
	}
	return found;
}

static bool
in_box(const struct diagram_box *b, int y, int x)
{
	return y >= b->y && y < b->y + b->h && x >= b->x && x < b->x + b->w;
}

static void
beside(char side, int *y, int *x)
{
	*y += side == '^' ? -1 : side == 'v' ? 1 : 0;
	*x += side == '<' ? -1 : side == '>' ? 1 : 0;
}

static void
take(const struct diagram_layout *l, int y, int x, int who, int may_meet)
{
	assert_in_range(y, 0, l->h - 1);
	assert_in_range(x, 0, l->w - 1);
	if (taken[y][x] != 0 && taken[y][x] != may_meet)
		fail_msg(
		    "line %d, column %d: %d meets %d", y, x, who, taken[y][x]);
	taken[y][x] = who;
}

static void
take_boxes(const struct diagram_layout *l)
{
	const struct diagram_box *b;
	int y, x;

	memset(taken, 0, sizeof(taken));
	for (b = l->box; b->w != 0; b++)
		for (y = b->y; y < b->y + b->h; y++)
			for (x = b->x; x < b->x + b->w; x++)
				take(l, y, x, 100 + (int)b->state, 0);
}

/* Both ways of connecting end in one arrow. */
static int
may_meet(enum flow_id f)
{
	return f == FLOW_CONNECT_BOUND ? 1 + FLOW_CONNECT : 0;
}

static void
take_line(const struct diagram_layout *l, const struct diagram_line *line)
{
	int who = 1 + (int)line->flow, other = may_meet(line->flow);
	int y = line->point[0].y, x = line->point[0].x, i, dy, dx;

	take(l, y, x, who, other);
	for (i = 1; i < line->npoints; i++) {
		dy = line->point[i].y - y;
		dx = line->point[i].x - x;
		assert_true((dy == 0) != (dx == 0));
		while (y != line->point[i].y || x != line->point[i].x) {
			y += dy > 0 ? 1 : dy < 0 ? -1 : 0;
			x += dx > 0 ? 1 : dx < 0 ? -1 : 0;
			take(l, y, x, who, other);
		}
	}
}

static void
ends_fit(const struct diagram_layout *l, const struct diagram_line *line)
{
	const struct flow *f = &flows[line->flow];
	const struct diagram_box *from = box_of(l, f->from);
	const struct diagram_box *to = box_of(l, f->to);
	const struct diagram_point *p = line->point;
	int y = p->y, x = p->x;

	assert_non_null(from);
	assert_non_null(to);
	beside(line->from, &y, &x);
	assert_true(in_box(from, y, x));
	if (line->to == 0)
		return;
	p = &line->point[line->npoints - 1];
	y = p->y;
	x = p->x;
	beside(line->to, &y, &x);
	/* The word "gone" may stand a blank away. */
	if (f->to == FLOW_END && !in_box(to, y, x))
		beside(line->to, &y, &x);
	assert_true(in_box(to, y, x));
}

static void
labels_fit(const struct diagram_layout *l)
{
	static bool label[DIAGRAM_MAX_H][DIAGRAM_MAX_W];
	const struct diagram_line *line;
	const char *text;
	size_t i, k;
	int y, x;

	memset(label, 0, sizeof(label));
	for (i = 0; i < l->nlines; i++) {
		line = &l->line[i];
		if (line->label_x < 0)
			continue;
		text =
		    line->label != NULL ? line->label : flows[line->flow].what;
		for (k = 0; text[k] != '\0'; k++) {
			y = line->label_y;
			x = line->label_x + (int)k;
			assert_in_range(x, 0, l->w - 1);
			if (label[y][x] ||
			    (taken[y][x] != 0 &&
				taken[y][x] != 1 + (int)line->flow))
				fail_msg("label \"%s\" covers %d", text,
				    taken[y][x]);
			label[y][x] = true;
		}
	}
}

static void
nothing_overlaps(void **state)
{
	const struct diagram_layout *l;
	uint32_t drawn;
	size_t i, k;
	int f;

	(void)state;
	for (i = 0; i < nitems(drawings); i++) {
		l = drawings[i].layout;
		assert_in_range(l->h, 1, DIAGRAM_MAX_H);
		assert_in_range(l->w, 1, DIAGRAM_MAX_W);
		take_boxes(l);
		drawn = 0;
		for (k = 0; k < l->nlines; k++) {
			assert_int_equal(drawn & FLOW_BIT(l->line[k].flow), 0);
			drawn |= FLOW_BIT(l->line[k].flow);
			take_line(l, &l->line[k]);
			ends_fit(l, &l->line[k]);
		}
		labels_fit(l);
		for (f = 0; f < FLOW_N; f++)
			assert_int_equal((drawn & FLOW_BIT(f)) != 0,
			    of_udp(flows[f].from) == drawings[i].udp);
	}
}

static void
every_state_has_a_box(void **state)
{
	const struct diagram_box *b;
	size_t i;
	int s, room;

	(void)state;
	for (i = 0; i < nitems(drawings); i++)
		for (s = 1; s < SOCK_NSTATES; s++) {
			b = box_of(drawings[i].layout, (enum sock_state)s);
			if (s == 12 ||
			    of_udp((enum sock_state)s) != drawings[i].udp) {
				assert_null(b);
				continue;
			}
			assert_non_null(b);
			/* Its name with the largest number there can be. */
			room =
			    (int)strlen(sock_state_name((enum sock_state)s)) +
			    (b->h == 1 ? 1 + 4 + 2 : 1 + 5 + 2);
			assert_in_range(room, 1, b->w);
		}
}

static void
draw(struct diagram *d, const struct diagram_layout *l,
    const struct diagram_view *v, bool utf8, struct buf *b)
{
	int y;

	buf_reset(b);
	diagram_draw(d, l, v);
	for (y = 0; y < d->h; y++) {
		diagram_text(d, y, 0, d->w, utf8, b);
		buf_putc(b, '\n');
	}
}

static void
as_it_looks(void **state)
{
	static const char want[] =
	    " CLOSED -    -bind()-> BOUND 12   -listen()-> LISTEN 4.2G\n"
	    "      v--connect(): SYN----+                       v SYN "
	    "received\n"
	    " SYN-SENT 0    --SYN received (both at once)> SYN-RECEIVED 0\n"
	    "      +---SYN-ACK received---> ESTABLISHED 9999 <ACK received-+\n"
	    " FIN-WAIT-1 0    <--close(): FIN--+        #==FIN received==>"
	    "[CLOSE-WAIT 3]\n"
	    "    v ACK     +---FIN received---> CLOSING 0           "
	    "close(): FIN v\n"
	    " FIN-WAIT-2 0                           v ACK received        "
	    "LAST-ACK 0\n"
	    "        +---FIN received-------> TIME-WAIT 0           "
	    "ACK received v\n"
	    "                                        +---------60 s"
	    "----------> gone\n";
	uint32_t count[SOCK_NSTATES] = { [SOCK_BOUND] = 12,
		[SOCK_LISTEN] = UINT32_MAX,
		[SOCK_ESTABLISHED] = 9999,
		[SOCK_CLOSE_WAIT] = 3 };
	struct diagram_view v = { .count = count,
		.unknown =
		    SOCK_STATE_BIT(SOCK_CLOSED) | SOCK_STATE_BIT(SOCK_BOUND),
		.at = SOCK_CLOSE_WAIT,
		.path = FLOW_BIT(FLOW_PEER_CLOSED),
		.been = SOCK_STATE_BIT(SOCK_ESTABLISHED) };
	static struct diagram d;
	struct buf b = { 0 };
	char *p, *line, *end;
	char got[2048] = "";

	(void)state;
	draw(&d, &diagram_tcp_compact, &v, false, &b);
	/* Without the blanks at the ends. */
	for (line = b.data; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		for (p = end; p > line && p[-1] == ' '; p--)
			;
		(void)snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%.*s\n", (int)(p - line), line);
	}
	assert_string_equal(got, want);
	buf_done(&b);
}

/* Each cell is one column, in both character sets; lit is double. */
static void
one_column_a_cell(void **state)
{
	uint32_t count[SOCK_NSTATES] = { 0 };
	struct diagram_view v = { .count = count };
	static struct diagram d;
	struct buf b = { 0 };
	size_t i;
	int s, y, utf8;

	(void)state;
	for (i = 0; i < nitems(drawings); i++)
		for (s = 0; s < SOCK_NSTATES; s++) {
			v.at = (enum sock_state)s;
			v.path = s % 2 == 0 ? 0 : UINT32_MAX;
			v.when[s] = "at least 3h05 ago";
			diagram_draw(&d, drawings[i].layout, &v);
			for (y = 0; y < d.h; y++)
				for (utf8 = 0; utf8 < 2; utf8++) {
					buf_reset(&b);
					diagram_text(
					    &d, y, 0, d.w, utf8 != 0, &b);
					assert_int_equal(
					    text_width(b.data), d.w);
				}
		}
	memset(v.when, 0, sizeof(v.when));
	v.at = SOCK_ESTABLISHED;
	v.path = FLOW_BIT(FLOW_CONNECTED);
	v.when[SOCK_ESTABLISHED] = "3h05 ago";
	draw(&d, &diagram_tcp, &v, true, &b);
	assert_non_null(strstr(b.data, "║ESTABLISHED      0║◄═SYN-ACK "
				       "received"));
	assert_non_null(strstr(b.data, "╚═ 3h05 ago ═"));
	assert_non_null(strstr(b.data, "└───ACK received───►║"));
	v.path = 0;
	draw(&d, &diagram_tcp, &v, false, &b);
	assert_non_null(strstr(b.data, "#ESTABLISHED      0#<-SYN-ACK "
				       "received"));
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_overlaps),
		cmocka_unit_test(every_state_has_a_box),
		cmocka_unit_test(as_it_looks),
		cmocka_unit_test(one_column_a_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
