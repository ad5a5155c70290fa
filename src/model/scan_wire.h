/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_WIRE_H
#define MODEL_SCAN_WIRE_H

#include "model/scan.h"

/*
 * The worker's protocol: a line is one flat JSON object (nested only:
 * "service"), UTF-8, at most SCAN_LINE_MAX bytes with its newline. One table
 * of fields a message; encoding and decoding both walk it. Unknown fields of
 * an event are ignored, unknown events counted by the reader, a line that is
 * none ends the job. An unknown field of a request is refused: what is not
 * understood cannot be heeded. sockdeck-scan(8) is the reference.
 */
#define SCAN_LINE_MAX 4096

/* Appends one line. The hot ones (port) cost less than a microsecond. */
void scan_event_put(struct buf *, const struct scan_event *);
/* One line without its newline. 0; -ENOMSG: an event this version does not
 * know (only seq and t_us are set); -EBADMSG and a sentence: no such line. Text
 * comes out clean. */
int scan_event_parse(
    const char *line, size_t len, struct scan_event *ret, char **cause);

/* A request is one line, or several: "more":true in the first says that
 * {"op":"more"} follow with the rest of long lists, until {"op":"go"}. A word
 * of a list is never cut and must be shorter than SCAN_WORD_MAX. */
#define SCAN_WORD_MAX 1024
void scan_request_put(struct buf *, const struct scan_spec *);
enum scan_op {
	SCAN_OP_SCAN, /* the first; may be all */
	SCAN_OP_MORE, /* targets, exclude, ports, done: added */
	SCAN_OP_GO,   /* the request is whole; of a probe job: nothing more
		       * will be asked */
	SCAN_OP_ASK,  /* of a probe job: this port, too */
	SCAN_OP_STOP,
	SCAN_OP_PAUSE,
	SCAN_OP_RESUME
};
/* One line of the parent's. SCAN, MORE and ASK fill the spec (initialised by the
 * caller; lists stay as they were typed, and raw); *whole: it may be begun. 0,
 * or -EBADMSG and a sentence. */
int scan_request_parse(const char *line, size_t len, struct scan_spec *,
    enum scan_op *op, bool *whole, char **cause);
void scan_op_put(struct buf *, enum scan_op); /* GO, STOP, PAUSE, RESUME */
void scan_ask_put(struct buf *, const struct scan_ask *);

/* Cuts clean text to less than size bytes, at a character. */
void scan_text_cut(char *, size_t size);

#endif
