/* SPDX-License-Identifier: ISC */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "base/buf.h"
#include "ui/keys.h"

struct ui;

/* Filters shown in the help; a test parses each. */
struct help_example {
	const char *filter, *what;
};
extern const struct help_example help_examples[]; /* filter NULL ends */

/* "F6 s": every key that does this now, the config's included. */
void help_put_keys(
    const struct ui *, enum keymap, const char *command, struct buf *);

#endif
