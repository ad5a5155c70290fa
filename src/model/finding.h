/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include "know/finding.h"
#include "model/service_info.h"

/*
 * What is wrong with a service, from what was seen of it (its facts): no login
 * was tried, nothing was exploited. Rules are functions over a service_info,
 * listed beside their words (know/finding.h).
 */
struct finding {
	const struct finding_def *def;
	enum severity severity; /* def's, or less where what was seen lessens
				 * it: the one to go by */
	char evidence[192];     /* clean: "TLS 1.0 was accepted", the fact it
			     * rests on */
};
#define FINDINGS_MAX 16
#define FINDING_NMAP "nmap-vulnerable" /* what a script of nmap says */
/* Those of one service, gravest first; the number. now: seconds since 1970,
 * for certificates. */
size_t findings_of(const struct service_info *, uint16_t port, uint8_t proto,
    int64_t now, struct finding ret[FINDINGS_MAX]);

#endif
