/* SPDX-License-Identifier: ISC */
/*
 * A link with delay, loss and a bottleneck, in user space: many kernels are
 * built without netem.
 *
 *	wire [-d US] [-l PERCENT] [-r MBIT [-q BYTES]] [-s SEED] IFA IFB
 *
 * Frames that come in at one interface go out at the other, US microseconds
 * later; of each direction PERCENT are lost. With -r they queue for a link of
 * so many megabits a second; what finds BYTES (65536) ahead of it is dropped.
 *
 * Prints "ready", then one line of counters (JSON) for each line it reads; the
 * end of its standard input ends it.
 *
 * What is on its way lies in a ring of bytes: 50 ms of 200,000 frames a second
 * are 800 kB. "overrun" counts what found no room in there or in the kernel's
 * ring: then the figures are the lab's, not the scanner's.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/xmalloc.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define SLOT        2048      /* an MTU of 1500 and the ring's own head */
#define NSLOTS      16384     /* a burst */
#define BLOCK       (1 << 16) /* slots are given out in such blocks */
#define BATCH       256       /* frames a system call */
#define QUEUE_BYTES 65536
#define LINE_BYTES  (UINT64_C(1) << 24) /* a power of two */

/* What a link does to a frame; both directions the same. */
struct nature {
	uint64_t delay_ns;
	double loss;                  /* 0 .. 1 */
	double ns_per_byte, queue_ns; /* 0: no bottleneck */
};

/* A frame on its way; its bytes follow. */
struct held {
	uint64_t due;
	uint32_t len;  /* 0: nothing, the ring's end was too near */
	uint32_t size; /* with this head and what fills it up */
};

/* One direction. */
struct way {
	const char *from;
	int in, out;
	uint8_t *slot; /* the kernel's ring */
	uint32_t next;
	uint8_t *line;
	uint64_t head, tail; /* of line, in bytes since the beginning */
	uint64_t free_at;    /* when the bottleneck has sent all */
	uint64_t rx, tx, lost, full, overrun;
};

struct wire {
	struct nature nature;
	struct way way[2];
	uint64_t seed, drawn;
};

static void
die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	exit(99);
}

static struct tpacket2_hdr *
slot_at(const struct way *y, uint32_t i)
{
	return (struct tpacket2_hdr *)(void *)(y->slot + (size_t)i * SLOT);
}

static struct held *
held_at(const struct way *y, uint64_t offset)
{
	return (struct held *)(void *)(y->line + (offset & (LINE_BYTES - 1)));
}

static int
end_open(const char *name, uint8_t **slot)
{
	struct tpacket_req req = { .tp_block_size = BLOCK,
		.tp_frame_size = SLOT,
		.tp_frame_nr = NSLOTS,
		.tp_block_nr = NSLOTS / (BLOCK / SLOT) };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name) };
	int version = TPACKET_V2, one = 1;
	/* Deaf until it is bound, else it hears all interfaces. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || ll.sll_ifindex == 0)
		die(name);
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version,
		sizeof(version)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) < 0)
		die("packet ring");
	(void)setsockopt(
	    fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	*slot = mmap(NULL, (size_t)NSLOTS * SLOT, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (*slot == MAP_FAILED)
		die("packet ring");
	if (bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		die(name);
	return fd;
}

static void
wire_open(struct wire *w, char **name)
{
	struct way *a = &w->way[0], *b = &w->way[1];

	a->from = name[0];
	b->from = name[1];
	a->in = end_open(name[0], &a->slot);
	b->in = end_open(name[1], &b->slot);
	a->out = b->in;
	b->out = a->in;
	a->line = xmalloc(LINE_BYTES);
	b->line = xmalloc(LINE_BYTES);
}

static bool
is_lost(struct wire *w)
{
	uint64_t draw = hash_mix(w->seed + ++w->drawn);

	return (double)(draw >> 11) * 0x1p-53 < w->nature.loss;
}

/* When a frame that is here now comes out; 0: never. */
static uint64_t
due_at(struct wire *w, struct way *y, uint32_t len, uint64_t now)
{
	const struct nature *n = &w->nature;
	uint64_t start = y->free_at > now ? y->free_at : now;

	if (is_lost(w)) {
		y->lost++;
		return 0;
	}
	if (n->ns_per_byte <= 0)
		return now + n->delay_ns;
	if ((double)(start - now) > n->queue_ns) {
		y->full++;
		return 0;
	}
	y->free_at = start + (uint64_t)(len * n->ns_per_byte);
	return y->free_at + n->delay_ns;
}

static void
put_off(struct way *y, const void *data, uint32_t len, uint64_t due)
{
	uint32_t size = (uint32_t)(sizeof(struct held) + len + 15) & ~15U;
	uint64_t end = LINE_BYTES - (y->tail & (LINE_BYTES - 1));
	struct held *h;

	if (LINE_BYTES - (y->tail - y->head) <
	    (end < size ? end + size : size)) {
		y->overrun++;
		return;
	}
	if (end < size) {
		h = held_at(y, y->tail);
		h->due = h->len = 0;
		h->size = (uint32_t)end;
		y->tail += end;
	}
	h = held_at(y, y->tail);
	h->due = due;
	h->len = len;
	h->size = size;
	memcpy(h + 1, data, len);
	y->tail += size;
}

static void
take_in(struct wire *w, struct way *y)
{
	uint64_t now = clock_mono_ns(), due;
	unsigned n;

	for (n = 0; n < NSLOTS; n++) {
		struct tpacket2_hdr *h = slot_at(y, y->next);

		if ((__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) &
			TP_STATUS_USER) == 0)
			return;
		y->rx++;
		due = due_at(w, y, h->tp_len, now);
		if (due != 0)
			put_off(
			    y, (uint8_t *)h + h->tp_mac, h->tp_snaplen, due);
		__atomic_store_n(
		    &h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		y->next = (y->next + 1) % NSLOTS;
	}
}

