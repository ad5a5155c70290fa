/* SPDX-License-Identifier: ISC */
#ifndef LAB_DIRECTOR_H
#define LAB_DIRECTOR_H

#include "lab/lab.h"

struct director_order {
	enum {
		ORDER_BEGIN,
		ORDER_NEXT
	} what;
	size_t lesson;
};

/* The director's life: takes orders from the descriptor until it ends. */
void director_run(int boss, const struct lab_env *);

#endif
