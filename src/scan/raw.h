/* SPDX-License-Identifier: ISC */
#ifndef SCAN_RAW_H
#define SCAN_RAW_H

#include "scan/links.h"
#include "scan/packet.h"
#include "scan/tech.h"

/*
 * What the techniques that send raw packets share: one capture for all that
 * comes in, the source ports, the batches that go out, the cookies. A
 * technique joins with a function that is given what is an answer to it: from
 * a host in a slot, to our address there, with a cookie that is right.
 */
enum raw_who {
	RAW_SYN,
	RAW_ACK,
	RAW_ICMP,
	RAW_ARP,
	RAW_ND,
	RAW_NWHO
};
struct raw_hit {
	struct host *host;
	const struct packet *packet;
	uint16_t port; /* of the target; 0: has none */
	/* -1: cannot be told; nor can it be if there were more than so many
	 * tries. */
	int attempt;
	unsigned attempts;
	uint64_t at_ns;
	bool unsent; /* our own kernel says that it did not get there */
};
struct raw_user;
typedef void (*raw_take)(struct raw_user *, const struct raw_hit *);

/* *ret is what tech_ops hand to all their functions: a struct raw_user. 0, or
 * -errno and a sentence. */
int raw_open(struct engine *, struct priv *, enum raw_who, raw_take, void **ret,
    char **cause);
/* As they stand in tech_ops. */
int raw_host(void *, struct host *);
void raw_flush(void *, uint64_t now);
void raw_close(void *);

/* One packet of a probe, its port and attempt as the cookie has them; flags
 * are TCP's. As tech_ops.send. */
int raw_send_tcp(struct raw_user *, const struct tech_ops *,
    const struct probe *, uint8_t flags);
int raw_send_echo(
    struct raw_user *, const struct tech_ops *, const struct probe *);
/* ARP or ND, by the host's family. */
int raw_send_ask(
    struct raw_user *, const struct tech_ops *, const struct probe *);

/* Settles the probe of this technique that the hit answers, if it still
 * waits. */
void raw_answer(struct raw_user *, const struct tech_ops *, uint8_t proto,
    const struct raw_hit *, enum scan_state, enum scan_reason);

#endif
