/* SPDX-License-Identifier: ISC */
/* The options of `knock`. */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"

#define DELAY_MAX_MS 60000
#define TIMEOUT_MIN  UINT64_C(100000000)
#define TIMEOUT_MAX  UINT64_C(3600000000000)

static int
refuse(const struct arg_def *d, const char *value, const char *expected,
    char **cause)
{
	char *clean = text_clean(value, strlen(value));

	xasprintf(cause, "--%s %s: not %s", d->name, clean, expected);
	free(clean);
	return -EINVAL;
}

static int
take_delay(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	if (!num_u64(value, 0, DELAY_MAX_MS, &a->knock_delay_ms))
		return refuse(
		    d, value, "a number of milliseconds up to 60000", cause);
	a->knock_delay_given = true;
	return 0;
}

static int
take_check(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	return num_u64(value, 1, UINT16_MAX, &a->knock_check)
		   ? 0
		   : refuse(d, value, "a port from 1 to 65535", cause);
}

static int
take_timeout(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	uint64_t ns;

	if (!num_duration(value, &ns) || ns < TIMEOUT_MIN || ns > TIMEOUT_MAX)
		return refuse(d, value, "a time from 0.1 s to 1 hour", cause);
	a->knock_timeout_ns = ns;
	return 0;
}

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def args_knock[] = {
	{ .letter = "d", .name = "delay", .arg = "MS", .take = take_delay,
	  .help = "milliseconds between two knocks; 100 unless given" },
	{ .letter = "c", .name = "check", .arg = "PORT", .take = take_check,
	  .help = "look whether this TCP port is open, before and after" },
	{ .name = "timeout", .arg = "SECONDS", .take = take_timeout,
	  .help = "with -c: wait so long for an answer; 3 unless given" },
	{ .letter = "u", .name = "udp", FLAG(udp),
	  .help = "ports without /tcp or /udp are UDP" },
	{ .letter = "4", .name = "ipv4", FLAG(v4),
	  .help = "the host's IPv4 address" },
	{ .letter = "6", .name = "ipv6", FLAG(v6),
	  .help = "the host's IPv6 address" },
	{ .name = "dry-run", FLAG(knock_dry),
	  .help = "say what would be sent, and send nothing" },
	{ .help = NULL }
};
/* clang-format on */
