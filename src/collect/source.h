/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_SOURCE_H
#define COLLECT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/filter.h"
#include "model/snap.h"

/*
 * Where readings come from. A source hands each record to the sink as it is
 * parsed; nothing is copied on the way.
 */
struct request {
	unsigned need; /* enum need */
	bool tcp, udp;
	bool v4, v6;
	uint32_t states;             /* mask of SOCK_STATE_BIT */
	const struct filter *filter; /* compiled for the kernel as far as it
				      * goes; NULL: none. Borrowed. */
	const char *netns;     /* NULL: the current one; NAME, PID or "all" */
	struct sock_key focus; /* read this one with all there is to know
				* (ext, timers); cookie 0: none */
	uint64_t highlight_ns;
};

struct sink {
	/* rec and ext are the source's, valid during the call; ext may be
	 * NULL. */
	void (*sock)(
	    void *arg, const struct sock_rec *rec, const struct sock_ext *ext);
	/* What only a recording knows: who held the socket handed over last;
	 * taken over (*owners is left empty). Not called: not recorded. */
	void (*owners)(void *arg, struct owners *);
	/* As well: how old it was then, in 0.1 s. NULL: of no interest. */
	void (*age)(void *arg, uint32_t age_ds);
	/* All that was handed over in this reading is void: it starts again
	 * (the kernel said that its list changed meanwhile). */
	void (*restart)(void *arg);
	void *arg;
};

struct source;

struct source_ops {
	const char *name;
	enum snap_source kind;
	/* 0, or -errno and a sentence. arg: a file's path, or NULL. */
	int (*open)(struct source **ret, const char *arg, char **cause);
	/*
	 * One reading: records go to the sink; names, warnings, flags and
	 * counts into the snap; a recording also sets wall, host, and
	 * mono_ns (as far after the first reading as it was recorded). Blocks.
	 * 0, or -errno and a sentence: then nothing of this reading is to be
	 * used.
	 */
	int (*read)(struct source *, const struct request *,
	    const struct sink *, struct snap *, char **cause);
	void (*close)(struct source *); /* NULL is fine */
};

/* Each embeds this first. */
struct source {
	const struct source_ops *ops;
};

extern const struct source_ops source_diag, source_procfs, source_replay;

#endif
