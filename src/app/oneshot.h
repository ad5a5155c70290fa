/* SPDX-License-Identifier: ISC */
#ifndef APP_ONESHOT_H
#define APP_ONESHOT_H

#include "cli/args.h"
#include "collect/collect.h"
#include "model/view.h"

/*
 * One reading, for commands that look at the machine once: the sockets that
 * the command line's -N, --from and filter select, in a table with a view of
 * them. No thread, no loop.
 */
struct oneshot {
	struct collect *collect;
	struct table *table;
	struct view view;
	struct request request; /* change it before oneshot_read() */
	struct snap *snap;      /* of the last reading: warnings, hidden owners,
				 * partial; its sockets are in the table */
};

/* Protocols and families as -t -u -4 -6 say: neither of two is both. */
void oneshot_families(struct request *, const struct args *);

/* The request: all sockets, owners, what the filter needs, and need. 0, or
 * -errno and a sentence. Always to be closed. */
int oneshot_open(
    struct oneshot *, const struct args *, unsigned need, char **cause);
/* Reads (again) and builds the view. Rows are valid until the next reading. */
int oneshot_read(struct oneshot *, char **cause);
void oneshot_close(struct oneshot *);

#endif
