/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_H
#define MODEL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/os_info.h"
#include "model/service_info.h"

/*
 * The data of a scan: what is asked of the worker (struct scan_spec), and
 * what it tells (struct scan_event). Both travel as JSON lines
 * (model/scan_wire.h, sockdeck-scan(8)); both sides take the other's for
 * untrusted.
 */

/* An address to be scanned. IPv4 in the first four bytes, the rest zero. */
struct scan_addr {
	uint8_t addr[16]; /* as on the wire */
	uint32_t scope;   /* interface of a link-local IPv6 address; else 0 */
	uint8_t family;   /* 4 or 6; 0: none */
};
bool scan_addr_eq(const struct scan_addr *, const struct scan_addr *);
bool scan_addr_is_link_local(const struct scan_addr *); /* fe80::/10 */
/* For tables of what others tell: they cannot know the seed, nor make many
 * that share a slot. */
uint64_t scan_hash_seed(void);
uint64_t scan_addr_hash(const struct scan_addr *, uint64_t seed);
/* "192.0.2.4", "fe80::1%3"; into SCAN_ADDR_TEXT bytes, which it returns. */
#define SCAN_ADDR_TEXT 64
char *scan_addr_text(char *, const struct scan_addr *);
/* The same way back (numeric scope or none); false: anything else. */
bool scan_addr_parse(struct scan_addr *, const char *);

/* As nmap defines them: its Reference Guide, Port Scanning Basics. */
enum scan_state {
	SCAN_OPEN,
	SCAN_CLOSED,
	SCAN_FILTERED,
	SCAN_UNFILTERED,
	SCAN_OPEN_FILTERED,
	SCAN_CLOSED_FILTERED,
	SCAN_NSTATES
};
const char *scan_state_name(enum scan_state); /* "open|filtered" */
bool scan_state_find(const char *, enum scan_state *ret);

/* What a state rests on; nmap's words (portreasons). */
enum scan_reason {
	REASON_NONE,
	REASON_SYN_ACK,
	REASON_RESET,
	REASON_CONN_REFUSED,
	REASON_NO_RESPONSE,
	REASON_UDP_RESPONSE,
	REASON_ECHO_REPLY,
	REASON_ARP_RESPONSE,
	REASON_ND_RESPONSE,
	REASON_LOCALHOST, /* "localhost-response": an address of our own */
	REASON_USER_SET,  /* -Pn: taken to be up */
	REASON_NET_UNREACH,
	REASON_HOST_UNREACH,
	REASON_PROTO_UNREACH,
	REASON_PORT_UNREACH,
	REASON_ADMIN_PROHIBITED,
	REASON_HOST_PROHIBITED,
	REASON_NET_PROHIBITED,
	REASON_TIME_EXCEEDED,
	REASON_PARAM_PROBLEM,
	REASON_HOST_TIMEOUT, /* --host-timeout ended it */
	REASON_NREASONS
};
const char *scan_reason_name(enum scan_reason); /* "syn-ack" */
bool scan_reason_find(const char *, enum scan_reason *ret);

enum scan_how {
	SCAN_CONNECT = 1 << 0, /* -sT */
	SCAN_SYN = 1 << 1,     /* -sS */
	SCAN_UDP = 1 << 2,     /* -sU */
	SCAN_PING = 1 << 3,    /* -sn: no ports */
	SCAN_LIST = 1 << 4,    /* -sL: nothing is sent: the targets are told */
	SCAN_PROBE = 1 << 5,   /* what is behind open ports; which ones is told
				* by lines of SCAN_OP_ASK */
	SCAN_OS = 1 << 6,      /* -O: which system hosts run; asked for like
				* that */
	SCAN_NMAP = 1 << 7     /* nmap is asked, too, or does all of it: the
				* parent's affair, no worker knows it */
};

/* What nmap does (scan_spec.nmap). */
enum scan_nmap_what {
	SCAN_NMAP_ALONE = 1 << 0,    /* all of it, there is no worker */
	SCAN_NMAP_SERVICES = 1 << 1, /* -sV */
	SCAN_NMAP_OS = 1 << 2,       /* -O */
	SCAN_NMAP_ALL = 1 << 3       /* -A */
};

/* Which ports are told one by one. */
enum scan_tell {
	SCAN_TELL_SEEN, /* all but closed; --open leaves out more, later */
	SCAN_TELL_ALL
};

