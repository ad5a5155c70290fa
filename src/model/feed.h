/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FEED_H
#define MODEL_FEED_H

#include "model/alert.h"
#include "model/filter.h"

/*
 * What happens to sockets, as events: from readings (what is new, what is
 * gone) and from the kernel's word on closed ones. Each socket is opened at
 * most once and closed at most once; closed is when its program was done with
 * it, whatever then remains in TIME-WAIT.
 */
enum feed_kind {
	FEED_OPENED, /* a reading saw it first */
	FEED_CLOSED,
	FEED_ALERT, /* row NULL: `count` more of this rule in a minute */
	FEED_LOST   /* `count` closed ones that nothing else is known of */
};

struct feed_event {
	enum feed_kind kind;
	const struct row *row; /* borrowed for the call */
	/* CLOSED: the state a reading saw last; SOCK_STATE_UNKNOWN: none did */
	enum sock_state was;
	/* CLOSED, unseen: who listens at its local port, or NULL. */
	const struct row *listener;
	bool told;        /* CLOSED: by the kernel; else a reading missed it */
	uint64_t mono_ns; /* when */
	const char *rule; /* ALERT */
	uint64_t count;
};

struct feed {
	struct view_ctx *ctx;        /* borrowed, with its table */
	const struct filter *filter; /* borrowed; NULL: all */
	struct alerts *alerts;       /* borrowed; NULL: none */
	bool told;                   /* the kernel tells of closed ones */
	void (*put)(void *arg, const struct feed_event *);
	void *arg;

	/* its own */
	bool read;     /* there was a reading */
	uint32_t next; /* rows from this seq on are new */
	uint64_t now_ns;
};

const char *feed_kind_name(enum feed_kind); /* "opened", .. */
/* The kernel told of a closed socket. */
void feed_end(struct feed *, const struct sock_end *);
void feed_lost(struct feed *, uint64_t count, uint64_t mono_ns);
/* A reading was merged into the table; owners: it looked for them. */
void feed_merged(struct feed *, bool owners);

#endif
