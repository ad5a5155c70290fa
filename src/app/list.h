/* SPDX-License-Identifier: ISC */
#ifndef APP_LIST_H
#define APP_LIST_H

#include "cli/args.h"
#include "model/option.h"

/* `sockdeck list`: reads, prints, and again with --watch. Returns an enum
 * status; what went wrong was said by out_error(). */
int list_main(const struct args *, const struct config *);

#endif
