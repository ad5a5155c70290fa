/* SPDX-License-Identifier: ISC */
/* How fast packets leave: grows until a queue or losses show, then stays just
 * beneath. Reads no clock. */
#include "config.h"

#include "scan/pace.h"

#include <math.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

#define RTO_SPARE   (20 * MS)
#define ROUND_LEAST (5 * MS)
#define ROUND_HEARD 3 /* answers that make a round's delay worth a look */
/* Queueing delay that is wanted, and what is nothing: schedulers and radio
 * links make more of it than short queues do. */
#define QUEUE_WANTED (12 * MS)
#define QUEUE_NONE   (5 * MS)
#define QUEUE_ROW    8 /* answers in a row beyond: the start is over */
#define LOSS_LET     0.05
#define RATE_LEAST   50.0
#define RATE_MOST    2e6
#define SPAN_TOKENS  0.004 /* seconds whose packets may leave at once */

static double
clamp(double x, double lo, double hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

/* The rate that holds, after what the user set. */
static double
rate_now(const struct pace *p)
{
	double r = p->rate;

	if (r < p->lim->min)
		r = p->lim->min;
	if (p->lim->max > 0 && r > p->lim->max)
		r = p->lim->max;
	return r;
}

static void
round_begin(struct pace *p, uint64_t now)
{
	p->round_at = now;
	p->round_sent = p->round_heard = 0;
	p->round_least = UINT64_MAX;
}

void
pace_init(struct pace *p, const struct pace_limits *lim, uint64_t now)
{
	memset(p, 0, sizeof(*p));
	p->lim = lim;
	p->rate = lim->start;
	p->tokens = lim->burst;
	p->tokens_at = now;
	p->rto = lim->rto_first;
	p->base = UINT64_MAX;
	p->startup = true;
	p->grow = 1.1;
	round_begin(p, now);
}

/* Tokens that may lie about: so many packets may leave at once. With a limit
 * of the user's no second may see more than 105 % of it. */
static double
bucket(const struct pace *p, double rate)
{
	double b = rate * SPAN_TOKENS;

	if (b < p->lim->burst)
		b = p->lim->burst;
	if (p->lim->max > 0 && b > p->lim->max * 0.02)
		b = p->lim->max * 0.02;
	return b < 1 ? 1 : b;
}

static void
refill(struct pace *p, uint64_t now)
{
	double rate = rate_now(p), most = bucket(p, rate);

	if (now > p->tokens_at) {
		p->tokens += (double)(now - p->tokens_at) * 1e-9 * rate;
		p->tokens_at = now;
	}
	if (p->tokens > most)
		p->tokens = most;
}

uint32_t
pace_may(struct pace *p, uint64_t now)
{
	refill(p, now);
	return p->tokens >= 1 ? (uint32_t)p->tokens : 0;
}

uint64_t
pace_next(const struct pace *p, uint64_t now)
{
	if (p->tokens >= 1)
		return now;
	return p->tokens_at + (uint64_t)((1 - p->tokens) / rate_now(p) * 1e9);
}

static uint64_t
round_length(const struct pace *p)
{
	uint64_t t = p->srtt;

	return t < ROUND_LEAST ? ROUND_LEAST : t;
}

/* What silence permits: nothing answered for a round's time. */
static void
round_silent(struct pace *p, uint64_t now)
{
	double took = (double)(now - p->round_at) * 1e-9;

	if (p->rate < p->lim->silent &&
	    p->round_sent >= 0.7 * rate_now(p) * took)
		p->rate = fmin(p->rate * 1.5, p->lim->silent);
	p->last_valid = false;
	round_begin(p, now);
}

void
pace_sent(struct pace *p, uint64_t now)
{
	p->tokens -= 1;
	p->sent++;
	p->round_sent++;
	if (now > p->round_at && now - p->round_at > p->rto + ROUND_LEAST &&
	    p->round_heard == 0)
		round_silent(p, now);
}

void
pace_unsent(struct pace *p)
{
	p->tokens += 1;
	p->sent--;
	if (p->round_sent > 0)
		p->round_sent--;
}

/* -- round trips ---------------------------------------------------------- */

static void
rtt_sample(struct pace *p, uint64_t rtt)
{
	uint64_t d, rto;

	if (p->srtt == 0) {
		p->srtt = rtt > 0 ? rtt : 1;
		p->rttvar = rtt / 2;
		/* The first round trip says how much is a careful start: ten
		 * packets in one. */
		p->rate = fmax(p->rate, fmin(10e9 / (double)p->srtt, 20000));
	} else {
		d = rtt > p->srtt ? rtt - p->srtt : p->srtt - rtt;
		p->rttvar = (3 * p->rttvar + d) / 4;
		p->srtt = (7 * p->srtt + rtt) / 8;
	}
	/* Round trips that hardly vary, say nothing of those under load: a
	 * repeat too early costs a packet, one too late costs nothing but at
	 * the very end. */
	d = p->srtt / 2 + RTO_SPARE;
	rto = p->srtt + (4 * p->rttvar > d ? 4 * p->rttvar : d);
	if (rto < p->lim->rto_min)
		rto = p->lim->rto_min;
	p->rto = rto > p->lim->rto_max ? p->lim->rto_max : rto;
	if (rtt < p->base)
		p->base = rtt;
}

/* -- rounds --------------------------------------------------------------- */

/* What the narrowest link lets through, as the growth of its queue tells: what
 * was sent in `sent` s left it in sent + grown s. */
static double
capacity(const struct pace *p, double rate)
{
	double sent, grown;

	if (!p->last_valid || p->round_least_sent <= p->last_least_sent)
		return rate;
	sent = (double)(p->round_least_sent - p->last_least_sent);
	grown = (double)p->round_least - (double)p->last_least;
	return rate * clamp(sent / fmax(sent + grown, sent / 4), 0.5, 1.5);
}

static void
leave_start(struct pace *p, uint64_t now)
{
	p->startup = false;
	p->rate = fmax(p->rate / 2, RATE_LEAST);
	p->grow = 1.1;
	p->last_valid = false;
	p->over = 0;
	p->tokens = 0;
	round_begin(p, now);
}

/* There is a queue: keep it as it is wanted. */
static void
hold_queue(struct pace *p, double actual, bool limits)
{
	double horizon, error, rate;
	uint64_t queue = p->round_least;

	horizon = fmax(4.0 * (double)p->srtt, 200.0 * (double)MS);
	error = ((double)QUEUE_WANTED - (double)queue) / horizon;
	rate = capacity(p, actual) * (1 + clamp(error, -0.5, 0.25));
	if (!limits)
		rate = fmin(rate, p->rate);
	p->rate = clamp(rate, RATE_LEAST, RATE_MOST);
	p->grow = 1.05;
}

static void
round_end(struct pace *p, uint64_t now)
{
	double took = (double)(now - p->round_at) * 1e-9;
	double actual = p->round_sent / took;
	bool limits = p->round_sent >= 0.7 * rate_now(p) * took;

	if (p->startup) {
		if (p->round_least > QUEUE_WANTED) {
			leave_start(p, now);
			return;
		}
		if (limits)
			p->rate = fmin(p->rate * 2, RATE_MOST);
	} else if (p->round_least > QUEUE_NONE) {
		hold_queue(p, actual, limits);
	} else if (limits) {
		p->rate = fmin(p->rate * p->grow, RATE_MOST);
		p->grow = fmin(p->grow * 1.1, 1.5);
	}
	p->last_least = p->round_least;
	p->last_least_sent = p->round_least_sent;
	p->last_valid = true;
	round_begin(p, now);
}

/* -- losses --------------------------------------------------------------- */

double
pace_loss(const struct pace *p)
{
	return p->heard + p->lost < 20 ? 0 : p->lost / (p->heard + p->lost);
}

static void
loss_sample(struct pace *p, const struct pace_answer *a)
{
	double share, n;

	if (a->limited || a->first < p->since)
		return;
	p->heard++;
	p->lost += a->attempt;
	n = p->heard + p->lost;
	share = p->lost / n;
	if (p->lost >= 4 && n >= (share > 0.2 ? 30 : 100) && share > LOSS_LET) {
		p->rate = fmax(p->rate * fmax(1 - share, 0.5), RATE_LEAST);
		p->startup = false;
		p->grow = 1.02;
		p->since = a->at;
		p->heard = p->lost = 0;
	} else if (n > 1000) {
		p->heard /= 2;
		p->lost /= 2;
	}
}

/* ------------------------------------------------------------------------- */

static void
queue_sample(struct pace *p, const struct pace_answer *a, uint64_t queue)
{
	if (a->sent >= p->round_at) {
		p->round_heard++;
		if (queue < p->round_least) {
			p->round_least = queue;
			p->round_least_sent = a->sent;
		}
	}
	p->over = queue > QUEUE_WANTED ? p->over + 1 : 0;
	if (p->startup && p->over >= QUEUE_ROW)
		leave_start(p, a->at);
}

uint64_t
pace_answer(struct pace *p, const struct pace_answer *a)
{
	uint64_t rtt, queue = UINT64_MAX, took;

	p->answers++;
	loss_sample(p, a);
	if (a->sent == 0 || a->at < a->sent || a->sent < p->distrust)
		return UINT64_MAX;
	rtt = a->at - a->sent;
	rtt_sample(p, rtt);
	queue = a->queue != UINT64_MAX ? a->queue : rtt - p->base;
	queue_sample(p, a, queue);
	took = a->at > p->round_at ? a->at - p->round_at : 0;
	if (p->round_heard > 0 && took >= round_length(p) &&
	    (p->round_heard >= ROUND_HEARD || took >= 4 * round_length(p)))
		round_end(p, a->at);
	return queue;
}

void
pace_busy(struct pace *p, uint64_t now)
{
	p->tokens = 0;
	p->tokens_at = now + 2 * MS;
	p->startup = false;
	p->rate = fmax(p->rate * 0.9, RATE_LEAST);
	p->grow = 1.02;
}

void
pace_gap(struct pace *p, uint64_t now)
{
	p->distrust = now;
	p->tokens = 0;
	p->tokens_at = now;
	p->last_valid = false;
	round_begin(p, now);
}

uint64_t
pace_rto(const struct pace *p)
{
	return p->rto;
}
