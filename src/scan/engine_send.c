/* SPDX-License-Identifier: ISC */
/* What is sent next: hosts in turn, of each first what is to be repeated. */
#include "config.h"

#include "scan/engine_priv.h"

#include <errno.h>

#define QUANTUM      4 /* packets of a host before the next one's turn */
#define BLOCKED_MOST 6 /* 2^n ms at most are waited for room */

enum sent {
	SENT,
	NOTHING, /* there is none of this lane to be sent now */
	HELD,    /* not now */
	BLOCKED  /* no room in this machine: nobody can send */
};

static bool
is_pressure(int error)
{
	return error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM ||
	       error == -EMFILE || error == -ENFILE ||
	       error == -EADDRNOTAVAIL || error == -EINTR;
}

static enum sent
no_room(struct engine *e, struct engine_probe *p, struct lane *l, uint64_t now)
{
	pace_unsent(&e->pace);
	pace_unsent(&l->pace);
	probe_queue(e, p, true);
	/* Once in a while it is full for a moment; again and again we are too
	 * fast. */
	if (e->blocked_row++ > 0)
		pace_busy(&e->pace, now);
	e->blocked =
	    now + (MS << (e->blocked_row < BLOCKED_MOST ? e->blocked_row - 1
							: BLOCKED_MOST));
	return BLOCKED;
}

static enum sent
send_probe(struct engine *e, struct engine_probe *p, uint64_t now)
{
	struct engine_tech *t = probe_tech(e, p);
	struct slot *s = &e->slot[p->p.slot];
	struct lane *l = probe_lane(e, p);
	uint64_t last = p->last;
	int r;

	p->where = PROBE_SENDING;
	p->last = now;
	if (p->p.first_ns == 0)
		p->p.first_ns = now;
	pace_sent(&e->pace, now, p->p.tries == 0);
	pace_sent(&l->pace, now, p->p.tries == 0);
	t->flush = true;
	r = t->ops->send(t->arg, &p->p, now);
	if (is_pressure(r)) {
		p->last = last;
		if (last == 0)
			p->p.first_ns = 0;
		return no_room(e, p, l, now);
	}
	e->blocked_row = 0;
	if (r < 0) {
		if (r == -EPERM || r == -EACCES)
			probe_unsendable(e, p, r);
		else
			slot_unreachable(e, s, r);
		return SENT;
	}
	e->nsent++;
	s->sent++;
	if (r == 1)
		return SENT;
	if (p->p.tries < UINT8_MAX)
		p->p.tries++;
	if (p->where == PROBE_SENDING)
		probe_wait(e, p, now);
	return SENT;
}

/* -- new ones ------------------------------------------------------------- */

static bool
has_room(struct engine *e, uint8_t method)
{
	const struct engine_tech *t = &e->tech[e->method[method].tech];

	return t->ops->room == NULL || t->ops->room(t->arg) > 0;
}

static bool
ping_applies(const struct engine *e, const struct slot *s, uint8_t i)
{
	const struct engine_method *m = &e->method[i];

	if ((m->m->use & METHOD_PING) == 0 ||
	    (m->families & method_family(s->host.addr.family)) == 0)
		return false;
	/* A neighbour that is asked for on the link is asked no other way. */
	return (m->m->use & METHOD_LINK) != 0
		   ? s->host.on_link
		   : !s->host.on_link ||
			 (e->link_pings & method_family(s->host.addr.family)) ==
			     0;
}

static enum sent
send_ping(struct engine *e, struct slot *s, uint64_t now)
{
	const struct method *m;
	struct engine_probe *p;

	while (s->ping < e->nmethod && !ping_applies(e, s, s->ping))
		s->ping++;
	if (s->ping == e->nmethod) {
		slot_check(e, s);
		return NOTHING;
	}
	if (!has_room(e, s->ping))
		return HELD;
	m = e->method[s->ping].m;
	p = probe_new(e, s->host.slot, s->ping, m->proto, m->port);
	if (p == NULL)
		return HELD;
	s->ping++;
	s->out++;
	return send_probe(e, p, now);
}

