/* SPDX-License-Identifier: ISC */
/* The options of `diff`. */
#include "config.h"

#include <stddef.h>

#include "cli/args.h"

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def args_diff[] = {
	{ .letter = "a", .name = "all", FLAG(all),
	  .help = "connections too, not what listens alone" },
	{ .letter = "t", .name = "tcp", FLAG(tcp),
	  .help = "TCP sockets" },
	{ .letter = "u", .name = "udp", FLAG(udp),
	  .help = "UDP sockets (with -t: both, as without either)" },
	{ .letter = "4", .name = "ipv4", FLAG(v4),
	  .help = "IPv4 sockets" },
	{ .letter = "6", .name = "ipv6", FLAG(v6),
	  .help = "IPv6 sockets" },
	{ .help = NULL }
};
/* clang-format on */
