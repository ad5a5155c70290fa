/* SPDX-License-Identifier: ISC */
#ifndef APP_DIFF_H
#define APP_DIFF_H

#include "cli/args.h"
#include "model/option.h"

/* diff A B: two recordings side by side. list --expect FILE: the machine
 * beside what should be there. Each returns an exit status: 0 the same, 1
 * they differ. */
int diff_main(const struct args *, const struct config *);
int expect_main(const struct args *, const struct config *);

#endif
