/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TARGET_RANGE_H
#define MODEL_TARGET_RANGE_H

#include "model/scan.h"

/*
 * Sorted ranges of addresses: what a set of targets (model/target.h) is made
 * of. An address is a net and a number in it: of IPv6 its two halves, of IPv4
 * zero and the whole. A range lies in one net: 2^64 addresses at most.
 */
struct range {
	uint64_t net;
	uint64_t lo, hi; /* both in it */
	uint32_t scope;  /* of a link-local IPv6 address; else 0 */
	uint8_t family;  /* 4 or 6 */
};
struct ranges {
	struct range *v;
	size_t n, cap;
	size_t tidy; /* so many are sorted and merged */
};

void ranges_done(struct ranges *);
/* Doubles are merged as they pile up: the same word typed often costs
 * nothing. */
void ranges_add(struct ranges *, const struct range *);
/* Sorted by family, scope, net, number; those that touch are one. */
void ranges_tidy(struct ranges *);
/*
 * Both tidy: takes out what the other has too. With scope 0 in `out` its
 * addresses are meant on every interface. Returns how many addresses went;
 * saturates.
 */
uint64_t ranges_cut(struct ranges *, const struct ranges *out);
/* The same for nets: lo and hi of `nets` are those of `net`, its net is 0. */
uint64_t ranges_cut_nets(struct ranges *, const struct ranges *nets);
/* How many addresses; saturates. */
uint64_t ranges_count(const struct ranges *);
/* Of tidy ones that which has this place, or NULL. */
const struct range *ranges_find(const struct ranges *, uint8_t family,
    uint32_t scope, uint64_t net, uint64_t number);

/* There and back. */
void range_of_addr(struct range *, const struct scan_addr *);
void range_to_addr(
    const struct range *, uint64_t number, struct scan_addr *ret);
/* a + b and no more than the largest. */
uint64_t range_add_u64(uint64_t a, uint64_t b);

#endif
