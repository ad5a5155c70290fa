/* SPDX-License-Identifier: ISC */
#ifndef APP_WHY_RUN_H
#define APP_WHY_RUN_H

#include "model/conflict.h"

/*
 * Looks at a port: sockets, settings, firewall, and the attempts to bind it.
 * Blocks (two seconds at worst for a firewall that does not answer), and
 * enters network namespaces with the calling thread: not for the deck's own.
 */
struct why_ask {
	const char *text;             /* "[ADDR:]PORT[/PROTO]" */
	unsigned proto;               /* where the text has none; 0: TCP */
	const char *netns;            /* as -N; NULL: the current one */
	const struct filter_env *env; /* looks host names up */
};

/*
 * 0 and *ret (conflict_report_free()), or -errno and a sentence: *usage says
 * that the question was wrong and not the answer.
 */
int why_run(const struct why_ask *, struct conflict_report **ret, bool *usage,
    char **cause);

#endif
