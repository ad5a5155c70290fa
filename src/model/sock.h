/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SOCK_H
#define MODEL_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "know/state.h"

/*
 * One socket as one reading saw it. Plain data, no pointers: it is copied,
 * compared with memcmp(3) (padding is always zero) and kept by the hundred
 * thousand, so every byte counts.
 */

/* Address bytes as on the wire; IPv4 in the first four, the rest zero. The
 * port is in host order, always. */
struct endpoint {
	uint8_t addr[16];
	uint16_t port;
};

/* Identity: never an index or a pointer. The cookie is the kernel's and stays
 * the same from SYN to TIME-WAIT, while the inode drops to 0. */
struct sock_key {
	uint64_t cookie;
	uint32_t netns;
};

/* What of a record is known: unknown is shown as "-", never as 0. */
enum sock_known {
	KNOWN_INODE = 1 << 0,
	KNOWN_UID = 1 << 1,
	KNOWN_QUEUES = 1 << 2, /* recvq, sendq */
	KNOWN_TIMER = 1 << 3,
	KNOWN_MARK = 1 << 4,   /* only told to CAP_NET_ADMIN */
	KNOWN_CGROUP = 1 << 5, /* socket's cgroup v2 id */
	KNOWN_IFACE = 1 << 6,  /* ifindex (0 = not bound to one) */
	KNOWN_V6ONLY = 1 << 7, /* the V6ONLY flag below tells */
	KNOWN_TCP = 1 << 8,    /* rtt_us .. bytes_received */
	KNOWN_BYTES = 1 << 9 /* bytes_sent, bytes_received (old kernels: not) */
};

enum sock_flag {
	SOCKF_V6ONLY = 1 << 0,
	SOCKF_SYNTH_KEY = 1 << 1, /* procfs: cookie is a hash of the tuple */
	SOCKF_ORPHAN = 1 << 2,    /* inode 0: no process holds it any more */
	SOCKF_SHUT_RD = 1 << 3,
	SOCKF_SHUT_WR = 1 << 4,
	SOCKF_NO_LIMIT = 1 << 5 /* LISTEN: sendq (the limit) is not known */
};

struct sock_rec {
	uint64_t cookie;
	uint64_t cgroup; /* cgroup v2 id; 0: none */
	/* Sent at least once (retransmissions do not count; before Linux 4.18:
	 * acknowledged by the peer) / received. */
	uint64_t bytes_sent, bytes_received;
	uint32_t netns; /* inode number of its nsfs file */
	uint32_t inode; /* 0: orphan, TIME-WAIT, SYN-RECEIVED */
	struct endpoint local, peer;
	uint32_t uid;
	uint32_t ifindex;
	uint32_t mark;
	uint32_t recvq, sendq; /* LISTEN: accept queue's length and limit */
	uint32_t timer_ms;     /* until the timer fires; 0 unless asked for */
	uint32_t rtt_us, rttvar_us, cwnd, retrans_total;
	uint16_t known; /* enum sock_known */
	uint16_t flags; /* enum sock_flag */
	uint16_t mss;
	uint8_t family;  /* 4 or 6 */
	uint8_t proto;   /* enum sock_proto */
	uint8_t state;   /* enum sock_state */
	uint8_t timer;   /* enum sock_timer */
	uint8_t retrans; /* of the running timer */
	uint8_t pad;
};

/*
 * The rest, kept only when a column, a filter or JSON asks (NEED_EXT): the
 * kernel's struct tcp_info as far as this kernel filled it, socket memory,
 * names. 0 length or a false flag: not told.
 */
#define SOCK_TCP_INFO_MAX 280
enum {
	SKMEM_RMEM,
	SKMEM_RCVBUF,
	SKMEM_TMEM,
	SKMEM_SNDBUF,
	SKMEM_FWD,
	SKMEM_WMEM,
	SKMEM_OPTMEM,
	SKMEM_BACKLOG,
	SKMEM_DROPS,
	SKMEM_N
};
struct sock_ext {
	uint8_t tcp_info[SOCK_TCP_INFO_MAX]; /* struct tcp_info, linux/tcp.h */
	uint16_t tcp_info_len;
	uint8_t skmem_n; /* how many of skmem[] are told */
	bool has_tos, has_tclass, has_class_id, has_ulp;
	uint8_t tos, tclass;
	uint32_t class_id;
	uint32_t skmem[SKMEM_N];
	char cc[16];         /* congestion control, clean */
	char ulp[16];        /* "tls", "mptcp", clean */
	uint8_t cc_info[20]; /* vegas/dctcp/bbr, see cc_info_len */
	uint8_t cc_info_kind, cc_info_len; /* INET_DIAG_*INFO */
};

static inline struct sock_key
sock_key(const struct sock_rec *r)
{
	return (struct sock_key){ .cookie = r->cookie, .netns = r->netns };
}

static inline bool
sock_key_eq(struct sock_key a, struct sock_key b)
{
	return a.cookie == b.cookie && a.netns == b.netns;
}

bool endpoint_is_any(const struct endpoint *); /* 0.0.0.0 or :: */
bool endpoint_is_loopback(const struct endpoint *, unsigned family);
bool endpoint_is_v4mapped(const struct endpoint *); /* ::ffff:a.b.c.d */
/* Address text, IPv6 without brackets; returns the end, not terminated. */
char *endpoint_addr_text(char *p, const struct endpoint *, unsigned family);

#endif
