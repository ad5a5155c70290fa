/* SPDX-License-Identifier: ISC */
/* Probes: their pool, how they are found again, how long an answer is waited
 * for and what its absence means. */
#include "config.h"

#include "scan/engine_priv.h"

#include <errno.h>
#include <stdlib.h>

#include "base/xmalloc.h"

/* A neighbour answers at once, if its radio does not sleep for a few beacons,
 * which come ten times a second. */
#define RTO_LINK     (200 * MS)
#define TRIES_SILENT 3 /* of a host that never answered */
#define TRIES_ODD    3 /* more, see is_odd() */

static uint64_t
probe_key(uint32_t slot, uint8_t tech, uint8_t proto, uint16_t port)
{
	return (uint64_t)slot << 32 | (uint64_t)tech << 24 |
	       (uint64_t)proto << 16 | port;
}

static uint64_t
key_of(const void *arg, uint32_t i)
{
	const struct engine *e = arg;
	const struct probe *p = &e->probe[i].p;

	return probe_key(p->slot, e->method[p->method].tech, p->proto, p->port);
}

static struct wheel_link *
link_of(void *arg, uint32_t i)
{
	struct engine *e = arg;

	return &e->probe[i].link;
}

void
probes_init(struct engine *e, uint64_t now)
{
	/* Pages that were never used cost nothing. */
	e->probe = xcalloc(NPROBES, sizeof(*e->probe));
	e->free_probe = xcalloc(NPROBES, sizeof(*e->free_probe));
	hash_init(&e->by_key, key_of, e);
	wheel_init(&e->wheel, engine_ms(e, now), link_of, e);
}

void
probes_done(struct engine *e)
{
	hash_done(&e->by_key);
	free(e->probe);
	free(e->free_probe);
}

struct engine_probe *
probe_new(struct engine *e, uint32_t slot, uint8_t method, uint8_t proto,
    uint16_t port)
{
	struct engine_probe *p;
	uint32_t i;

	if (e->nfree_probe > 0)
		i = e->free_probe[--e->nfree_probe];
	else if (e->nprobe < NPROBES)
		i = e->nprobe++;
	else
		return NULL;
	p = &e->probe[i];
	*p = (struct engine_probe){ .where = PROBE_SENDING,
		.p = { .slot = slot,
		    .port = port,
		    .proto = proto,
		    .method = method,
		    .fd = { -1, -1 } } };
	hash_add(&e->by_key,
	    probe_key(slot, e->method[method].tech, proto, port), i);
	return p;
}

static void
unqueue(struct engine *e, struct engine_probe *p)
{
	struct lane *l = probe_lane(e, p);

	if (p->link.prev != NONE)
		e->probe[p->link.prev].link.next = p->link.next;
	else
		l->head = p->link.next;
	if (p->link.next != NONE)
		e->probe[p->link.next].link.prev = p->link.prev;
	else
		l->tail = p->link.prev;
}

void
probe_free(struct engine *e, struct engine_probe *p)
{
	struct engine_tech *t = probe_tech(e, p);
	uint32_t i = probe_index(e, p);

	if (p->where == PROBE_WAITING)
		wheel_remove(&e->wheel, i);
	else if (p->where == PROBE_QUEUED)
		unqueue(e, p);
	if (t->ops->drop != NULL)
		t->ops->drop(t->arg, &p->p);
	hash_remove(&e->by_key, key_of(e, i));
	p->where = PROBE_FREE;
	e->free_probe[e->nfree_probe++] = i;
}

/* -- lanes: those to be sent ---------------------------------------------- */

void
probe_queue(struct engine *e, struct engine_probe *p, bool first)
{
	struct lane *l = probe_lane(e, p);
	uint32_t i = probe_index(e, p);

	p->where = PROBE_QUEUED;
	p->link.next = first ? l->head : NONE;
	p->link.prev = first ? NONE : l->tail;
	if (p->link.prev != NONE)
		e->probe[p->link.prev].link.next = i;
	else
		l->head = i;
	if (p->link.next != NONE)
		e->probe[p->link.next].link.prev = i;
	else
		l->tail = i;
}

struct engine_probe *
probe_dequeue(struct engine *e, struct lane *l)
{
	struct engine_probe *p;

	if (l->head == NONE)
		return NULL;
	p = &e->probe[l->head];
	unqueue(e, p);
	p->where = PROBE_SENDING;
	return p;
}

/* -- how long to wait, and how often -------------------------------------- */

