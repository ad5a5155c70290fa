/* SPDX-License-Identifier: ISC */
/*
 * What a SYN scan costs at least: raw sockets, sendmmsg, no more.
 *
 *	floor_syn [-r RATE] [-w MS] [-t TRIES] FROM ADDRESS [LO-HI]
 *
 * IPv4, all ports from LO to HI (1-65535), RATE packets a second (0: as fast
 * as it goes). Rounds: what is unanswered MS (250) after a round is asked
 * again, TRIES (4) times in all. Prints the open ports, then "open closed
 * silent sent". The settings fit a network that is known; a scanner has to
 * find them out.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define BATCH    64
#define SRC_PORT 61000

enum verdict {
	NOT_YET,
	OPEN,
	CLOSED,
	NVERDICTS
};

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct floor {
	struct in_addr from, to;
	int out, in;
	unsigned lo, hi, silent;
	uint64_t rate, sent;
	uint64_t wait_ns;
	uint8_t verdict[65536];
};

static void
die(const char *what)
{
	fprintf(stderr, "floor_syn: %s: %s\n", what, strerror(errno));
	exit(errno == EPERM ? 77 : 99);
}

static uint32_t
cookie(uint16_t port)
{
	return port * 2654435761U ^ 0x5ca17eadU;
}

static uint32_t
sum_words(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void
syn_make(const struct floor *f, struct segment *s, uint16_t port)
{
	memset(s, 0, sizeof(*s));
	s->ip.version = 4;
	s->ip.ihl = 5;
	s->ip.tot_len = htons(sizeof(*s));
	s->ip.ttl = 64;
	s->ip.protocol = IPPROTO_TCP;
	s->ip.saddr = f->from.s_addr;
	s->ip.daddr = f->to.s_addr;
	s->tcp.source = htons(SRC_PORT);
	s->tcp.dest = htons(port);
	s->tcp.seq = htonl(cookie(port));
	s->tcp.doff = 5;
	s->tcp.syn = 1;
	s->tcp.window = htons(1024);
	s->tcp.check =
	    fold(sum_words(&s->ip.saddr, 8) + IPPROTO_TCP + sizeof(s->tcp) +
		 sum_words(&s->tcp, sizeof(s->tcp)));
}

static void
take_one(struct floor *f, const uint8_t *data, ssize_t len)
{
	struct iphdr ip;
	struct tcphdr tcp;
	uint16_t port;

	if (len < (ssize_t)sizeof(ip))
		return;
	memcpy(&ip, data, sizeof(ip));
	if (len < ip.ihl * 4 + (ssize_t)sizeof(tcp))
		return;
	memcpy(&tcp, data + ip.ihl * 4, sizeof(tcp));
	port = ntohs(tcp.source);
	if (ip.saddr != f->to.s_addr || ntohs(tcp.dest) != SRC_PORT ||
	    !tcp.ack || ntohl(tcp.ack_seq) != cookie(port) + 1 ||
	    f->verdict[port] != NOT_YET)
		return;
	f->verdict[port] = tcp.syn ? OPEN : CLOSED;
	f->silent--;
}

static void
take_answers(struct floor *f, int ms)
{
	static uint8_t data[256][128];
	static struct iovec iov[256];
	static struct mmsghdr msg[256];
	struct pollfd p = { .fd = f->in, .events = POLLIN };
	int i, n;

	if (ms > 0 && poll(&p, 1, ms) <= 0)
		return;
	do {
		for (i = 0; i < 256; i++) {
			iov[i] = (struct iovec){ data[i], sizeof(data[i]) };
			msg[i].msg_hdr.msg_iov = &iov[i];
			msg[i].msg_hdr.msg_iovlen = 1;
		}
		n = recvmmsg(f->in, msg, 256, MSG_DONTWAIT, NULL);
		for (i = 0; i < n; i++)
			take_one(f, data[i], msg[i].msg_len);
	} while (n == 256);
}

static void
send_all(struct floor *f, const uint16_t *port, unsigned n)
{
	static struct segment s[BATCH];
	static struct iovec iov[BATCH];
	static struct mmsghdr msg[BATCH];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = f->to };
	unsigned i, done = 0;

	for (i = 0; i < n; i++) {
		syn_make(f, &s[i], port[i]);
		iov[i] = (struct iovec){ &s[i], sizeof(s[i]) };
		msg[i].msg_hdr = (struct msghdr){ .msg_name = &to,
			.msg_namelen = sizeof(to),
			.msg_iov = &iov[i],
			.msg_iovlen = 1 };
	}
	while (done < n) {
		int r = sendmmsg(f->out, msg + done, n - done, 0);

		if (r < 0 && errno != ENOBUFS && errno != EAGAIN)
			die("send");
		if (r < 0)
			take_answers(f, 1);
		else
			done += (unsigned)r;
	}
	f->sent += n;
}

static void
round_of(struct floor *f)
{
	uint64_t begin = clock_mono_ns(), sent = 0, end;
	unsigned port = f->lo, n;
	uint16_t batch[BATCH];

	while (port <= f->hi) {
		uint64_t may = f->rate == 0 ? UINT64_MAX
					    : (clock_mono_ns() - begin) *
						  f->rate / 1000000000;

		for (n = 0; port <= f->hi && n < BATCH && sent + n < may;
		     port++)
			if (f->verdict[port] == NOT_YET)
				batch[n++] = (uint16_t)port;
		send_all(f, batch, n);
		sent += n;
		take_answers(f, n == 0 && port <= f->hi ? 1 : 0);
	}
	end = clock_mono_ns() + f->wait_ns;
	while (f->silent > 0 && clock_mono_ns() < end)
		take_answers(f, 1);
}

static int
tcp_socket(int proto, struct floor *f)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = f->from };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, proto);
	int size = 32 << 20;

	if (fd < 0)
		die("raw socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (proto == IPPROTO_TCP &&
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		die("bind");
	return fd;
}

int
main(int argc, char **argv)
{
	static struct floor f = { .lo = 1, .hi = 65535, .wait_ns = 250000000 };
	unsigned count[NVERDICTS] = { 0 }, port;
	int c, tries = 4;

	while ((c = getopt(argc, argv, "r:w:t:")) != -1) {
		if (c == 'r')
			f.rate = (uint64_t)atoi(optarg);
		else if (c == 'w')
			f.wait_ns = (uint64_t)atoi(optarg) * 1000000;
		else if (c == 't')
			tries = atoi(optarg);
		else
			return 2;
	}
	argv += optind;
	if (argc - optind < 2 || inet_pton(AF_INET, argv[0], &f.from) != 1 ||
	    inet_pton(AF_INET, argv[1], &f.to) != 1 ||
	    (argv[2] != NULL && sscanf(argv[2], "%u-%u", &f.lo, &f.hi) != 2))
		return 2;
	f.silent = f.hi - f.lo + 1;
	f.out = tcp_socket(IPPROTO_RAW, &f);
	f.in = tcp_socket(IPPROTO_TCP, &f);
	while (tries-- > 0 && f.silent > 0)
		round_of(&f);
	for (port = f.lo; port <= f.hi; port++) {
		count[f.verdict[port]]++;
		if (f.verdict[port] == OPEN)
			printf("%u\n", port);
	}
	printf("%u %u %u %llu\n", count[OPEN], count[CLOSED], f.silent,
	    (unsigned long long)f.sent);
	return 0;
}