uint8_t
lane_method(const struct engine *e, const struct slot *s, int lane)
{
	uint8_t family = method_family(s->host.addr.family), i;

	for (i = 0; i < e->nmethod; i++)
		if ((e->method[i].m->use & METHOD_PORTS) != 0 &&
		    (e->method[i].families & family) != 0 &&
		    lane_of(e->method[i].m->proto) == lane)
			break;
	return i;
}

static enum sent
send_port(struct engine *e, struct slot *s, struct lane *l, uint64_t now)
{
	uint8_t proto = l == &s->lane[1] ? 17 : 6, method;
	const struct scan_port *port = e->plan.port;
	struct engine_probe *p;
	uint32_t i;

	if (l->next >= e->plan.nports)
		return NOTHING;
	method = lane_method(e, s, l == &s->lane[1]);
	if (!has_room(e, method))
		return HELD;
	for (; l->next < e->plan.nports; l->next += order_step(&e->order)) {
		i = order_port(&e->order, &s->order, l->next);
		port = &e->plan.port[i];
		if (port->proto == proto && !slot_is_done(s, i))
			break;
	}
	if (l->next >= e->plan.nports)
		return NOTHING;
	p = probe_new(e, s->host.slot, method, proto, port->port);
	if (p == NULL)
		return HELD;
	/* What is common is answered more often, or seldomer, than the rest. */
	if (l->next >= e->plan.ncommon && !l->rest) {
		l->rest = true;
		pace_other(&l->pace, now);
		if (e->nactive == 1)
			pace_other(&e->pace, now);
	}
	l->next += order_step(&e->order);
	s->out++;
	return send_probe(e, p, now);
}

/* ------------------------------------------------------------------------- */

static enum sent
lane_send_one(struct engine *e, struct slot *s, struct lane *l, uint64_t now)
{
	struct engine_probe *p;

	if (l->head != NONE) {
		p = probe_dequeue(e, l);
		return send_probe(e, p, now);
	}
	if (probes_out(e) >= e->max_parallel)
		return HELD;
	if (s->stage == SLOT_ASKED)
		return l == &s->lane[0] ? send_ping(e, s, now) : NOTHING;
	return send_port(e, s, l, now);
}

/* Sends what one host may; the number of packets, or -1: blocked. */
static int
slot_send(struct engine *e, struct slot *s, int most, uint64_t *next)
{
	struct lane *l;
	enum sent r;
	uint64_t now = e->now, t;
	int n = 0, i;
	uint32_t may;

	for (i = 0; i < LANES; i++) {
		l = &s->lane[i];
		if (l->head == NONE && i > 0 &&
		    (s->stage != SLOT_PORTS || l->next >= e->plan.nports))
			continue;
		may = pace_may(&l->pace, now);
		for (; may > 0 && n < most && !s->closing; may--) {
			e->now = now = clock_mono_ns();
			if ((r = lane_send_one(e, s, l, now)) == BLOCKED)
				return -1;
			if (r != SENT)
				break;
			n++;
		}
		if (may == 0 && (t = pace_next(&l->pace, now)) < *next)
			*next = t;
	}
	return n;
}

/* As much as the paces permit, at most a batch. Returns when more may be sent
 * (now or before: at once). */
uint64_t
engine_send(struct engine *e, uint64_t now)
{
	uint64_t next = UINT64_MAX;
	uint32_t idle;
	int left, n, most;

	if (e->stopped || e->paused || e->brake || e->nactive == 0)
		return UINT64_MAX;
	if (now < e->blocked)
		return e->blocked;
	left = (int)pace_may(&e->pace, now);
	if (left == 0)
		return pace_next(&e->pace, now);
	if (left > BATCH)
		left = BATCH;
	e->now = now;
	most = e->nactive == 1 ? BATCH : QUANTUM;
	for (idle = 0; left > 0 && idle < e->nactive;) {
		if (e->turn >= e->nactive)
			e->turn = 0;
		n = slot_send(e, &e->slot[e->active[e->turn++]],
		    left < most ? left : most, &next);
		if (n < 0)
			return e->blocked;
		left -= n;
		idle = n > 0 ? 0 : idle + 1;
	}
	if (left > 0)
		return next;
	return pace_next(&e->pace, e->now);
}
