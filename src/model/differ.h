/* SPDX-License-Identifier: ISC */
#ifndef MODEL_DIFFER_H
#define MODEL_DIFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snap.h"

/*
 * Remembers, in about 32 bytes a socket, what the last reading said, and
 *answers whether a record says anything new. The kernel lists sockets in much
 *the same order each time, so the usual record is found without a hash lookup.
 *
 *	differ_begin(d);
 *	for each record: if (differ_seen(d, rec, owners)) add it to the snap
 *	differ_end(d, snap);	(adds the keys of the gone, sets the total)
 */
struct differ;

struct differ *differ_new(void);
void differ_free(struct differ *);
void differ_begin(struct differ *);
/* True: new or changed. owner_tag is any number that changes when the
 * holders do (0: none known). */
bool differ_seen(struct differ *, const struct sock_rec *, uint64_t owner_tag);
/*
 * Adds the keys of the gone, sets SNAP_DELTA and the total. partial: what was
 * not seen may still be there; it is called gone only when it was missing
 * from three readings in a row. A reading that failed needs no end: begin the
 * next one, after differ_reset(), since what it told was thrown away.
 */
void differ_end(struct differ *, struct snap *, bool partial);
/* Everything is new again (after a change of the request, a reading thrown
 * away); what is gone by then is still told. */
void differ_reset(struct differ *);
/* Bytes held, for the memory figure. */
size_t differ_memory(const struct differ *);

#endif
