/* SPDX-License-Identifier: ISC */
#ifndef UI_DIAGRAM_H
#define UI_DIAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "know/flow.h"
#include "ui/theme.h"

/*
 * A drawing of states and the steps between them: boxes and lines on a small
 * canvas, laid out by tables (diagram_layout.c). What is lit stands out by
 * its lines, too (double ones), where there is no colour.
 */
struct diagram_box {
	enum sock_state state; /* FLOW_END: the word "gone" without a box */
	int8_t y, x, w, h;     /* h 1: no frame */
};
struct diagram_point {
	int8_t y, x;
};
struct diagram_line {
	enum flow_id flow;
	char from; /* side of the first point where the box is: '^' '<' .. */
	char to;   /* arrow head at the last point; 0: it runs into another */
	uint8_t npoints;
	struct diagram_point point[4]; /* corners; no step between is slanted */
	int8_t label_y, label_x;       /* label_x < 0: no label */
	const char *label;             /* NULL: the flow's own */
};
struct diagram_layout {
	int h, w;
	const struct diagram_box *box; /* w == 0 ends */
	const struct diagram_line *line;
	size_t nlines;
	bool compact;
};
extern const struct diagram_layout diagram_tcp, diagram_tcp_compact,
    diagram_udp, diagram_udp_compact;

/* What to show in it. */
struct diagram_view {
	const uint32_t *count;          /* by state; SOCK_NSTATES of them */
	uint32_t unknown;               /* SOCK_STATE_BITs: "-" instead of 0 */
	enum sock_state at;             /* lit; FLOW_END: none */
	uint32_t path;                  /* FLOW_BITs lit */
	uint32_t been;                  /* SOCK_STATE_BITs of states passed */
	const char *when[SOCK_NSTATES]; /* "3h05 ago", or NULL; borrowed */
};

#define DIAGRAM_MAX_H 30
#define DIAGRAM_MAX_W 80
struct diagram_cell {
	uint8_t link; /* lines to the neighbours: 1 N, 2 E, 4 S, 8 W */
	bool lit;     /* double lines */
	char arrow;   /* '^' 'v' '<' '>' or 0 */
	char text;    /* ASCII, over all else; 0: none */
	uint8_t role; /* enum theme_role */
};
struct diagram {
	int h, w;
	struct diagram_cell cell[DIAGRAM_MAX_H][DIAGRAM_MAX_W];
	struct diagram_cell outside; /* what would stand beside the canvas */
};
void diagram_draw(struct diagram *, const struct diagram_layout *,
    const struct diagram_view *);
/* Columns from..to - 1 of a line as text, one character a cell. */
void diagram_text(
    const struct diagram *, int y, int from, int to, bool utf8, struct buf *);

#endif