/* How long an answer of this host may take (RFC 6298), ns. */
static uint64_t
rto_of(const struct engine *e, uint32_t slot)
{
	const struct slot *s = &e->slot[slot];
	uint64_t rto;
	int i;

	for (i = 0; i < LANES; i++)
		if (s->lane[i].pace.srtt > 0)
			return pace_rto(&s->lane[i].pace);
	/* Of this host nothing is known; it is not likely to be very much
	 * farther away than the others. */
	if (e->pace.srtt == 0)
		return e->limits.rto_first;
	rto = 2 * pace_rto(&e->pace);
	return rto < e->limits.rto_first ? rto : e->limits.rto_first;
}

int
engine_max_retries(const struct engine *e)
{
	return e->spec->max_retries;
}

/* Each try waits longer than the one before. */
static uint64_t
patience(const struct engine *e, const struct engine_probe *p)
{
	uint64_t rto = rto_of(e, p->p.slot);

	if (e->pace.srtt == 0 && rto > RTO_LINK &&
	    (e->method[p->p.method].m->use & METHOD_LINK) != 0)
		rto = RTO_LINK;
	rto += p->mute == 0 ? 0 : p->mute == 1 ? rto / 2 : rto;
	return rto < e->limits.rto_max ? rto : e->limits.rto_max;
}

/* Silent, though nearly all ports of its host that are settled answered: where
 * packets are lost, in bursts perhaps, it is likely to have been missed. */
static bool
is_odd(const struct engine *e, const struct engine_probe *p)
{
	const struct slot *s = &e->slot[p->p.slot];
	uint64_t answers = s->lane[0].pace.answers, silent;

	silent = s->settled[0] > answers ? s->settled[0] - answers : 0;
	return lane_of(p->p.proto) == 0 && answers >= 100 &&
	       silent * 50 < answers;
}

static unsigned
tries_of(const struct engine *e, const struct engine_probe *p)
{
	const struct slot *s = &e->slot[p->p.slot];
	const struct lane *l = &s->lane[lane_of(p->p.proto)];
	double loss;
	unsigned n;

	if (e->max_retries >= 0)
		return (unsigned)e->max_retries + 1;
	if (l->pace.answers == 0)
		return TRIES_SILENT;
	loss = pace_loss(&l->pace);
	if (loss < pace_loss(&e->pace))
		loss = pace_loss(&e->pace);
	n = pace_tries(loss);
	if (e->nlost > 0 && is_odd(e, p))
		n += TRIES_ODD;
	return n;
}

void
probe_wait(struct engine *e, struct engine_probe *p, uint64_t now)
{
	uint64_t due = now + patience(e, p);

	p->where = PROBE_WAITING;
	wheel_add(&e->wheel, probe_index(e, p), engine_ms(e, due) + 1);
}

/* -- silence -------------------------------------------------------------- */

static void
settle_silent(struct engine *e, struct engine_probe *p)
{
	struct slot *s = &e->slot[p->p.slot];
	struct answer a = { .reason = REASON_NO_RESPONSE,
		.state = probe_tech(e, p)->ops->silent,
		.attempt = -1 };

	if (s->stage == SLOT_PORTS)
		tell_port(e, p, a.state, &a);
	probe_free(e, p);
	s->out--;
	slot_check(e, s);
}

static void
expired(struct engine *e, struct engine_probe *p, uint64_t now)
{
	struct engine_tech *t = probe_tech(e, p);

	if (t->ops->silence != NULL &&
	    t->ops->silence(t->arg, &p->p, p->last, now)) {
		p->where = PROBE_KEPT;
		p->kept = true;
		if (t->tick > now)
			t->tick = now;
		return;
	}
	if (p->mute < UINT8_MAX)
		p->mute++;
	if (p->mute >= tries_of(e, p)) {
		settle_silent(e, p);
		return;
	}
	probe_queue(e, p, false);
}

void
probes_expire(struct engine *e, uint64_t now)
{
	uint32_t i, ms = engine_ms(e, now);

	while ((i = wheel_next(&e->wheel, ms)) != NONE)
		expired(e, &e->probe[i], now);
}

void
probes_again(struct engine *e)
{
	uint32_t i;

	for (i = 0; i < e->nprobe; i++)
		if (e->probe[i].where == PROBE_WAITING) {
			wheel_remove(&e->wheel, i);
			probe_queue(e, &e->probe[i], false);
		}
}

