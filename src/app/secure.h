/* SPDX-License-Identifier: ISC */
#ifndef APP_SECURE_H
#define APP_SECURE_H

#include <stdbool.h>

/*
 * The first things main() does, before any library looks at the
 * environment or opens a file.
 */

/* Descriptors 0 to 2 are there: what was closed becomes /dev/null, so that no
 * socket ever lands on them. 0 or -errno. */
int secure_fds(void);
/* -EPERM and a sentence for a set-user-ID or set-group-ID start. */
int secure_ids(char **cause);
/* Under file capabilities or sudo, what would make a library read a file of
 * the caller's choice is taken out of the environment. */
void secure_env(void);
/* Whether more rights came with the file than the caller has (AT_SECURE):
 * then no file the environment names is read. */
bool secure_raised(void);

#endif
