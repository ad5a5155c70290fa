/* SPDX-License-Identifier: ISC */
/*
 * TPACKET_V2: of the three layouts of a ring it is the one that shows a packet
 * as soon as it has come; version 3 holds a block back until it is full or
 * until a timer of some ms ends, which would be most of the round trip on a
 * fast link. Frames are 256 bytes, since answers are short.
 *
 * System calls: in capture_new(), setsockopt(2) (SOL_SOCKET: SO_ATTACH_FILTER;
 * SOL_PACKET: PACKET_IGNORE_OUTGOING, PACKET_VERSION, PACKET_RX_RING), mmap(2),
 * bind(2); then getsockopt(2) (PACKET_STATISTICS), recvmsg(2) if there is no
 * ring, munmap(2).
 */
#include "config.h"

#include "scan/capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"

#define FRAME  256
#define BLOCK  4096
#define BLOCKS 768 /* 3 MiB, 12,288 frames */
#define BATCH  4096
#define SNAP   160

/* Since Linux 4.20. */
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

struct capture {
	int fd;
	uint8_t *ring; /* NULL: packets are read one by one */
	uint32_t next, nframes;
};

/* -- the filter ----------------------------------------------------------- */

/* Labels of the program: a jump names one, and is resolved below. */
enum label {
	NEXT,
	IP4,
	TCP4,
	IP6,
	TCP6,
	ICMP6,
	ARP,
	PORT,
	ACCEPT,
	DROP,
	NLABELS
};
struct step {
	enum label here; /* NEXT: none */
	uint16_t code;
	uint32_t k;
	enum label yes, no;
};
#define ANCILLARY(x) ((uint32_t)SKF_AD_OFF + (uint32_t)(x))
#define LD_WORD      (BPF_LD | BPF_W | BPF_ABS)
#define LD_HALF      (BPF_LD | BPF_H | BPF_ABS)
#define LD_BYTE      (BPF_LD | BPF_B | BPF_ABS)
#define LD_HALF_X    (BPF_LD | BPF_H | BPF_IND)
#define LD_BYTE_X    (BPF_LD | BPF_B | BPF_IND)
#define LDX_HEADER   (BPF_LDX | BPF_B | BPF_MSH)
#define EQUAL        (BPF_JMP | BPF_JEQ | BPF_K)
#define AT_LEAST     (BPF_JMP | BPF_JGE | BPF_K)
#define MASKED       (BPF_JMP | BPF_JSET | BPF_K)
#define RETURN       (BPF_RET | BPF_K)
#define FIRST_PORT   UINT32_MAX /* put in when it is known */
#define AFTER_PORT   (UINT32_MAX - 1)

