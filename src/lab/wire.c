/* SPDX-License-Identifier: ISC */
/*
 * Packet sockets at the wire's two ends. What is no segment of a lesson (ARP,
 * neighbour discovery) passes unseen.
 */
#include "config.h"

#include "lab/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xmalloc.h"
#include "lab/room.h"
#include "lab/segment.h"

#define FRAME_MAX 2048 /* an MTU of 1500, and its head */

static int
open_end(enum lab_host host)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(room_wire_name(host)) };
	/* Deaf until it is bound, else it hears all links. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&ll, sizeof(ll)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

int
wire_open(struct wire *w, char **cause)
{
	int host;

	w->fd[LAB_CLIENT] = w->fd[LAB_SERVER] = -1;
	for (host = 0; host < LAB_NHOSTS; host++) {
		w->fd[host] = open_end(host);
		if (w->fd[host] < 0) {
			int r = w->fd[host];

			xasprintf(
			    cause, "the wire: packet socket: %s", strerror(-r));
			wire_close(w);
			return r;
		}
	}
	return 0;
}

void
wire_close(struct wire *w)
{
	int host;
	size_t i;

	for (host = 0; host < LAB_NHOSTS; host++) {
		if (w->fd[host] >= 0)
			close(w->fd[host]);
		w->fd[host] = -1;
		w->hold[host] = w->lose[host] = 0;
	}
	for (i = 0; i < w->nhand; i++)
		free(w->hand[i].data);
	w->nhand = w->nflows = 0;
}

static enum lab_host
other(enum lab_host host)
{
	return host == LAB_CLIENT ? LAB_SERVER : LAB_CLIENT;
}

/* -- numbers from the start of the connection on -------------------------- */

static struct wire_flow *
flow_of(struct wire *w, const struct lab_segment *s)
{
	struct wire_flow *f;
	uint16_t port[LAB_NHOSTS];
	size_t i;

	port[s->from] = s->sport;
	port[other(s->from)] = s->dport;
	for (i = 0; i < w->nflows; i++) {
		f = &w->flow[i];
		if (f->family == s->family &&
		    memcmp(f->port, port, sizeof(port)) == 0)
			return f;
	}
	if (w->nflows == WIRE_FLOWS)
		return NULL;
	f = &w->flow[w->nflows++];
	*f = (struct wire_flow){ .family = s->family };
	memcpy(f->port, port, sizeof(port));
	return f;
}

static void
count_from_start(struct wire *w, struct lab_segment *s)
{
	struct wire_flow *f;

	if (s->kind >= LAB_DATAGRAM || (f = flow_of(w, s)) == NULL)
		return;
	if (s->flags & LAB_FLAG_SYN) {
		f->start[s->from] = s->seq;
		f->scale[s->from] = s->scale;
		f->known[s->from] = true;
	} else if (f->known[LAB_CLIENT] && f->known[LAB_SERVER] &&
		   f->scale[LAB_CLIENT] != LAB_NO_SCALE &&
		   f->scale[LAB_SERVER] != LAB_NO_SCALE)
		s->window <<= f->scale[s->from];
	if (f->known[s->from])
		s->seq -= f->start[s->from];
	if (f->known[other(s->from)] && (s->flags & LAB_FLAG_ACK))
		s->ack -= f->start[other(s->from)];
}

/* -- frames --------------------------------------------------------------- */

static void
log_segment(struct wire *w, uint32_t id, const struct lab_segment *s)
{
	struct lab_log line;

	memset(&line, 0, sizeof(line));
	line.id = id;
	line.segment = *s;
	w->tell(w->arg, &line);
}

static void
pass(struct wire *w, enum lab_host from, const uint8_t *data, size_t len)
{
	/* What does not get through is sent again. */
	(void)!send(w->fd[other(from)], data, len, 0);
}

static bool
same(const struct lab_segment *a, const struct lab_segment *b)
{
	return a->from == b->from && a->family == b->family &&
	       a->sport == b->sport && a->dport == b->dport &&
	       a->kind == b->kind && a->flags == b->flags && a->seq == b->seq &&
	       a->ack == b->ack && a->len == b->len;
}

static void
hold(struct wire *w, const struct lab_segment *s, const uint8_t *data,
    size_t len)
{
	struct wire_frame *f;
	size_t i;

	for (i = 0; i < w->nhand && !same(&w->hand[i].seg, s); i++)
		;
	if (i == WIRE_HAND)
		return; /* it will be sent again */
	f = &w->hand[i];
	if (i == w->nhand) {
		w->nhand++;
		*f = (struct wire_frame){ .id = ++*w->log_id, .seg = *s };
		f->seg.fate = LAB_HELD;
	} else
		f->seg.again++;
	/* The newest copy: its time stamp is the right one now. */
	free(f->data);
	f->data = xmalloc(len);
	memcpy(f->data, data, len);
	f->len = len;
	log_segment(w, f->id, &f->seg);
}

static void
take(struct wire *w, enum lab_host from, const uint8_t *data, size_t len)
{
	struct lab_segment s = { .from = (uint8_t)from };

	segment_parse(&s, data, len);
	if (s.kind == LAB_OTHER) {
		pass(w, from, data, len);
		return;
	}
	w->seen++;
	count_from_start(w, &s);
	if (w->lose[from] & LAB_KIND(s.kind)) {
		s.fate = LAB_LOST;
		log_segment(w, ++*w->log_id, &s);
	} else if (w->hold[from] & LAB_KIND(s.kind))
		hold(w, &s, data, len);
	else {
		log_segment(w, ++*w->log_id, &s);
		pass(w, from, data, len);
	}
}

void
wire_read(struct wire *w, enum lab_host from)
{
	uint8_t frame[FRAME_MAX];
	struct sockaddr_ll ll;
	socklen_t len;
	ssize_t n;

	for (;;) {
		len = sizeof(ll);
		n = recvfrom(w->fd[from], frame, sizeof(frame), 0,
		    (struct sockaddr *)&ll, &len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if (ll.sll_pkttype != PACKET_OUTGOING)
			take(w, from, frame, (size_t)n);
	}
}

void
wire_let_go(struct wire *w)
{
	struct wire_frame *f;
	size_t i;

	for (i = 0; i < w->nhand; i++) {
		f = &w->hand[i];
		f->seg.fate = LAB_RELEASED;
		log_segment(w, f->id, &f->seg);
		pass(w, f->seg.from, f->data, f->len);
		free(f->data);
	}
	w->nhand = 0;
}
