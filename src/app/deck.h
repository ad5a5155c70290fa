/* SPDX-License-Identifier: ISC */
#ifndef APP_DECK_H
#define APP_DECK_H

#include "cli/args.h"
#include "model/option.h"

/*
 * The live deck: collector thread, screen and loop together. Standard input
 * and output are terminals when it is called, the command line's settings
 * are already in the config's options. Returns an enum status; what went
 * wrong was said by out_error() (cli/out.h) after the terminal was given
 * back. lesson: in the classroom (after enter_room()), from this one on; NULL:
 * not there.
 */
int deck_main(struct args *, struct config *, const size_t *lesson);

#endif
