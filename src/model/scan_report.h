/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_REPORT_H
#define MODEL_SCAN_REPORT_H

#include "base/hash.h"
#include "know/state.h"
#include "model/portset.h"
#include "model/scan.h"
#include "model/scan_answers.h"

/*
 * What a scan has found so far: its events put in order, hosts by address,
 * ports by number. Closed ports are counted, not kept, unless told to; what
 * the worker settled and did not tell of was closed (SCAN_TELL_SEEN), and is
 * counted when the host is over. 16 bytes a port.
 */
struct report_port {
	uint16_t port;
	uint8_t proto;    /* enum sock_proto */
	uint8_t state;    /* enum scan_state */
	uint8_t reason;   /* enum scan_reason */
	uint8_t ttl;      /* 0: not known */
	uint16_t from;    /* index + 1 of scan_report.from: whose ICMP it was */
	uint32_t service; /* offset in the report's texts; 0: none */
	uint32_t t_ms;    /* when it was settled */
};
struct report_host {
	struct scan_addr addr;
	uint64_t pos;
	char *name;      /* as it was asked for; NULL: by address */
	uint32_t others; /* more addresses that the name has */
	char *rdns;      /* what the resolver calls it; NULL: not known */
	bool up, ended, timeout;
	uint8_t reason; /* enum scan_reason */
	uint8_t ttl;
	uint8_t mac[6];
	uint64_t rtt_us, began_us, ended_us, probes;
	uint64_t order;           /* 0, 1, ..: as they were found */
	struct report_port *port; /* by protocol and number */
	uint32_t nport;
	size_t cap;
	bool sorted;
	struct answers answers; /* what is behind its ports */
	/* Which system it runs, ours and nmap's; NULL: not told. */
	struct os_info *os[2];
	/* By protocol (0 TCP, 1 UDP) and state: all that is known. */
	uint32_t count[2][SCAN_NSTATES];
	/* Of these, those that are not kept: closed, by reason. */
	uint32_t hidden[2][REASON_NREASONS];
	struct portset *seen[2]; /* private; NULL while there are few */
	struct hash places;      /* private: of ports not in order */
	uint64_t key;            /* private: its place in the index */
};
struct report_lost {
	char *name, *error;
};
/* 0 TCP, 1 UDP: index of the counts. */
static inline unsigned
report_proto(unsigned proto)
{
	return proto == SOCK_UDP;
}
struct scan_report {
	/* Those that answered, and those asked for by name; by address. */
	struct report_host **host;
	size_t nhost, cap;
	bool sorted;
	size_t nup;
	uint64_t nports, nopen; /* kept; open */
	/* Ports that were asked what is behind them; that have a name now. */
	uint64_t nasked, nnamed;
	bool keep_closed;
	/* The worker's last words; type SCAN_EV_NTYPES: none yet. */
	struct scan_event hello, start, progress, end;
	char **note; /* sentences, clean, each once */
	size_t nnote;
	struct report_lost *lost; /* names without an address, each once */
	size_t nlost;
	uint64_t repeated; /* ports that were told twice: of a resumed scan */
	uint64_t events, unknown;
	struct buf text; /* names of services, each once, after a NUL */
	struct scan_addr *from;
	size_t nfrom, cap_from;
	/* Facts that wait for their service: of this port. */
	struct service_info fact;
	struct scan_addr fact_addr;
	uint16_t fact_port;
	uint8_t fact_proto;
	struct hash index, words, losses; /* private, as what follows */
	struct report_host **found;       /* as they were found: the index's */
	size_t cap_found, cap_note, cap_lost;
	uint64_t seed;
};

struct scan_report *scan_report_new(void);
void scan_report_free(struct scan_report *);
/* One event. A service that answers makes an open|filtered port open. True: what is shown changed. A port that is there already is
 * left as it is (a resumed scan tells some twice); an answer beats silence. */
bool scan_report_feed(struct scan_report *, const struct scan_event *);
/* Hosts by address, ports by number, from here on until the next feed. */
void scan_report_sort(struct scan_report *);
void report_host_sort(struct report_host *); /* of one host */
struct report_host *scan_report_host(
    const struct scan_report *, const struct scan_addr *);
const struct report_port *report_port_find(
    struct report_host *, unsigned proto, uint16_t port);
const char *report_service(
    const struct scan_report *, const struct report_port *); /* "": none */
/* The surer of the two; NULL: nothing fits, or it was not asked. */
const struct os_info *report_os(const struct report_host *);
/* "http", "ssl/http"; "http?": what the number stands for, and nobody
 * confirmed; "unknown". */
void report_put_service(struct buf *, const struct scan_report *,
    const struct report_host *, const struct report_port *);
void scan_report_rdns(struct report_host *, const char *clean);
/* The events it is made of, numbered anew, as a worker tells them that finds
 * one host after the other. It is sorted. */
void scan_report_tell(const struct scan_report *, scan_take, void *arg);

#endif
