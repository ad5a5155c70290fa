/* SPDX-License-Identifier: ISC */
/* The options of `audit`. */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "know/finding.h"

static int
take_severity(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	enum severity severity;
	char *clean;

	if (severity_find(value, &severity)) {
		a->audit_severity = (int)severity;
		return 0;
	}
	clean = text_clean(value, strlen(value));
	xasprintf(cause,
	    "--%s %s: info, low, medium, high or critical is meant", d->name,
	    clean);
	free(clean);
	return -EINVAL;
}

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def args_audit[] = {
	{ .letter = "t", .name = "tcp", FLAG(tcp),
	  .help = "TCP sockets" },
	{ .letter = "u", .name = "udp", FLAG(udp),
	  .help = "UDP sockets (with -t: both, as without either)" },
	{ .letter = "4", .name = "ipv4", FLAG(v4),
	  .help = "IPv4 sockets" },
	{ .letter = "6", .name = "ipv6", FLAG(v6),
	  .help = "IPv6 sockets" },
	{ .name = "no-probe", FLAG(audit_no_probe),
	  .help = "ask no service what it is: sockets and processes alone" },
	{ .name = "severity", .arg = "LEVEL", .take = take_severity,
	  .completes = "severity",
	  .help = "what the exit status counts: info, low, medium, high, "
	      "critical; medium unless given" },
	{ .name = "all", FLAG(all),
	  .help = "findings that only inform, too" },
	{ .name = "colour", .alias = "color", .arg = "WHEN",
	  .take = args_take_colour, .completes = "colour",
	  .help = "auto, always or never; NO_COLOR is obeyed" },
	{ .help = NULL }
};
/* clang-format on */
