/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_OWNER_PROCS_H
#define COLLECT_OWNER_PROCS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "collect/owner_map.h"
#include "collect/procfs.h"
#include "model/proc.h"

/*
 * The processes owner_procfs.c knows, each in a numbered slot that stays its
 * own, and which sockets they hold. No /proc here.
 */
enum slot_flag {
	SLOT_UNREAD = 1 << 0, /* its descriptors are still to be read */
	SLOT_DENIED = 1 << 1,
	SLOT_KTHREAD = 1 << 2,
	SLOT_STUCK = 1 << 3,  /* command line could not be read in time */
	SLOT_STAT = 1 << 4,   /* stat is known */
	SLOT_QUEUED = 1 << 5, /* in the list being made */
	SLOT_NOFILE = 1 << 6  /* there was no descriptor to read it with */
};

struct slot {
	struct procfs_stat stat;
	uint64_t dir_ino, count;
	uint32_t uid;
	uint32_t nfd;    /* sockets held */
	uint32_t nall;   /* descriptors it had */
	uint32_t serial; /* changes with proc */
	uint32_t flags;
	uint64_t round;    /* of the last scan */
	struct proc *proc; /* NULL: text not read */
};

struct owner_procs {
	struct slot *slot;
	size_t nslots, slots_cap;
	uint32_t free_slot; /* chained through serial */
	uint32_t *order;    /* slots in use, by pid */
	size_t norder, order_cap;
	uint32_t *order_next; /* the list being made */
	size_t order_next_cap;
	pid_t *pid; /* the newest list of processes: the caller fills it */
	size_t npids, pids_cap;
	uint32_t serial;
	struct owner_map map;
};

void owner_procs_init(struct owner_procs *); /* must not move afterwards */
void owner_procs_done(struct owner_procs *);
/* pid[] is new: those gone are dropped with all they held, new ones are
 * SLOT_UNREAD. */
void owner_procs_listed(struct owner_procs *);
void slot_forget_fds(struct owner_procs *, uint32_t slot);
void slot_forget_text(struct owner_procs *, uint32_t slot);
/* Another process under the same number. */
void slot_replaced(struct owner_procs *, uint32_t slot);
size_t owner_procs_memory(const struct owner_procs *);

#endif
