/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PROC_TEXT_H
#define COLLECT_PROC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collect/owner_scan.h"
#include "collect/slow_reader.h"
#include "model/proc.h"

/*
 * What there is to read about a process beside its descriptors: only for
 * those that hold sockets somebody looks at.
 */
struct proc_text;

/* root is borrowed until proc_text_free(). read: NULL, or what stands for
 * reading /proc/PID/cmdline (tests). */
struct proc_text *proc_text_new(
    int root_fd, struct fd_reserve *, slow_read_fn read, void *arg);
void proc_text_free(struct proc_text *);

struct text_want {
	const struct procfs_stat *stat;
	uint32_t uid;
	unsigned detail;   /* enum proc_detail */
	bool skip_cmdline; /* was stuck before: "[comm]" at once */
	/* Results; the caller's. */
	struct proc *proc;
	bool stuck;
};
void proc_text_read(struct proc_text *, struct text_want *, size_t n);

#endif
