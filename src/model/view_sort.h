/* SPDX-License-Identifier: ISC */
#ifndef MODEL_VIEW_SORT_H
#define MODEL_VIEW_SORT_H

#include "model/view.h"

/* The sorting behind view.c. Stable: rows equal in the column keep their
 * order; rows without a value come last whichever the direction. */
void view_sort_rows(
    struct row **, size_t n, const struct view_sort *, const struct view_ctx *);

#endif
