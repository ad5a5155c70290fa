/* SPDX-License-Identifier: ISC */
/*
 * The pace of a scan on networks that are arithmetic: a link with delay,
 * jitter, random loss and a bottleneck with a queue that drops what does not
 * fit; a target that answers all, some, none, or so many a second and no more.
 * Times are simulated: a run takes milliseconds and is the same each time.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/xmalloc.h"
#include "scan/pace.h"

#define MS    UINT64_C(1000000)
#define SEC   UINT64_C(1000000000)
#define NEVER UINT64_MAX
#define COST  4000 /* ns that sending a packet takes */

/* -- the network ---------------------------------------------------------- */

struct net {
	uint64_t delay, jitter; /* one way; the second on the way back */
	double loss;            /* each way */
	double rate;            /* of the bottleneck, packets/s; 0: none */
	uint64_t queue;         /* of it, ns of waiting at most */
	double answers;         /* share of ports that answer */
	double icmp;            /* answers a second at most; 0: any number */
	uint32_t tries;         /* packets a port at most; 0: as many as the
				 * losses ask for */
	uint32_t ports;
	uint32_t common; /* so many first ones answer all */
};

enum kind {
	ANSWER,
	EXPIRY
};
struct event {
	uint64_t at;
	uint32_t port;
	uint8_t kind, attempt;
};
struct port {
	uint64_t first, sent[16];
	uint8_t tries, mute, done;
};
struct sim {
	const struct net *net;
	struct pace pace;
	struct event *heap;
	size_t n, cap;
	struct port *port;
	uint32_t *again, nagain, capagain; /* to be repeated */
	uint32_t next, settled;
	uint64_t now, free_at; /* when the bottleneck is idle */
	uint64_t icmp_at;
	double icmp_tokens;
	uint64_t seed;
	/* What came of it. */
	uint32_t sent, dropped, found, missed;
	uint64_t second[600]; /* packets by second */
	uint64_t *times;
};

static double
chance(struct sim *s)
{
	s->seed += UINT64_C(0x9e3779b97f4a7c15);
	return (double)(hash_mix(s->seed) >> 11) / 9007199254740992.0;
}

static void
push(struct sim *s, struct event ev)
{
	size_t i = s->n++, up;
	struct event t;

	if (s->n > s->cap) {
		s->cap = s->cap * 2 + 64;
		s->heap = xreallocarray(s->heap, s->cap, sizeof(*s->heap));
	}
	s->heap[i] = ev;
	for (; i > 0 && s->heap[up = (i - 1) / 2].at > s->heap[i].at; i = up) {
		t = s->heap[i];
		s->heap[i] = s->heap[up];
		s->heap[up] = t;
	}
}

static struct event
pop(struct sim *s)
{
	struct event top = s->heap[0], t;
	size_t i = 0, c;

	s->heap[0] = s->heap[--s->n];
	for (; (c = 2 * i + 1) < s->n; i = c) {
		if (c + 1 < s->n && s->heap[c + 1].at < s->heap[c].at)
			c++;
		if (s->heap[i].at <= s->heap[c].at)
			break;
		t = s->heap[i];
		s->heap[i] = s->heap[c];
		s->heap[c] = t;
	}
	return top;
}

static bool
is_answering(const struct sim *s, uint32_t port)
{
	return (double)(hash_mix(port + 1) % 10000) < s->net->answers * 10000;
}

/* The target's own limit, a bucket of six. */
static bool
icmp_permits(struct sim *s, uint64_t at)
{
	if (s->net->icmp == 0)
		return true;
	s->icmp_tokens += (double)(at - s->icmp_at) * 1e-9 * s->net->icmp;
	s->icmp_at = at;
	if (s->icmp_tokens > 6)
		s->icmp_tokens = 6;
	if (s->icmp_tokens < 1)
		return false;
	s->icmp_tokens -= 1;
	return true;
}

