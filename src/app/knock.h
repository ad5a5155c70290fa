/* SPDX-License-Identifier: ISC */
#ifndef APP_KNOCK_H
#define APP_KNOCK_H

#include "cli/args.h"

/* Exit status. */
int knock_main(const struct args *, const struct config *);

#endif
