/* SPDX-License-Identifier: ISC */
#ifndef SCAN_ICMP_RATE_H
#define SCAN_ICMP_RATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The pace at which one host says that a UDP port is closed. It is a token
 * bucket nearly everywhere (RFC 1812 4.3.2.8, RFC 4443 2.4 f; Linux: one a
 * second and peer, six at once: net.ipv4.icmp_ratelimit, -_ratemask). So of
 * many closed ports most are silent at first, and silence says something only
 * if the host surely had an error left to send. From that follow:
 *
 *	when the next repeat may go: a few for each error that comes, since one
 *	that finds the bucket empty takes nothing out of it: so no token waits;
 *
 *	whether a silence meant something: no error came since so long before
 *	the question that one must have been left. While none comes all ports
 *	are asked faster and faster: those that are still silent are so.
 *
 * A host that never sent an error is behind a firewall: its silence is all
 * there will be, and is believed at once, or soon if neighbours do send some. No system calls; times are those of
 * clock_mono_ns().
 */
struct icmp_rate {
	uint64_t last_ns;  /* an error came; 0: never */
	uint64_t first_ns; /* the first silence, while none ever came */
	uint64_t next_ns;  /* the next repeat */
	uint64_t gap_ns;   /* between repeats, while errors come */
	uint64_t calm_ns;  /* .. while none come */
	uint64_t mean_ns;  /* between errors, on repeats; 0: not known */
	uint32_t nmean;    /* so many made it */
	bool unlimited;    /* an address of our own: nothing is held back */
	uint32_t dice;     /* so that hosts are not asked all at one moment */
};

void icmp_rate_init(struct icmp_rate *, bool unlimited, uint32_t seed);
/* An error came, as the answer to a repeat or to the first question. */
void icmp_rate_error(struct icmp_rate *, bool repeat, uint64_t now);
/* Nothing came to what was sent at sent_ns: whether that says anything.
 * near_ns: when the last error came from a host that may be the same machine;
 * 0: there is none. */
bool icmp_rate_silence(struct icmp_rate *, uint64_t sent_ns, uint64_t near_ns);
/* When a repeat may go; and that one goes. */
uint64_t icmp_rate_when(const struct icmp_rate *);
void icmp_rate_sent(struct icmp_rate *, uint64_t now);
/* How long until so many ports have been told; UINT64_MAX: not known. */
uint64_t icmp_rate_left(const struct icmp_rate *, uint32_t ports);

#endif
