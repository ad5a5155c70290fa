/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PRESSURE_TEXT_H
#define COLLECT_PRESSURE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The texts of /proc that tell limits and counts. Each looks for what it
 * knows and passes over the rest: kernels add columns and lines. Text need
 * not be terminated. What is not found is left as it was.
 */

/* "TCP: inuse 4 orphan 0 tw 2": the number after `name` in the line `group`
 * (/proc/net/sockstat). */
bool pressure_text_sockstat(const char *text, size_t len, const char *group,
    const char *name, uint64_t *ret);
/* Two lines, names and values, that begin with "TcpExt:" (netstat, snmp). */
bool pressure_text_netstat(const char *text, size_t len, const char *group,
    const char *name, uint64_t *ret);
/* A table of hexadecimal numbers with a line of titles and a line for each
 * processor (/proc/net/stat/..): the sum of a column, or its first value. */
bool pressure_text_stat(
    const char *text, size_t len, const char *name, bool sum, uint64_t *ret);
/* Up to max numbers, parted by blanks: how many there are. */
size_t pressure_text_numbers(
    const char *text, size_t len, uint64_t *ret, size_t max);
/* The soft limit of "Max open files" (/proc/PID/limits); "unlimited" is
 * UINT64_MAX - 1. */
bool pressure_text_nofile(const char *text, size_t len, uint64_t *ret);

#endif
