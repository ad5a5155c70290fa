/* SPDX-License-Identifier: ISC */
#ifndef APP_LAB_READER_H
#define APP_LAB_READER_H

#include "lab/lab.h"

/* Reads the hosts' sockets as the deck and list do: what a lesson checks is
 * what they show. Used in the director's process alone. */
extern const struct lab_env lab_reader;

#endif