static const struct step program[] = {
	{ NEXT, LD_WORD, ANCILLARY(SKF_AD_PKTTYPE), NEXT, NEXT },
	{ NEXT, EQUAL, PACKET_HOST, NEXT, DROP },
	{ NEXT, LD_HALF, ANCILLARY(SKF_AD_PROTOCOL), NEXT, NEXT },
	{ NEXT, EQUAL, ETH_P_IP, IP4, NEXT },
	{ NEXT, EQUAL, ETH_P_IPV6, IP6, NEXT },
	{ NEXT, EQUAL, ETH_P_ARP, ARP, DROP },
	/* no fragments */
	{ IP4, LD_HALF, 6, NEXT, NEXT },
	{ NEXT, MASKED, 0x1fff, DROP, NEXT },
	{ NEXT, LDX_HEADER, 0, NEXT, NEXT },
	{ NEXT, LD_BYTE, 9, NEXT, NEXT },
	{ NEXT, EQUAL, IPPROTO_TCP, TCP4, NEXT },
	{ NEXT, EQUAL, IPPROTO_ICMP, NEXT, DROP },
	/* echo reply, unreachable, time exceeded, parameter problem */
	{ NEXT, LD_BYTE_X, 0, NEXT, NEXT },
	{ NEXT, EQUAL, 0, ACCEPT, NEXT },
	{ NEXT, EQUAL, 3, ACCEPT, NEXT },
	{ NEXT, EQUAL, 11, ACCEPT, NEXT },
	{ NEXT, EQUAL, 12, ACCEPT, DROP },
	{ IP6, LD_BYTE, 6, NEXT, NEXT },
	{ NEXT, EQUAL, IPPROTO_TCP, TCP6, NEXT },
	{ NEXT, EQUAL, IPPROTO_ICMPV6, ICMP6, NEXT },
	/* Behind other headers: it is seen when it is read. */
	{ NEXT, EQUAL, IPPROTO_HOPOPTS, ACCEPT, NEXT },
	{ NEXT, EQUAL, IPPROTO_ROUTING, ACCEPT, NEXT },
	{ NEXT, EQUAL, IPPROTO_DSTOPTS, ACCEPT, DROP },
	/* The port that it is for: at least 0 is every one. */
	{ TCP4, LD_HALF_X, 2, NEXT, NEXT },
	{ NEXT, AT_LEAST, 0, PORT, PORT },
	{ TCP6, LD_HALF, 42, NEXT, NEXT },
	{ PORT, AT_LEAST, FIRST_PORT, NEXT, DROP },
	{ NEXT, AT_LEAST, AFTER_PORT, DROP, ACCEPT },
	/* unreachable, time exceeded, parameter problem, echo reply, neighbour
	 * advertisement */
	{ ICMP6, LD_BYTE, 40, NEXT, NEXT },
	{ NEXT, EQUAL, 1, ACCEPT, NEXT },
	{ NEXT, EQUAL, 3, ACCEPT, NEXT },
	{ NEXT, EQUAL, 4, ACCEPT, NEXT },
	{ NEXT, EQUAL, 129, ACCEPT, NEXT },
	{ NEXT, EQUAL, 136, ACCEPT, DROP },
	{ ARP, LD_HALF, 6, NEXT, NEXT },
	{ NEXT, EQUAL, 2, ACCEPT, DROP },
	{ ACCEPT, RETURN, SNAP, NEXT, NEXT },
	{ DROP, RETURN, 0, NEXT, NEXT },
};

static uint8_t
jump(size_t from, enum label to, const uint8_t *at)
{
	return to == NEXT ? 0 : (uint8_t)(at[to] - from - 1);
}

static int
attach_filter(int fd, uint16_t port, uint16_t nports)
{
	struct sock_filter code[nitems(program)];
	struct sock_fprog prog = { .len = nitems(code), .filter = code };
	uint8_t at[NLABELS] = { 0 };
	const struct step *s;
	size_t i;

	for (i = 0; i < nitems(program); i++)
		at[program[i].here] = (uint8_t)i;
	for (i = 0; i < nitems(program); i++) {
		s = &program[i];
		code[i] = (struct sock_filter){
			.code = s->code,
			.jt = jump(i, s->yes, at),
			.jf = jump(i, s->no, at),
			.k = s->k == FIRST_PORT   ? port
			     : s->k == AFTER_PORT ? (uint32_t)port + nports
						  : s->k,
		};
	}
	return setsockopt(
		   fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0
		   ? 0
		   : -errno;
}

/* -- the ring ------------------------------------------------------------- */

static void
drop_ring(int fd)
{
	struct tpacket_req none = { 0 };

	(void)setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &none, sizeof(none));
}

/* Without one (no memory, an emulated kernel) it works, too, but a burst may
 * be lost. */
static void
map_ring(struct capture *c)
{
	struct tpacket_req req = {
		.tp_block_size = BLOCK,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = FRAME,
		.tp_frame_nr = BLOCKS * (BLOCK / FRAME),
	};
	int version = TPACKET_V2;
	void *p;

	if (setsockopt(c->fd, SOL_PACKET, PACKET_VERSION, &version,
		sizeof(version)) != 0 ||
	    setsockopt(c->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) !=
		0)
		return;
	p = mmap(NULL, (size_t)BLOCK * BLOCKS, PROT_READ | PROT_WRITE,
	    MAP_SHARED, c->fd, 0);
	if (p == MAP_FAILED) {
		drop_ring(c->fd);
		return;
	}
	c->ring = p;
	c->nframes = req.tp_frame_nr;
}

