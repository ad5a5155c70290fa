/* SPDX-License-Identifier: ISC */
#ifndef MODEL_NMAP_XML_H
#define MODEL_NMAP_XML_H

#include "model/scan.h"

/*
 * nmap's XML (-oX -, its nmap.dtd) read as a stream: what it says becomes the
 * events that a worker would tell (model/scan.h), as soon as it is there. nmap
 * tells a host when it is over, so its ports come all at once.
 *
 * What is read is taken for hostile, since most of it was said by those who
 * were scanned: elements, their depth and the bytes of one tag are bounded,
 * entities are refused, text is clean, numbers are checked. seq and t_us of
 * the events are the taker's affair.
 */
struct nmap_xml;

struct nmap_xml_asked {
	unsigned how;   /* enum scan_how: of it what the XML does not say,
			 * SCAN_PING, and what is asked beside ports */
	uint64_t hosts; /* how many will be scanned, for the start event */
	enum scan_tell tell;
	bool services; /* -sV, scripts: each open port gets a SERVICE event */
};

struct nmap_xml *nmap_xml_new(
    const struct nmap_xml_asked *, scan_take, void *arg);
void nmap_xml_free(struct nmap_xml *);
/* The next bytes, in pieces of whatever size. 0, or -EBADMSG and a sentence:
 * this is no output of nmap, and nothing more is read. */
int nmap_xml_feed(struct nmap_xml *, const void *, size_t, char **cause);
/* Nothing more comes. The end event is told, unless there was one: false if
 * its last words ("runstats") were missing. Then it says that it was stopped,
 * or nothing if it was not: such a job failed. */
bool nmap_xml_end(struct nmap_xml *, bool stopped);

/* Facts of what scripts said are "nse.NAME", their lines divided by "; "; what
 * they call vulnerable is "vuln.CVE-2014-0160", "VULNERABLE: title". */
#define NMAP_FACT_SCRIPT "nse."
#define NMAP_FACT_VULN   "vuln."

#endif
