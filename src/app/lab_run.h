/* SPDX-License-Identifier: ISC */
#ifndef APP_LAB_RUN_H
#define APP_LAB_RUN_H

#include "cli/args.h"
#include "lab/lab.h"

/* Lessons first to last - 1 without a screen, to standard output; exit
 * status. */
int lab_run(const struct args *, struct lab *, size_t first, size_t last);

#endif
