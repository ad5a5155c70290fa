/* SPDX-License-Identifier: ISC */
#ifndef SCAN_COOKIE_H
#define SCAN_COOKIE_H

#include "model/scan.h"

/*
 * A keyed number that only this run can have put into a packet, so that an
 * answer proves that its sender saw the question: nothing need be remembered,
 * and what is forged is told apart.
 */
#define COOKIE_KEY 16
/* SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * 2012). */
uint64_t cookie_hash(
    const uint8_t key[COOKIE_KEY], const void *data, size_t len);
/* Of a question: from whom to whom, ports in host order (0: none). */
uint32_t cookie_make(const uint8_t key[COOKIE_KEY], const struct scan_addr *src,
    const struct scan_addr *dst, uint16_t sport, uint16_t dport);

#endif
