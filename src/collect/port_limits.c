/* SPDX-License-Identifier: ISC */
/* The settings that say what ports are kept for. */
#include "config.h"

#include "collect/port_limits.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/procfs.h"

#define SYS          "/proc/sys/net/ipv4/"
#define RESERVED_MAX ((size_t)1 << 20) /* a list of all ports is shorter */

void
port_limits_read(struct port_limits *l)
{
	uint16_t lo, hi;
	uint64_t start;
	char text[64], *list;
	size_t len;
	ssize_t n;

	memset(l, 0, sizeof(*l));
	n = procfs_read_at(
	    AT_FDCWD, SYS "ip_local_port_range", text, sizeof(text));
	if (n > 0 && portset_parse_range(text, (size_t)n, &lo, &hi)) {
		l->ephemeral_lo = lo;
		l->ephemeral_hi = hi;
	}
	n = procfs_read_at(
	    AT_FDCWD, SYS "ip_unprivileged_port_start", text, sizeof(text) - 1);
	if (n > 0) {
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (num_u64(text, 0, UINT16_MAX, &start)) {
			l->unprivileged = (uint16_t)start;
			l->unprivileged_known = true;
		}
	}
	if (procfs_slurp_at(AT_FDCWD, SYS "ip_local_reserved_ports",
		RESERVED_MAX, &list, &len) == 0) {
		l->reserved_known = portset_parse(&l->reserved, list, len);
		free(list);
	}
}
