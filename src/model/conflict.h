/* SPDX-License-Identifier: ISC */
#ifndef MODEL_CONFLICT_H
#define MODEL_CONFLICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "know/conflict.h"
#include "model/filter.h"
#include "model/portset.h"
#include "model/table.h"

/*
 * Can a port be bound, and if not, why? Facts go in (attempts to bind that
 * were made, sockets that were seen, settings of the kernel), a report comes
 * out: the verdict is that of the attempts, the reasons are found by the
 * kernel's rules, and where the two disagree the report says so. All text in
 * facts and report is clean.
 */
#define CONFLICT_ADDRS 8 /* of one host name */

/* What was asked: "[ADDR[%IFACE]:]PORT[/PROTO]". */
struct conflict_query {
	uint16_t port;
	uint8_t proto; /* SOCK_TCP, SOCK_UDP */
	uint8_t naddr; /* 0: every address, of both families */
	struct endpoint addr[CONFLICT_ADDRS];
	uint8_t family[CONFLICT_ADDRS];
	char iface[16]; /* to be tied to; "": to none. Not clean. */
};

/*
 * "8080" ":8080" "127.0.0.1:8080" "[::1]:8080" "localhost:ssh" "53/udp". The
 * protocol, where the text has none, is proto; 0: TCP, or UDP for the name of
 * a service that has no other. env looks host names up (NULL: none are
 * taken). 0, or -EINVAL and a sentence.
 */
int conflict_query_parse(const char *, unsigned proto,
    const struct filter_env *env, struct conflict_query *, char **cause);
/* "127.0.0.1:8080/tcp" */
void conflict_query_text(const struct conflict_query *, struct buf *);

/* -- facts ---------------------------------------------------------------- */

/* One attempt to bind (TCP: and to listen), made and let go at once. */
struct conflict_try {
	struct endpoint local;
	uint8_t family;
	bool v6only;      /* family 6: IPV6_V6ONLY was set */
	bool extra;       /* one of the machine's addresses, tried only to say
			   * what is left */
	uint32_t ifindex; /* it was tied to (0: none) */
	int plain;        /* 0: it can be bound; else an errno */
	int reuse;        /* TCP, with SO_REUSEADDR; -1: not tried */
	/* bind(2) worked, and it was listen(2) that failed. */
	bool plain_listen, reuse_listen;
};
#define CONFLICT_TRIES 40

struct conflict_addr {
	struct endpoint addr; /* port 0 */
	uint8_t family;
	uint32_t ifindex;
	char *iface;
};

/* A NAT rule that takes the port's traffic elsewhere. */
struct conflict_redirect {
	bool incoming; /* what comes from other machines */
	bool own;      /* what this machine sends itself */
	bool sure;     /* it asks for no more than this port and address */
	char *to;      /* "10.0.0.9:99", "port 9090" */
	char *rule;    /* "nftables: ip nat prerouting handle 5" */
	char *remove;  /* a command; NULL: none that is safe to paste */
};

/* One network namespace in which binding was tried. */
struct conflict_ns {
	uint32_t id;
	char *name;
	bool many; /* one of several, or not where we are: texts name it */
	struct conflict_try try[CONFLICT_TRIES];
	size_t ntries;
	struct conflict_addr *addr; /* its own addresses */
	size_t naddrs, addrs_cap;
	struct port_limits limits;
	bool may_low; /* CAP_NET_BIND_SERVICE is there */
	struct conflict_redirect *redirect;
	size_t nredirects, redirects_cap;
};

/* What getsockopt(2) told of a socket through its holder; -1: not known. */
struct conflict_opts {
	int8_t reuseaddr, reuseport, v6only;
};

/* A socket with this port, at either end. */
struct conflict_sock {
	const struct row *row; /* borrowed */
	struct conflict_opts opts;
	char *unit;      /* the .socket unit through which pid 1 has it */
	char *forwards;  /* "172.17.0.2:80": held for a container */
	char *container; /* that; "docker:0123456789ab" */
	char *stop;      /* how its supervisor (runit, ..) is told to stop it */
	bool user_unit;  /* of a user's systemd */
};

struct conflict_facts {
	struct conflict_query query;
	struct conflict_ns *ns;
	size_t nns, ns_cap;
	struct conflict_sock *sock; /* of all namespaces that were read */
	size_t nsocks, socks_cap;
	const struct names *names; /* of namespaces, users; borrowed */
	uint32_t uid;              /* who tried: effective user id */
	bool privileged;           /* every owner could be seen */
	char **unknown;            /* what could not be looked at */
	size_t nunknown, unknown_cap;
};

void conflict_facts_done(struct conflict_facts *);
struct conflict_ns *conflict_add_ns(
    struct conflict_facts *, uint32_t id, const char *name, bool many);
void conflict_add_addr(struct conflict_ns *, const struct endpoint *,
    unsigned family, uint32_t ifindex, const char *iface);
