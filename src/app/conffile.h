/* SPDX-License-Identifier: ISC */
#ifndef APP_CONFFILE_H
#define APP_CONFFILE_H

#include "model/option.h"

/*
 * Finding, reading and writing the config files: SYSCONFDIR/sockdeck.conf,
 * then $XDG_CONFIG_HOME/sockdeck/config (else $HOME/.config/..); with
 * --config FILE that one alone. Never from the current directory.
 */

/*
 * Reads them into cfg (which config_init() made). file: --config's, or NULL.
 * Returns the number of wrong lines, *errors as config_parse()'s with the
 * file's name in front; or -errno and a sentence when the file asked for
 * cannot be read.
 */
int config_load(
    struct config *, const char *file, char ***errors, char **cause);
/* Where config_save() writes when the user says "save": malloc'd, or NULL
 * when there is no home for it. file: --config's, or NULL. */
char *config_path(const char *file);
/* By temporary file, fsync and rename; directories are made. Under sudo as
 * the invoking user where the home directory is theirs. */
int config_save(const char *path, const struct config *, char **cause);

#endif
