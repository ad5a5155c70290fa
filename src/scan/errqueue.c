/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "scan/errqueue.h"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <errno.h>
#include <string.h>

#include "scan/sockaddr.h"

/* recvmmsg(2) takes so many at once; errqueue_read() so many times that: the
 * loop must get round. */
#define BATCH  32
#define ROUNDS 32
/* An error that may be an earlier datagram's is believed when it has come so
 * often in a row: each time it is read it is gone, so it is this one's. */
#define BELIEVED 8
#define REFUSED  64

union peer {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct inbox {
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	union peer peer[BATCH];
	uint8_t data[BATCH][ERRQUEUE_DATA];
	union {
		struct cmsghdr align;
		uint8_t bytes[256];
	} control[BATCH];
};

int
errqueue_want(int fd, bool v6)
{
	int one = 1;

	if (v6) {
		/* Without a TTL an answer is one all the same. */
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof one);
		/* ICMP has no ports to share: there it is refused. */
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
		if (setsockopt(
			fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof one) < 0)
			return -errno;
		return 0;
	}
	(void)setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &one, sizeof one);
	if (setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof one) < 0)
		return -errno;
	return 0;
}

static void
take_error(struct errqueue_note *n, const struct cmsghdr *c)
{
	struct sock_extended_err e;
	union peer from;
	size_t len = c->cmsg_len - CMSG_LEN(0);

	if (len < sizeof e)
		return;
	memcpy(&e, CMSG_DATA(c), sizeof e);
	if (e.ee_origin != SO_EE_ORIGIN_ICMP &&
	    e.ee_origin != SO_EE_ORIGIN_ICMP6)
		return;
	memset(&from, 0, sizeof from);
	len -= sizeof e;
	memcpy(&from, CMSG_DATA(c) + sizeof e,
	    len < sizeof from ? len : sizeof from);
	n->icmp = sockaddr_take(&n->from, NULL, &from);
	n->type = e.ee_type;
	n->code = e.ee_code;
}

static void
take_control(struct errqueue_note *n, struct msghdr *m)
{
	struct cmsghdr *c;
	int ttl;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
			c->cmsg_type == IPV6_HOPLIMIT)) {
			memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
			if (ttl > 0 && ttl <= UINT8_MAX)
				n->ttl = (uint8_t)ttl;
		} else if ((c->cmsg_level == IPPROTO_IP &&
			       c->cmsg_type == IP_RECVERR) ||
			   (c->cmsg_level == IPPROTO_IPV6 &&
			       c->cmsg_type == IPV6_RECVERR)) {
			take_error(n, c);
		}
	}
}

static void
inbox_clear(struct inbox *in)
{
	uint32_t i;

	for (i = 0; i < BATCH; i++) {
		in->iov[i].iov_base = in->data[i];
		in->iov[i].iov_len = sizeof in->data[i];
		in->peer[i].sa.sa_family = AF_UNSPEC;
		in->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &in->peer[i],
			.msg_namelen = sizeof in->peer[i],
			.msg_iov = &in->iov[i],
			.msg_iovlen = 1,
			.msg_control = in->control[i].bytes,
			.msg_controllen = sizeof in->control[i].bytes,
		};
	}
}

/* What one call gives: how many, or -errno. */
static int
read_some(int fd, int flags, struct inbox *in, errqueue_take take, void *arg,
    uint64_t now)
{
	struct errqueue_note n;
	struct msghdr *m;
	int i, got;

	inbox_clear(in);
	do
		got = recvmmsg(fd, in->msg, BATCH, flags | MSG_DONTWAIT, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	for (i = 0; i < got; i++) {
		m = &in->msg[i].msg_hdr;
		memset(&n, 0, sizeof n);
		if (!sockaddr_take(&n.peer, &n.port, &in->peer[i]))
			continue;
		take_control(&n, m);
		n.data = in->data[i];
		n.len = in->msg[i].msg_len < ERRQUEUE_DATA ? in->msg[i].msg_len
							   : ERRQUEUE_DATA;
		/* An error is one of ICMP, or nothing. */
		if (n.icmp == ((flags & MSG_ERRQUEUE) != 0))
			take(arg, &n, now);
	}
	return got;
}

uint32_t
errqueue_read(int fd, errqueue_take take, void *arg, uint64_t now)
{
	struct inbox in;
	uint32_t count = 0;
	int round, got;

	for (round = 0; round < ROUNDS; round++) {
		got = read_some(fd, MSG_ERRQUEUE, &in, take, arg, now);
		if (got <= 0)
			break;
		count += (uint32_t)got;
	}
	/* Also if there are no datagrams: reading clears the error that is left
	 * of the last message, which would wake the loop for ever. */
	for (round = 0; round < ROUNDS; round++) {
		got = read_some(fd, 0, &in, take, arg, now);
		if (got == -EAGAIN || got == 0)
			break;
		if (got > 0)
			count += (uint32_t)got;
	}
	return count;
}

/* Errors that may be an earlier datagram's. */
static bool
is_earlier(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case EPROTO:
	case EACCES:
	case EMSGSIZE:
		return true;
	}
	return false;
}

int
errqueue_send(int fd, struct mmsghdr *msg, uint32_t n)
{
	int r, again = 0;

	for (;;) {
		r = sendmmsg(fd, msg, n, MSG_DONTWAIT);
		if (r > 0)
			return r;
		if (errno == EINTR)
			continue;
		again++;
		/* No datagram is ever refused before it left. */
		if (errno == ECONNREFUSED && again >= REFUSED)
			return -EAGAIN;
		if (errno != ECONNREFUSED &&
		    (!is_earlier(errno) || again >= BELIEVED))
			return -errno;
	}
}
