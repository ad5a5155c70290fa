/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PRESSURE_H
#define COLLECT_PRESSURE_H

#include "model/pressure.h"

/*
 * Reads how near the machine is to its limits, from /proc: of the machine,
 * of each namespace, of the processes with the most descriptors. Only when
 * asked (NEED_PRESSURE). Blocks as /proc does: the collector's thread.
 */
struct pressure_reader;
struct pressure_reader *pressure_reader_new(void);
void pressure_reader_free(struct pressure_reader *); /* NULL is fine */
/* netns as in netns_each(); what cannot be read stays unknown. The caller's. */
struct pressure *pressure_read(struct pressure_reader *, const char *netns);

/* The processes with the fullest descriptor tables (pressure_fds.c), looked
 * for in `proc`, /proc usually. */
struct pressure_fds;
struct pressure_fds *pressure_fds_new(const char *proc);
void pressure_fds_free(struct pressure_fds *); /* NULL is fine */
void pressure_fds_read(struct pressure_fds *, struct pressure *);

#endif