/* Open ports are asked what is behind them; those that are open|filtered are
 * asked, too, when all of a host's are told, if they are no more than these:
 * where more are silent, all of it is. */
#define SCAN_PROBE_SILENT_MAX 25

/* What SCAN_PROBE is asked about: a port. SCAN_OS: a host, by an open and a
 * closed TCP port (0: none is known). */
struct scan_ask {
	struct scan_addr addr;
	uint16_t port, open, closed;
	uint8_t proto;  /* enum sock_proto */
	char host[256]; /* the name it was asked for by; "": none */
};

/*
 * What is to be scanned. Texts are lists as a user types them; those of
 * hosts are divided by blanks.
 */
struct scan_spec {
	struct buf targets; /* model/target.h; "" is an error */
	struct buf exclude;
	struct buf ports; /* model/scan_ports.h, numbers only: "T:1-9,U:53" */
	unsigned how;     /* enum scan_how; 0: SYN if it can, else connect */
	uint8_t family;   /* 4, 6 (-6); 0: either, names as IPv4 */
	enum scan_tell tell;
	bool no_ping;  /* -Pn */
	bool in_order; /* -r */
	bool force;    /* excludes nothing by default (multicast, ..) */
	bool seeded;   /* seed was given; else the worker takes one */
	uint64_t seed; /* at most SCAN_NUMBER_MAX */
	uint32_t shard, nshards; /* nshards 0: not divided; shard < nshards */
	uint8_t timing;          /* -T0 .. 5; 3 is the default */
	/* 0: as the timing has it. */
	uint32_t min_rate, max_rate; /* packets a second */
	uint32_t max_parallel;       /* unanswered at once */
	uint64_t host_timeout_ms;
	int max_retries; /* -1: as it needs; else times a probe is repeated */
	/* --resume: what need not be done again, in any order. */
	struct scan_done *done;
	size_t ndone, cap_done;
	uint64_t hosts_done; /* all hosts before this position */
	uint64_t plan;       /* start.plan must be this; 0: whatever it is */
	/* --sandbox=off: the worker goes on without one. Else, started as
	 * root, it does not. */
	bool no_sandbox;
	uint32_t parent; /* process the worker ends with; 0: with its pipe */
	/* SCAN_PROBE; probe/prober.h. */
	uint32_t budget_ms; /* a port; 0: 6000 */
	int intensity;      /* 0 .. 9; -1: 7 */
	bool os_limit; /* SCAN_OS: only hosts of which an open and a closed port
			* are known */
	bool checks;   /* harmless questions of the safe checks, too */
	char probes[256];    /* a probe file; "": those that are installed */
	struct scan_ask ask; /* what the last SCAN_OP_ASK asks about */
	/* SCAN_NMAP; nothing of it is part of a request. */
	unsigned nmap;      /* enum scan_nmap_what */
	uint64_t nhosts;    /* targets, about: it tells only at its end */
	struct buf scripts; /* --script of nmap's; "": none */
	struct buf script_args;
};
/* Several may have the same position: their ports are all done. */
struct scan_done {
	uint64_t pos; /* the host's position, as its host event has it */
	char *ports;  /* owned; "T:22,U:53": settled; NULL: the whole host */
};
/* So large may a number be: every reader of JSON knows it exactly. */
#define SCAN_NUMBER_MAX ((UINT64_C(1) << 53) - 1)
void scan_spec_init(struct scan_spec *); /* timing 3, else -1 or 0 */
void scan_spec_done(struct scan_spec *);
void scan_spec_copy(struct scan_spec *to, const struct scan_spec *);
/* Adds one; the ports are copied, NULL: the whole host. */
void scan_spec_add_done(struct scan_spec *, uint64_t pos, const char *ports);
const char *scan_how_name(enum scan_how); /* "connect", "syn", .. */

