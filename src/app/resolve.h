/* SPDX-License-Identifier: ISC */
#ifndef APP_RESOLVE_H
#define APP_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/view.h"

/* What a name server says is believed to be a host name only if it looks
 * like one: [A-Za-z0-9._-]{1,253}. */
bool resolve_name_ok(const char *);
/* Reverse name of one address; "" if it has none or an odd one. Blocks: for
 * a thread of a pool. buf of RESOLVE_NAME_MAX bytes. */
#define RESOLVE_NAME_MAX 256
void resolve_one(
    const struct endpoint *, unsigned family, char buf[RESOLVE_NAME_MAX]);
/* One-shot: looks up all addresses of the view in parallel and stores them
 * in the table's names; gives up after a few seconds with what it has. */
void resolve_view(const struct view *);

#endif
