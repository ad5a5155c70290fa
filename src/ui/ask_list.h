/* SPDX-License-Identifier: ISC */
#ifndef UI_ASK_LIST_H
#define UI_ASK_LIST_H

#include <stdbool.h>

#include "model/act.h"

struct question;

/* The ways to close, as a question offers them. */
#define ASK_NWAYS 2
struct ask_way {
	enum act_how how;
	const char *name, *label;
};
extern const struct ask_way ask_ways[ASK_NWAYS];

/* Lists what an act hits, or hit, and what became of it. only: the way of
 * that name alone; asks: nothing was done yet. */
void ask_list(struct question *, struct act *, const char *only, bool asks);

#endif
