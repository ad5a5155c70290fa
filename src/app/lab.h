/* SPDX-License-Identifier: ISC */
#ifndef APP_LAB_H
#define APP_LAB_H

#include "cli/args.h"

/* `lab`: exit status. The deck changes args and settings, as ever. */
int lab_main(struct args *, struct config *);

#endif
