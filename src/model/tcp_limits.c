/* SPDX-License-Identifier: ISC */
/* How long TCP tries: the kernel's arithmetic, without the kernel. */
#include "config.h"

#include "model/tcp_limits.h"

#define S         UINT64_C(1000000000)
#define RTO_MIN   (S / 5) /* TCP_RTO_MIN */
#define RTO_MAX   (120 * S)
#define RTO_FIRST S /* TCP_TIMEOUT_INIT, RFC 6298 */
/* tcp_orphan_retries(): 0 is 8, "if the peer may be alive" */
#define ORPHAN_DEFAULT 8

const struct tcp_limits tcp_limits_default = {
	.retries2 = 15,
	.syn_retries = 6,
	.synack_retries = 5,
	.syn_linear = 4,
	.fin_timeout_s = 60,
	.keepalive_probes = 9,
};

/* The sum of timeouts number from..to, each twice the one before. */
static uint64_t
backoff(uint64_t first, unsigned from, unsigned to)
{
	uint64_t sum = 0, t = first;
	unsigned i;

	for (i = 0; i <= to; i++) {
		if (i >= from)
			sum += t;
		t = t * 2 > RTO_MAX ? RTO_MAX : t * 2;
	}
	return sum;
}

uint64_t
tcp_limits_data_ns(const struct tcp_limits *l)
{
	return backoff(RTO_MIN, 0, l->retries2);
}

uint64_t
tcp_limits_orphan_ns(const struct tcp_limits *l)
{
	return backoff(RTO_MIN, 0,
	    l->orphan_retries == 0 ? ORPHAN_DEFAULT : l->orphan_retries);
}

uint64_t
tcp_limits_syn_left_ns(
    const struct tcp_limits *l, unsigned repeats, uint64_t next_ns)
{
	unsigned left;

	/* The first few come every second, and count extra. */
	if (repeats < l->syn_linear) {
		left = l->syn_linear - repeats - 1;
		return next_ns + left * RTO_FIRST +
		       backoff(RTO_FIRST, 0, l->syn_retries);
	}
	return next_ns +
	       backoff(RTO_FIRST, repeats - l->syn_linear + 1, l->syn_retries);
}

uint64_t
tcp_limits_synack_left_ns(
    const struct tcp_limits *l, unsigned repeats, uint64_t next_ns)
{
	return next_ns + backoff(RTO_FIRST, repeats + 1, l->synack_retries);
}