/* A packet on its way; its answer is an event. */
static void
carry(struct sim *s, uint32_t port, uint8_t attempt)
{
	const struct net *n = s->net;
	uint64_t at = s->now, begin;

	if (chance(s) < n->loss)
		return;
	if (n->rate > 0) {
		begin = s->free_at > at ? s->free_at : at;
		if (begin - at > n->queue) {
			s->dropped++;
			return;
		}
		at = s->free_at = begin + (uint64_t)(1e9 / n->rate);
	}
	at += n->delay;
	if (!is_answering(s, port) || !icmp_permits(s, at) ||
	    chance(s) < n->loss)
		return;
	at += n->delay + (uint64_t)(chance(s) * (double)n->jitter);
	push(s, (struct event){ at, port, ANSWER, attempt });
}

/* -- the scan ------------------------------------------------------------- */

static void
send_one(struct sim *s, uint32_t i)
{
	struct port *p = &s->port[i];
	uint64_t rto = pace_rto(&s->pace);

	pace_sent(&s->pace, s->now, p->tries == 0);
	p->sent[p->tries] = s->now;
	if (p->tries == 0) {
		p->first = s->now;
		if (i > 0 && i == s->net->common)
			pace_other(&s->pace, s->now);
	}
	carry(s, i, p->tries++);
	rto += p->mute == 0 ? 0 : p->mute == 1 ? rto / 2 : rto;
	push(s, (struct event){ s->now + rto, i, EXPIRY, p->tries });
	s->second[s->now / SEC < 599 ? s->now / SEC : 599]++;
	s->times[s->sent++] = s->now;
	s->now += COST;
}

static void
settle(struct sim *s, struct port *p)
{
	p->done = 1;
	s->settled++;
}

static void
take(struct sim *s, struct event ev)
{
	struct port *p = &s->port[ev.port];
	struct pace_answer a = { .at = s->now, .queue = UINT64_MAX };

	if (p->done)
		return;
	if (ev.kind == ANSWER) {
		a.first = p->first;
		a.sent = p->sent[ev.attempt];
		a.attempt = ev.attempt;
		a.limited = s->net->icmp > 0;
		pace_answer(&s->pace, &a);
		s->found++;
		settle(s, p);
	} else if (ev.attempt == p->tries) {
		if (++p->mute < (s->net->tries > 0
					? s->net->tries
					: pace_tries(pace_loss(&s->pace)))) {
			if (s->nagain == s->capagain) {
				s->capagain = s->capagain * 2 + 64;
				s->again = xreallocarray(
				    s->again, s->capagain, sizeof(*s->again));
			}
			s->again[s->nagain++] = ev.port;
			return;
		}
		if (is_answering(s, ev.port))
			s->missed++;
		settle(s, p);
	}
}

static void
send_some(struct sim *s)
{
	uint32_t may = pace_may(&s->pace, s->now);

	if (may > 128)
		may = 128;
	for (; may > 0; may--)
		if (s->nagain > 0)
			send_one(s, s->again[--s->nagain]);
		else if (s->next < s->net->ports)
			send_one(s, s->next++);
		else
			break;
}

/* As epoll waits: whole milliseconds, or no time. */
static void
wait_some(struct sim *s)
{
	uint64_t until = s->n > 0 ? s->heap[0].at : NEVER, next, ms;

	if (s->nagain > 0 || s->next < s->net->ports) {
		next = pace_next(&s->pace, s->now);
		ms = next <= s->now
			 ? s->now
			 : s->now + (next - s->now + MS - 1) / MS * MS;
		until = until < ms ? until : ms;
	}
	if (until > s->now && until != NEVER)
		s->now = until;
}

