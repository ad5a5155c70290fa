/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_SELF_H
#define MODEL_SCAN_SELF_H

#include "model/scan_ports.h"
#include "model/scan_report.h"
#include "model/table.h"

/*
 * "Scan myself": what a scan of this machine's own addresses found, held
 * against the sockets that listen here. A pure comparison; the scan is any
 * other's.
 *
 *	scan_self_targets(), scan_self_ports()	what to ask
 *	(a scan)
 *	scan_self()				what it says
 */

/* In the order in which they are told: what surprises first. */
enum self_verdict {
	SELF_FOREIGN,  /* answers, and no socket here listens: DNAT, a proxy,
			* another namespace */
	SELF_FILTERED, /* listens, and nothing came back, or an error did */
	SELF_REFUSED,  /* listens, and was refused all the same */
	SELF_OPEN,     /* listens, and answers */
	SELF_SILENT,   /* UDP: bound, neither an answer nor an error */
	SELF_UNTOLD,   /* listens, and was not asked, or not yet */
	SELF_NVERDICTS
};
const char *self_verdict_name(enum self_verdict);  /* "filtered": JSON */
const char *self_verdict_title(enum self_verdict); /* a heading */

/* A port in one situation, at one or several addresses. */
struct self_line {
	enum self_verdict verdict;
	uint16_t port;
	uint8_t proto; /* enum sock_proto */
	/* Of the first address; what UNTOLD says is of no use. */
	uint8_t state, reason; /* enum scan_state, scan_reason */
	/* The socket that listens; NULL: FOREIGN. Borrowed of the table:
	 * until the next merge. */
	const struct row *row;
	/* FOREIGN: one of another namespace that listens at this number, and
	 * may be the one that answers; NULL: none is seen. */
	const struct row *elsewhere;
	uint32_t sockets;     /* that share address and port (SO_REUSEPORT) */
	uint32_t addr, naddr; /* scan_self.addr[addr ..]: where it is so;
			       * naddr 0: its address was not scanned */
};
struct scan_self {
	struct self_line *line; /* by verdict, protocol, port */
	size_t n;
	struct scan_addr *addr;
	size_t naddr;
	uint32_t count[SELF_NVERDICTS];
};

/* All is borrowed, during the call. */
struct self_ask {
	struct scan_report *report; /* is sorted */
	const struct table *table;
	uint32_t netns;                 /* that was scanned, from within */
	const struct scan_ports *asked; /* what the scan asked for */
	uint64_t began_ns; /* clock_mono_ns() when it began; 0: not known. What
			    * came to listen later is not called refused */
};
void scan_self(struct scan_self *, const struct self_ask *); /* {0} before */
void scan_self_done(struct scan_self *);

/* Words, all clean. "22/tcp" */
void self_put_port(const struct self_line *, struct buf *);
/* "sshd, pid 812, root", "nginx, pid 7, www-data, and 3 more"; "-": not known.
 * Of FOREIGN: the socket elsewhere. */
void self_put_owner(const struct self_line *, struct buf *);
/* "127.0.0.1 10.0.0.5" */
void self_put_where(
    const struct scan_self *, const struct self_line *, struct buf *);
/* What it means and what may be behind it: a sentence. */
void self_put_why(const struct self_line *, const struct table *, struct buf *);
/* What a scan from within cannot tell: sentences, NULL at the end. */
extern const char *const self_caveats[];

/* More own addresses than these are not scanned. */
#define SELF_ADDRS_MAX 64
/* One end of a socket as a scan knows addresses: those of IPv4 are such,
 * however the socket holds them; one of a link says which. False: none. */
bool scan_self_addr(
    const struct sock_rec *, const struct endpoint *end, struct scan_addr *ret);

/*
 * Which addresses: own ones (as the interfaces have them) and those that
 * sockets of the namespace listen at (127.0.0.53 is on no interface), each
 * once, divided by blanks. family 4, 6: those alone; 0: both. Returns how
 * many were left out for SELF_ADDRS_MAX.
 */
size_t scan_self_targets(const struct table *, uint32_t netns, uint8_t family,
    const struct scan_addr *own, size_t nown, struct buf *);
/* Which ports, unless the user says: all of TCP, and those of UDP that a
 * socket of the namespace is bound to. Adds. protos: enum scan_protos. */
void scan_self_ports(
    const struct table *, uint32_t netns, unsigned protos, struct scan_ports *);

#endif
