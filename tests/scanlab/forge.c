/* SPDX-License-Identifier: ISC */
/*
 * A liar: answers a scan with SYN-ACKs nobody sent.
 *
 *	forge DEV FROM TO COUNT
 *
 * Waits until TO sends FROM a SYN (seen at DEV) and then sends COUNT SYN-ACKs
 * to the port it came from, from all ports of FROM in turn, with numbers that
 * are guessed. IPv4. Prints "ready", then one line of counters (JSON) for each
 * line it reads; the end of its standard input ends it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"

#define BATCH 64

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct liar {
	struct in_addr from, to;
	int in, out;
	uint16_t port; /* of the scanner; 0: not seen yet */
	uint64_t seed, sent, count;
};

static void
die(const char *what)
{
	fprintf(stderr, "forge: %s: %s\n", what, strerror(errno));
	exit(99);
}

static uint16_t
checksum(const struct segment *s)
{
	const uint8_t *p = (const uint8_t *)&s->ip.saddr;
	size_t n = sizeof(*s) - offsetof(struct segment, ip.saddr);
	uint32_t sum = IPPROTO_TCP + sizeof(s->tcp);

	for (; n > 1; p += 2, n -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void
lie(const struct liar *l, struct segment *s, uint64_t i)
{
	uint64_t guess = hash_mix(l->seed + i);

	memset(s, 0, sizeof(*s));
	s->ip.version = 4;
	s->ip.ihl = 5;
	s->ip.tot_len = htons(sizeof(*s));
	s->ip.ttl = 64;
	s->ip.protocol = IPPROTO_TCP;
	s->ip.saddr = l->from.s_addr;
	s->ip.daddr = l->to.s_addr;
	s->tcp.source = htons((uint16_t)(i % 65535 + 1));
	s->tcp.dest = htons(l->port);
	s->tcp.seq = (uint32_t)guess;
	s->tcp.ack_seq = (uint32_t)(guess >> 32);
	s->tcp.doff = 5;
	s->tcp.syn = s->tcp.ack = 1;
	s->tcp.window = htons(64240);
	s->tcp.check = checksum(s);
}

static void
lie_more(struct liar *l)
{
	static struct segment s[BATCH];
	static struct iovec iov[BATCH];
	static struct mmsghdr msg[BATCH];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = l->to };
	unsigned i;
	int n;

	for (i = 0; i < BATCH && l->sent + i < l->count; i++) {
		lie(l, &s[i], l->sent + i);
		iov[i] = (struct iovec){ &s[i], sizeof(s[i]) };
		msg[i].msg_hdr = (struct msghdr){ .msg_name = &to,
			.msg_namelen = sizeof(to),
			.msg_iov = &iov[i],
			.msg_iovlen = 1 };
	}
	n = sendmmsg(l->out, msg, i, 0);
	if (n > 0)
		l->sent += (unsigned)n;
	else if (errno != ENOBUFS && errno != EAGAIN)
		die("send");
}

static void
listen_for_syn(struct liar *l)
{
	struct segment s;

	if (recv(l->in, &s, sizeof(s), 0) < (ssize_t)sizeof(s) ||
	    s.ip.protocol != IPPROTO_TCP || s.ip.ihl != 5 ||
	    s.ip.saddr != l->to.s_addr || s.ip.daddr != l->from.s_addr ||
	    !s.tcp.syn || s.tcp.ack)
		return;
	l->port = ntohs(s.tcp.source);
	/* What else comes need not be heard. */
	close(l->in);
	l->in = -1;
}

static void
run(struct liar *l)
{
	struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = l->in, .events = POLLIN } };
	char line[64];

	for (;;) {
		bool busy = l->port != 0 && l->sent < l->count;

		p[1].fd = l->in;
		if (poll(p, 2, busy ? 0 : -1) < 0 && errno != EINTR)
			die("poll");
		if (p[0].revents != 0) {
			if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
				return;
			printf("{\"sent\":%" PRIu64 "}\n", l->sent);
			fflush(stdout);
		}
		if (l->in >= 0 && p[1].revents != 0)
			listen_for_syn(l);
		if (busy)
			lie_more(l);
	}
}

int
main(int argc, char **argv)
{
	struct liar l = { .seed = clock_mono_ns() };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP) };

	if (argc != 5 || inet_pton(AF_INET, argv[2], &l.from) != 1 ||
	    inet_pton(AF_INET, argv[3], &l.to) != 1 ||
	    !num_u64(argv[4], 1, UINT32_MAX, &l.count)) {
		fprintf(stderr, "usage: forge dev from to count\n");
		return 2;
	}
	ll.sll_ifindex = (int)if_nametoindex(argv[1]);
	l.in = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	l.out = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (ll.sll_ifindex == 0 || l.in < 0 || l.out < 0 ||
	    bind(l.in, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		die(argv[1]);
	puts("ready");
	fflush(stdout);
	run(&l);
	return 0;
}
