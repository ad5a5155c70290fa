/* SPDX-License-Identifier: ISC */
#ifndef MODEL_DESCRIBE_H
#define MODEL_DESCRIBE_H

#include "model/column.h"

/*
 * One socket in words and units, for the detail pane and `-i`: lines of a
 * label and a text, under headings. Everything known, nothing invented.
 */
struct describe_line {
	const char *label; /* static; NULL: continuation; text NULL: heading */
	char *text;        /* clean; owned by the list */
};
struct describe {
	struct describe_line *line;
	size_t n, cap;
};
void describe_row(
    struct describe *, const struct row *, const struct view_ctx *);
void describe_done(struct describe *);
/* tcp_info and the rest as ss -i prints them, one line, no newline. */
void describe_ss_info(const struct row *, struct buf *);
void describe_ss_mem(const struct row *, struct buf *);   /* skmem:(r0,..) */
void describe_ss_timer(const struct row *, struct buf *); /* timer:(..) */

#endif
