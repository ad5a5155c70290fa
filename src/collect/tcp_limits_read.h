/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_TCP_LIMITS_READ_H
#define COLLECT_TCP_LIMITS_READ_H

#include "model/tcp_limits.h"

/*
 * The settings of the network namespace that the calling thread is in, whose
 * number is told. What this kernel does not have keeps its default; if none
 * can be read, netns stays 0.
 */
void tcp_limits_read(struct tcp_limits *, uint32_t netns);

#endif
