/* SPDX-License-Identifier: ISC */
/*
 * What a connect scan costs at least: non-blocking sockets, epoll, no more.
 *
 *	floor_connect [-c IN_FLIGHT] [-w MS] [-t TRIES] ADDRESS [LO-HI]
 *
 * All ports from LO to HI (1-65535), IN_FLIGHT (1000) at once; what has not
 * answered after MS (1000) is tried again, TRIES (4) in all. Prints the open
 * ports, then "open closed silent". The settings fit a network that is known;
 * a scanner has to find them out.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum verdict {
	NOT_YET,
	OPEN,
	CLOSED,
	SILENT,
	NVERDICTS
};

struct flight {
	uint64_t until;
	int fd; /* -1: over */
	uint16_t port;
	uint8_t tries;
};

struct floor {
	struct sockaddr_storage to;
	socklen_t tolen;
	int epoll;
	unsigned tries, cap, flying;
	uint64_t wait_ns;
	/* A ring: all wait equally long, so the first is the first to end. */
	struct flight *ring;
	unsigned head, tail, size; /* size is a power of two */
	uint16_t again[65536];
	uint8_t again_tries[65536];
	unsigned nagain, next, hi;
	uint8_t verdict[65536];
};

static void
die(const char *what)
{
	fprintf(stderr, "floor_connect: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void
settle(struct floor *f, uint16_t port, enum verdict v)
{
	f->verdict[port] = (uint8_t)v;
}

/* On loopback a port may meet itself: nobody listens there. */
static bool
meets_itself(int fd)
{
	struct sockaddr_storage us, them;
	socklen_t uslen = sizeof(us), themlen = sizeof(them);

	return getsockname(fd, (struct sockaddr *)&us, &uslen) == 0 &&
	       getpeername(fd, (struct sockaddr *)&them, &themlen) == 0 &&
	       uslen == themlen && memcmp(&us, &them, uslen) == 0;
}

/* A connection that is there at once (loopback) is settled at once. */
static void
begin(struct floor *f, uint16_t port, uint8_t tries)
{
	struct linger abort = { .l_onoff = 1 };
	struct epoll_event ev = { .events = EPOLLOUT };
	struct flight *t;
	int error;
	int fd = socket(f->to.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		die("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	/* The port has one place in both families. */
	((struct sockaddr_in *)&f->to)->sin_port = htons(port);
	if (connect(fd, (struct sockaddr *)&f->to, f->tolen) == 0)
		error = 0;
	else
		error = errno;
	if (error == 0 || error == ECONNREFUSED) {
		settle(
		    f, port, error == 0 && !meets_itself(fd) ? OPEN : CLOSED);
		close(fd);
		return;
	}
	if (error != EINPROGRESS)
		die("connect");
	ev.data.u32 = f->tail & (f->size - 1);
	t = &f->ring[ev.data.u32];
	*t = (struct flight){ .until = clock_mono_ns() + f->wait_ns,
		.fd = fd,
		.port = port,
		.tries = tries };
	if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll");
	f->tail++;
	f->flying++;
}

static void
begin_more(struct floor *f)
{
	while (f->flying < f->cap && f->tail - f->head < f->size) {
		if (f->next <= f->hi)
			begin(f, (uint16_t)f->next++, 1);
		else if (f->nagain > 0) {
			f->nagain--;
			begin(
			    f, f->again[f->nagain], f->again_tries[f->nagain]);
		} else
			break;
	}
}

static void
over(struct floor *f, struct flight *t)
{
	close(t->fd);
	t->fd = -1;
	f->flying--;
}

static void
expire(struct floor *f)
{
	uint64_t now = clock_mono_ns();

	for (; f->head != f->tail; f->head++) {
		struct flight *t = &f->ring[f->head & (f->size - 1)];

		if (t->fd < 0)
			continue;
		if (t->until > now)
			return;
		over(f, t);
		if (t->tries >= f->tries)
			settle(f, t->port, SILENT);
		else {
			f->again[f->nagain] = t->port;
			f->again_tries[f->nagain++] = (uint8_t)(t->tries + 1);
		}
	}
}

static void
take_results(struct floor *f)
{
	struct epoll_event ev[512];
	uint64_t now = clock_mono_ns();
	uint64_t until = f->ring[f->head & (f->size - 1)].until;
	int ms = until > now ? (int)((until - now) / 1000000) + 1 : 0;
	int i, n = epoll_wait(f->epoll, ev, 512, ms);

	for (i = 0; i < n; i++) {
		struct flight *t = &f->ring[ev[i].data.u32];
		int error = 0;
		socklen_t len = sizeof(error);

		(void)getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		settle(f, t->port,
		    error == 0              ? OPEN
		    : error == ECONNREFUSED ? CLOSED
					    : SILENT);
		over(f, t);
	}
}

static void
run(struct floor *f)
{
	for (;;) {
		begin_more(f);
		expire(f);
		if (f->head != f->tail)
			take_results(f);
		else if (f->next > f->hi && f->nagain == 0)
			return;
	}
}

static void
report(const struct floor *f, unsigned lo)
{
	unsigned count[NVERDICTS] = { 0 }, port;

	for (port = lo; port <= f->hi; port++) {
		count[f->verdict[port]]++;
		if (f->verdict[port] == OPEN)
			printf("%u\n", port);
	}
	printf("%u %u %u\n", count[OPEN], count[CLOSED], count[SILENT]);
}

static bool
take_address(struct floor *f, const char *text)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&f->to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&f->to;

	f->tolen = sizeof(*four);
	f->to.ss_family = AF_INET;
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		return true;
	f->tolen = sizeof(*six);
	f->to.ss_family = AF_INET6;
	return inet_pton(AF_INET6, text, &six->sin6_addr) == 1;
}

int
main(int argc, char **argv)
{
	static struct floor f = { .cap = 1000,
		.wait_ns = 1000000000,
		.tries = 4,
		.next = 1,
		.hi = 65535,
		.size = 1 << 16 };
	struct rlimit rl;
	unsigned lo;
	int c;

	while ((c = getopt(argc, argv, "c:w:t:")) != -1) {
		if (c == 'c')
			f.cap = (unsigned)atoi(optarg);
		else if (c == 'w')
			f.wait_ns = (uint64_t)atoi(optarg) * 1000000;
		else if (c == 't')
			f.tries = (unsigned)atoi(optarg);
		else
			return 2;
	}
	argv += optind;
	if (argv[0] == NULL || !take_address(&f, argv[0]) ||
	    (argv[1] != NULL && sscanf(argv[1], "%u-%u", &f.next, &f.hi) != 2))
		return 2;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
		if (f.cap + 16 > rl.rlim_cur)
			f.cap = (unsigned)rl.rlim_cur - 16;
	}
	lo = f.next;
	f.epoll = epoll_create1(EPOLL_CLOEXEC);
	f.ring = calloc(f.size, sizeof(*f.ring));
	if (f.epoll < 0 || f.ring == NULL)
		die("start");
	run(&f);
	report(&f, lo);
	return 0;
}