/* Zeroed; valid until the next one. */
struct conflict_redirect *conflict_add_redirect(struct conflict_ns *);
void conflict_add_sock(struct conflict_facts *, const struct row *);
/* A sentence, once. */
void conflict_add_unknown(struct conflict_facts *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* The attempts that answer the query (before they are made): the addresses
 * given, or 0.0.0.0, [::] alone and [::] for both. */
void conflict_plan(const struct conflict_query *, struct conflict_ns *);

/* -- rules ---------------------------------------------------------------- */

/*
 * Whether a socket and an attempt want the same port at the same address, by
 * the kernel's rules for address, family and device; what SO_REUSE* make of
 * it is not asked.
 */
enum overlap {
	OVERLAP_NO_PORT,   /* another port, protocol or namespace */
	OVERLAP_NO_HOLD,   /* it holds no port: SYN-RECEIVED, CLOSED */
	OVERLAP_NO_ADDR,   /* another address */
	OVERLAP_NO_V6ONLY, /* IPv6 only, and IPv4 was wanted */
	OVERLAP_NO_DEVICE, /* tied to another interface */
	OVERLAP_MAYBE,     /* IPV6_V6ONLY of it is not known */
	OVERLAP_YES
};
enum overlap conflict_overlap(
    const struct conflict_try *, const struct conflict_sock *);
/* Where SO_REUSEADDR is set by the one that tries: 1 in the way, 0 not, -1
 * not known (an option of the other is not known). */
int conflict_reuse_blocks(const struct conflict_sock *);

/* -- report --------------------------------------------------------------- */

enum conflict_verdict {
	CONFLICT_CAN,     /* it can be bound */
	CONFLICT_REUSE,   /* with SO_REUSEADDR only */
	CONFLICT_PARTLY,  /* one family or address can, another not */
	CONFLICT_HELD,    /* another socket has it */
	CONFLICT_REFUSED, /* not permitted */
	CONFLICT_CANNOT   /* no such address, no such family, .. */
};
const char *conflict_verdict_name(enum conflict_verdict); /* "held", .. */

enum conflict_role {
	CONFLICT_HOLDER,
	CONFLICT_OBSTACLE,
	CONFLICT_NOTE,
	CONFLICT_TALKER /* clients */
};
const char *conflict_role_name(enum conflict_role);

struct conflict_command {
	char *text;   /* to be typed */
	char *effect; /* "stops nginx (pid 812)" */
};
#define CONFLICT_COMMANDS 3

struct conflict_owner {
	pid_t pid;
	char *process, *user; /* user may be NULL */
};

struct conflict_reason {
	enum conflict_kind kind;
	enum conflict_role role;
	uint32_t netns;
	char *text;       /* a sentence */
	char *evidence;   /* what it was read from; NULL: the sentence is all */
	size_t nsocks;    /* sockets it speaks of */
	uint64_t wait_ms; /* until it is over by itself; 0: not known */
	struct conflict_owner *owner; /* all holders .. */
	size_t nowners, owners_cap;
	bool owners_cut; /* .. but that there are more than are listed */
	struct conflict_command command[CONFLICT_COMMANDS];
	size_t ncommands;
};

/* One attempt, in words. */
struct conflict_line {
	struct conflict_try try;
	char *what;  /* "127.0.0.1:8080", "[::]:8080 for IPv4 and IPv6" */
	char *plain; /* "can be bound", "Address already in use" */
	char *reuse; /* the same with SO_REUSEADDR; NULL: not tried */
};

struct conflict_result { /* of a namespace */
	uint32_t netns;
	char *name;
	enum conflict_verdict verdict;
	char *headline;
	struct conflict_line *line;
	size_t nlines;
};

struct conflict_report {
	char *subject; /* "8080/tcp" */
	struct conflict_query query;
	enum conflict_verdict verdict; /* the worst of the namespaces */
	char *headline;                /* a sentence: the verdict, and why */
	struct conflict_result *result;
	size_t nresults;
	struct conflict_reason *reason; /* holders first, clients last */
	size_t nreasons, reasons_cap;
	char **unknown;
	size_t nunknown;
	/* Attempts and sockets do not go together: something changed while
	 * it was looked at. Worth another look. */
	bool disagrees;
};

struct conflict_report *conflict_judge(const struct conflict_facts *);
void conflict_report_free(struct conflict_report *);

/* All of it but the headline, as lines: a heading; a text with its label
 * (empty: it goes on); a command, not to be broken. */
enum conflict_put_kind {
	CONFLICT_PUT_HEADING,
	CONFLICT_PUT_TEXT,
	CONFLICT_PUT_COMMAND
};
typedef void (*conflict_put_fn)(
    void *arg, enum conflict_put_kind, const char *label, const char *text);
void conflict_lines(const struct conflict_report *, conflict_put_fn, void *arg);

/* "EADDRINUSE", or "errno 77" (buf of 24 bytes). */
const char *conflict_errno_name(int error, char *buf, size_t size);

#endif
