/* SPDX-License-Identifier: ISC */
/* The options of `explain`. */
#include "config.h"

#include <stddef.h>

#include "cli/args.h"

/* clang-format off */
const struct arg_def args_explain[] = {
	{ .name = "colour", .alias = "color", .arg = "WHEN",
	  .take = args_take_colour, .completes = "colour",
	  .help = "auto, always or never; NO_COLOR is obeyed" },
	{ .help = NULL }
};
/* clang-format on */
