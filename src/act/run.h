/* SPDX-License-Identifier: ISC */
#ifndef ACT_RUN_H
#define ACT_RUN_H

#include "act/helper.h"
#include "model/act.h"

/*
 * An act, target by target: holding what was asked about, and doing it, each
 * in a helper of its own. Whoever wires it waits for the helper's descriptor
 * in its own way: the command line at once, the deck in its loop.
 */
struct act_env {
	bool readonly;                      /* nothing is done */
	const struct signal_kernel *kernel; /* NULL: the real one; tests */
};

/* Takes hold of every process that may be signalled. Those that are gone
 * say so; nothing blocks. */
void act_hold(struct act *, const struct act_env *);
/* The first target at or after `from` that is to be hit; a->n: none. */
size_t act_next_target(const struct act *, size_t from);
/*
 * Starts the helper of one target. 0; or -errno: it was not started, and the
 * target's state and outcome say why.
 */
int act_start(struct act *, size_t at, const struct act_env *, struct helper *);
/* Its helper has answered: sets state and outcome. */
void act_finish(struct act *, size_t at, struct helper *);
/*
 * Looks whether a process has ended, without waiting: true if its state
 * changed (ACT_GONE before the signal, ACT_DONE after it; ACT_ALIVE once
 * ACT_GRACE_NS have passed).
 */
bool act_check_end(struct act *, size_t at, uint64_t now_ns);
/* Whether the signal is one after which the end is waited for. */
bool act_awaits_end(const struct act *);

#endif
