/* SPDX-License-Identifier: ISC */
#ifndef SCAN_UDP_PACE_H
#define SCAN_UDP_PACE_H

#include "scan/tech.h"

/*
 * What becomes of UDP probes that nothing answered:
 *
 *	quick	asked again at once, twice or as often as the port has
 *		protocols, so that every service that answers is found within
 *		seconds, whatever was lost;
 *	paced	then, of a host that does send ICMP errors, at the pace at which
 *		they come (scan/icmp_rate.h), until it is closed or its silence
 *		has meant something twice;
 *	last	before silence is told, slow services get their time.
 */
struct udp_pace;

struct udp_pace *udp_pace_new(struct engine *);
void udp_pace_free(struct udp_pace *);
/* A host enters a slot. */
void udp_pace_host(struct udp_pace *, const struct host *);
/* The probe is sent; it was not after all; it is over; an ICMP error settles
 * it. */
void udp_pace_sent(struct udp_pace *, struct probe *);
void udp_pace_unsent(struct udp_pace *, struct probe *);
void udp_pace_drop(struct udp_pace *, struct probe *);
void udp_pace_error(struct udp_pace *, const struct probe *, uint64_t now);
/* Sent, and neither answered nor given up. */
uint32_t udp_pace_unanswered(const struct udp_pace *);
/* As those of struct tech_ops. */
bool udp_pace_silence(
    struct udp_pace *, struct probe *, uint64_t sent_ns, uint64_t now);
uint64_t udp_pace_tick(struct udp_pace *, uint64_t now);
const char *udp_pace_phase(const struct udp_pace *, uint64_t *left_ns);

#endif
