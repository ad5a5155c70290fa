/* SPDX-License-Identifier: ISC */
#ifndef APP_WHY_H
#define APP_WHY_H

#include "cli/args.h"

/* sockdeck why: its exit status (enum status). */
int why_main(const struct args *, const struct config *);

#endif
