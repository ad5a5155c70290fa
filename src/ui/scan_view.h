/* SPDX-License-Identifier: ISC */
#ifndef UI_SCAN_VIEW_H
#define UI_SCAN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"
#include "model/scan_report.h"
#include "model/scan_self.h"
#include "ui/theme.h"

/*
 * The results of a job as lines: hosts with their ports in order, or what
 * listens here held against them; then what the worker said. Lines point
 * into the report's sorted arrays, eight bytes each; they are made anew when
 * they are looked at, and not more often than a twentieth of the time allows.
 */
struct ui_scan;
struct row;
struct table;
struct ui;

enum scan_line_kind {
	LINE_HOST,    /* a: host */
	LINE_PORT,    /* a: host, b: port */
	LINE_OTHER,   /* likewise: what the other engine says of it */
	LINE_FINDING, /* a: host, b: port << FINDING_BITS | which */
	LINE_VERDICT, /* a: enum self_verdict */
	LINE_SELF,    /* a: line of scan_self */
	LINE_NOTE,    /* a: note, b: where its part begins */
	LINE_CAVEAT,  /* a: of self_caveats, b: likewise */
	LINE_HEADING, /* a: which */
	LINE_HIDDEN,  /* what is not shown, counted */
	LINE_BLANK
};
#define FINDING_BITS 4 /* of FINDINGS_MAX */
struct scan_line {
	uint32_t kind : 4, a : 28;
	uint32_t b;
};

struct scan_view {
	struct scan_line *line;
	size_t n, cap;
	struct scan_self self; /* valid while compare is on */
	size_t hidden;         /* hosts without what is shown */
	int width;             /* that texts are broken for */
	int state_w;           /* of the states that are shown */
	bool open_only;        /* only what is open */
	bool compare;          /* with what listens here */
	bool dirty;            /* there is news since it was made */
	bool stale;            /* must not be looked at before it is made */
	uint64_t next_ns;      /* not before; a twentieth of the time */
	/* The cursor: on what it is, wherever that goes. */
	struct scan_line at_line;
	struct scan_addr at_addr;
	uint16_t at_port;
	uint8_t at_proto;
	bool moved; /* by hand; else it stays at the top */
	int at, top;
};

void scan_view_init(struct scan_view *, bool compare);
void scan_view_done(struct scan_view *);
/* There is news; stale: rows or order are not those of the lines any more. */
void scan_view_mark(struct scan_view *, bool stale);
/* Makes the lines, if it is time for it. False: later, at next_ns. */
bool scan_view_build(struct ui *, struct ui_scan *, int width);
/* Remembers what the cursor was put on. */
void scan_view_moved(struct ui_scan *, int at);
/* What is under it. */
const struct scan_line *scan_view_line(const struct ui_scan *, int i);

/* One line's text in this width, its left part and its right one (dim; may
 * be empty). */
enum theme_role scan_line_put(const struct ui_scan *, const struct scan_line *,
    int width, struct buf *left, struct buf *right);
/* For the clipboard, and for finding: all of it, without columns. */
void scan_line_copy(const struct ui *, const struct ui_scan *,
    const struct scan_line *, struct buf *);
/* The port it is about, or a finding of; NULL: none. */
const struct report_port *scan_line_port(const struct ui_scan *,
    const struct scan_line *, const struct report_host **);
/* What it rests on and what to do, in a sentence or two; nothing: it says all
 * itself. */
void scan_line_why(const struct ui *, const struct ui_scan *,
    const struct scan_line *, struct buf *);
/* What is wrong with what answers there, gravest first; the number. None where
 * checks were not asked for. */
size_t scan_findings(const struct ui_scan *, const struct report_host *,
    const struct report_port *, struct finding ret[FINDINGS_MAX]);
/* What address, port and protocol it is about; false: none. port 0: the host
 * alone. */
bool scan_line_about(const struct ui_scan *, const struct scan_line *,
    struct scan_addr *, uint16_t *port, uint8_t *proto);
/* The socket of this machine that belongs to it, after this one (NULL: from
 * the first): a connection to that host and port, or what listens there; or
 * NULL. */
struct row *scan_line_socket(const struct ui *, const struct ui_scan *,
    const struct scan_line *, const struct row *after);
/* What listens at this address of this machine; or NULL. */
struct row *scan_listener(
    const struct ui *, const struct scan_addr *, uint16_t port, uint8_t proto);

#endif
