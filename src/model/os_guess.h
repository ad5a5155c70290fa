/* SPDX-License-Identifier: ISC */
#ifndef MODEL_OS_GUESS_H
#define MODEL_OS_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "know/os_family.h"

/*
 * From what a host answered to a few unusual packets to which TCP/IP stack it
 * may have. What was not seen speaks for nobody: it makes every guess less
 * sure.
 */
enum os_test {
	OS_SYN_FULL,     /* MSS, SACK, timestamp, scale: as Linux asks */
	OS_SYN_MSS,      /* the MSS alone */
	OS_SYN_SMALL,    /* an MSS of 536, scale, timestamp */
	OS_SYN_SACK,     /* SACK and scale, no MSS */
	OS_SYN_REVERSED, /* timestamp, scale, SACK, MSS */
	OS_SYN_BARE,     /* no options */
	OS_SYN_ECN,      /* ECE, CWR (RFC 3168 section 6.1.1) */
	OS_CLOSED,       /* a SYN to a port that is closed */
	OS_ECHO,         /* ICMP echo with code 9, DF and a TOS; IPv6: code 0 */
	OS_NTESTS
};
const char *os_test_name(enum os_test); /* "syn-full" */

#define OS_MSS_FULL  1460
#define OS_MSS_SMALL 536
#define OS_ECHO_CODE 9
#define OS_ECHO_TOS  4

#define OS_OPTIONS_MAX 40 /* bytes of a TCP header's options */
struct os_answer {
	bool came;
	bool df;
	uint8_t ttl, tos;
	uint8_t flags; /* of TCP */
	uint8_t code;  /* of ICMP */
	uint8_t nopt;
	uint8_t opt[OS_OPTIONS_MAX];
	uint16_t id; /* of IPv4 */
	uint16_t window;
	uint32_t seq, ack;
	uint32_t sent_seq; /* of our packet */
	uint64_t at_us;    /* when it came, by any clock */
};
struct os_seen {
	uint8_t family; /* 4 or 6 */
	bool local;     /* an address of this machine */
	struct os_answer answer[OS_NTESTS];
};

/* Words of os_features; "": not seen. */
#define OS_VALUE_MAX 24
struct os_values {
	uint8_t family;
	char word[OSF_N][OS_VALUE_MAX];
};
void os_values_of(struct os_values *, const struct os_seen *);

struct os_match {
	const struct os_family *family;
	unsigned conf; /* 0 .. 100 */
};
#define OS_MATCHES_MAX 5
#define OS_CONF_MIN    40 /* less is no guess */
/* The likeliest first; how many. */
size_t os_guess(const struct os_values *, struct os_match ret[OS_MATCHES_MAX]);

/* The TTL it was sent with: the next of 32, 64, 128, 255; 0: nothing came. */
unsigned os_ttl_of(const struct os_seen *);
/* Hops to it: 0 for this machine, 1 for a neighbour; -1: not known. */
int os_distance(const struct os_seen *);
/* What was seen, a test after the other, "; " between. */
void os_seen_put(struct buf *, const struct os_seen *);

#endif
