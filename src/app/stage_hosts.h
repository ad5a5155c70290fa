/* SPDX-License-Identifier: ISC */
#ifndef APP_STAGE_HOSTS_H
#define APP_STAGE_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "model/scan.h"

/* What the stages of a scan (app/scan_stages.h) know of hosts that are not
 * over, and what they have asked that is not answered. */

/* What is known of a host that is not over. */
struct stage_host {
	struct scan_addr addr;
	char *name;       /* it was asked for by; NULL: by address */
	int open, closed; /* a TCP port each, the first told; -1: none */
	uint32_t told;    /* TCP ports that were told one by one */
	/* Ports that are open|filtered; more than fit: they are many. */
	uint16_t silent[SCAN_PROBE_SILENT_MAX];
	size_t nsilent;
	uint32_t waits; /* questions that are not answered */
	bool over;      /* its ports are all told: what follows is its
			   * host_end, which is held back */
	bool timeout;
	uint32_t tcp, udp;
	uint64_t pos, probes;
};

/* One without an answer. */
struct stage_question {
	struct scan_addr addr;
	uint16_t port;
	uint8_t proto;
	unsigned stage;
};

struct stage_hosts { /* all zero, then _init() */
	struct stage_host **host;
	size_t nhost, cap_host;
	struct stage_question *question;
	size_t nquestion, cap_question;
	struct hash by_addr, by_question; /* private, as what follows */
	uint64_t seed;
};

void stage_hosts_init(struct stage_hosts *);
void stage_hosts_done(struct stage_hosts *);
/* Its own until it is removed; NULL: none. */
struct stage_host *stage_host_find(
    const struct stage_hosts *, const struct scan_addr *);
/* The same, made if it is not there. NULL: another address has its hash, which
 * the seed makes a matter of chance: then it has no later stages. */
struct stage_host *stage_host_get(
    struct stage_hosts *, const struct scan_addr *);
void stage_host_remove(struct stage_hosts *, struct stage_host *);

/* Valid until the next change; NULL: it was not asked, or is answered. */
struct stage_question *stage_question_find(
    const struct stage_hosts *, const struct stage_question *);
bool stage_question_add(struct stage_hosts *, const struct stage_question *);
void stage_question_remove(struct stage_hosts *, struct stage_question *);

#endif
