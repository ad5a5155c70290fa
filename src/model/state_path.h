/* SPDX-License-Identifier: ISC */
#ifndef MODEL_STATE_PATH_H
#define MODEL_STATE_PATH_H

#include "know/flow.h"
#include "model/table.h"

/*
 * The way a socket took through the states, as far as it was seen and what
 * follows from that. Readings miss what passes in between: a step that every
 * possible way takes is certain all the same.
 */
struct state_step {
	enum sock_state state;
	uint64_t ago_ns; /* since it came there */
	bool at_least;   /* it was there already when it was seen first */
	/* How it came there; FLOW_N: not known, or there is no one step from
	 * the state before (more happened between two readings). */
	enum flow_id how;
};
struct state_path {
	struct state_step step[12]; /* oldest first */
	unsigned n;
	uint32_t seen;    /* FLOW_BITs between two readings in a row */
	uint32_t certain; /* FLOW_BITs that must have been, seen ones too */
	uint32_t states;  /* SOCK_STATE_BITs of what it was in, for certain */
};
/* A row that is gone has no step for that: it may have gone from any state. */
void state_path_of(
    struct state_path *, const struct table *, const struct row *);

#endif
