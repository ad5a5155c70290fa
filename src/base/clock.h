/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * Nanoseconds of CLOCK_MONOTONIC (rates, ages) and the wall clock (what is
 * shown and recorded). Rates must never use the wall clock: it jumps.
 */
uint64_t clock_mono_ns(void);
struct timespec clock_wall(void);
/* Boot-time clock: goes on during suspend (/proc/PID/stat start times). */
uint64_t clock_boot_ns(void);
/* Tests and golden files: from here on time stands still at these values. */
void clock_freeze(uint64_t mono_ns, struct timespec wall);
/* RFC 3339 with milliseconds in UTC, "2026-11-21T02:50:55.123Z"; buffer of
 * CLOCK_RFC3339_MAX bytes. */
#define CLOCK_RFC3339_MAX 32
void clock_rfc3339(struct timespec, char *);
/* Parses what clock_rfc3339() writes; false if it is anything else. */
bool clock_parse_rfc3339(const char *, struct timespec *ret);

#endif
