/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_NAT_H
#define COLLECT_NAT_H

#include "base/hash.h"
#include "model/conflict.h"

/*
 * The NAT rules of a firewall, as far as they touch one port: read from what
 * nft(8) or iptables-save(8) print, walked from the hooks as a packet would
 * be. What a rule asks for beyond the port (an interface, a source) makes it
 * a maybe. Texts in it are others': cleaned here, after they were decoded.
 */
enum nat_match {
	NAT_NO,
	NAT_MAYBE,
	NAT_YES
};
enum nat_hook {
	NAT_HOOK_NONE,
	NAT_HOOK_INCOMING, /* prerouting */
	NAT_HOOK_OWN       /* output */
};
enum nat_verdict {
	NAT_GO_ON,
	NAT_JUMP,   /* to a chain, and back */
	NAT_RETURN, /* from this chain */
	NAT_END,    /* accept, drop, goto's end */
	NAT_TAKEN   /* it gets another destination */
};

struct nat_rule {
	uint32_t chain, jump; /* places in nat.chain */
	uint32_t next;        /* of the same chain; UINT32_MAX: the last */
	enum nat_match match; /* never NAT_NO: such are not kept */
	enum nat_verdict verdict;
	char *to, *label, *remove; /* NAT_TAKEN; remove may be NULL */
};
struct nat_chain {
	char *key; /* "ip nat pre"; not clean */
	enum nat_hook hook;
	uint32_t first, last; /* rules; UINT32_MAX: none */
};
struct nat {
	const struct conflict_query *query;
	const struct conflict_ns *ns; /* its own addresses */
	struct nat_chain *chain;
	size_t nchains, chains_cap;
	struct hash by_key;
	struct nat_rule *rule;
	size_t nrules, rules_cap;
	bool foreign; /* nft showed rules that iptables made, and not what is
		       * in them */
};

void nat_init(
    struct nat *, const struct conflict_query *, const struct conflict_ns *);
void nat_done(struct nat *);
/* The chain's place; made if it is new. */
uint32_t nat_chain(struct nat *, const char *key);
/* Takes over the texts. */
void nat_add_rule(struct nat *, const struct nat_rule *);
/* Adds what takes the port's traffic. */
void nat_walk(const struct nat *, struct conflict_ns *);

/* What `nft -j list ruleset` printed. 0 or -EINVAL: it is no such thing. */
int nat_parse_nft(struct nat *, const char *text, size_t len);
/* What iptables-save (family 4) or ip6tables-save printed. */
void nat_parse_iptables(
    struct nat *, unsigned family, const char *text, size_t len);

/* Whether one of the addresses asked about (or, none given, one of the
 * machine's) lies in a prefix; bits 128 or 32: in one address. */
enum nat_match nat_match_addr(
    const struct nat *, unsigned family, const uint8_t *addr, unsigned bits);
/* Whether a rule for this family (0: both) can be meant at all. */
bool nat_family_asked(const struct nat *, unsigned family);
enum nat_match nat_match_ports(const struct nat *, uint64_t lo, uint64_t hi);
/* "!": */
enum nat_match nat_not(enum nat_match);
/* "10.0.0.9:99" is the very socket that would be bound. */
bool nat_is_itself(
    const struct nat *, unsigned family, const char *addr, uint64_t port);

#endif
