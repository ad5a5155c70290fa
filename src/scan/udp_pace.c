/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "scan/udp_pace.h"

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "scan/icmp_rate.h"
#include "scan/payload.h"

#define MSEC UINT64_C(1000000)

/* Between the quick attempts: services that start work when they are asked. */
#define QUICK_NS (350 * MSEC)
/* No silence is told sooner than so long after the first packet: a RADIUS
 * server takes a second to say no. */
#define PATIENCE_NS (1600 * MSEC)
/* So many attempts at least, and so many silences that meant something: with 1
 * % lost each way one in 2,500 answers is missed by two. */
#define TRIES_MIN 3
#define MEANT_MIN 2
/* tick() is not wanted more often. */
#define TICK_NS MSEC

/* Of probe->cookie. */
enum pace_bits {
	PACE_MEANT = 0xff,    /* silences that meant something */
	PACE_FLYING = 1 << 8, /* sent, no word yet */
	PACE_PARKED = 1 << 9, /* in one of the queues */
	PACE_PACED = 1 << 10  /* the last attempt was a paced one */
};

struct wait {
	uint64_t due_ns;
	uint16_t port;
};
/* First in, first out: those from head on. */
struct queue {
	struct wait *w;
	size_t head, end, cap;
};
enum {
	QUICK,
	PACED,
	LAST,
	NQUEUES
};

/* Who shares a limit: a machine, by its Ethernet address if that is known, with
 * all its addresses that are scanned. */
struct machine {
	struct icmp_rate rate;
	uint8_t mac[6];
	bool known;     /* mac is */
	uint32_t hosts; /* 0: not used */
};
struct pace_host {
	struct machine *machine; /* NULL: nothing was sent yet */
	struct queue q[NQUEUES];
	bool busy; /* is in the list */
};

struct udp_pace {
	struct engine *engine;
	struct pace_host *host; /* by slot */
	struct machine *machine;
	/* By a hash of the address without its last bits: when an error came
	 * from there. Of what cannot be told apart neighbours may be one. */
	uint64_t *near_ns;
	uint32_t nhosts;
	uint32_t *busy; /* slots with something in a queue */
	uint32_t nbusy;
	uint32_t flying;
	uint32_t waiting[NQUEUES];
};

static void
queue_put(struct queue *q, struct wait w)
{
	if (q->head > 64 && q->head > q->cap / 2) {
		q->end -= q->head;
		memmove(q->w, q->w + q->head, q->end * sizeof *q->w);
		q->head = 0;
	}
	q->w = array_grow(q->w, &q->cap, q->end + 1, sizeof *q->w);
	q->w[q->end++] = w;
}

static bool
queue_empty(const struct queue *q)
{
	return q->head == q->end;
}

struct udp_pace *
udp_pace_new(struct engine *e)
{
	struct udp_pace *u = xcalloc(1, sizeof *u);

	u->engine = e;
	u->nhosts = engine_slots(e);
	u->host = xcalloc(u->nhosts, sizeof *u->host);
	u->machine = xcalloc(u->nhosts, sizeof *u->machine);
	u->near_ns = xcalloc(u->nhosts, sizeof *u->near_ns);
	u->busy = xcalloc(u->nhosts, sizeof *u->busy);
	return u;
}

void
udp_pace_free(struct udp_pace *u)
{
	uint32_t i, k;

	if (u == NULL)
		return;
	for (i = 0; i < u->nhosts; i++)
		for (k = 0; k < NQUEUES; k++)
			free(u->host[i].q[k].w);
	free(u->host);
	free(u->machine);
	free(u->near_ns);
	free(u->busy);
	free(u);
}

