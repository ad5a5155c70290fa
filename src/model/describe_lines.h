/* SPDX-License-Identifier: ISC */
#ifndef MODEL_DESCRIBE_LINES_H
#define MODEL_DESCRIBE_LINES_H

#include "model/describe.h"

/* Between the files that describe a socket. */
void describe_heading(struct describe *, const char *label);
void describe_line(struct describe *, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A line of a buffer's text; empties the buffer. Nothing if it is empty. */
void describe_buf(struct describe *, const char *label, struct buf *);

/* describe_tcp.c: queues, timer, TCP's numbers, memory */
void describe_queues(struct describe *, const struct row *);
void describe_tcp(struct describe *, const struct row *);
void describe_memory(struct describe *, const struct row *);

#endif
