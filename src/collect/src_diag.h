/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_SRC_DIAG_H
#define COLLECT_SRC_DIAG_H

#include "collect/diag_link.h"
#include "collect/source.h"

/* source_diag over another link than the kernel's netlink; tests. */
int source_diag_open(
    struct source **ret, const struct diag_link *, char **cause);

#endif
