/* SPDX-License-Identifier: ISC */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include "cli/args.h"
#include "model/option.h"

/* list --events: what opens and closes, a line each, until interrupted or
 * --limit are printed. Returns an exit status. */
int events_main(const struct args *, const struct config *);

#endif
