/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_DIAG_FILTER_H
#define COLLECT_DIAG_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/filter.h"

/*
 * Compiles a filter into inet_diag bytecode, so that the kernel sends fewer
 * sockets. What the kernel lets through is a superset of what matches:
 * conditions it knows nothing of (a process, a text) count as "may match",
 * under a NOT as well, and whoever shows the rows evaluates the filter again.
 */
enum diag_filter_skip {
	DIAG_SKIP_MARK = 1 << 0,   /* asking needs CAP_NET_ADMIN */
	DIAG_SKIP_CGROUP = 1 << 1, /* Linux before 5.8 */
	DIAG_SKIP_ALL = 1 << 2     /* the kernel refused it altogether */
};

struct diag_filter_opts {
	unsigned skip; /* enum diag_filter_skip */
	/* 0: not known. NULL: not to be compiled. */
	uint32_t (*ifindex)(void *arg, const char *name);
	uint64_t (*cgroup)(void *arg, const char *path);
	void *arg;
};

/* False: nothing to ask the kernel for, code is empty. */
bool diag_filter_compile(
    const struct filter *, const struct diag_filter_opts *, struct buf *code);

/* Code for one local and one peer port: what tells a socket from most. */
void diag_filter_ports(struct buf *code, uint16_t local, uint16_t peer);

#endif
