/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PORT_LIMITS_H
#define COLLECT_PORT_LIMITS_H

#include "model/portset.h"

/* Of the network namespace the calling thread is in; what cannot be read is
 * not known. */
void port_limits_read(struct port_limits *);

#endif
