/* SPDX-License-Identifier: ISC */
/* The options of `why`. */
#include "config.h"

#include <stddef.h>

#include "cli/args.h"

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def args_why[] = {
	{ .letter = "t", .name = "tcp", FLAG(tcp),
	  .help = "the TCP port, as /tcp says; this is the default" },
	{ .letter = "u", .name = "udp", FLAG(udp),
	  .help = "the UDP port, as /udp says" },
	{ .help = NULL }
};
/* clang-format on */
