/* SPDX-License-Identifier: ISC */
/*
 * The conversation with sock_diag: puts the request together and receives
 * until the kernel says that it is done. It opens nothing and retries
 * nothing: what was handed over up to an error may be half of the truth, and
 * only the caller can take it back.
 */
#include "config.h"

#include "collect/diag_dump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/xmalloc.h"
#include "model/need.h"

#define DIAG_BUF_MAX (16 * 1024 * 1024)
/* Datagrams that are not the kernel's or not ours, before we give up. */
#define DIAG_STRAY_MAX 1000

#define EXT_BIT(a) (1U << ((a)-1))

uint8_t
diag_ext(unsigned need)
{
	unsigned ext = 0;

	if ((need & NEED_TCPINFO) != 0)
		ext |= EXT_BIT(INET_DIAG_INFO);
	if ((need & NEED_EXT) != 0)
		ext |= EXT_BIT(INET_DIAG_INFO) | EXT_BIT(INET_DIAG_VEGASINFO) |
		       EXT_BIT(INET_DIAG_CONG) | EXT_BIT(INET_DIAG_TOS) |
		       EXT_BIT(INET_DIAG_TCLASS) |
		       EXT_BIT(INET_DIAG_SKMEMINFO) |
		       EXT_BIT(INET_DIAG_SHUTDOWN);
	return (uint8_t)ext;
}

uint32_t
diag_states(uint8_t proto, uint32_t states)
{
	uint32_t mask;

	if (proto == SOCK_UDP) {
		mask = 0;
		if ((states & SOCK_STATE_BIT(SOCK_CONNECTED)) != 0)
			mask |= 1U << 1;
		if ((states & SOCK_STATE_BIT(SOCK_UNCONNECTED)) != 0)
			mask |= 1U << 7;
		return mask;
	}
	/* 1 to 11 have the kernel's numbers; 12 is a connection request that
	 * is no socket yet, 13 is BOUND_INACTIVE. */
	mask = states & (0xffeU | 1U << 13);
	mask &= ~SOCK_STATE_BIT(SOCK_CLOSED);
	if ((states & SOCK_STATE_BIT(SOCK_SYN_RECEIVED)) != 0)
		mask |= 1U << 12;
	return mask;
}

static void
request_id(struct inet_diag_sockid *id, const struct sock_rec *r)
{
	id->idiag_sport = htons(r->local.port);
	id->idiag_dport = htons(r->peer.port);
	memcpy(id->idiag_src, r->local.addr, sizeof(id->idiag_src));
	memcpy(id->idiag_dst, r->peer.addr, sizeof(id->idiag_dst));
	id->idiag_if = r->ifindex;
	id->idiag_cookie[0] = (uint32_t)r->cookie;
	id->idiag_cookie[1] = (uint32_t)(r->cookie >> 32);
}

static void
request_by_family(struct buf *b, const struct diag_ask *ask)
{
	struct inet_diag_req_v2 req;

	memset(&req, 0, sizeof(req));
	req.sdiag_family = ask->family == 6 ? AF_INET6 : AF_INET;
	req.sdiag_protocol = ask->proto;
	req.idiag_ext = ask->ext;
	req.idiag_states = ask->states;
	if (ask->exact != NULL)
		request_id(&req.id, ask->exact);
	buf_put(b, &req, sizeof(req));
}

/* The old request, which walks the kernel's hash once for both families. */
static void
request_both(struct buf *b, const struct diag_ask *ask)
{
	struct inet_diag_req req;

	memset(&req, 0, sizeof(req));
	req.idiag_family = AF_UNSPEC;
	req.idiag_ext = ask->ext;
	req.idiag_states = ask->states;
	buf_put(b, &req, sizeof(req));
}

void
diag_request(struct buf *b, const struct diag_ask *ask, uint32_t seq)
{
	struct nlmsghdr h;
	struct nlattr a;

	memset(&h, 0, sizeof(h));
	h.nlmsg_type = ask->family == 0 ? TCPDIAG_GETSOCK : SOCK_DIAG_BY_FAMILY;
	h.nlmsg_flags = NLM_F_REQUEST;
	if (ask->exact == NULL)
		h.nlmsg_flags |= NLM_F_DUMP;
	h.nlmsg_seq = seq;
	buf_reset(b);
	buf_put(b, &h, sizeof(h));
	if (ask->family == 0)
		request_both(b, ask);
	else
		request_by_family(b, ask);
	if (ask->code_len > 0) {
		a.nla_type = INET_DIAG_REQ_BYTECODE;
		a.nla_len = (uint16_t)(sizeof(a) + ask->code_len);
		buf_put(b, &a, sizeof(a));
		buf_put(b, ask->code, ask->code_len);
	}
	h.nlmsg_len = (uint32_t)b->len;
	memcpy(b->data, &h, sizeof(h));
}

void
diag_buf_done(struct diag_buf *b)
{
	free(b->data);
	b->data = NULL;
	b->size = 0;
}

static int
receive(const struct diag_io *io, struct diag_buf *b,
    const struct diag_ask *ask, struct diag_walk *w)
{
	const uint64_t before = w->socks;
	unsigned stray = 0;
	uint64_t socks;
	uint32_t sender;
	ssize_t n;
	bool cut;

	while (!w->done && (ask->exact == NULL || w->socks == before)) {
		cut = false;
		sender = 0;
		n = io->recv(io->arg, b->data, b->size, &cut, &sender);
		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (n == 0)
			return -EPROTO;
		if (cut && sender == 0) {
			if (b->size >= DIAG_BUF_MAX)
				return -EOVERFLOW;
			b->size *= 2;
			b->data = xrealloc(b->data, b->size);
			return -EMSGSIZE;
		}
		socks = w->socks;
		if (sender == 0)
			diag_walk(w, b->data, (size_t)n);
		else
			w->dropped++;
		if (w->socks == socks && !w->done && ++stray > DIAG_STRAY_MAX)
			return -EPROTO;
	}
	return w->error;
}

int
diag_dump(const struct diag_io *io, struct diag_buf *b,
    const struct diag_ask *ask, struct diag_walk *w)
{
	struct buf req = { 0 };
	int r;

	if (b->data == NULL) {
		b->size = DIAG_BUF_SIZE;
		b->data = xmalloc(b->size);
	}
	w->want.proto = ask->proto;
	w->done = false;
	w->error = 0;
	diag_request(&req, ask, w->seq);
	do
		r = io->send(io->arg, req.data, req.len);
	while (r == -EINTR);
	buf_done(&req);
	return r < 0 ? r : receive(io, b, ask, w);
}