static double
run(struct sim *s, const struct net *net, const struct pace_limits *lim)
{
	memset(s, 0, sizeof(*s));
	s->net = net;
	s->now = SEC; /* no time is 0 */
	s->free_at = s->icmp_at = s->now;
	s->icmp_tokens = 6;
	s->port = xcalloc(net->ports, sizeof(*s->port));
	s->times = xcalloc((size_t)net->ports * 16, sizeof(*s->times));
	pace_init(&s->pace, lim, s->now);
	while (s->settled < net->ports && s->now < 600 * SEC) {
		while (s->n > 0 && s->heap[0].at <= s->now)
			take(s, pop(s));
		send_some(s);
		if (s->n == 0 || s->heap[0].at > s->now)
			wait_some(s);
	}
	free(s->port);
	free(s->heap);
	free(s->again);
	if (getenv("VERBOSE") != NULL)
		printf("%.3f s, sent %u dropped %u found %u missed %u rate "
		       "%.0f loss %.3f\n",
		    (double)(s->now - SEC) * 1e-9, s->sent, s->dropped,
		    s->found, s->missed, s->pace.rate, pace_loss(&s->pace));
	return (double)(s->now - SEC) * 1e-9;
}

static struct pace_limits
usual(void)
{
	return (struct pace_limits){ .start = 1000,
		.silent = 10000,
		.burst = 10,
		.rto_first = 900 * MS,
		.rto_min = 100 * MS,
		.rto_max = 5 * SEC };
}

/* -- tests ---------------------------------------------------------------- */

static void
test_clean(void **state)
{
	struct net n = {
		.delay = 50000, .answers = 1, .tries = 0, .ports = 65535
	};
	struct pace_limits l = usual();
	struct sim s;

	(void)state;
	/* As fast as the machine can. */
	assert_true(run(&s, &n, &l) < 65535 * COST * 1e-9 * 1.3);
	assert_int_equal(s.sent, n.ports);
	free(s.times);
}

static void
test_delay(void **state)
{
	struct net n = {
		.delay = 10 * MS, .answers = 1, .tries = 0, .ports = 65535
	};
	struct pace_limits l = usual();
	struct sim s;

	(void)state;
	assert_true(run(&s, &n, &l) < 0.8);
	assert_int_equal(s.sent, n.ports);
	free(s.times);
}

static void
test_random_loss(void **state)
{
	struct net n = { .delay = 50 * MS,
		.loss = 0.01,
		.answers = 1,
		.tries = 0,
		.ports = 65535 };
	struct pace_limits l = usual();
	struct sim s;

	(void)state;
	assert_true(run(&s, &n, &l) < 3);
	assert_int_equal(s.missed, 0);
	assert_true(s.sent < n.ports * 1.05);
	free(s.times);
	/* Five times that is still no reason to crawl. */
	n.loss = 0.05;
	assert_true(run(&s, &n, &l) < 8);
	assert_int_equal(s.missed, 0);
	free(s.times);
	n.loss = 0.2;
	assert_true(run(&s, &n, &l) < 30);
	free(s.times);
}

/* A queue that drops what does not fit: the rate settles beneath. */
static void
bottleneck(
    double rate, uint64_t delay, uint64_t queue, double over, double drops)
{
	struct net n = { .delay = delay,
		.rate = rate,
		.queue = queue,
		.answers = 1,
		.tries = 0,
		.ports = 65535 };
	struct pace_limits l = usual();
	struct sim s;

	assert_true(run(&s, &n, &l) < n.ports / rate * over + 1);
	assert_int_equal(s.missed, 0);
	assert_true(s.dropped <= n.ports * drops);
	free(s.times);
}

static void
test_bottleneck(void **state)
{
	(void)state;
	bottleneck(8446, 10 * MS, 52 * MS, 1.03, 0.02);
	bottleneck(10775, 10 * MS, 52 * MS, 1.03, 0.02);
	bottleneck(8446, 1 * MS, 52 * MS, 1.03, 0.02);
	bottleneck(8446, 50 * MS, 52 * MS, 1.06, 0.05);
	bottleneck(2000, 20 * MS, 200 * MS, 1.03, 0.02);
	bottleneck(40000, 10 * MS, 20 * MS, 1.3, 0.1);
	/* Hardly a queue: losses are all there is to see. */
	bottleneck(8446, 10 * MS, 5 * MS, 1.3, 0.15);
}

