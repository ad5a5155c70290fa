/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_OWNER_SOURCE_H
#define COLLECT_OWNER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/proc.h"
#include "model/snap.h"

/*
 * Who holds which socket inode. /proc is one way to know; another source
 * (BPF) can take its place behind this.
 */
struct owner_source;

struct owner_ops {
	const char *name;
	int (*open)(struct owner_source **ret, char **cause);
	/*
	 * Brings the mapping up to date for these inodes (unknown to the
	 * caller, sorted, with the uid of each socket as a hint where to look
	 * first). detail: enum proc_detail to read of the holders. Adds to
	 * the snap: hidden_procs, remedy, warnings, SNAP_PRIVILEGED.
	 */
	int (*update)(struct owner_source *, const uint32_t *inode,
	    const uint32_t *uid, size_t n, unsigned detail, struct snap *);
	/* The holders now known of an inode: a tag that changes when they do
	 * (0: none known); *ret is borrowed until the next update, NULL ok. */
	uint64_t (*find)(struct owner_source *, uint32_t inode,
	    const struct owners **ret);
	size_t (*memory)(const struct owner_source *);
	void (*close)(struct owner_source *);
};

struct owner_source {
	const struct owner_ops *ops;
};

extern const struct owner_ops owner_procfs;

#endif
