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
	 * Once at the start of each reading, before any find(): notices
	 * holders that died or whose descriptors changed, in bounded time.
	 * detail: enum proc_detail to read of the holders from now on. Both
	 * this and update() set in the snap: hidden_procs, remedy, warnings,
	 * SNAP_PRIVILEGED.
	 */
	void (*begin)(struct owner_source *, unsigned detail, struct snap *);
	/*
	 * At most once a reading: brings the mapping up to date for these
	 * inodes: all that find() answers 0 for (sorted, distinct, not 0,
	 * with the uid of each socket as a hint where to look first; n may be
	 * 0). Those without a holder are to be handed in again each time: it
	 * is remembered here that they were looked for in vain.
	 */
	int (*update)(struct owner_source *, const uint32_t *inode,
	    const uint32_t *uid, size_t n, unsigned detail, struct snap *);
	/*
	 * The holders now known of an inode: a tag that changes when they do
	 * (0: none known). *ret is borrowed until the next call with this
	 * source (copy it by owners_copy()); a NULL ret is fine and cheap.
	 */
	uint64_t (*find)(
	    struct owner_source *, uint32_t inode, const struct owners **ret);
	/*
	 * A number that is another one whenever find() may answer otherwise
	 * than before, for any inode: as long as it stays, tags may be kept.
	 */
	uint64_t (*epoch)(const struct owner_source *);
	size_t (*memory)(const struct owner_source *);
	void (*close)(struct owner_source *);
};

struct owner_source {
	const struct owner_ops *ops;
};

extern const struct owner_ops owner_procfs;

#endif
