/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TCP_LIMITS_H
#define MODEL_TCP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The settings (net.ipv4.*, Documentation/networking/ip-sysctl.rst) that
 * decide how long TCP tries and waits, as one network namespace has them.
 */
struct tcp_limits {
	uint32_t
	    netns; /* whose; 0: not read, these are the kernel's defaults */
	uint32_t retries2, syn_retries, synack_retries;
	uint32_t syn_linear; /* tcp_syn_linear_timeouts; 0 before Linux 6.5 */
	uint32_t orphan_retries;
	uint32_t fin_timeout_s;
	uint32_t keepalive_probes;
};
extern const struct tcp_limits tcp_limits_default;

/*
 * How long from the first try until the kernel gives up, ns. As
 * net/ipv4/tcp_timer.c does it: tcp_model_timeout(), retry_until; rounded up
 * by the last timer, so "about".
 */
uint64_t tcp_limits_data_ns(const struct tcp_limits *);
uint64_t tcp_limits_orphan_ns(const struct tcp_limits *);
/* What is left of a handshake after so many repeats, with this long until the
 * next one. */
uint64_t tcp_limits_syn_left_ns(
    const struct tcp_limits *, unsigned repeats, uint64_t next_ns);
uint64_t tcp_limits_synack_left_ns(
    const struct tcp_limits *, unsigned repeats, uint64_t next_ns);

#endif
