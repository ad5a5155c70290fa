/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_OUTS_H
#define APP_SCAN_OUTS_H

#include <stdio.h>

#include "cli/args.h"
#include "cli/out_scan.h"
#include "model/option.h"

/* The files that `scan` writes to, as its options name them. */
#define SCAN_OUTS_MAX 4
struct scan_outs {
	FILE *file[SCAN_OUTS_MAX];
	char *path[SCAN_OUTS_MAX];
	size_t n;
};

/* Opens them and makes them sinks of `out`. Enum status: says itself what is
 * wrong. */
int scan_outs_open(struct scan_outs *, struct out_scan *out,
    const struct args *, const struct config *);
/* Ends the sinks, closes the files. Enum status. */
int scan_outs_close(struct scan_outs *, struct out_scan *out);
/* A terminal that can do more than print. */
bool scan_outs_terminal(int fd);
/* Whether what goes to this descriptor is coloured. */
bool scan_outs_colour(const struct config *, int fd);

#endif
