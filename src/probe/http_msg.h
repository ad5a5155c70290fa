/* SPDX-License-Identifier: ISC */
#ifndef PROBE_HTTP_MSG_H
#define PROBE_HTTP_MSG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * An answer of HTTP, and of what borrowed its form: SIP, RTSP (RFC 9112, RFC
 * 3261, RFC 7826). Spans point into the bytes that were parsed.
 */
struct span {
	const char *p;
	size_t n;
};

struct http_msg {
	unsigned status;    /* 100 .. 699 */
	unsigned major;     /* HTTP/1.x */
	struct span reason; /* "Not Found" */
	struct span head;   /* header lines */
	struct span body;   /* as it came, chunks and all */
	bool headed;        /* the head is whole */
	bool whole;         /* so is the body, by what the head says */
};

enum http_form {
	HTTP_NOT,  /* not a status line of this protocol */
	HTTP_MORE, /* it may become one */
	HTTP_IS    /* status is known; see headed and whole */
};
/* proto: "HTTP", "SIP", "RTSP", "ICY" (which has no version). end: nothing
 * more will come. */
enum http_form http_parse(
    struct http_msg *, const char *proto, const void *in, size_t n, bool end);
/* The first header of this name; false: none. */
bool http_header(const struct http_msg *, const char *name, struct span *);
/* The body without chunks, appended. */
void http_body(const struct http_msg *, struct buf *);

/* -- spans ----------------------------------------------------------------- */

struct span span_of(const char *); /* of a string */
struct span span_trim(struct span);
/* Letters of either case are alike in these three. */
bool span_is(struct span, const char *);
bool span_begins(struct span, const char *);
/* Where it is; NULL: nowhere. */
const char *span_find(struct span, const char *);
/* What follows the first occurrence of `mark`; empty: it is not there. */
struct span span_after(struct span, const char *mark);
/* What stands before the first of these bytes, or all. */
struct span span_until(struct span, const char *bytes);
/* The string that is the value of a key in JSON, wherever it stands; empty:
 * there is none. Escapes stay as they are. */
struct span span_json(struct span, const char *key);
/* The text of an element: "title". */
struct span span_element(struct span, const char *name);

#endif