static void
test_jitter(void **state)
{
	struct net n = { .delay = 15 * MS,
		.jitter = 30 * MS,
		.answers = 1,
		.tries = 0,
		.ports = 65535 };
	struct pace_limits l = usual();
	struct sim s;

	(void)state;
	assert_true(run(&s, &n, &l) < 2);
	assert_true(s.sent < n.ports * 1.02);
	free(s.times);
}

/* Three ports of a hundred answer, the rest is dropped. */
static void
test_firewall(void **state)
{
	struct net n = {
		.delay = 50000, .answers = 0.03, .tries = 0, .ports = 65535
	};
	struct pace_limits l = usual();
	struct sim s;
	double took;

	(void)state;
	assert_true(run(&s, &n, &l) < 3);
	assert_int_equal(s.missed, 0);
	free(s.times);
	n.delay = 10 * MS;
	assert_true(run(&s, &n, &l) < 4);
	free(s.times);
	/* And through a bottleneck. */
	n.rate = 8446;
	n.queue = 52 * MS;
	took = run(&s, &n, &l);
	assert_true(took < s.sent / n.rate * 1.1);
	assert_true(s.sent < n.ports * 5.5);
	assert_int_equal(s.missed, 0);
	free(s.times);
}

/* Then others that answer less: no reason to go slower. */
static void
test_other_ports(void **state)
{
	struct net n = { .delay = 50 * MS,
		.answers = 0.1,
		.tries = 4,
		.ports = 65535,
		.common = 1000 };
	struct pace_limits l = usual();
	struct sim s;

	(void)state;
	assert_true(run(&s, &n, &l) < 5);
	assert_int_equal(s.missed, 0);
	free(s.times);
}

static void
test_silence(void **state)
{
	struct net n = {
		.delay = 10 * MS, .answers = 0, .tries = 3, .ports = 65535
	};
	struct pace_limits l = usual();
	struct sim s;
	double took;

	(void)state;
	took = run(&s, &n, &l);
	assert_true(took > s.sent / l.silent);
	assert_true(took < s.sent / l.silent + 12);
	free(s.times);
}

/* Answers at the target's own rate: repeats that are answered are no loss. */
static void
test_limited(void **state)
{
	struct net n = { .delay = 10 * MS,
		.answers = 1,
		.icmp = 50,
		.tries = 0,
		.ports = 2000 };
	struct pace_limits l = usual();
	struct sim s;

	(void)state;
	run(&s, &n, &l);
	assert_true(s.pace.rate >= l.start);
	free(s.times);
}

/* No second, wherever it begins, sees more than 105 %. */
static void
test_max_rate(void **state)
{
	static const double rates[] = { 1, 7, 50, 100, 333, 5000 };
	struct net n = { .delay = 100000, .answers = 1, .tries = 4 };
	struct pace_limits l = usual();
	struct sim s;
	uint32_t a, b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		l.max = rates[i];
		n.ports = (uint32_t)(rates[i] * 5) + 3;
		run(&s, &n, &l);
		for (a = b = 0; b < s.sent; b++) {
			while (s.times[b] - s.times[a] >= SEC)
				a++;
			assert_true(b - a + 1 <= rates[i] * 1.05);
		}
		/* And it is reached. */
		assert_true(s.times[s.sent - 1] - SEC <
			    (uint64_t)(n.ports / rates[i] * 1.1 * 1e9) + SEC);
		free(s.times);
	}
}

static void
test_min_rate(void **state)
{
	struct net n = {
		.delay = 10 * MS, .answers = 0, .tries = 1, .ports = 20000
	};
	struct pace_limits l = usual();
	struct sim s;

	(void)state;
	l.min = 20000;
	assert_true(run(&s, &n, &l) < 1 + 0.9 + 0.1);
	free(s.times);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_random_loss),
		cmocka_unit_test(test_bottleneck),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_firewall),
		cmocka_unit_test(test_other_ports),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_limited),
		cmocka_unit_test(test_max_rate),
		cmocka_unit_test(test_min_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
