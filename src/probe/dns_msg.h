/* SPDX-License-Identifier: ISC */
#ifndef PROBE_DNS_MSG_H
#define PROBE_DNS_MSG_H

#include "probe/talk_bin.h"

/* Messages of DNS (RFC 1035 4), as mDNS and LLMNR have them, too: written, and
 * read from whoever sends them. */

enum dns_flag {
	DNS_ANSWER = 0x8000,
	DNS_AA = 0x0400,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080
};
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_PTR = 12,
	DNS_TXT = 16,
	DNS_SRV = 33
};
enum dns_class {
	DNS_IN = 1,
	DNS_CHAOS = 3,
	DNS_HESIOD = 4
};

/* One question; name: labels with dots between, "" the root. edns: with room
 * for 1232 bytes. */
void dns_ask(struct buf *, uint16_t id, uint16_t flags, const char *name,
    uint16_t type, uint16_t class, bool edns);

struct dns_msg {
	const uint8_t *p; /* borrowed */
	size_t n;
	uint16_t id, flags;
	uint16_t count[4];      /* questions, answers, authority, additional */
	struct talk_cursor at;  /* the next record */
	unsigned section, left; /* of it: 1 .. 3, and how many there are */
};
/* False: it cannot be one. Stands behind the questions. */
bool dns_read(struct dns_msg *, const uint8_t *, size_t n);
/* Whether its only question is this one, or it has none and says an error. */
bool dns_is_about(const struct dns_msg *, const char *name, uint16_t type);

struct dns_rr {
	unsigned section; /* 1 answer, 2 authority, 3 additional */
	char name[256];   /* bytes, not cleaned */
	uint16_t type, class;
	struct talk_cursor data;
};
/* The next record; false: no more, or it is not whole. */
bool dns_next(struct dns_msg *, struct dns_rr *);
/* The name at the cursor, which goes on behind it; false: it is none. */
bool dns_name(const struct dns_msg *, struct talk_cursor *, char *, size_t);
/* The first text of a TXT record. */
bool dns_text(const struct dns_rr *, const char **s, size_t *n);

#endif