void
udp_pace_host(struct udp_pace *u, const struct host *h)
{
	struct pace_host *ph = &u->host[h->slot];
	uint32_t k;

	if (ph->machine != NULL)
		ph->machine->hosts--;
	ph->machine = NULL;
	/* What the last host of this slot left is over: its probes are. */
	for (k = 0; k < NQUEUES; k++) {
		u->waiting[k] -= (uint32_t)(ph->q[k].end - ph->q[k].head);
		free(ph->q[k].w);
		ph->q[k] = (struct queue){ 0 };
	}
}

/* By now its Ethernet address was learnt, if it is a neighbour. */
static void
machine_find(struct udp_pace *u, struct pace_host *ph, const struct host *h)
{
	static const uint8_t none[6];
	struct machine *m, *unused = NULL;
	bool known = memcmp(h->mac, none, sizeof none) != 0 && !h->local;

	for (m = u->machine; m < u->machine + u->nhosts; m++) {
		if (m->hosts == 0)
			unused = unused == NULL ? m : unused;
		else if (known && m->known &&
			 memcmp(m->mac, h->mac, sizeof m->mac) == 0)
			break;
	}
	if (m == u->machine + u->nhosts) {
		m = unused; /* there is one for each slot */
		icmp_rate_init(&m->rate, h->local,
		    (uint32_t)hash_bytes(h->addr.addr, 16, h->slot));
		memcpy(m->mac, h->mac, sizeof m->mac);
		m->known = known;
	}
	m->hosts++;
	ph->machine = m;
}

/* Sixteen addresses in a row have one. */
static uint64_t *
near_of(struct udp_pace *u, const struct host *h)
{
	struct scan_addr a = h->addr;

	a.addr[a.family == 6 ? 15 : 3] &= 0xf0;
	return &u->near_ns[hash_bytes(&a.addr, sizeof a.addr, a.family) %
			   u->nhosts];
}

void
udp_pace_sent(struct udp_pace *u, struct probe *p)
{
	struct pace_host *ph = &u->host[p->slot];

	if (ph->machine == NULL)
		machine_find(u, ph, engine_host(u->engine, p->slot));
	if (!(p->cookie & PACE_FLYING))
		u->flying++;
	p->cookie |= PACE_FLYING;
}

void
udp_pace_unsent(struct udp_pace *u, struct probe *p)
{
	if (p->cookie & PACE_FLYING)
		u->flying--;
	p->cookie &= ~(uint32_t)PACE_FLYING;
}

void
udp_pace_drop(struct udp_pace *u, struct probe *p)
{
	/* In a queue it is passed over when its turn comes. */
	udp_pace_unsent(u, p);
	p->cookie = 0;
}

void
udp_pace_error(struct udp_pace *u, const struct probe *p, uint64_t now)
{
	icmp_rate_error(&u->host[p->slot].machine->rate,
	    (p->cookie & PACE_PACED) != 0, now);
	*near_of(u, engine_host(u->engine, p->slot)) = now;
}

uint32_t
udp_pace_unanswered(const struct udp_pace *u)
{
	return u->flying;
}

static void
park(struct udp_pace *u, struct probe *p, int which, uint64_t due)
{
	struct pace_host *ph = &u->host[p->slot];

	p->cookie |= PACE_PARKED;
	queue_put(&ph->q[which], (struct wait){ due, p->port });
	u->waiting[which]++;
	if (!ph->busy)
		u->busy[u->nbusy++] = p->slot;
	ph->busy = true;
}

bool
udp_pace_silence(
    struct udp_pace *u, struct probe *p, uint64_t sent_ns, uint64_t now)
{
	const struct machine *m = u->host[p->slot].machine;
	struct icmp_rate *rate = &u->host[p->slot].machine->rate;
	uint64_t near =
	    m->known ? 0 : *near_of(u, engine_host(u->engine, p->slot));
	int max = engine_max_retries(u->engine);
	uint32_t least = 2 * payload_count(p->port);
	uint64_t settled = p->first_ns + PATIENCE_NS;