void
engine_again(struct engine *e, struct probe *p)
{
	struct engine_probe *ep = probe_of(p);

	if (ep->where == PROBE_KEPT)
		probe_queue(e, ep, false);
}

void
engine_silent(struct engine *e, struct probe *p)
{
	settle_silent(e, probe_of(p));
}

/* -- answers -------------------------------------------------------------- */

struct probe *
engine_probe_find(struct engine *e, const struct host *h,
    const struct tech_ops *ops, uint8_t proto, uint16_t port)
{
	uint32_t i;
	uint8_t t;

	for (t = 0; t < e->ntech; t++)
		if (e->tech[t].ops == ops)
			break;
	if (t == e->ntech)
		return NULL;
	i = hash_find(&e->by_key, probe_key(h->slot, t, proto, port));
	return i == HASH_NONE ? NULL : &e->probe[i].p;
}

/* Errors of ICMP come as often as their sender likes. */
static bool
is_limited(const struct engine_probe *p, enum scan_reason reason)
{
	switch (reason) {
	case REASON_SYN_ACK:
	case REASON_RESET:
	case REASON_CONN_REFUSED:
	case REASON_ECHO_REPLY:
	case REASON_ARP_RESPONSE:
	case REASON_ND_RESPONSE:
		return false;
	case REASON_UDP_RESPONSE:
		return p->kept;
	default:
		return true;
	}
}

/* The first packets were to be waited for as long as anything may take; now it
 * is known what is usual here. */
static void
hurry(struct engine *e)
{
	struct engine_probe *p;
	uint32_t i;

	for (i = 0; i < e->nprobe; i++) {
		p = &e->probe[i];
		if (p->where != PROBE_WAITING)
			continue;
		wheel_remove(&e->wheel, i);
		probe_wait(e, p, p->last);
	}
}

/* What the paces learn; returns the round trip, 0: not known. */
static uint64_t
learn(struct engine *e, struct engine_probe *p, const struct answer *a)
{
	struct lane *l = probe_lane(e, p);
	struct pace_answer pa = { .first = p->p.first_ns,
		.at = a->at_ns,
		.limited = is_limited(p, a->reason),
		.queue = UINT64_MAX };
	int last = p->p.tries - (p->where != PROBE_SENDING);
	bool known;

	if (a->attempt > 0)
		pa.attempt = (uint32_t)a->attempt;
	if (a->attempt == 0 || last == 0)
		pa.sent = p->p.first_ns;
	else if (a->attempt == last)
		pa.sent = p->last;
	pa.queue = pace_answer(&l->pace, &pa);
	if (pa.queue == UINT64_MAX)
		pa.sent = 0;
	if (pa.attempt > 0 && !pa.limited)
		e->nlost += pa.attempt;
	known = e->pace.srtt > 0;
	pace_answer(&e->pace, &pa);
	if (!known && e->pace.srtt > 0)
		hurry(e);
	return pa.sent == 0 ? 0 : pa.at - pa.sent;
}

void
engine_answer(struct engine *e, struct probe *pr, const struct answer *a)
{
	struct engine_probe *p = probe_of(pr);
	struct slot *s = &e->slot[pr->slot];
	uint64_t rtt = learn(e, p, a);

	e->nanswers++;
	e->changed = true;
	slot_resolved(e, s);
	if (s->stage == SLOT_PORTS)
		tell_port(e, p, a->state, a);
	probe_free(e, p);
	s->out--;
	if (s->stage == SLOT_ASKED && a->state != SCAN_FILTERED)
		slot_up(e, s, a, rtt);
	else
		slot_check(e, s);
}

void
engine_unsent(struct engine *e, struct probe *pr, int error)
{
	struct engine_probe *p = probe_of(pr);

	if (error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM) {
		pace_busy(&e->pace, clock_mono_ns());
		if (p->where == PROBE_WAITING)
			wheel_remove(&e->wheel, probe_index(e, p));
		else if (p->where != PROBE_SENDING && p->where != PROBE_KEPT)
			return;
		if (p->p.tries > 0)
			p->p.tries--;
		probe_queue(e, p, true);
		return;
	}
	probe_unsendable(e, p, error);
}

void
probe_unsendable(struct engine *e, struct engine_probe *p, int error)
{
	struct slot *s = &e->slot[p->p.slot];

	tell_unsent(e, s, error);
	if (s->stage == SLOT_PORTS) {
		s->left--;
		s->unsent++;
		e->ndone++;
	}
	probe_free(e, p);
	s->out--;
	slot_check(e, s);
}
