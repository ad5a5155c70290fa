/* SPDX-License-Identifier: ISC */
#ifndef MODEL_UNITFILE_H
#define MODEL_UNITFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/sock.h"

/*
 * systemd's unit files (systemd.syntax(7)): sections, NAME=VALUE, lines that
 * go on after a backslash, comments. Quoting inside values is left alone.
 */
typedef void (*unitfile_fn)(
    void *arg, const char *section, const char *name, const char *value);
/* Every assignment in order; the strings are valid during the call, trimmed
 * and not clean. */
void unitfile_parse(const char *, size_t len, unitfile_fn, void *arg);

/*
 * Whether what ListenStream= or ListenDatagram= says is this port: "80",
 * "10.0.0.1:80", "[::1]:80"; paths and other families are none. An address
 * must be the socket's; a bare port is any.
 */
bool unitfile_listens(
    const char *value, const struct endpoint *, unsigned family);

#endif
