/* SPDX-License-Identifier: ISC */
#ifndef PROBE_TALK_H
#define PROBE_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/scan.h"
#include "model/service_info.h"

/*
 * A conversation with whatever is behind a port, in one protocol. The prober
 * (probe/prober.h) connects, sends what is put into `out`, takes TLS off and
 * hands over what came; a conversation only reads bytes and says what they are.
 * It may be given anything, in any pieces, by an enemy: no system call, no
 * allocation but through buf, nothing beyond its own struct; each has its place
 * in tests/fuzz/fuzz_talk.c.
 */
struct talk_ops;

struct talk {
	const struct talk_ops *ops;
	struct service_info *info; /* filled as it goes; begins empty */
	/* All that came in this connection (UDP: the datagrams one after the
	 * other, `cut` the length of the last), at most TALK_IN_MAX. */
	const uint8_t *in;
	size_t nin, cut;
	bool eof; /* the other end closed: nothing more will come */
	bool
	    timeout; /* it has been silent for ops->wait_ms: say what you can */
	bool tls;    /* inside TLS */
	bool udp;    /* by datagrams */
	bool checks; /* safe checks are wanted: ask what is harmless to ask */
	uint16_t port;
	struct scan_addr addr;
	struct scan_addr self; /* UDP: our own address; family 0: not
				* known */
	const char *host;      /* name it was asked for by, or its address */
	struct buf out;        /* goes out when begin() or input() returns */
	bool last;             /* set by the conversation: our side ends with
				* what it has said. TCP in clear only. */
	unsigned step;         /* the conversation's own; 0 at first, kept over
			   * TALK_AGAIN */
	void *state;           /* ops->state bytes, 0 at first, kept likewise */
};
#define TALK_IN_MAX 16384

enum talk_verdict {
	TALK_MORE,    /* go on: more bytes are needed, or an answer */
	TALK_DONE,    /* it is this; info says all that could be learnt */
	TALK_NOT,     /* it is something else */
	TALK_AGAIN,   /* it is this; once more in a new connection */
	TALK_STARTTLS /* it is this; TLS from here on, then input() again with
		       * nothing received */
};

enum talk_flag {
	TALK_TCP = 1 << 0,
	TALK_UDP = 1 << 1,
	TALK_GREETED = 1 << 2, /* the server speaks first: tried on what comes
				* by itself */
	TALK_IN_TLS = 1 << 3,  /* met inside TLS, too */
	TALK_LAST = 1 << 4,    /* costly or rude: only on its own ports */
	TALK_MOVES = 1 << 5, /* UDP: the answer comes from another port (TFTP),
				* and what is said next goes there */
	TALK_SAME = 1 << 6,  /* its answer may be what was said; others that
				* hear themselves are TALK_NOT */
	TALK_QUIET = 1 << 7  /* asked even where printers listen, who print
				* what is none of their own */
};

struct talk_ops {
	const char *name;      /* "http" */
	const char *service;   /* IANA's name of it */
	unsigned flags;        /* enum talk_flag */
	const char *ports;     /* usual ones: "80,8080,8000-8100" */
	const char *tls_ports; /* usual ones inside TLS; NULL: none */
	uint8_t rarity;        /* 1 met everywhere .. 9 hardly anywhere */
	uint16_t wait_ms;      /* for an answer to what was sent; 0: 1500; for
				* the first one much less (400 + some round
				* trips) where the port is none of its own */
	size_t state;
	/* The connection is there: what is said first (nothing, for GREETED).
	 * NULL: nothing. Of UDP what one call sends is one datagram. */
	void (*begin)(struct talk *);
	/* More came, or eof, or timeout: judged by all of in[0..nin). */
	enum talk_verdict (*input)(struct talk *);
	const char *source; /* "RFC 9112" */
};
/* All conversations, in no order; NULL ends. One file a family: talk_*.c; a new
 * one is a line in talk_list.inc. */
extern const struct talk_ops *const talks[];
const struct talk_ops *talk_find(const char *name);
/* Whether a list of ports ("80,8000-8100", NULL: none) has this one. */
bool talk_ports_have(const char *ports, uint16_t port);

/* -- for who drives them -------------------------------------------------- */

/* The conversation's own begins anew; what is said about the other end (in,
 * tls, port, ..) is the driver's. info is borrowed. */
void talk_init(
    struct talk *, const struct talk_ops *, struct service_info *info);
void talk_done(struct talk *);
void talk_begin(struct talk *);
/* input(), and what it left unsaid of what it recognised: name, method, how,
 * conf. */
enum talk_verdict talk_input(struct talk *);

/* -- for conversations ---------------------------------------------------- */

/* Appends to out. */
void talk_send(struct talk *, const void *, size_t);
void talk_sendf(struct talk *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* The line that begins at `at`, without CR LF; false: it is not whole yet (at
 * eof or timeout the rest counts as one). *next: behind it. */
bool talk_line(const struct talk *, size_t at, const char **line, size_t *len,
    size_t *next);
/* A cursor for binary protocols: reads past the end set bad and give 0. */
struct talk_cursor {
	const uint8_t *p, *end;
	bool bad;
};
void cursor_init(struct talk_cursor *, const void *, size_t);
size_t cursor_left(const struct talk_cursor *);
uint8_t cursor_u8(struct talk_cursor *);
uint16_t cursor_be16(struct talk_cursor *);
uint32_t cursor_be32(struct talk_cursor *);
uint16_t cursor_le16(struct talk_cursor *);
uint32_t cursor_le32(struct talk_cursor *);
/* n bytes, or NULL and bad. */
const uint8_t *cursor_take(struct talk_cursor *, size_t n);
void cursor_skip(struct talk_cursor *, size_t n);

#endif
