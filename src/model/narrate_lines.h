/* SPDX-License-Identifier: ISC */
#ifndef MODEL_NARRATE_LINES_H
#define MODEL_NARRATE_LINES_H

#include "model/narrate.h"
#include "model/tcp_limits.h"

/* Between the files that tell a socket's story. */
struct story {
	struct narrate *out;
	const struct row *row;
	const struct view_ctx *ctx;
	struct tcp_limits limits;
	const struct row *pair;   /* the other end, if it is on this machine */
	const struct row *listen; /* the LISTEN it was accepted from */
	char *who;                /* "nginx (812)" or "the program" */
	char *peer;     /* "192.0.2.9:80", its end of the connection */
	char *far;      /* "curl (99)" or "the program at the other end" */
	uint64_t in_ns; /* in this state for so long, or at least that */
	bool at_least;
};

void story_tell(struct story *, enum narrate_kind, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* A buffer's text; empties the buffer. */
void story_buf(struct story *, enum narrate_kind, struct buf *);
/* "3h05" or "at least 3h05". */
void story_age(const struct story *, struct buf *);
/* ", in about 12m (net.ipv4.tcp_retries2 is 15)" needs the setting's text */
void story_setting(
    const struct story *, struct buf *, const char *name, uint32_t value);

/* narrate_data.c: data waiting, on its way, held up; the path */
void story_data(struct story *);
void story_quiet(struct story *); /* how long idle; keepalive */
void story_path(struct story *);  /* round trips, losses, sizes */
/* Nobody holds it any more and the kernel finishes. */
bool story_orphan(const struct story *);
/* Something wrong was told of it. */
bool story_wrong(const struct story *);

#endif
