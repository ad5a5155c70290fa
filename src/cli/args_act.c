/* SPDX-License-Identifier: ISC */
/* The options of `kill` and `close`. */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "know/signal.h"

static int
take_signal(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	const char *nearest = signal_nearest(value);
	char *clean;

	a->signal = signal_parse(value);
	if (a->signal != 0)
		return 0;
	clean = text_clean(value, strlen(value));
	xasprintf(cause, "--%s %s: no signal; %s%s", d->name, clean,
	    nearest != NULL ? "did you mean "
			    : "a name as TERM, or a number as 15, is meant",
	    nearest != NULL ? nearest : "");
	free(clean);
	return -EINVAL;
}

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def args_kill[] = {
	{ .letter = "s", .name = "signal", .arg = "SIGNAL",
	  .take = take_signal,
	  .help = "which one: TERM (unless given), KILL, HUP, 15, RTMIN+3" },
	{ .letter = "y", .name = "yes", FLAG(yes),
	  .help = "do not ask; what needs a typed answer is left out" },
	{ .name = "dry-run", FLAG(dry_run),
	  .help = "say what would be hit and what would follow, and exit" },
	{ .help = NULL }
};

const struct arg_def args_close[] = {
	{ .name = "rst", FLAG(rst),
	  .help = "at once, both programs see an error; this is the default" },
	{ .name = "fin", FLAG(fin),
	  .help = "gracefully: what is queued is sent, then the end" },
	{ .letter = "y", .name = "yes", FLAG(yes),
	  .help = "do not ask; what needs a typed answer is left out" },
	{ .name = "dry-run", FLAG(dry_run),
	  .help = "say what would be closed and what would follow, and exit" },
	{ .help = NULL }
};
/* clang-format on */