struct capture *
capture_new(int fd, uint16_t port, uint16_t nports, char **cause)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	struct capture *c;
	int error, one = 1;

	/* The filter comes first: before bind(2) nothing is received, and
	 * after it only what is wanted. */
	error = attach_filter(fd, port, nports);
	if (error == 0 && setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING,
			      &one, sizeof(one)) != 0)
		error = -errno;
	if (error != 0) {
		xasprintf(
		    cause, "packets cannot be received: %s", strerror(-error));
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	map_ring(c);
	if (bind(fd, (struct sockaddr *)&ll, sizeof(ll)) != 0) {
		xasprintf(
		    cause, "packets cannot be received: %s", strerror(errno));
		capture_free(c);
		return NULL;
	}
	return c;
}

void
capture_free(struct capture *c)
{
	if (c == NULL)
		return;
	if (c->ring != NULL) {
		munmap(c->ring, (size_t)BLOCK * BLOCKS);
		drop_ring(c->fd);
	}
	free(c);
}

/* -- receiving ------------------------------------------------------------ */

static void
frame_of(struct capture_frame *f, const struct sockaddr_ll *ll)
{
	f->ethertype = ntohs(ll->sll_protocol);
	f->ifindex = (uint32_t)ll->sll_ifindex;
	f->loopback = ll->sll_hatype == ARPHRD_LOOPBACK;
}

/* Frames are stamped by the wall clock; how long ago that was is the same by
 * any clock. One that was set meanwhile is told by an age that cannot be. */
static uint64_t
when(uint64_t wall, uint64_t mono, uint32_t sec, uint32_t nsec)
{
	uint64_t stamp = (uint64_t)sec * 1000000000 + nsec;

	if (stamp > wall || wall - stamp > 1000000000 || wall - stamp > mono)
		return mono;
	return mono - (wall - stamp);
}

static uint32_t
read_ring(struct capture *c, capture_take take, void *arg)
{
	struct capture_frame f;
	struct tpacket2_hdr *h;
	struct timespec ts = clock_wall();
	uint64_t mono = clock_mono_ns(),
		 wall = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	uint32_t n;

	for (n = 0; n < BATCH; n++) {
		h = (struct tpacket2_hdr *)(c->ring + (size_t)c->next * FRAME);
		if ((__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) &
			TP_STATUS_USER) == 0)
			break;
		frame_of(&f, (struct sockaddr_ll *)((uint8_t *)h +
						    TPACKET_ALIGN(sizeof(*h))));
		f.at_ns = when(wall, mono, h->tp_sec, h->tp_nsec);
		f.data = (uint8_t *)h + h->tp_net;
		f.len = h->tp_snaplen;
		if (h->tp_net <= FRAME && f.len <= (size_t)FRAME - h->tp_net)
			take(arg, &f);
		__atomic_store_n(
		    &h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		if (++c->next == c->nframes)
			c->next = 0;
	}
	return n;
}

static uint32_t
read_socket(struct capture *c, capture_take take, void *arg)
{
	uint8_t data[SNAP];
	struct sockaddr_ll ll;
	struct capture_frame f = { .data = data };
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr m = {
		.msg_name = &ll,
		.msg_namelen = sizeof(ll),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t got;
	uint32_t n;

	for (n = 0; n < BATCH; n++) {
		got = recvmsg(c->fd, &m, MSG_DONTWAIT);
		if (got < 0)
			break;
		frame_of(&f, &ll);
		f.at_ns = clock_mono_ns();
		f.len = (size_t)got;
		take(arg, &f);
	}
	return n;
}

uint32_t
capture_read(struct capture *c, capture_take take, void *arg)
{
	return c->ring != NULL ? read_ring(c, take, arg)
			       : read_socket(c, take, arg);
}

uint32_t
capture_lost(struct capture *c)
{
	struct tpacket_stats st = { 0 };
	socklen_t len = sizeof(st);

	if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len) != 0)
		return 0;
	return st.tp_drops;
}
