/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_H
#define APP_SCAN_H

#include "cli/args.h"
#include "model/option.h"

/* `scan`. Returns the exit status. */
int scan_main(const struct args *, const struct config *);

#endif
