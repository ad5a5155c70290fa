/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_OWNER_PROCFS_H
#define COLLECT_OWNER_PROCFS_H

#include "collect/owner_source.h"
#include "collect/slow_reader.h"

/* For tests: another directory than /proc, and another way to read command
 * lines (NULL: the usual one). Neither is copied. */
struct owner_procfs_opts {
	const char *root;
	slow_read_fn read_cmdline;
	void *read_arg;
};
int owner_procfs_open(
    struct owner_source **ret, const struct owner_procfs_opts *, char **cause);

/* What it has done so far; tests see by this that it does no more. */
struct owner_procfs_stats {
	uint64_t listed, scanned, peeked, texts;
};
struct owner_procfs_stats owner_procfs_stats(const struct owner_source *);

#endif
