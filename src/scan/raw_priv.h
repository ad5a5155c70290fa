/* SPDX-License-Identifier: ISC */
#ifndef SCAN_RAW_PRIV_H
#define SCAN_RAW_PRIV_H

#include "scan/raw.h"

/* What raw.c (ports, what comes in) and raw_send.c (what goes out) share; nobody
 * else includes this. */
#define RAW_ATTEMPTS 8 /* ports of a technique, at most */
/* Those of RAW_SYN, those of RAW_ACK. */
#define RAW_PORTS    (2 * RAW_ATTEMPTS)
#define RAW_SEQ_BITS 4 /* of an echo's number: the attempt */

struct batch;
enum way {
	WAY_IP4,
	WAY_IP6,
	WAY_LINK,
	NWAYS
};
struct raw_user {
	struct raw *raw; /* NULL: has not joined */
	enum raw_who who;
	raw_take take;
};
struct raw {
	struct engine *engine;
	struct priv *priv;
	struct links *links;
	bool own_links;
	struct capture *in;
	struct raw_user user[RAW_NWHO];
	uint16_t base;
	int hold[RAW_PORTS]; /* -1: not held */
	unsigned nheld[2];
	uint32_t neighbours; /* that were asked for, so far */
	bool lost_told;
	struct batch *way[NWAYS];
};

/* What only this run can have sent from there to there. */
uint32_t raw_cookie(
    const struct raw *, const struct host *, uint16_t sport, uint16_t dport);
/* Of an echo the cookie is the identifier and all of the number but the bits
 * that say the attempt. */
void raw_echo_cookie(
    const struct raw *, const struct host *, uint16_t *id, uint16_t *seq);
uint16_t raw_source_port(const struct raw *, enum raw_who, unsigned attempt);
void raw_prepare_senders(const struct priv *);

#endif
