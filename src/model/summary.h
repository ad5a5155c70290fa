/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SUMMARY_H
#define MODEL_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "model/table.h"

/*
 * The counts that ss -s prints, from rows instead of /proc/net/sockstat; so
 * they are also those of a recording, or of other namespaces.
 */
struct summary_count {
	uint32_t v4, v6; /* v6: also those that carry mapped IPv4 */
};
struct summary {
	uint32_t total;
	/* TCP: all (estab, closed, orphaned, timewait). As ss has it: what is
	 * closed holds no place in the kernel's tables of connections, which
	 * is TIME-WAIT, CLOSED and BOUND; CLOSE-WAIT is still established. */
	uint32_t tcp, tcp_estab, tcp_closed, tcp_orphaned, tcp_timewait;
	struct summary_count udp_transport, tcp_transport; /* not the closed */
	uint32_t by_state[SOCK_NSTATES];
	uint32_t listeners; /* TCP LISTEN and UDP without a peer */
	uint32_t no_owner;  /* with an inode, but no holder known */
};

struct json;
/* The member "summary" of list -s --json. */
void summary_json(struct json *, const struct summary *);

/* Of any rows (a view's, a table's); tombstones do not count. */
void summary_of(struct summary *, struct row *const *, size_t n);

#endif
