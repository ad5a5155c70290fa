/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ACT_PLAN_H
#define MODEL_ACT_PLAN_H

#include "model/act.h"
#include "model/column.h"
#include "model/filter.h"

/*
 * From sockets that were chosen to what is to be done: who holds them, what
 * else goes with them, who listens and who is only a client. No process is
 * looked at and nothing is held yet (act/hold.h).
 */
struct act_choice {
	struct table *table;
	struct row *const *row; /* chosen, borrowed during the call */
	size_t n;
	/* Of a row's holders, only those that the filter matches by themselves
	 * (pid=812 means 812, not those who share its sockets). NULL: all. */
	const struct filter *filter;
};

/* More processes than this at once are never meant. */
#define ACT_PROCESSES_MAX 256

/* 0 and *ret (the caller's), or -errno and a sentence: nobody to signal
 * (-ESRCH), nobody that may be seen (-EPERM), too many (-E2BIG). */
int act_plan_signal(
    const struct act_choice *, int signal, struct act **ret, char **cause);
int act_plan_close(
    const struct act_choice *, enum act_how, struct act **ret, char **cause);

/*
 * Puts into words what will happen next, and what it takes to say yes: from
 * what is known of each target now, and the act's signal. Called again when
 * either changed.
 */
void act_words(struct act *);
/* The same for a socket that is to be closed; act_words() calls it. */
void act_words_close(struct act_target *, enum act_how);

#endif
