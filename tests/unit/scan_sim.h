/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_SCAN_SIM_H
#define TESTS_UNIT_SCAN_SIM_H

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/scan_ports.h"
#include "model/scan_wire.h"

/*
 * A scan that sends nothing: the lines a worker would write of SIM_HOSTS
 * hosts, a few of them under way at once, some down, in a random order of
 * ports; a shard takes every nshards-th probe. What spec.done says is done is
 * not told again.
 */
#define SIM_HOSTS 12
#define SIM_PORTS 9

struct sim {
	const struct scan_spec *spec;
	struct buf *out;
	uint64_t seq, random;
	uint64_t plan;
	struct {
		bool over, told, down;
		bool done[SIM_PORTS];
	} host[SIM_HOSTS];
};

static inline struct scan_addr
sim_addr(unsigned host)
{
	struct scan_addr a = { .family = 4, .addr = { 10, 0, 0, 0 } };

	a.addr[3] = (uint8_t)host;
	return a;
}

static inline unsigned
sim_random(struct sim *s, unsigned n)
{
	s->random = hash_mix(s->random + 1);
	return (unsigned)(s->random % n);
}

static inline void
sim_put(struct sim *s, struct scan_event *ev)
{
	ev->seq = s->seq++;
	ev->t_us = ev->seq * 1000;
	scan_event_put(s->out, ev);
}

static inline bool
sim_is_ours(const struct sim *s, unsigned host, unsigned port)
{
	return s->spec->nshards == 0 ||
	       (host * SIM_PORTS + port) % s->spec->nshards == s->spec->shard;
}

static inline void
sim_take_done(struct sim *s)
{
	struct scan_ports *p = xcalloc(1, sizeof(*p));
	char *cause;
	unsigned i, k;
	size_t d;

	for (i = 0; i < SIM_HOSTS; i++) {
		s->host[i].over = i < s->spec->hosts_done;
		s->host[i].down = i % 5 == 3;
		for (k = 0; k < SIM_PORTS; k++)
			s->host[i].done[k] = !sim_is_ours(s, i, k);
	}
	for (d = 0; d < s->spec->ndone; d++) {
		i = (unsigned)s->spec->done[d].pos;
		if (i >= SIM_HOSTS)
			abort();
		if (s->spec->done[d].ports == NULL) {
			s->host[i].over = true;
			continue;
		}
		memset(p, 0, sizeof(*p));
		if (scan_ports_parse(
			p, s->spec->done[d].ports, SCAN_PROTO_TCP, &cause) != 0)
			abort();
		for (k = 0; k < SIM_PORTS; k++)
			if (portset_has(k % 3 == 2 ? &p->udp : &p->tcp,
				(uint16_t)(100 + k)))
				s->host[i].done[k] = true;
	}
	free(p);
}

static inline unsigned
sim_upto(const struct sim *s)
{
	unsigned i = 0;

	while (i < SIM_HOSTS && s->host[i].over)
		i++;
	return i;
}

static inline void
sim_port(struct sim *s, unsigned i, unsigned k)
{
	struct scan_event ev = { .type = SCAN_EV_PORT, .addr = sim_addr(i) };

	s->host[i].done[k] = true;
	ev.port.port = (uint16_t)(100 + k);
	ev.port.proto = k % 3 == 2 ? SOCK_UDP : SOCK_TCP;
	ev.port.state = (i + k) % 4 == 0 ? SCAN_OPEN : SCAN_CLOSED;
	ev.port.reason =
	    ev.port.state == SCAN_OPEN ? REASON_SYN_ACK : REASON_RESET;
	sim_put(s, &ev);
}

/* One more step of a host: found, a port, over. */
static inline void
sim_step(struct sim *s, unsigned i)
{
	struct scan_event ev = { .addr = sim_addr(i) };
	unsigned k, left = 0;

	for (k = 0; k < SIM_PORTS; k++)
		left += !s->host[i].done[k];
	if (s->host[i].down) {
		s->host[i].over = true; /* nobody is told */
	} else if (!s->host[i].told) {
		s->host[i].told = true;
		ev.type = SCAN_EV_HOST;
		ev.host.pos = i;
		ev.host.up = true;
		ev.host.reason = REASON_ECHO_REPLY;
		sim_put(s, &ev);
	} else if (left > 0) {
		do
			k = sim_random(s, SIM_PORTS);
		while (s->host[i].done[k]);
		sim_port(s, i, k);
	} else {
		s->host[i].over = true;
		ev.type = SCAN_EV_HOST_END;
		ev.host_end.pos = i;
		ev.host_end.probes = 10;
		for (k = 0; k < SIM_PORTS; k++)
			if (sim_is_ours(s, i, k) && k % 3 == 2)
				ev.host_end.udp++;
			else if (sim_is_ours(s, i, k))
				ev.host_end.tcp++;
		sim_put(s, &ev);
	}
}

static inline void
sim_progress(struct sim *s)
{
	struct scan_event ev = { .type = SCAN_EV_PROGRESS };

	ev.progress.hosts = SIM_HOSTS;
	ev.progress.hosts_upto = sim_upto(s);
	ev.progress.left_ms = UINT64_MAX;
	sim_put(s, &ev);
}

static inline void
sim_frame(struct sim *s, enum scan_event_type type)
{
	struct scan_event ev = { .type = type };

	if (type == SCAN_EV_HELLO)
		ev.hello.version = SCAN_PROTOCOL;
	if (type == SCAN_EV_START) {
		ev.start.hosts = SIM_HOSTS;
		ev.start.ports = SIM_PORTS;
		ev.start.probes = SIM_HOSTS * SIM_PORTS;
		ev.start.seed = s->spec->seeded ? s->spec->seed : 99;
		ev.start.shard = s->spec->shard;
		ev.start.nshards = s->spec->nshards;
		ev.start.how = SCAN_SYN | SCAN_UDP;
		ev.start.plan = s->plan;
	}
	if (type == SCAN_EV_END) {
		ev.end.hosts = SIM_HOSTS;
		ev.end.sent = ev.end.received = 100;
	}
	sim_put(s, &ev);
}

static inline void
sim_run(const struct scan_spec *spec, struct buf *out, uint64_t random)
{
	struct sim s = {
		.spec = spec, .out = out, .random = random, .plan = 0xabc
	};
	unsigned i, first;

	sim_take_done(&s);
	sim_frame(&s, SCAN_EV_HELLO);
	sim_frame(&s, SCAN_EV_START);
	while ((first = sim_upto(&s)) < SIM_HOSTS) {
		i = first + sim_random(&s, 4);
		if (i < SIM_HOSTS && !s.host[i].over)
			sim_step(&s, i);
		if (sim_random(&s, 10) == 0)
			sim_progress(&s);
	}
	sim_progress(&s);
	sim_frame(&s, SCAN_EV_END);
}

#endif