	udp_pace_unsent(u, p);
	if ((p->cookie & PACE_MEANT) < PACE_MEANT &&
	    icmp_rate_silence(rate, sent_ns, near))
		p->cookie++;
	if (least < TRIES_MIN)
		least = TRIES_MIN;
	if ((max >= 0 && p->tries > max) ||
	    (p->tries >= least && (p->cookie & PACE_MEANT) >= MEANT_MIN))
		park(u, p, LAST, settled > now ? settled : now);
	else if (p->tries < least - (rate->last_ns != 0))
		park(u, p, QUICK, sent_ns + QUICK_NS);
	else
		park(u, p, PACED, now);
	return true;
}

/* What its turn has come for; NULL: it was answered meanwhile. */
static struct probe *
queue_take(struct udp_pace *u, uint32_t slot, int which)
{
	struct queue *q = &u->host[slot].q[which];
	struct host *h = engine_host(u->engine, slot);
	struct probe *p = NULL;

	if (h != NULL)
		p = engine_probe_find(
		    u->engine, h, &tech_udp, IPPROTO_UDP, q->w[q->head].port);
	q->head++;
	u->waiting[which]--;
	if (p == NULL || !(p->cookie & PACE_PARKED))
		return NULL;
	p->cookie &= ~(uint32_t)(PACE_PARKED | PACE_PACED);
	return p;
}

/* One host; returns when it is to be looked at again. */
static uint64_t
host_tick(struct udp_pace *u, uint32_t slot, uint64_t now)
{
	struct icmp_rate *rate;
	struct queue *q = u->host[slot].q;
	uint64_t next = UINT64_MAX, due;
	struct probe *p;
	int k;

	if (u->host[slot].machine == NULL)
		return next; /* another host is there now */
	rate = &u->host[slot].machine->rate;
	for (k = 0; k < NQUEUES; k++)
		while (!queue_empty(&q[k])) {
			due = k == PACED ? icmp_rate_when(rate)
					 : q[k].w[q[k].head].due_ns;
			if (due > now) {
				next = due < next ? due : next;
				break;
			}
			if ((p = queue_take(u, slot, k)) == NULL)
				continue;
			if (k == LAST) {
				engine_silent(u->engine, p);
				continue;
			}
			if (k == PACED) {
				icmp_rate_sent(rate, now);
				p->cookie |= PACE_PACED;
			}
			engine_again(u->engine, p);
		}
	return next;
}

uint64_t
udp_pace_tick(struct udp_pace *u, uint64_t now)
{
	uint64_t next = UINT64_MAX, due;
	uint32_t i, n = 0, slot;

	/* Those that share a machine take turns. */
	if (u->nbusy > 1) {
		slot = u->busy[0];
		memmove(u->busy, u->busy + 1, (u->nbusy - 1) * sizeof slot);
		u->busy[u->nbusy - 1] = slot;
	}
	for (i = 0; i < u->nbusy; i++) {
		slot = u->busy[i];
		due = host_tick(u, slot, now);
		if (due == UINT64_MAX) {
			u->host[slot].busy = false;
			continue;
		}
		u->busy[n++] = slot;
		next = due < next ? due : next;
	}
	u->nbusy = n;
	return next < now + TICK_NS ? now + TICK_NS : next;
}

const char *
udp_pace_phase(const struct udp_pace *u, uint64_t *left_ns)
{
	uint64_t left, most = 0;
	uint32_t i;
	const struct pace_host *h;

	if (u->waiting[QUICK] != 0 || u->waiting[PACED] == 0)
		return NULL;
	for (i = 0; i < u->nbusy; i++) {
		h = &u->host[u->busy[i]];
		if (h->machine == NULL)
			continue;
		left = icmp_rate_left(&h->machine->rate,
		    h->machine->hosts *
			(uint32_t)(h->q[PACED].end - h->q[PACED].head));
		most = left > most ? left : most;
	}
	*left_ns = most;
	return "UDP, at the target's own rate";
}
