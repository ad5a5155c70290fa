/* SPDX-License-Identifier: ISC */
#ifndef APP_ACTCMD_H
#define APP_ACTCMD_H

#include "cli/args.h"

/* `kill` and `close`. Exit status: 0 done (all that was to be hit), 1 nothing
 * matched or the answer was no, 3 refused, 4 failed or still alive. */
int kill_main(const struct args *, const struct config *);
int close_main(const struct args *, const struct config *);

#endif
