/* SPDX-License-Identifier: ISC */
#ifndef MODEL_LAB_H
#define MODEL_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/sock.h"

/*
 * The data between the classroom (src/lab) and who shows it: lessons as
 * tables of steps, and what the classroom tells while they run. Plain data:
 * events travel between two processes of this program.
 */
enum lab_host {
	LAB_CLIENT,
	LAB_SERVER,
	LAB_NHOSTS
};
const char *lab_host_name(enum lab_host); /* "client" "server" */

/* Sockets of one host in one state; n 0 ends a list. */
struct lab_count {
	uint8_t host;  /* enum lab_host */
	uint8_t state; /* enum sock_state */
	uint8_t n;
	bool fades; /* fewer are right, too: the kernel ends them by itself,
		     * or shows none (BOUND, before Linux 6.8) */
};
#define LAB_COUNTS_MAX 12

struct lab_do; /* lab/call.h */
struct lab_step {
	const char *title;
	const char *say;   /* what will happen */
	const char *watch; /* what to look at */
	const char *ask;   /* what to think about */
	const char *after; /* what happened, and the answer */
	/* What the step does; an end mark is the last. */
	const struct lab_do *act;
	/* The sockets there are afterwards: these and no others. */
	struct lab_count expect[LAB_COUNTS_MAX];
	uint8_t held; /* segments in the wire's hand afterwards, at least;
		       * 0: none */
};
struct lab_lesson {
	const char *name; /* what is typed: "handshake" */
	const char *title;
	const char *about;  /* one sentence */
	const char *source; /* "RFC 9293 section 3.5" */
	const struct lab_step *step;
	size_t nsteps;
	bool ipv6; /* needs it */
};

/* -- what happened -------------------------------------------------------- */

/* What a segment is for: the most that its flags say. */
enum lab_kind {
	LAB_ACK, /* and nothing else */
	LAB_DATA,
	LAB_SYN,
	LAB_SYN_ACK,
	LAB_FIN,
	LAB_RST,
	LAB_DATAGRAM,
	LAB_UNREACHABLE, /* ICMP: nobody has this port */
	LAB_OTHER        /* ARP and the like: always passed, never shown */
};
#define LAB_KIND(k) (1U << (k))

/* TCP's control bits (RFC 9293 section 3.1). */
enum {
	LAB_FLAG_FIN = 0x01,
	LAB_FLAG_SYN = 0x02,
	LAB_FLAG_RST = 0x04,
	LAB_FLAG_PSH = 0x08,
	LAB_FLAG_ACK = 0x10
};

enum lab_fate {
	LAB_PASSED,
	LAB_HELD,
	LAB_RELEASED, /* was held, and went on */
	LAB_LOST
};

struct lab_segment {
	uint32_t seq, ack; /* counted from the SYN, where the wire saw it */
	uint32_t len;      /* bytes of payload */
	uint32_t window;   /* in bytes, where the wire saw the scale */
	uint16_t sport, dport;
	uint16_t again; /* copies that came while it was held */
	uint8_t from;   /* enum lab_host */
	uint8_t kind;   /* enum lab_kind */
	uint8_t fate;   /* enum lab_fate */
	uint8_t flags;
	uint8_t family; /* 4 or 6 */
	uint8_t scale;  /* SYN: the window scale offered; LAB_NO_SCALE */
};
#define LAB_NO_SCALE 0xff

#define LAB_TEXT_MAX 192
struct lab_call {
	char who[16];
	char text[LAB_TEXT_MAX];
	char result[LAB_TEXT_MAX]; /* "" while it runs */
	int error;                 /* errno, 0 */
	bool wrong;                /* not what the lesson expected */
};

/* A line of the protocol; one with the same id takes the place of the one
 * that came before. */
struct lab_log {
	uint32_t id;
	bool is_call;
	union {
		struct lab_segment segment;
		struct lab_call call;
	};
};

enum lab_event_type {
	LAB_EV_READY, /* the lesson is set up: before its first step */
	LAB_EV_BEGIN, /* a step begins */
	LAB_EV_LOG,   /* something happened */
	LAB_EV_DONE,  /* the step is over */
	LAB_EV_FAILED /* the lesson cannot be had */
};
#define LAB_SOCKS_MAX 48
struct lab_event {
	uint8_t type;  /* enum lab_event_type */
	bool ok;       /* DONE: as the lesson says; FAILED: only this lesson
			* is not to be had here */
	uint16_t n;    /* DONE: how many sock[] */
	uint32_t step; /* BEGIN, DONE */
	uint32_t lesson;
	int32_t pid[LAB_NHOSTS];     /* READY */
	uint32_t netns[LAB_NHOSTS];  /* READY */
	uint32_t held;               /* DONE: in the wire's hand */
	char text[2 * LAB_TEXT_MAX]; /* FAILED, DONE not ok: a sentence */
	struct lab_log log;          /* LOG */
	struct sock_rec sock[LAB_SOCKS_MAX]; /* DONE: read from the kernel */
};

/* "client:40000 -> server  SYN seq 0 win 64240  held": one line, in signs of
 * Unicode or ASCII; narrow: C and S for the hosts. */
void lab_segment_put(
    struct buf *, const struct lab_segment *, bool narrow, bool ascii);
/* "client  connect(192.0.2.2:80) = 0" */
void lab_call_put(struct buf *, const struct lab_call *);
void lab_log_put(struct buf *, const struct lab_log *, bool narrow, bool ascii);
/* "SYN" "SYN,ACK" "FIN,ACK" "UDP" .. */
void lab_flags_put(struct buf *, const struct lab_segment *);

/* The two hosts as -N takes them: "client=812,server=813". */
void lab_netns_put(struct buf *, const int32_t pid[LAB_NHOSTS]);

/* The counts of a list for a host: "LISTEN, 2 ESTABLISHED"; "none". */
void lab_counts_put(
    struct buf *, const struct lab_count *, size_t n, enum lab_host);
/* Whether these sockets are what the step says. netns tells whose they are. */
bool lab_expected(const struct lab_step *, const struct sock_rec *, size_t n,
    const uint32_t netns[LAB_NHOSTS]);
/* Counts of what is there, in the order of a socket's life; at most
 * LAB_COUNTS_MAX. Returns how many. */
size_t lab_count_socks(struct lab_count *, const struct sock_rec *, size_t n,
    const uint32_t netns[LAB_NHOSTS]);

#endif