/* The first frames that are due. *end: where the next one begins. */
static unsigned
gather(struct way *y, struct mmsghdr *msg, struct iovec *iov, uint64_t *end)
{
	uint64_t now = clock_mono_ns(), at;
	unsigned n = 0;

	for (at = y->head; at != y->tail && n < BATCH;) {
		struct held *h = held_at(y, at);

		if (h->due > now)
			break;
		at += h->size;
		end[n] = at;
		if (h->len == 0) {
			if (n == 0)
				y->head = at;
			continue;
		}
		iov[n].iov_base = h + 1;
		iov[n].iov_len = h->len;
		msg[n].msg_hdr.msg_iov = &iov[n];
		msg[n].msg_hdr.msg_iovlen = 1;
		n++;
	}
	return n;
}

/* Sends what is due. True: more is due, but the kernel took no more. */
static bool
let_out(struct way *y)
{
	static struct mmsghdr msg[BATCH];
	static struct iovec iov[BATCH];
	static uint64_t end[BATCH];
	unsigned n;
	int sent;

	while ((n = gather(y, msg, iov, end)) > 0) {
		sent = sendmmsg(y->out, msg, n, 0);
		if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return true;
		if (sent < 0)
			die(y->from);
		y->tx += (unsigned)sent;
		y->head = end[sent - 1];
	}
	return false;
}

static void
tell(struct wire *w)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct way *y = &w->way[i];
		struct tpacket_stats st;
		socklen_t len = sizeof(st);

		/* Reading them sets them to zero. */
		if (getsockopt(
			y->in, SOL_PACKET, PACKET_STATISTICS, &st, &len) == 0)
			y->overrun += st.tp_drops;
		printf("%s\"%s\":{\"rx\":%" PRIu64 ",\"tx\":%" PRIu64
		       ",\"lost\":%" PRIu64 ",\"full\":%" PRIu64
		       ",\"overrun\":%" PRIu64 "}%s",
		    i == 0 ? "{" : ",", y->from, y->rx, y->tx, y->lost, y->full,
		    y->overrun, i == 0 ? "" : "}\n");
	}
	fflush(stdout);
}

static bool
next_due(const struct wire *w, uint64_t *ret)
{
	int i;

	*ret = UINT64_MAX;
	for (i = 0; i < 2; i++) {
		const struct way *y = &w->way[i];

		if (y->head != y->tail && held_at(y, y->head)->due < *ret)
			*ret = held_at(y, y->head)->due;
	}
	return *ret != UINT64_MAX;
}

static void
run(struct wire *w)
{
	struct pollfd p[3] = { { .fd = w->way[0].in, .events = POLLIN },
		{ .fd = w->way[1].in, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	bool stuck = false;
	char line[64];

	for (;;) {
		struct timespec ts = { 0 };
		uint64_t due, now = clock_mono_ns();
		bool timed = next_due(w, &due);

		if (timed && due > now) {
			ts.tv_sec = (time_t)((due - now) / 1000000000);
			ts.tv_nsec = (long)((due - now) % 1000000000);
		} else if (stuck)
			ts.tv_nsec = 100000;
		if (ppoll(p, 3, timed ? &ts : NULL, NULL) < 0 && errno != EINTR)
			die("poll");
		if (p[2].revents != 0) {
			if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
				return;
			tell(w);
		}
		take_in(w, &w->way[0]);
		take_in(w, &w->way[1]);
		stuck = let_out(&w->way[0]);
		stuck |= let_out(&w->way[1]);
	}
}

/* A link does not wait for its turn. Not everybody may have that. */
static void
be_quick(void)
{
	struct sched_param sp = { .sched_priority = 1 };

	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	(void)sched_setscheduler(0, SCHED_FIFO, &sp);
}

static int
usage(void)
{
	fprintf(stderr, "usage: wire [-d us] [-l percent] [-r mbit [-q bytes]]"
			" [-s seed] ifa ifb\n");
	return 2;
}

static bool
take_option(struct wire *w, int c, const char *arg, double *mbit, double *queue)
{
	uint64_t n;
	double d;

	switch (c) {
	case 'd':
		if (!num_u64(arg, 0, 10000000, &n))
			return false;
		w->nature.delay_ns = n * 1000;
		return true;
	case 'l':
		if (!num_double(arg, 0, 100, &d))
			return false;
		w->nature.loss = d / 100;
		return true;
	case 'r':
		return num_double(arg, 0.001, 100000, mbit);
	case 'q':
		return num_double(arg, 1, 1e9, queue);
	case 's':
		return num_u64(arg, 0, UINT64_MAX, &w->seed);
	}
	return false;
}

int
main(int argc, char **argv)
{
	struct wire w = { .seed = clock_mono_ns() };
	double mbit = 0, queue = QUEUE_BYTES;
	int c;

	while ((c = getopt(argc, argv, "d:l:r:q:s:")) != -1)
		if (!take_option(&w, c, optarg, &mbit, &queue))
			return usage();
	if (argc - optind != 2)
		return usage();
	if (mbit > 0) {
		w.nature.ns_per_byte = 8000 / mbit;
		w.nature.queue_ns = queue * w.nature.ns_per_byte;
	}
	be_quick();
	wire_open(&w, argv + optind);
	puts("ready");
	fflush(stdout);
	run(&w);
	return 0;
}
