/* SPDX-License-Identifier: ISC */
#ifndef SCAN_TECH_H
#define SCAN_TECH_H

#include "model/scan.h"
#include "scan/priv.h"

/*
 * Ways to probe, as tables of operations. The engine (scan/engine.h) says what
 * is asked of whom and when, keeps what is unanswered, repeats, and judges
 * silence; a technique turns a probe into packets and packets into answers. One
 * process, one thread, raw epoll.
 */
struct engine;
struct tech_ops;

/* A host that is being scanned now: one of a bounded number of slots. */
struct host {
	struct scan_addr addr;
	struct scan_addr src; /* our address towards it; family 0: not known */
	uint32_t slot;
	uint32_t ifindex;    /* that it is reached by; 0: not known */
	uint64_t pos;        /* in the order of hosts */
	bool on_link, local; /* a neighbour; an address of our own */
	bool up;
	uint8_t mac[6]; /* all zero: not known */
};

/*
 * One question put to one host: a port, or whether it is there at all. It
 * lives from its first packet until it is settled; every repeat is the same
 * probe.
 */
struct probe {
	uint32_t slot;  /* of its host */
	uint16_t port;  /* host order; 0: has none (ICMP, ARP) */
	uint8_t proto;  /* IPPROTO_TCP, _UDP, _ICMP, _ICMPV6; 0: ARP, ND */
	uint8_t method; /* of struct engine_plan */
	/* Packets sent; the one that send() is asked for now is attempt number
	 * `tries` (0, 1, ..). Stays at 255. */
	uint8_t tries;
	uint64_t first_ns; /* when its first packet went; 0: none yet */
	/* The technique's: set to 0, -1 when the probe is born. */
	uint32_t cookie;
	int fd[2];
};

struct answer {
	/* Of a port; for a probe that asks for the host OPEN, CLOSED and
	 * UNFILTERED say that it is up, FILTERED that it is not. */
	enum scan_state state;
	enum scan_reason reason;
	uint8_t ttl;           /* 0: not known */
	int attempt;           /* which it answers; -1: cannot be told */
	uint64_t at_ns;        /* when it came (clock_mono_ns()) */
	struct scan_addr from; /* of an ICMP error from somebody else */
	const uint8_t *mac;    /* 6 bytes, or NULL */
};

struct tech_ops {
	const char *name; /* "connect", "syn", "udp", "icmp", "arp", .. */
	/* Which sockets of struct priv it cannot do without, for this family
	 * (4, 6): mask of enum priv_sock; 0: none. */
	unsigned needs4, needs6;
	/* What is said of a port that never answers. */
	enum scan_state silent;
	/* Takes what it needs; *ret is handed back to all others. 0, or -errno
	 * and a sentence. */
	int (*open)(struct engine *, struct priv *, void **ret, char **cause);
	/* A host enters a slot: where from, by which interface. 0; -errno: it
	 * cannot be reached from here (no route): nothing is sent to it. NULL:
	 * nothing to do. */
	int (*host)(void *, struct host *);
	/*
	 * One packet, or one connection begun; may be put off until flush().
	 * 0; -EAGAIN: no room (descriptors, buffers, neighbours, ports): the
	 * engine slows down and comes again, and nothing was sent; else -errno:
	 * this host cannot be sent to. An error of sending is never a verdict.
	 * An answer that is there at once (loopback) is given from within, by
	 * engine_answer(): the probe is gone then, and this returns 1. -EPERM,
	 * -EACCES: this probe may not be sent (a local firewall).
	 */
	int (*send)(void *, struct probe *, uint64_t now);
	/* Out with what send() put off. Probes whose packet the kernel did not
	 * take are handed back by engine_unsent(). NULL: nothing to do. */
	void (*flush)(void *, uint64_t now);
	/* How many more probes it can have unanswered; NULL: any number. */
	uint32_t (*room)(void *);
	/*
	 * For a technique with a pace of its own (tech_udp: a target sends so
	 * many ICMP errors a second and no more, so silence means little). A
	 * try went unanswered for as long as the engine waits: true: the
	 * technique keeps the probe, which can still be answered, and says from
	 * tick() what becomes of it; repeats and silence of such a probe say
	 * nothing of the link: the window does not shrink for them. false: the
	 * engine's own rules. NULL: false.
	 */
	bool (*silence)(void *, struct probe *, uint64_t sent_ns, uint64_t now);
	/* Called when it is due, at first after the first silence(): calls
	 * engine_again(), engine_silent(). Returns when it wants to be called
	 * next; UINT64_MAX: after the next silence(). NULL: never. */
	uint64_t (*tick)(void *, uint64_t now);
	/* What is waited for, in words for the progress line, and for how long
	 * yet (ns; UINT64_MAX: not known); NULL (the function, or what it
	 * returns): the engine's. */
	const char *(*phase)(void *, uint64_t now, uint64_t *left_ns);
	/* The probe is over (answered, given up): closes what is its own.
	 * NULL: nothing to do. */
	void (*drop)(void *, struct probe *);
	void (*close)(void *);
};

/* Which technique does what is a table: scan/method.c. */
extern const struct tech_ops tech_connect, tech_syn, tech_udp;
/* Whether a host is there. tech_connect and tech_syn do that, too. */
extern const struct tech_ops tech_ack, tech_icmp, tech_arp, tech_nd;
extern const struct tech_ops tech_ping; /* without privilege */

/* -- what the engine does for a technique --------------------------------- */

struct host *engine_host(struct engine *, uint32_t slot);
/* By address, of those in slots now; NULL: none. */
struct host *engine_host_find(struct engine *, const struct scan_addr *);
/* The unanswered probe of this technique, or NULL: it was answered before, or
 * nobody asked. */
struct probe *engine_probe_find(struct engine *, const struct host *,
    const struct tech_ops *, uint8_t proto, uint16_t port);
/* Settles it. The probe is gone. */
void engine_answer(struct engine *, struct probe *, const struct answer *);
/* The host cannot be reached: ICMP host or net unreachable, prohibited. Tells
 * of no port. */
void engine_host_unreachable(
    struct engine *, struct host *, const struct answer *);
/* Its packet did not leave (error: -errno): it is sent again, and the try does
 * not count. */
void engine_unsent(struct engine *, struct probe *, int error);
/* What silence() kept: it is sent once more, as soon as the pace permits. */
void engine_again(struct engine *, struct probe *);
/* It is settled: nothing will come. The probe is gone. */
void engine_silent(struct engine *, struct probe *);
/* --max-retries, for a technique with a pace of its own; -1: not given. What
 * -T5 means is no limit to it: it is of repeats in haste. */
int engine_max_retries(const struct engine *);
/* Slots of hosts: struct host's slot is below. */
uint32_t engine_slots(const struct engine *);
/* Readiness of a descriptor, level-triggered unless events has EPOLLET;
 * ready() gets arg. Watched again: events, ready and arg are changed. What is
 * watched is not closed before engine_unwatch(). 0 or -errno. */
typedef void (*engine_ready)(void *arg, int fd, uint32_t events, uint64_t now);
int engine_watch(
    struct engine *, int fd, uint32_t events, engine_ready, void *arg);
void engine_unwatch(struct engine *, int fd);
/* A sentence for the user (the note event), each once. */
void engine_note(struct engine *, bool warning, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* Key of this run's cookies: 16 bytes. */
const uint8_t *engine_secret(const struct engine *);
/* Descriptors that probes may have open at once. */
uint32_t engine_max_fds(const struct engine *);
/* Packets received, for the end event. */
void engine_received(struct engine *, uint32_t packets);

#endif
