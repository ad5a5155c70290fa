/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_DIAG_LINK_H
#define COLLECT_DIAG_LINK_H

#include "collect/diag_dump.h"

/*
 * How sock_diag is reached: opened for one namespace in one reading, in the
 * namespace the thread is in, and closed again.
 */
struct diag_link {
	/* portid: answers carry it; 0: whatever it is. */
	int (*open)(
	    void *arg, struct diag_io *ret, uint32_t *portid, char **cause);
	void (*close)(struct diag_io *);
	void *arg;
};

extern const struct diag_link diag_link_netlink;

#endif
