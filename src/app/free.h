/* SPDX-License-Identifier: ISC */
#ifndef APP_FREE_H
#define APP_FREE_H

#include "cli/args.h"

/* Exit status. */
int free_main(const struct args *, const struct config *);

#endif
