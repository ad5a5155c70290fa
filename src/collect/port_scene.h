/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PORT_SCENE_H
#define COLLECT_PORT_SCENE_H

#include "model/conflict.h"

/* The machine's own addresses, of the network namespace the calling thread is
 * in, and its settings for ports. What cannot be read is not known. */
void port_scene_read(struct conflict_ns *);

#endif
