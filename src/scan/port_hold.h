/* SPDX-License-Identifier: ISC */
#ifndef SCAN_PORT_HOLD_H
#define SCAN_PORT_HOLD_H

#include <stdint.h>

/*
 * Takes a TCP port of both families by a socket that does not listen: no other
 * program gets it, and this machine's own TCP ends by a RST what a SYN of ours
 * began there. Before the sandbox: it has no socket(2). The descriptor, which
 * is the caller's, or -errno.
 */
int port_hold(uint16_t port);

#endif
