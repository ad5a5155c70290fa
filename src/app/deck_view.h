/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_VIEW_H
#define APP_DECK_VIEW_H

#include "cli/args.h"
#include "ui/ui.h"

/* What the command line says of how the deck starts; the args are borrowed
 * until it ends. */
void deck_view(struct ui *, const struct args *);

#endif
