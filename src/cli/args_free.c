/* SPDX-License-Identifier: ISC */
/* The options of `free`. */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"

static int
take_number(struct args *a, const struct arg_def *d, const char *value,
    uint64_t min, uint64_t max, char **cause)
{
	uint64_t *ret = (uint64_t *)(void *)((char *)a + d->off);
	char *clean;

	if (num_u64(value, min, max, ret))
		return 0;
	clean = text_clean(value, strlen(value));
	xasprintf(cause, "--%s %s: not a number from %llu to %llu", d->name,
	    clean, (unsigned long long)min, (unsigned long long)max);
	free(clean);
	return -EINVAL;
}

static int
take_count(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	return take_number(a, d, value, 1, UINT16_MAX, cause);
}

static int
take_seed(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	a->free_seeded = true;
	return take_number(a, d, value, 0, UINT64_MAX, cause);
}

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def args_free[] = {
	{ .letter = "n", .name = "count", .arg = "COUNT", .take = take_count,
	  .off = offsetof(struct args, free_count),
	  .help = "that many; 1 unless given" },
	{ .letter = "4", .name = "ipv4", FLAG(v4),
	  .help = "IPv4 alone; both families must be free otherwise" },
	{ .letter = "6", .name = "ipv6", FLAG(v6),
	  .help = "IPv6 alone" },
	{ .name = "registered", FLAG(free_registered),
	  .help = "ports of known services too" },
	{ .name = "ephemeral", FLAG(free_ephemeral),
	  .help = "ports that the kernel hands out itself too" },
	{ .name = "any", FLAG(free_any),
	  .help = "both of these, and ip_local_reserved_ports: "
	      "whatever can be bound" },
	{ .name = "seed", .arg = "NUMBER", .take = take_seed,
	  .off = offsetof(struct args, free_seed),
	  .help = "where to start without a RANGE: the same seed, "
	      "the same order" },
	{ .help = NULL }
};
/* clang-format on */
