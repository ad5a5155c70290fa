/* SPDX-License-Identifier: ISC */
#ifndef ACT_NETNS_FD_H
#define ACT_NETNS_FD_H

#include <stdint.h>
#include <sys/types.h>

/*
 * A descriptor of the network namespace with this inode number, for the
 * helper to enter: by the process that holds the socket, by its name, by any
 * process in it. 0 and *ret (-1: it is the one we are in), -ENOENT: not
 * found; the inode number was compared.
 */
int netns_fd_open(uint32_t netns, pid_t holder, int *ret);

#endif
