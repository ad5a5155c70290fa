/* SPDX-License-Identifier: ISC */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Numbers parsed whole and within limits: no sign where none is expected, no
 * blanks, nothing left over. False leaves *ret untouched.
 */
bool num_u64(const char *, uint64_t min, uint64_t max, uint64_t *ret);
bool num_hex_u64(const char *, uint64_t max, uint64_t *ret); /* 0x optional */
bool num_double(const char *, double min, double max, double *ret);
/* "250ms" "2s" "1.5m" "3h" "2d"; a bare number is seconds. In ns. */
bool num_duration(const char *, uint64_t *ret_ns);
/* "10" "1.5k" "1M" "2G" (powers of 1000), "1Ki" "1Mi" (of 1024), a trailing
 * "B", "/s" or "bps" is allowed. In units. */
bool num_size(const char *, double *ret);

#endif
