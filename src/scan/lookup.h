/* SPDX-License-Identifier: ISC */
#ifndef SCAN_LOOKUP_H
#define SCAN_LOOKUP_H

#include "model/target.h"

/*
 * Names to addresses, by getaddrinfo(3): after privilege was given up, since it
 * loads whatever nsswitch.conf names, and before the sandbox, which would
 * be in its way. Each name is looked up once: what was checked against the
 * excludes is what is scanned. May take as long as the resolver likes.
 */
typedef void (*lookup_tell)(void *arg, struct scan_event *);

/*
 * All names of the set, family as in struct scan_spec. For each a target event
 * is told. A target that has no address is told and left out; an exclude that
 * has none ends the scan, since what was not meant might be hit: -ENOENT and
 * a sentence. 0, or -EINVAL and a sentence (target_resolved()).
 */
int lookup_names(
    struct target_set *, uint8_t family, lookup_tell, void *arg, char **cause);

#endif