enum scan_event_type {
	SCAN_EV_HELLO,    /* first, always */
	SCAN_EV_START,    /* what will be done, now that names are known */
	SCAN_EV_TARGET,   /* a host name was looked up */
	SCAN_EV_HOST,     /* a host was found up (or, with -sn, down) */
	SCAN_EV_PORT,     /* a port is settled: once for each */
	SCAN_EV_HOST_END, /* all ports of a host are */
	SCAN_EV_PROGRESS, /* at most ten a second */
	SCAN_EV_NOTE,     /* a sentence for the user */
	SCAN_EV_FACT,     /* of the service that the next SERVICE event of this
			   * port tells */
	SCAN_EV_SERVICE,  /* what is behind a port: once for each asked */
	SCAN_EV_OS,       /* which system a host runs: the same */
	SCAN_EV_END,      /* last; a job without it failed */
	SCAN_EV_NTYPES
};

#define SCAN_TEXT_MAX 512  /* bytes of a text, with its NUL */
#define SCAN_FACT_MAX 1536 /* of a fact's value; the rest is cut */
struct scan_event {
	enum scan_event_type type;
	uint64_t seq;  /* 0, 1, ..: no gaps */
	uint64_t t_us; /* since the worker began */
	/* HOST, HOST_END, PORT, TARGET, FACT, SERVICE, OS */
	struct scan_addr addr;
	union {
		struct {
			unsigned version; /* of the protocol: SCAN_PROTOCOL */
			unsigned how;     /* enum scan_how it can do here */
			char program[32]; /* "0.1.0" */
			/* "full"; "partial: .." or "none: .." and why, "; "
			 * between several reasons */
			char sandbox[SCAN_TEXT_MAX];
		} hello;
		struct {
			uint64_t hosts, probes; /* of this shard */
			uint32_t ports;         /* a host */
			uint64_t seed;
			uint32_t shard, nshards;
			unsigned how; /* what was chosen */
			/* hash of targets, excludes, ports, addresses: runs
			 * that may be merged or resumed have the same */
			uint64_t plan;
		} start;
		struct {
			uint32_t others; /* more addresses it has */
			bool exclude;    /* it is no target */
			char name[256];
			char error[SCAN_TEXT_MAX]; /* ""; else addr is none */
		} target;
		struct {
			uint64_t pos; /* in the order of hosts */
			bool up;
			enum scan_reason reason;
			uint8_t ttl;     /* 0: not known */
			uint8_t mac[6];  /* all zero: not known */
			uint64_t rtt_us; /* 0: not known */
		} host;
		struct {
			uint16_t port;
			uint8_t proto; /* enum sock_proto */
			enum scan_state state;
			enum scan_reason reason;
			uint8_t ttl;           /* 0: not known */
			struct scan_addr from; /* of an ICMP error, if not the
						* host itself */
			/* What the port number stands for; "": nothing. */
			char service[32];
		} port;
		struct {
			uint64_t pos;
			uint64_t probes;   /* sent to it */
			uint32_t tcp, udp; /* ports settled: what of them was
					    * not told is closed */
			bool timeout;      /* --host-timeout: not all settled */
		} host_end;
		struct {
			uint64_t done, probes; /* settled, in all */
			uint64_t sent, answers, lost;
			uint64_t open;
			uint64_t hosts_done, hosts_up, hosts;
			double rate;         /* packets a second, lately */
			uint64_t left_ms;    /* UINT64_MAX: not known */
			uint64_t hosts_upto; /* all positions before it are
					      * over: for --resume */
			bool paused;
			char phase[32]; /* "hosts", "ports", "UDP, at the
					 * target's own rate": in words */
		} progress;
		struct {
			bool warning;
			char text[SCAN_TEXT_MAX];
		} note;
		struct {
			uint16_t port;
			uint8_t proto;
			char name[48];
			char value[SCAN_FACT_MAX];
		} fact;
		struct {
			uint16_t port;
			uint8_t proto;
			struct service_info info; /* facts came before it */
		} service;
		struct os_info os;
		struct {
			int error; /* 0, or enum scan_exit */
			char cause[SCAN_TEXT_MAX];
			uint64_t sent, received, hosts_up, hosts;
		} end;
	};
};
#define SCAN_PROTOCOL 1
/* Whoever is told of events: borrowed, clean. */
typedef void (*scan_take)(void *arg, const struct scan_event *);

/* What the worker's exit status says, and "error" of its end event. */
enum scan_exit {
	SCAN_EXIT_DONE = 0,
	SCAN_EXIT_FAILED = 1,
	SCAN_EXIT_USAGE = 2,
	SCAN_EXIT_STOPPED = 3,
	SCAN_EXIT_PERMISSION = 4
};

#endif
