/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_DIAG_DUMP_H
#define COLLECT_DIAG_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "collect/diag_parse.h"

/*
 * One question to the kernel and its answer. The way bytes travel is handed
 * in, so that tests can be a kernel that answers badly.
 */
struct diag_io {
	int (*send)(void *arg, const void *, size_t); /* 0 or -errno */
	/* One datagram: its length or -errno. *cut: it did not fit. *sender:
	 * netlink port of whoever sent it; the kernel's is 0. */
	ssize_t (*recv)(void *arg, void *, size_t, bool *cut, uint32_t *sender);
	void *arg;
};

/*
 * Where answers arrive. The kernel makes no answer larger than 32 KiB; should
 * one say otherwise, the buffer grows and the question is asked again.
 */
#define DIAG_BUF_SIZE 32768
struct diag_buf {
	uint8_t *data;
	size_t size;
};
void diag_buf_done(struct diag_buf *);

struct diag_ask {
	uint8_t proto;    /* enum sock_proto */
	uint8_t family;   /* 4, 6; 0: both in one walk (TCP only) */
	uint8_t ext;      /* bits of INET_DIAG_* */
	uint32_t states;  /* the kernel's mask */
	const void *code; /* bytecode, or NULL */
	size_t code_len;
	const struct sock_rec *exact; /* this very socket, no dump */
};

/* Bits of idiag_ext for what is needed, and states as the kernel numbers
 * them. */
uint8_t diag_ext(unsigned need);
uint32_t diag_states(uint8_t proto, uint32_t states);

/* The request, as bytes. */
void diag_request(struct buf *, const struct diag_ask *, uint32_t seq);

/*
 * Asks, and walks all of the answer. w's seq must be set and not be 0. 0, or
 * -errno: -ENOBUFS and -EMSGSIZE are worth asking again, on a new socket.
 */
int diag_dump(const struct diag_io *, struct diag_buf *,
    const struct diag_ask *, struct diag_walk *);

#endif
