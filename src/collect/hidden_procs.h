/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_HIDDEN_PROCS_H
#define COLLECT_HIDDEN_PROCS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Processes that are not even listed: a /proc mounted with hidepid=2. They
 * cannot be looked into, but counted.
 */
struct hidden_procs;

struct hidden_procs *hidden_procs_new(int root_fd, const char *root);
void hidden_procs_free(struct hidden_procs *);
/* How many there are beside the listed (sorted by number); 0 at once where
 * nothing is hidden that way. Counts again only now and then. */
uint32_t hidden_procs_count(
    struct hidden_procs *, const pid_t *listed, size_t n);

#endif
