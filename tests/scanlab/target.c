/* SPDX-License-Identifier: ISC */
/*
 * The host that is scanned: listens on every address of both families.
 *
 *	target [-t PORTS] [-b PORTS] [-s PORTS] [-e PORTS] [-u PORTS]
 *
 *	-t	TCP: accepts and closes
 *	-b	TCP: greets in one line, then closes
 *	-s	TCP: accepts and says nothing for ever (a tarpit)
 *	-e	TCP: a greeting that never ends
 *	-u	UDP: answers from the address that was asked
 *
 * Prints "ready", then one line of counters (JSON) for each line it reads; the
 * end of its standard input ends it.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/portset.h"

enum kind {
	KIND_CONTROL, /* standard input */
	KIND_CLOSE,
	KIND_GREET,
	KIND_SILENT,
	KIND_ENDLESS,
	KIND_UDP,
	KIND_FLOOD /* a connection to an endless one */
};

struct target {
	int epoll;
	uint64_t accepted, silent, endless, flooded, asked;
};

static void
die(const char *what)
{
	fprintf(stderr, "target: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void
watch(struct target *t, int fd, enum kind kind, uint32_t events)
{
	struct epoll_event ev = { .events = events,
		.data.u64 = (uint64_t)kind << 32 | (uint32_t)fd };

	if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll");
}

static void
listen_at(struct target *t, enum kind kind, uint16_t port)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	int type = kind == KIND_UDP ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, zero = 0;
	char name[32];

	snprintf(name, sizeof(name), "port %u", port);
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)) < 0)
		die(name);
	if (kind == KIND_UDP &&
	    (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)) <
		    0 ||
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)) < 0))
		die(name);
	if (kind != KIND_UDP)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)) < 0 ||
	    (kind != KIND_UDP && listen(fd, 4096) < 0))
		die(name);
	watch(t, fd, kind, EPOLLIN);
}

static void
listen_all(struct target *t, enum kind kind, const char *ports)
{
	struct portset set = { 0 };
	unsigned port;

	if (!portset_parse(&set, ports, strlen(ports))) {
		fprintf(stderr, "target: %s: no ports\n", ports);
		exit(2);
	}
	for (port = 1; port <= UINT16_MAX; port++)
		if (portset_has(&set, (uint16_t)port))
			listen_at(t, kind, (uint16_t)port);
}

static void
take_connections(struct target *t, int lfd, enum kind kind)
{
	static const char greeting[] = "220 lab ready\r\n";
	int fd;

	while ((fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
	       0) {
		t->accepted++;
		switch (kind) {
		case KIND_SILENT:
			/* Kept open by being forgotten. */
			t->silent++;
			continue;
		case KIND_ENDLESS:
			t->endless++;
			watch(t, fd, KIND_FLOOD, EPOLLOUT);
			continue;
		case KIND_GREET:
			(void)send(
			    fd, greeting, sizeof(greeting) - 1, MSG_NOSIGNAL);
			break;
		default:
			break;
		}
		close(fd);
	}
	if (errno == EMFILE || errno == ENFILE)
		die("accept");
}

static void
flood(struct target *t, int fd)
{
	static const char line[] =
	    "220-the greeting of this server goes on and on and on\r\n";
	char text[64 * (sizeof(line) - 1)];
	ssize_t n;
	size_t i;

	for (i = 0; i < sizeof(text); i += sizeof(line) - 1)
		memcpy(text + i, line, sizeof(line) - 1);
	n = send(fd, text, sizeof(text), MSG_NOSIGNAL);
	if (n > 0)
		t->flooded += (uint64_t)n;
	else if (errno != EAGAIN)
		close(fd);
}

/* What came with a question goes back as the answer's source. */
static void
turn_round(struct msghdr *msg)
{
	struct cmsghdr *c;
	struct in_pktinfo four;
	struct in6_pktinfo six;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&six, CMSG_DATA(c), sizeof(six));
			/* Of a link-local address it says which link. */
			if (!IN6_IS_ADDR_LINKLOCAL(&six.ipi6_addr))
				six.ipi6_ifindex = 0;
			memcpy(CMSG_DATA(c), &six, sizeof(six));
		} else if (c->cmsg_level == IPPROTO_IP &&
			   c->cmsg_type == IP_PKTINFO) {
			memcpy(&four, CMSG_DATA(c), sizeof(four));
			four.ipi_ifindex = 0;
			four.ipi_spec_dst = four.ipi_addr;
			memcpy(CMSG_DATA(c), &four, sizeof(four));
		}
	}
}

static void
answer(struct target *t, int fd)
{
	for (;;) {
		char data[2048], control[256];
		struct sockaddr_storage ss;
		struct iovec iov = { data, sizeof(data) };
		struct msghdr msg = { .msg_name = &ss,
			.msg_namelen = sizeof(ss),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(fd, &msg, 0);

		if (n < 0)
			return;
		t->asked++;
		memcpy(data, "ok", 2);
		iov.iov_len = n > 2 ? (size_t)n : 2;
		turn_round(&msg);
		(void)sendmsg(fd, &msg, 0);
	}
}

static void
tell(const struct target *t)
{
	printf("{\"accepted\":%" PRIu64 ",\"silent\":%" PRIu64
	       ",\"endless\":%" PRIu64 ",\"flooded\":%" PRIu64
	       ",\"asked\":%" PRIu64 "}\n",
	    t->accepted, t->silent, t->endless, t->flooded, t->asked);
	fflush(stdout);
}

static void
control(const struct target *t)
{
	char line[64];

	if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
		exit(0);
	tell(t);
}

static void
run(struct target *t)
{
	struct epoll_event ev[64];
	int i, n;

	while ((n = epoll_wait(t->epoll, ev, 64, -1)) >= 0 || errno == EINTR)
		for (i = 0; i < n; i++) {
			enum kind kind = (enum kind)(ev[i].data.u64 >> 32);
			int fd = (int)(uint32_t)ev[i].data.u64;

			if (kind == KIND_CONTROL)
				control(t);
			else if (kind == KIND_UDP)
				answer(t, fd);
			else if (kind == KIND_FLOOD)
				flood(t, fd);
			else
				take_connections(t, fd, kind);
		}
	die("epoll");
}

int
main(int argc, char **argv)
{
	static const char letters[] = "tbseu";
	static const enum kind kinds[] = { KIND_CLOSE, KIND_GREET, KIND_SILENT,
		KIND_ENDLESS, KIND_UDP };
	struct target t = { .epoll = epoll_create1(EPOLL_CLOEXEC) };
	struct rlimit rl;
	const char *at;
	int c;

	if (t.epoll < 0)
		die("epoll");
	/* What is silent stays open. */
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
	while ((c = getopt(argc, argv, "t:b:s:e:u:")) != -1) {
		at = c == '?' ? NULL : strchr(letters, c);
		if (at == NULL)
			return 2;
		listen_all(&t, kinds[at - letters], optarg);
	}
	if (optind != argc)
		return 2;
	watch(&t, STDIN_FILENO, KIND_CONTROL, EPOLLIN);
	puts("ready");
	fflush(stdout);
	run(&t);
}
