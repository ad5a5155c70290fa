/* SPDX-License-Identifier: ISC */
#ifndef MODEL_LEAK_H
#define MODEL_LEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/json.h"
#include "model/table.h"

/*
 * Processes whose sockets only grow in number. Time is cut into windows of
 * 2 s, 30 s and 8 min, the last 16 of each; what counts is the least that a
 * window saw: sockets that come and go do not move it, those that are never
 * closed do. A leak is a row of windows, each with as much as the one before
 * it or more, that rose often and by enough, still does, and is by now above
 * all that was ever seen before. Memory is bounded: 1.6 KiB a process, for
 * 1,024 of them.
 */
enum leak_what {
	LEAK_CLOSE_WAIT, /* the peer closed, the process does not */
	LEAK_FIN_WAIT_2, /* closed half, and held on to */
	LEAK_TOTAL,      /* all its sockets; takes longest to be believed */
	LEAK_NWHAT
};

struct leak {
	pid_t pid;
	uint64_t start;
	const char *comm; /* clean; valid until the next leaks_take() */
	enum leak_what what;
	uint32_t from, to;
	uint64_t span_ns;      /* time in which it did so */
	uint32_t rises, steps; /* windows that rose, of how many */
	uint64_t step_ns;      /* length of these */
	bool never_fell;       /* not even within a window */
};

struct leaks;

struct leaks *leaks_new(void);
void leaks_free(struct leaks *); /* NULL is fine */
/* After a reading with owners was merged. */
void leaks_take(struct leaks *, const struct table *);
/* What was found, the worst first; valid until the next leaks_take(). */
size_t leaks_found(const struct leaks *, const struct leak **ret);
size_t leaks_memory(const struct leaks *);

const char *leak_what_name(enum leak_what); /* "CLOSE-WAIT" .. "sockets" */
/* "nginx (812): CLOSE-WAIT 12 -> 212 in 4 min, never fell" */
void leak_put(const struct leak *, struct buf *);
/* What it means and who can do something about it. */
const char *leak_meaning(enum leak_what);
void leak_put_filter(const struct leak *, struct buf *);
/* The member "leaks" of list -s --json. */
void leaks_json(struct json *, const struct leaks *);

#endif
