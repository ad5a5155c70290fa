/* SPDX-License-Identifier: ISC */
/* The options of `lab`. */
#include "config.h"

#include <stddef.h>

#include "cli/args.h"

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def args_lab[] = {
	{ .name = "list", FLAG(lab_list),
	  .help = "print the lessons there are, and exit" },
	{ .name = "run", FLAG(lab_run),
	  .help = "go through the lesson (all, if none is named) without a "
	      "screen, and print each step" },
	{ .name = "pause", FLAG(lab_pause),
	  .help = "with --run: before each step, and before a lesson is left, "
	      "wait for a line on standard input" },
	{ .help = NULL }
};
/* clang-format on */
