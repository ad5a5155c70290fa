/* SPDX-License-Identifier: ISC */
#ifndef APP_NEWFILE_H
#define APP_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes a file that is there whole or not at all: a temporary file (new,
 * mode 0600, never through a link), fsync, then its name in one step. Under
 * sudo the file is made with the rights of the invoking user, unless the
 * directory is root's alone. replace: an old file gives way; else its being
 * there is -EEXIST. Safe in any thread.
 */
int newfile_write(
    const char *path, const void *data, size_t len, bool replace, char **cause);

#endif
