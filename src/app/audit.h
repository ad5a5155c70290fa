/* SPDX-License-Identifier: ISC */
#ifndef APP_AUDIT_H
#define APP_AUDIT_H

#include "cli/args.h"

/* `audit`: what listens on this machine, and what is wrong with it. An enum
 * status: NONE is "something is". */
int audit_main(const struct args *, const struct config *);

#endif
