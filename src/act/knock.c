/* SPDX-License-Identifier: ISC */
/*
 * Knocking at ports: one packet each, and whether a port answers. Needs no
 * privilege.
 */
#include "config.h"

#include "act/knock.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "know/state.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)
/* Between two looks at a port that refuses. */
#define AGAIN_MS 100

static struct sockaddr_storage
address(const struct knock_where *w, uint16_t port)
{
	struct sockaddr_storage to = w->addr;

	if (to.ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)&to)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)(void *)&to)->sin_port = htons(port);
	return to;
}

/* Closing leaves nothing behind, no TIME-WAIT either. */
static void
close_hard(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

/* A SYN is on its way. */
static bool
syn_went_out(int error)
{
	/* Refused at once: this machine's own answer to it. */
	return error == 0 || error == EINPROGRESS || error == ECONNREFUSED;
}

static int
send_tcp(const struct knock_where *w, uint16_t port)
{
	struct sockaddr_storage to = address(w, port);
	int fd, error = 0;

	fd =
	    socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&to, w->len) == -1)
		error = errno;
	close_hard(fd);
	return syn_went_out(error) ? 0 : -error;
}

static int
send_udp(const struct knock_where *w, uint16_t port)
{
	struct sockaddr_storage to = address(w, port);
	int fd, r = 0;

	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -errno;
	if (sendto(fd, "", 1, MSG_NOSIGNAL, (const struct sockaddr *)&to,
		w->len) != 1)
		r = -errno;
	close(fd);
	return r;
}

int
knock_send(const struct knock_where *w, struct knock_port *p)
{
	int r = -EROFS;

	if (!w->readonly)
		r = p->proto == SOCK_UDP ? send_udp(w, p->port)
					 : send_tcp(w, p->port);
	p->state = r == 0 ? KNOCK_SENT : KNOCK_FAILED;
	p->error = -r;
	return r;
}

/* A connection of a port to itself (RFC 9293 section 3.5) is nobody's. */
static bool
met_itself(int fd)
{
	struct sockaddr_storage a = { 0 }, b = { 0 };
	socklen_t alen = sizeof(a), blen = sizeof(b);

	return getsockname(fd, (struct sockaddr *)&a, &alen) == 0 &&
	       getpeername(fd, (struct sockaddr *)&b, &blen) == 0 &&
	       alen == blen && memcmp(&a, &b, alen) == 0;
}

static int
wait_for_answer(int fd, uint64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	uint64_t now;
	socklen_t len = sizeof(int);
	int error, n;

	for (;;) {
		now = clock_mono_ns();
		n = poll(&p, 1,
		    now < until ? (int)((until - now) / NS_PER_MS) + 1 : 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno;
		if (n == 0)
			return ETIMEDOUT;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
			return errno;
		return error;
	}
}

/* What the answer says; false: it was no answer at all. */
static bool
verdict(int error, enum knock_seen *ret)
{
	switch (error) {
	case 0:
		*ret = KNOCK_OPEN;
		return true;
	case ECONNREFUSED:
	case ECONNRESET:
		*ret = KNOCK_CLOSED;
		return true;
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EPROTO:
	case EACCES: /* ICMP: administratively prohibited, over IPv6 */
	case ENOPROTOOPT:
		*ret = KNOCK_FILTERED;
		return true;
	default:
		return false;
	}
}

int
knock_look(const struct knock_where *w, uint16_t port, uint64_t wait_ns,
    enum knock_seen *ret)
{
	struct sockaddr_storage to = address(w, port);
	uint64_t until = clock_mono_ns() + wait_ns;
	int fd, error = 0;
	bool self, at_once;

	if (w->readonly)
		return -EROFS;
	fd =
	    socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&to, w->len) == -1)
		error = errno;
	/* What fails at once, but for a refusal, never went out. */
	at_once = error != 0 && error != EINPROGRESS;
	if (error == EINPROGRESS)
		error = wait_for_answer(fd, until);
	self = error == 0 && met_itself(fd);
	close_hard(fd);
	if (at_once && error != ECONNREFUSED)
		return -error;
	if (self)
		error = ECONNREFUSED;
	return verdict(error, ret) ? 0 : -error;
}

int
knock_look_until_open(const struct knock_where *w, uint16_t port,
    uint64_t wait_ns, enum knock_seen *ret)
{
	uint64_t until = clock_mono_ns() + wait_ns, now;
	int r;

	for (;;) {
		now = clock_mono_ns();
		r = knock_look(w, port, now < until ? until - now : 0, ret);
		if (r < 0 || *ret == KNOCK_OPEN ||
		    clock_mono_ns() + AGAIN_MS * NS_PER_MS >= until)
			return r;
		knock_pause(AGAIN_MS);
	}
}

void
knock_pause(uint64_t ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms * NS_PER_MS / NS_PER_S),
		.tv_nsec = (long)(ms * NS_PER_MS % NS_PER_S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}
