/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PORT_SCENE_H
#define COLLECT_PORT_SCENE_H

#include "collect/netns.h"
#include "model/conflict.h"

/* The machine's own addresses, of the network namespace the calling thread is
 * in, and its settings for ports. What cannot be read is not known. */
void port_scene_read(struct conflict_ns *);

/*
 * The container that has this address in its own network namespace, as
 * "docker:0123456789ab"; NULL: none that we may see. Enters others'
 * namespaces with the calling thread.
 */
char *container_by_addr(const struct endpoint *, unsigned family);

#endif
