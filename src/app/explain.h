/* SPDX-License-Identifier: ISC */
#ifndef APP_EXPLAIN_H
#define APP_EXPLAIN_H

#include "cli/args.h"

/* `explain`: the status to exit with. */
int explain_main(const struct args *, const struct config *);

#endif
